"""Databases that are made and thrown away at will: each as it was, and none left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from guestlist.domain.refusals import Misconfigured
from guestlist.store.database import Database
from guestlist.store.scratch import Scratch, scratch
from guestlist.store.statements import Statement
from tests.postgres import PostgresCluster

_WRITE = Statement(text("INSERT INTO mailings (email_key, day, used) VALUES (:email, 1, 1)"))
_READ = Statement(text("SELECT email_key FROM mailings ORDER BY email_key"))
_NAMES = Statement(text("SELECT datname FROM pg_database ORDER BY datname"))


@pytest.fixture(scope="module")
def beside(postgres_server: PostgresCluster) -> Iterator[Database]:
    made = Database(postgres_server.create_database("beside_scratch"))
    yield made
    made.close()


def write(database: Database, *emails: str) -> None:
    for email in emails:
        database.run(_WRITE, email=email)


def emails(database: Database) -> list[str]:
    return [row[0] for row in database.all(_READ)]


def went_through(made: Scratch) -> None:
    """What was kept comes back as often as it is wanted; another one is never touched."""
    one, other = made.new(), made.new()
    write(one, "a")
    write(other, "x")
    kept = made.keep(one)
    for email in ("b", "c"):
        write(one, email)
        assert emails(one) == ["a", email]
        one = made.put_back(kept, one)
        assert emails(one) == ["a"]
    assert emails(other) == ["x"]
    third = made.new()
    assert emails(third) == []
    made.forget(kept)
    made.drop(one)
    for database in (other, third):
        database.close()


def test_of_sqlite_a_folder_comes_and_goes() -> None:
    made = scratch(None)
    first = made.new()
    folder = (first.file or Path()).parent
    first.close()
    before = {file.name.partition("-")[0] for file in folder.iterdir()}
    went_through(made)
    # Of what was forgotten nothing is left.
    after = {file.name.partition("-")[0] for file in folder.iterdir()}
    assert len(after - before) == 2
    made.close()
    assert not folder.exists()


def test_of_postgresql_databases_come_and_go(beside: Database) -> None:
    address = beside.url.render_as_string(hide_password=False)
    before = beside.all(_NAMES)
    made = scratch(address)
    went_through(made)
    assert len(beside.all(_NAMES)) == len(before) + 3
    made.close()
    assert beside.all(_NAMES) == before


def test_two_on_one_server_do_not_meet(beside: Database) -> None:
    address = beside.url.render_as_string(hide_password=False)
    one, other = scratch(address), scratch(address)
    mine, yours = one.new(), other.new()
    write(mine, "a")
    mine.close()
    one.close()
    write(yours, "b")
    assert emails(yours) == ["b"]
    yours.close()
    other.close()


def test_a_file_of_somebody_s_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="leave out --database"):
        scratch(f"sqlite:///{tmp_path}/guestlist.db")
    assert list(tmp_path.iterdir()) == []
