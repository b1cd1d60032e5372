"""Waiting is bounded, and whoever waits keeps no others waiting (PostgreSQL)."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from guestlist.actions.runtime import Runtime, begin
from tests.faults.accounts import Account, make_account
from tests.faults.crowd import Answer, Client, ask, at_once, runtime
from tests.servers import HOST, LiveServer

CROWD = 64
HELD_SECONDS = 3
THREADS = 16
IDLE = 1_000
FILES = 1_024
LONG_ENOUGH = 20

pytestmark = pytest.mark.parametrize("module_database_url", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def crowd(module_database_url: str) -> Iterator[Runtime]:
    made = runtime(module_database_url)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def server(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """Under the number of open files that most systems allow to begin with."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    running = LiveServer(module_database_url, tmp_path_factory.mktemp("server"))
    try:
        running.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with contextlib.ExitStack() as stack:
        stack.push(running)
        yield running


@contextlib.contextmanager
def locked(url: str, *accounts: Account) -> Iterator[Callable[[], None]]:
    """Somebody else holds the accounts' rows until the block ends, or lets go."""
    with psycopg.connect(url) as connection:
        for account in accounts:
            connection.execute("SELECT 1 FROM accounts WHERE key = %s FOR UPDATE", (account.key,))
        yield connection.rollback


def invite(server: LiveServer, account: Account, name: str) -> Answer:
    body = {"email": f"{name}@acme.test", "role": "Accountant"}
    return ask(server.base_url, account.token, "POST", "/v1/users", body)


def test_an_account_under_siege_delays_no_other(
    server: LiveServer, crowd: Runtime, module_database_url: str
) -> None:
    besieged, others = make_account(crowd), [make_account(crowd) for _ in range(3)]
    answers: list[Answer] = []
    with locked(module_database_url, besieged) as let_go:
        held = time.monotonic()
        siege = threading.Thread(
            target=lambda: answers.extend(
                at_once(*(partial(invite, server, besieged, f"eve{n}") for n in range(CROWD)))
            )
        )
        siege.start()
        for number in range(20):
            for other in others:
                assert invite(server, other, f"eve{number}").status == 200
                assert ask(server.base_url, other.token, "GET", "/v1/invites").status == 200
        # In that order: the others were done while the row was still held and the crowd waited.
        assert len(answers) == 0
        threading.Event().wait(max(0, held + HELD_SECONDS - time.monotonic()))
        let_go()
    siege.join(LONG_ENOUGH)
    assert not siege.is_alive()
    assert {answer.status for answer in answers} <= {200, 503}, answers
    assert all("retry-after" in answer.headers for answer in answers if answer.status == 503)
    assert invite(server, besieged, "last").status == 200


def test_with_every_thread_waiting_the_server_is_alive_and_refuses_in_time(
    server: LiveServer, crowd: Runtime, module_database_url: str
) -> None:
    besieged = [account for account in (make_account(crowd) for _ in range(8)) for _ in range(4)]
    answers: list[Answer] = []

    def besiege(number: int, account: Account) -> None:
        answers.append(invite(server, account, f"eve{number}"))

    with locked(module_database_url, *set(besieged)):
        siege = threading.Thread(
            target=at_once, args=[partial(besiege, n, who) for n, who in enumerate(besieged)]
        )
        siege.start()
        _wait_for_waiting(module_database_url, THREADS)
        assert ask(server.base_url, "", "GET", "/healthz").status == 200
        assert answers == []  # so nobody had made room for it
        siege.join(LONG_ENOUGH)
    assert [answer.status for answer in answers] == [503] * len(besieged)
    assert all("retry-after" in answer.headers for answer in answers)


def _wait_for_waiting(url: str, count: int) -> None:
    """Until so many connections stand before a lock."""
    end = time.monotonic() + LONG_ENOUGH
    with psycopg.connect(url, autocommit=True) as connection:
        waiting = 0
        while waiting < count:
            assert time.monotonic() < end
            [[waiting]] = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            ).fetchall()


def test_slow_clients_hold_nobody_up(server: LiveServer, crowd: Runtime) -> None:
    account = make_account(crowd)
    head = (
        f"POST /v1/users HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {account.token}\r\n"
        "Content-Length: 60\r\n\r\n"
    ).encode()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(_connected(server)) for _ in range(CROWD)]
        for number in range(20):
            for connection in slow:
                connection.sendall(head if number == 0 else b" ")
            assert invite(server, account, f"eve{number}").status == 200
        for connection in slow:
            connection.sendall(b"{}".rjust(41))
            assert b"422" in connection.recv(100)


def test_a_thousand_idle_connections_leave_room(server: LiveServer, crowd: Runtime) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * FILES:
        pytest.skip("this system allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * FILES), hard))
    account = make_account(crowd)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(_connected(server)) for _ in range(IDLE)]
        # Some have asked before and stay, as clients' pools do.
        kept = [stack.enter_context(Client(server.base_url, account.token)) for _ in range(50)]
        for number, client in enumerate(kept):
            assert client.ask("GET", "/v1/users").status == 200
            assert invite(server, account, f"eve{number}").status == 200
        for connection in idle:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for connection in idle:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_first_request_of_a_limited_account_does_not_wait_for_its_lock(
    module_database_url: str, crowd: Runtime, tmp_path: Path
) -> None:
    account = make_account(crowd)
    with LiveServer(module_database_url, tmp_path, "--rate-limit", "100/60") as limited:
        with begin(crowd, account.operator):
            assert ask(limited.base_url, account.token, "GET", "/v1/users").status == 200
            assert invite(limited, account, "eve").status == 503
        assert invite(limited, account, "eve").status == 200


def _connected(server: LiveServer) -> socket.socket:
    return socket.create_connection((HOST, server.port), LONG_ENOUGH)
