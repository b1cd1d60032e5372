"""The steps from an empty database to this schema, and whether one has been taken through them.

Alembic is loaded where it is needed: a twin makes its tables at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from guestlist.domain.refusals import Misconfigured
from guestlist.store.database import Database
from guestlist.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# Whoever migrates waits for another who does, and then finds it done. What is migrated is waited
# for no longer than ever: others would wait behind.
_ONE_AT_A_TIME = (
    "SET LOCAL lock_timeout = 0",
    "SELECT pg_advisory_xact_lock(5211740336514)",
    "SET LOCAL lock_timeout TO DEFAULT",
)


def migrate(database: Database, *, to: str = "head") -> None:
    """Brings a database to the newest schema, or up to a step; one that is there is left alone.

    Raises Misconfigured where it is beyond, Unavailable.
    """
    from alembic import command  # noqa: PLC0415

    with database.whole() as connection:
        if not database.is_sqlite:
            for sql in _ONE_AT_A_TIME:
                connection.exec_driver_sql(sql)
        _heads(database, connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def is_current(database: Database) -> bool:
    """Raises Misconfigured where it is beyond, Unavailable."""
    with database.whole() as connection:
        heads = _heads(database, connection)
    return heads == tuple(_steps().get_heads())


def make(database: Database) -> None:
    """The newest schema at once, in an empty database that will be thrown away."""
    with database.whole() as connection:
        metadata.create_all(connection, checkfirst=False)


def _heads(database: Database, connection: Connection) -> tuple[str, ...]:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    heads = MigrationContext.configure(connection).get_current_heads()
    if not {step.revision for step in _steps().walk_revisions()}.issuperset(heads):
        raise Misconfigured(
            f"The database {database.address} was made by a newer guestlist; use that one."
        )
    return heads


def _steps() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_config())


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
