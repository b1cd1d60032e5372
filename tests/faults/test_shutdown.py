"""Told to stop, a server ends what it has in hand, and ends well."""

import contextlib
import http.client
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from guestlist.actions.runtime import Runtime
from tests.faults.accounts import Account, add_up, make_account
from tests.faults.crowd import Client, ask
from tests.servers import LiveServer

IN_HAND = 12
IDLE = 24
STOP_SECONDS = 20
REPLACE_SECONDS = 60

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def account(crowd_runtime: Runtime) -> Account:
    return make_account(crowd_runtime)


@contextlib.contextmanager
def writes_held(runtime: Runtime) -> Iterator[Callable[[], object]]:
    """Every change waits until the block ends, or lets go."""
    file = runtime.database.file
    assert file is not None
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield partial(connection.execute, "ROLLBACK")


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGTERM, 1), (signal.SIGTERM, 2), (signal.SIGINT, 2)]
)
def test_requests_in_hand_are_finished(
    crowd_runtime: Runtime,
    account: Account,
    database_url: str,
    tmp_path: Path,
    number: signal.Signals,
    workers: int,
) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(LiveServer(database_url, tmp_path, "--workers", str(workers)))
        _wait_for_all(server, workers)
        # Enough that each worker has some.
        idle, asking = (
            [stack.enter_context(Client(server.base_url, account.token)) for _ in range(count)]
            for count in (IDLE, IN_HAND)
        )
        let_go = stack.enter_context(writes_held(crowd_runtime))
        _round(idle)
        for who, client in enumerate(asking):
            body = {"email": f"eve{who}@acme.test", "role": "Accountant"}
            client.send("POST", "/v1/users", body)
        _round(idle)  # so what was sent before has been read
        if number == signal.SIGINT:
            os.killpg(server.process.pid, number)  # as a terminal does
        else:
            server.process.send_signal(number)
        _until_closed(idle)
        let_go()
        assert [client.receive().status for client in asking] == [200] * IN_HAND, server.log
        assert server.process.wait(STOP_SECONDS) == 0, server.log
    assert "Traceback" not in server.log
    add_up(crowd_runtime, [account])


def test_workers_that_were_killed_are_replaced(
    account: Account, database_url: str, tmp_path: Path
) -> None:
    with LiveServer(database_url, tmp_path, "--workers", "2") as server:
        _wait_for_all(server, 2)
        killed = _workers(server)
        assert len(killed) == 2
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        end = time.monotonic() + REPLACE_SECONDS
        while not _answers(server, account):
            assert time.monotonic() < end, server.log
        assert not _workers(server) & killed


def test_workers_do_not_outlive_their_parent(database_url: str, tmp_path: Path) -> None:
    server = LiveServer(database_url, tmp_path, "--workers", "2")
    server.environment["TMPDIR"] = str(tmp_path)  # who is killed cleans nothing up
    with server:
        workers = _workers(server)
        assert len(workers) == 2
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(STOP_SECONDS)
        end = time.monotonic() + STOP_SECONDS
        while workers & _running() and time.monotonic() < end:
            pass
        left = workers & _running()
        for worker in left:
            os.kill(worker, signal.SIGKILL)
        assert not left, server.log
        server.restart()  # on the same port


def _round(clients: list[Client]) -> None:
    for client in clients:
        assert client.ask("GET", "/healthz").status == 200


def _until_closed(clients: list[Client]) -> None:
    """A server that ends closes first what is idle."""
    end = time.monotonic() + STOP_SECONDS
    for client in clients:
        while time.monotonic() < end:
            try:
                client.ask("GET", "/healthz")
            except (OSError, http.client.HTTPException):
                break
        else:
            raise AssertionError


def _answers(server: LiveServer, account: Account) -> bool:
    try:
        with Client(server.base_url, account.token, patience=1) as client:
            return client.ask("GET", "/v1/users").status == 200
    except (OSError, http.client.HTTPException):
        return False


def _wait_for_all(server: LiveServer, workers: int) -> None:
    """A server is ready with its first worker."""
    end = time.monotonic() + REPLACE_SECONDS
    while len({_answered_by(server) for _ in range(20)}) < workers:
        assert time.monotonic() < end, server.log


def _answered_by(server: LiveServer) -> str:
    """A worker's request ids begin alike."""
    return ask(server.base_url, "", "GET", "/healthz").headers["x-request-id"][:8]


def _workers(server: LiveServer) -> set[int]:
    """The processes it started, the one that only cleans up for them aside."""
    rows = [line.split(None, 2) for line in _listed("pid=,ppid=,args=")]
    parent = str(server.process.pid)
    return {int(pid) for pid, ppid, args in rows if ppid == parent and "spawn_main" in args}


def _running() -> set[int]:
    rows = [line.split() for line in _listed("pid=,stat=")]
    return {int(pid) for pid, state in rows if not state.startswith("Z")}


def _listed(columns: str) -> list[str]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", columns], capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()
