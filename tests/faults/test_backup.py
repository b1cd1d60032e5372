"""A backup taken while many write is whole: it opens elsewhere, adds up, and serves."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from guestlist.actions.runtime import Runtime
from tests.faults.accounts import add_up, make_account
from tests.faults.crowd import ask, runtime
from tests.faults.writers import Writers, shown_invites
from tests.postgres import PostgresCluster
from tests.servers import KEY, LiveServer, surroundings

USERS = [{"email": f"user{n}@acme.test", "role": "Designer"} for n in range(1_500)]
ADMIN = {"email": "ana@acme.test", "role": "Admin"}
CLIENTS = 4
WRITES = 50


def test_a_backup_under_load_is_whole_elsewhere(
    crowd_runtime: Runtime, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    accounts = [
        make_account(crowd_runtime, users=[ADMIN, *USERS], templates=[]),
        *(make_account(crowd_runtime) for _ in range(CLIENTS - 1)),
    ]
    cluster: PostgresCluster | None = None
    key = ""  # SQLite: the one in the file beside it
    if crowd_runtime.database.file is None:
        cluster, key = request.getfixturevalue("postgres_server"), KEY
    server = LiveServer(database_url, tmp_path)
    server.environment["GUESTLIST_SECRET_KEY"] = key
    with server:
        writers = Writers(server, accounts)
        writers.start()
        writers.wait_for(WRITES)
        before = [writers.kept_of(account) for account in accounts]
        _back_up(database_url, tmp_path, cluster)
        writers.wait_for(WRITES)
        writers.stop()
    elsewhere = tmp_path / "elsewhere"
    url = _restored(tmp_path, elsewhere, cluster)
    made = runtime(url)
    add_up(made, accounts)
    made.database.close()
    restored = LiveServer(url, elsewhere)
    restored.environment["GUESTLIST_SECRET_KEY"] = key
    with restored:
        for account, kept in zip(accounts, before, strict=True):
            # What was answered before is in it; of what came after, what was written in time.
            shown = shown_invites(restored, account)
            assert kept.items() <= shown.items() <= writers.kept_of(account).items()
        listed = ask(restored.base_url, accounts[0].token, "GET", "/v1/users?page=15&limit=100")
        assert len(listed.json()["data"]) == 100
        body = {"email": "after@acme.test", "role": "Accountant"}
        answer = ask(restored.base_url, accounts[0].token, "POST", "/v1/users", body)
        assert answer.status == 200


def _back_up(url: str, folder: Path, cluster: PostgresCluster | None) -> None:
    given = surroundings() | {"GUESTLIST_DATABASE": url}
    if cluster is not None:
        given["PATH"] = f"{cluster.binaries}:{given['PATH']}"
        given["GUESTLIST_SECRET_KEY"] = KEY
    subprocess.run(
        [sys.executable, "-m", "guestlist", "backup", "copy.db"],
        cwd=folder,
        env=given,
        check=True,
        timeout=60,
    )


def _restored(folder: Path, elsewhere: Path, cluster: PostgresCluster | None) -> str:
    elsewhere.mkdir(mode=0o700)
    if cluster is not None:
        url = cluster.create_database("elsewhere", "template0")
        restore = [str(cluster.binaries / "pg_restore"), f"--dbname={url}", "--exit-on-error"]
        subprocess.run([*restore, str(folder / "copy.db")], check=True, timeout=60)
        return url
    for name in ("copy.db", "copy.db.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
        shutil.move(folder / name, elsewhere / name)
    with contextlib.closing(sqlite3.connect(elsewhere / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
    return f"sqlite:///{elsewhere}/copy.db"
