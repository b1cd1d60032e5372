"""What the migrations make is what the tables say, down to every constraint."""

import re
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

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
