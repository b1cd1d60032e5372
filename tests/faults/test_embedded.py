"""SQLite's own troubles: held by somebody else, full, read-only, damaged."""

import contextlib
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from guestlist.actions import deployment
from guestlist.actions.runtime import Runtime
from guestlist.app import deployments
from guestlist.domain.refusals import Unavailable
from guestlist.settings import Settings
from tests.faults.accounts import Account, add_up, make_account
from tests.faults.crowd import Client, ask, at_once
from tests.servers import LiveServer

NOBODY = 65534
PATIENCE = 6.5

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def account(crowd_runtime: Runtime) -> Account:
    return make_account(crowd_runtime)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(database_url, tmp_path) as running:
        yield running


@contextlib.contextmanager
def held(file: Path) -> Iterator[None]:
    """Somebody else is writing."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def invite(server: LiveServer, account: Account, number: int) -> int:
    body = {"email": f"eve{number}@acme.test", "role": "Accountant"}
    return ask(server.base_url, account.token, "POST", "/v1/users", body).status


def test_while_somebody_else_writes_reads_answer_and_writes_wait_a_while(
    server: LiveServer, account: Account, crowd_runtime: Runtime
) -> None:
    file = crowd_runtime.database.file
    assert file is not None

    def write(number: int) -> tuple[int, bool, float]:
        time.sleep(number % 4 / 2)  # some come when others have been waiting for long
        start = time.monotonic()
        body = {"email": f"eve{number}@acme.test", "role": "Accountant"}
        answer = ask(server.base_url, account.token, "POST", "/v1/users", body)
        return answer.status, "retry-after" in answer.headers, time.monotonic() - start

    def read() -> set[int]:
        with Client(server.base_url, account.token) as client:
            statuses = set()
            for page in range(1, 100):
                statuses.add(client.ask("GET", f"/v1/users?page={page}").status)
                statuses.add(client.ask("GET", "/readyz").status)
            return statuses

    with held(file):
        *written, seen = at_once(*(partial(write, n) for n in range(24)), read)
    assert seen == {200}, server.log
    assert [(status, told) for status, told, _ in written] == [(503, True)] * 24, written
    assert max(seconds for _, _, seconds in written) < PATIENCE
    assert invite(server, account, 1) == 200


def test_on_a_full_disk_nothing_that_was_answered_is_lost(
    server: LiveServer, account: Account, crowd_runtime: Runtime
) -> None:
    file = crowd_runtime.database.file
    assert file is not None
    statuses = [invite(server, account, number) for number in range(20)]
    full = file.with_name(f"{file.name}-wal").stat().st_size
    _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (full, hard))
    statuses += [invite(server, account, number) for number in range(20, 40)]
    assert statuses[-1] == 503, statuses
    assert set(statuses) == {200, 503}, server.log
    assert ask(server.base_url, account.token, "GET", "/v1/users").status == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert [invite(server, account, number) for number in range(40, 60)] == [200] * 20
    shown = ask(server.base_url, account.token, "GET", "/v1/invites?limit=100").json()["data"]
    answered = [n for n, status in enumerate(statuses) if status == 200] + [*range(40, 60)]
    assert {invite["email"] for invite in shown} == {f"eve{n}@acme.test" for n in answered}
    add_up(crowd_runtime, [account])


def test_a_file_that_cannot_be_written_is_refused_in_a_sentence(crowd_runtime: Runtime) -> None:
    with tempfile.TemporaryDirectory() as name, _unprivileged(Path(name)) as folder:
        copy = folder / "copy.db"
        with _privileged():
            crowd_runtime.database.backup(copy)
            copy.chmod(0o444)
            folder.chmod(0o555)
        with pytest.raises(Unavailable, match="cannot be reached"):
            deployments.runtime(Settings(database=f"sqlite:///{copy}"))


def test_a_damaged_database_is_a_500_and_the_log_tells_no_secret(
    server: LiveServer, account: Account, crowd_runtime: Runtime
) -> None:
    file = crowd_runtime.database.file
    assert file is not None
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE people RENAME TO persons")
    answer = ask(server.base_url, account.token, "GET", "/v1/users")
    assert (answer.status, answer.json()) == (500, {"message": "Server Error"})
    assert "no such table: people" in server.log
    assert account.token not in server.log
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE persons RENAME TO people")
    assert ask(server.base_url, account.token, "GET", "/v1/users").status == 200
    deployment.check(crowd_runtime)


@contextlib.contextmanager
def _unprivileged(folder: Path) -> Iterator[Path]:
    """As somebody whom permissions hold for."""
    if os.geteuid() != 0:
        yield folder
        return
    folder.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(0)


@contextlib.contextmanager
def _privileged() -> Iterator[None]:
    before = os.geteuid()
    os.seteuid(os.getuid())
    yield
    os.seteuid(before)
