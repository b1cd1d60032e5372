"""A database is migrated before it serves, and copied whole while it is written to."""

import contextlib
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from guestlist.store.database import Database
from tests.cli.terminal import KEY, Terminal
from tests.postgres import PostgresCluster

CREATE = ("account", "create", "Acme", "--admin-email", "ana@acme.test")


@pytest.fixture
def unmigrated(postgres_server: PostgresCluster, request: pytest.FixtureRequest) -> str:
    return postgres_server.create_database(f"unmigrated {request.node.name}")


@pytest.fixture
def on_postgresql(
    nothing: Terminal,
    postgres_server: PostgresCluster,
    migrated: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    """Where the programs of PostgreSQL are on PATH."""
    url = postgres_server.create_database(f"cli {request.node.name}", migrated)
    monkeypatch.setenv("GUESTLIST_DATABASE", url)
    monkeypatch.setenv("GUESTLIST_SECRET_KEY", KEY)
    monkeypatch.setenv("PATH", str(postgres_server.binaries))
    return nothing


def test_postgresql_is_migrated_by_command(
    on_postgresql: Terminal, unmigrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_DATABASE", unmigrated)
    for command in (("users", "list"), CREATE, ("serve",)):
        said = on_postgresql.refused(*command)
        assert said.endswith("is not at this version's schema. Run: guestlist migrate")
    assert on_postgresql.run("migrate").endswith("has the newest schema now.\n")
    on_postgresql.run(*CREATE)
    assert on_postgresql.run("migrate").endswith("has the newest schema already.\n")


def test_sqlite_is_made_by_migrating(nothing: Terminal) -> None:
    database = ("--database", "sqlite:///new/folder/guestlist.db")
    told = nothing.run("migrate", *database)
    assert told == "The database sqlite:///new/folder/guestlist.db has the newest schema now.\n"
    assert stat.S_IMODE(Path("new/folder/guestlist.db").stat().st_mode) == 0o600
    nothing.run(*CREATE, *database)


def test_a_copy_of_sqlite_opens_with_its_key(nothing: Terminal) -> None:
    nothing.run(*CREATE)
    assert nothing.run("backup", "copy.db") == "Wrote copy.db and copy.db.key.\n"
    for name in ("copy.db", "copy.db.key"):
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    assert nothing.run("export", "--database", "sqlite:///copy.db") == nothing.run("export")
    for taken, other in (("copy.db", "copy.db.key"), ("copy.db.key", "copy.db")):
        Path(other).unlink(missing_ok=True)
        before = Path(taken).read_bytes()
        assert nothing.refused("backup", "copy.db") == f"{taken} exists already; name another file."
        assert Path(taken).read_bytes() == before
        nothing.run("backup", "again.db")
        Path("again.db").rename("copy.db")
        Path("again.db.key").rename("copy.db.key")
    said = nothing.refused("backup", "nowhere/copy.db")
    assert said == "There is no folder nowhere to write to."


def test_a_key_that_is_missing_or_another_is_not_copied(
    nothing: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing.run(*CREATE)
    file = Path("data/guestlist.db.key")
    key = file.read_text()
    file.unlink()
    for command in (("backup", "copy.db"), ("account", "list"), ("migrate",)):
        said = nothing.refused(*command)
        assert said.startswith(f"There is no {file}, the key of this database's links.")
    file.write_text("k" * 32)
    said = nothing.refused("backup", "copy.db")
    assert said.startswith(f"{file} is not the key this database's links were made with.")
    assert not list(Path().glob("copy*"))
    assert file.read_text() == "k" * 32
    file.unlink()
    monkeypatch.setenv("GUESTLIST_SECRET_KEY", key.strip())
    assert nothing.run("backup", "copy.db") == "Wrote copy.db.\n"
    nothing.run("account", "list")
    assert not file.exists()


def test_a_newer_database_is_refused_by_what_it_is(terminal: Terminal, database_url: str) -> None:
    database = Database(database_url)
    with database.change() as transaction:
        transaction.raw("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for command in (("migrate",), ("serve",), ("account", "list")):
        said = terminal.refused(*command)
        assert said == (
            f"The database {database.address} was made by a newer guestlist; use that one."
        )


def test_somebody_elses_database_is_refused(nothing: Terminal) -> None:
    with contextlib.closing(sqlite3.connect("other.db")) as other:
        other.execute("CREATE TABLE accounts (name)")
    for command in (("migrate",), ("account", "list")):
        said = nothing.refused(*command, "--database", "sqlite:///other.db")
        assert said == "other.db is not a Guestlist database."


def test_somebody_elses_tables_on_postgresql_are_refused(
    on_postgresql: Terminal, unmigrated: str
) -> None:
    other = Database(unmigrated)
    with other.change() as transaction:
        transaction.raw("CREATE TABLE accounts (name text)")
    other.close()
    said = on_postgresql.refused("migrate", "--database", unmigrated)
    assert said == f"{other.address} is not a Guestlist database."


def test_a_password_stands_where_it_can_be_hidden(nothing: Terminal) -> None:
    url = "postgresql://ana@127.0.0.1:1/x?password=geheim"
    for command in (("account", "list"), ("migrate",), ("backup", "copy.dump"), ("serve",)):
        said = nothing.refused(*command, "--database", url)
        assert "before the @, or in PGPASSWORD" in said
        assert "geheim" not in said


def test_a_key_from_the_environment_is_not_written(
    nothing: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_SECRET_KEY", "k" * 32)
    nothing.run(*CREATE)
    assert nothing.run("backup", "copy.db") == "Wrote copy.db.\n"
    assert not list(Path().rglob("*.key"))


def test_postgresql_is_copied_for_pg_restore(
    on_postgresql: Terminal, unmigrated: str, postgres_server: PostgresCluster
) -> None:
    on_postgresql.run(*CREATE)
    assert on_postgresql.run("backup", "copy.dump") == "Wrote copy.dump.\n"
    assert stat.S_IMODE(Path("copy.dump").stat().st_mode) == 0o600
    restore = [str(postgres_server.binaries / "pg_restore"), f"--dbname={unmigrated}", "copy.dump"]
    subprocess.run(restore, check=True)
    copied = on_postgresql.run("export", "--database", unmigrated)
    assert copied == on_postgresql.run("export")
    said = on_postgresql.refused("backup", "copy.dump")
    assert said == "copy.dump exists already; name another file."


def test_without_pg_dump_a_backup_says_what_is_missing(
    on_postgresql: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    said = on_postgresql.refused("backup", "copy.dump")
    assert said.startswith("There is no pg_dump on this machine's PATH")
    assert list(Path().iterdir()) == []


def test_what_pg_dump_says_is_told_without_the_password(on_postgresql: Terminal) -> None:
    nobody = "postgresql://a:geheim@127.0.0.1:1/x"
    said = on_postgresql.refused("backup", "copy.dump", "--database", nobody)
    assert said.startswith("pg_dump failed: ")
    assert "geheim" not in said
    assert list(Path().iterdir()) == []
