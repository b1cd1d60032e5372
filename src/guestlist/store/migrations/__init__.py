"""The steps from an empty database to this schema, and whether one has been taken through them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from guestlist.store.database import Database

# Whoever migrates waits for another who does, and then finds it done. What is migrated is waited
# for no longer than ever: others would wait behind.
_ONE_AT_A_TIME = (
    "SET LOCAL lock_timeout = 0",
    "SELECT pg_advisory_xact_lock(5211740336514)",
    "SET LOCAL lock_timeout TO DEFAULT",
)


def migrate(database: Database) -> None:
    """Brings a database to the newest schema; one that is there already is left alone."""
    with database.whole() as connection:
        if not database.is_sqlite:
            for sql in _ONE_AT_A_TIME:
                connection.exec_driver_sql(sql)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Raises Unavailable."""
    with database.whole() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return heads == tuple(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
