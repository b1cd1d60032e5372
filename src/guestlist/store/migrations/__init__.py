"""The steps from an empty database to this schema, and whether one has been taken through them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from guestlist.domain.refusals import Misconfigured
from guestlist.store.database import Database

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
    return heads == tuple(ScriptDirectory.from_config(_config()).get_heads())


def _heads(database: Database, connection: Connection) -> tuple[str, ...]:
    heads = MigrationContext.configure(connection).get_current_heads()
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    if not {step.revision for step in steps}.issuperset(heads):
        raise Misconfigured(
            f"The database {database.address} was made by a newer guestlist; use that one."
        )
    return heads


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
