"""A server starts right or says in a sentence why not; several starting at once agree."""

import contextlib
import socket
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from guestlist.actions import deployment
from guestlist.actions.runtime import Runtime
from guestlist.domain.links import Keys
from guestlist.domain.refusals import Misconfigured
from tests.faults.accounts import make_account, rows
from tests.faults.crowd import ask, at_once, runtime
from tests.postgres import PostgresCluster
from tests.servers import HOST, KEY, LiveServer, surroundings

MIGRATING = 4
SECONDS = 60


@pytest.fixture
def empty_postgresql(postgres_server: PostgresCluster, request: pytest.FixtureRequest) -> str:
    return postgres_server.create_database(request.node.name)


def guestlist(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command line run to its end, with nothing of ours in its environment but `variables`."""
    return subprocess.run(
        [sys.executable, "-m", "guestlist", *arguments],
        cwd=folder,
        env=surroundings() | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    return sentence


def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        sentence = refused(guestlist(tmp_path, "serve", "--port", str(port)))
    assert f"Cannot listen on {HOST}, port {port}" in sentence
    assert "--port" in sentence


def test_another_key_is_refused_and_two_are_a_rotation(crowd_runtime: Runtime) -> None:
    old, new = (f"of two keys the {age} one, 32 bytes or more".encode() for age in ("old", "new"))

    def claim(*keys: bytes) -> None:
        deployment.claim(replace(crowd_runtime, keys=Keys(keys)))

    claim(old)
    claim(old)
    with pytest.raises(Misconfigured, match="made with another key"):
        claim(new)
    claim(new, old)
    claim(new)
    with pytest.raises(Misconfigured, match="made with another key"):
        claim(old)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_with_another_key_says_so_in_a_sentence(
    crowd_runtime: Runtime, database_url: str, tmp_path: Path
) -> None:
    deployment.claim(crowd_runtime)
    given = {"GUESTLIST_DATABASE": database_url, "GUESTLIST_SECRET_KEY": KEY[::-1]}
    assert "made with another key" in refused(guestlist(tmp_path, "serve", **given))


def test_postgresql_without_a_key_is_refused(empty_postgresql: str, tmp_path: Path) -> None:
    done = guestlist(tmp_path, "migrate", GUESTLIST_DATABASE=empty_postgresql)
    assert "GUESTLIST_SECRET_KEY must be set" in refused(done)


def test_postgresql_that_is_not_migrated_is_refused_with_the_command_to_run(
    empty_postgresql: str, tmp_path: Path
) -> None:
    given = {"GUESTLIST_DATABASE": empty_postgresql, "GUESTLIST_SECRET_KEY": KEY}
    assert "guestlist migrate" in refused(guestlist(tmp_path, "serve", **given))


MIGRATE = """
import sys
from guestlist.store.database import Database
from guestlist.store.migrations import migrate
print("ready", flush=True)
for line in sys.stdin:
    database = Database(line.strip())
    migrate(database)
    database.close()
    print("done", flush=True)
"""


def said(processes: list[subprocess.Popen[str]], word: str) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{word}\n"


def test_a_database_is_migrated_by_many_at_once(
    postgres_server: PostgresCluster, tmp_path: Path
) -> None:
    urls = [f"sqlite:///{tmp_path}/{number}.db" for number in range(10)]
    urls += [postgres_server.create_database(f"migrated_{number}") for number in range(3)]
    with contextlib.ExitStack() as stack:
        migrating = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", MIGRATE],
                    env=surroundings(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(MIGRATING)
        ]
        said(migrating, "ready")
        for url in urls:
            for process in migrating:
                print(url, file=process.stdin, flush=True)
            said(migrating, "done")
    assert [process.returncode for process in migrating] == [0] * MIGRATING


def test_two_servers_starting_at_once_on_an_empty_file_share_it_and_its_key(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/new/guestlist.db"
    servers = [LiveServer(url, tmp_path / name) for name in ("one", "two")]
    for server in servers:
        server.folder.mkdir()
        server.environment["GUESTLIST_SECRET_KEY"] = ""
    try:
        assert at_once(*(server.start for server in servers)) == [None, None]
        made = runtime(url)
        account = make_account(made)
        made.database.close()
        for server in servers:
            assert ask(server.base_url, account.token, "GET", "/v1/users").status == 200
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    key = tmp_path / "new/guestlist.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in key.parent.iterdir()) == [
        "guestlist.db",
        "guestlist.db.key",
    ]


def test_of_first_starts_at_once_with_different_keys_one_counts(crowd_runtime: Runtime) -> None:
    many = [Keys((f"a key of 32 bytes or more, number {n}".encode(),)) for n in range(8)]
    claims = [partial(deployment.claim, replace(crowd_runtime, keys=keys)) for keys in many]
    for _ in range(10):
        answers = at_once(*claims)
        [first] = [keys for keys, answer in zip(many, answers, strict=True) if answer is None]
        with crowd_runtime.database.change() as transaction:
            deleted = rows(transaction, "DELETE FROM deployment RETURNING key_fingerprint")
        assert deleted == [(first.fingerprint,)]
        refusals = [answer for answer in answers if answer is not None]
        assert all(isinstance(refusal, Misconfigured) for refusal in refusals), refusals
