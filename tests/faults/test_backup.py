"""A backup taken while everybody writes is whole when it is restored elsewhere."""

import itertools
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.terminal import Terminal
from tests.postgres import PostgresCluster
from tests.servers import KEY, LiveServer

TOKEN = "mlsn." + "b" * 64
WORLD = {
    "accounts": [
        {
            "name": "Acme",
            "users": [{"email": "ana@acme.test", "role": "Admin"}],
            "tokens": [{"token": TOKEN, "scopes": ["users_full"]}],
        }
    ]
}
WRITERS = 4
COPIES = 3


@pytest.fixture
def restore(request: pytest.FixtureRequest, database_url: str) -> Callable[[Path], str]:
    """Makes a backup a database again and returns its address."""
    if database_url.startswith("sqlite"):
        return lambda copy: f"sqlite:///{copy.rename(copy.with_suffix('.restored'))}"
    cluster: PostgresCluster = request.getfixturevalue("postgres_server")

    def from_dump(copy: Path) -> str:
        url = cluster.create_database(f"restored {copy.name}")
        program = str(cluster.binaries / "pg_restore")
        subprocess.run([program, f"--dbname={url}", copy], check=True)
        return url

    return from_dump


def test_a_backup_under_load_is_whole(
    database_url: str,
    tmp_path: Path,
    restore: Callable[[Path], str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("GUESTLIST_DATABASE", database_url)
    monkeypatch.setenv("GUESTLIST_SECRET_KEY", KEY)
    if not database_url.startswith("sqlite"):
        binaries = request.getfixturevalue("postgres_server").binaries
        monkeypatch.setenv("PATH", str(binaries))
    terminal = Terminal()
    terminal.run("import", "-", given=json.dumps(WORLD))
    answered: set[str] = set()
    before: dict[Path, set[str]] = {}
    with LiveServer(database_url, tmp_path) as server, writing(server.base_url, answered):
        for number in range(COPIES):
            wait_for(answered, 20 * (number + 1))
            copy = tmp_path / f"copy{number}"
            before[copy] = set(answered)
            terminal.run("backup", str(copy))
    for copy, invited in before.items():
        there = ("--database", restore(copy))
        [account] = json.loads(terminal.run("export", *there))["accounts"]
        [kept] = terminal.json("account", "list", *there)
        emails = {invite["email"] for invite in account["invites"]}
        assert invited <= emails
        assert kept["invites"] == len(emails) == len(account["invites"])
        terminal.run("users", "invite", "after@acme.test", "--role", "Admin", *there)


def wait_for(answered: set[str], invites: int) -> None:
    end = time.monotonic() + 60
    while len(answered) < invites:
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def writing(url: str, answered: set[str]) -> Iterator[None]:
    """Invites people, `WRITERS` at a time; `answered` are those the server said yes to."""
    numbers = itertools.count()
    stopped = False

    def write() -> None:
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {TOKEN}"}) as client:
            while not stopped:
                email = f"guest{next(numbers)}@acme.test"
                answer = client.post("/v1/users", json={"email": email, "role": "Designer"})
                assert answer.status_code == httpx.codes.OK, answer.text
                answered.add(email)

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write) for _ in range(WRITERS)]
        try:
            yield
        finally:
            stopped = True
    for writer in writers:
        writer.result()
