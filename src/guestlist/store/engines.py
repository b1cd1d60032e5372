"""How each kind of database is connected to."""

import sqlite3
import time
from functools import partial

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from guestlist.domain.refusals import Misconfigured

BUSY_SECONDS = 5
_POSTGRESQL_LIMITS = "-c lock_timeout=2000 -c statement_timeout=5000 -c timezone=UTC"

# A network that swallows everything is noticed in seconds, not hours.
_SIGNS_OF_LIFE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def engine(address: str, connections: int, *, durable: bool = True) -> Engine:
    """A pool of connections to the database at an address. Raises Misconfigured.

    What is not `durable` survives the death of its process, but no power cut.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is not None and url.drivername == "sqlite" and _is_file(url.database):
        return _sqlite(url, connections, durable=durable)
    if url is not None and "password" in url.query:
        raise Misconfigured(
            "The database address has its password where others would see it: put it before the @,"
            " or in PGPASSWORD."
        )
    if url is not None and url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return _postgresql(url, connections)
    raise Misconfigured(
        "The database address must look like sqlite:///path/to/file.db or"
        " postgresql://user@host/name; set it with --database or GUESTLIST_DATABASE."
    )


def _sqlite(url: URL, connections: int, *, durable: bool) -> Engine:
    made = create_engine(
        url,
        paramstyle="named",
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    event.listen(made, "connect", partial(_prepare_sqlite, durable=durable))
    return made


def _postgresql(url: URL, connections: int) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={
            "autocommit": True,
            "connect_timeout": BUSY_SECONDS,
            "options": _POSTGRESQL_LIMITS,
            **_SIGNS_OF_LIFE,
            "application_name": "guestlist",
        },
    )


def _is_file(name: str | None) -> bool:
    """SQLite's names for databases in memory, and its URIs, name no file that could be kept."""
    return bool(name) and name != ":memory:" and not str(name).startswith("file:")


def _prepare_sqlite(
    connection: sqlite3.Connection, _: ConnectionPoolEntry, *, durable: bool
) -> None:
    connection.isolation_level = None
    _write_ahead(connection)
    synchronous = "synchronous = FULL" if durable else "synchronous = OFF"
    for pragma in (synchronous, "foreign_keys = ON", "cache_size = -16000"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """SQLite waits for nobody when it changes a new file's journal, so this tries again."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return
