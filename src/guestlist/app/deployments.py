"""The runtime of a deployment, made from its settings."""

import os
import secrets
import time

from guestlist import settings as configuration
from guestlist.actions import deployment
from guestlist.actions.limits import Limits
from guestlist.actions.runtime import Runtime
from guestlist.domain.refusals import Misconfigured
from guestlist.settings import Settings
from guestlist.store.database import Database
from guestlist.store.migrations import is_current, migrate


def now(_account: int) -> int:
    return time.time_ns() // 1_000


def random(_account: int, size: int) -> bytes:
    return secrets.token_bytes(size)


def runtime(settings: Settings) -> Runtime:
    """The runtime of a deployment whose database is ready. Raises Misconfigured, Unavailable.

    An embedded SQLite database is made and migrated here; a PostgreSQL one is its operator's.
    """
    database = open_database(settings)
    try:
        return _over(database, settings)
    except BaseException:
        database.close()
        raise


def _over(database: Database, settings: Settings) -> Runtime:
    if database.is_sqlite:
        migrate(database)
    elif not is_current(database):
        raise Misconfigured(
            f"The database {database.address} is not at this version's schema."
            " Run: guestlist migrate"
        )
    made = Runtime(
        database=database,
        keys=configuration.keys(database),
        now=now,
        random=random,
        public_url=settings.public_url,
        invitation_life=settings.invitation_life,
        catalog=settings.catalog,
        caps=settings.caps,
        limits=Limits(settings.limits),
        webhook_allow=settings.webhook_allow,
    )
    deployment.claim(made)
    return made


def open_database(settings: Settings) -> Database:
    """One connection per thread, and a few for the outbox, health and last-used marks."""
    database = Database(settings.database, connections=settings.threads + 4)
    if database.file is not None and not database.file.exists():
        database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(database.file, os.O_CREAT | os.O_RDWR, 0o600))
    return database
