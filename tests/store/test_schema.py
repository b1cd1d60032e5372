"""What the migrations make is what the tables say, down to every constraint."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from guestlist.domain.audit import Search, sides
from guestlist.store import accounts, audit
from guestlist.store.database import Database
from guestlist.store.migrations import is_current, migrate
from guestlist.store.schema import metadata
from tests.postgres import PostgresCluster

PICTURES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
    "postgresql": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace;
        SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public';
        SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity,
          identity_generation, collation_name
          FROM information_schema.columns WHERE table_schema = 'public'
    """,
}


def picture(connection: Connection) -> set[tuple[Any, ...]]:
    """Everything a database knows of its tables but what Alembic keeps for itself."""
    rows = {
        tuple(row)
        for query in PICTURES[connection.dialect.name].split(";")
        for row in connection.execute(text(query))
    }
    # SQLite keeps the words of a table as they were written, in whatever order
    words = {tuple(" ".join(sorted(re.findall(r"[^\s,\"]+", str(p)))) for p in row) for row in rows}
    return {row for row in words if "alembic_version" not in row[0] + row[1]}


@pytest.fixture
def from_the_tables(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> set[tuple[Any, ...]]:
    """The picture of a database made by the schema alone."""
    url = f"sqlite:///{tmp_path}/tables.db"
    if not database_url.startswith("sqlite"):
        server: PostgresCluster = request.getfixturevalue("postgres_server")
        url = server.create_database("tables")
    database = Database(url)
    with database.whole() as connection:
        metadata.create_all(connection)
        found = picture(connection)
    database.close()
    return found


def test_migrated_and_made_from_the_tables_are_the_same(
    database_url: str, from_the_tables: set[tuple[Any, ...]]
) -> None:
    database = Database(database_url)
    with database.whole() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert sorted(picture(connection) ^ from_the_tables) == []
    database.close()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    assert is_current(database)
    with database.whole() as connection:
        before = picture(connection)
    migrate(database)
    with database.whole() as connection:
        assert picture(connection) == before
    assert is_current(database)
    database.close()


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    assert not is_current(database)
    database.close()


def test_keys_are_never_reused_and_text_is_compared_byte_by_byte() -> None:
    """What each database needs for it stands in every table of things."""
    for table in metadata.sorted_tables:
        if "key" in table.c and table.name != "deployment":
            assert table.dialect_options["sqlite"]["autoincrement"], table.name
            assert table.c.key.identity is not None, table.name


# Action, subject, before, after.
OLDER: list[tuple[str, str, Any, Any]] = [
    ("user.update", "user:bo", None, {"role": "Admin"}),
    ("user.remove", "user:bo", {"role": "Admin", "email": "bo@acme.test"}, None),
    ("token.create", "token:t", None, {"name": "ci"}),
]


def test_entries_of_before_the_chain_are_numbered_and_can_be_erased(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/older.db"
    if not database_url.startswith("sqlite"):
        server: PostgresCluster = request.getfixturevalue("postgres_server")
        url = server.create_database("older")
    database = Database(url)
    migrate(database, to="0002")
    with database.whole() as connection:
        connection.execute(
            text("INSERT INTO accounts (id, name, revision, created_at) VALUES ('a', 'A', 1, 0)")
        )
        for action, subject, before, after in OLDER:
            values = {"action": action, "subject": subject}
            told = {"before": json.dumps(before), "after": json.dumps(after)}
            connection.execute(
                text(
                    "INSERT INTO audit (account, at, request, actor, action, subject, before,"
                    " after) VALUES (1, 0, 'r', 'operator', :action, :subject, :before, :after)"
                ),
                values | {k: None if v == "null" else v for k, v in told.items()},
            )
    migrate(database)
    with database.read() as transaction:
        account = accounts.get(transaction, 1)
        entries = audit.behind(transaction, 1, 0, Search())
    assert (account.entries, account.head) == (3, None)
    assert [(e.sequence, e.hash) for e in entries] == [(1, None), (2, None), (3, None)]
    assert [(e.action, e.subject, *sides(e)) for e in entries] == OLDER
    assert ["bo@acme.test" in f"{e.before}{e.after}" for e in entries] == [False] * 3
    assert "bo@acme.test" in (entries[1].personal or "")
    database.close()
