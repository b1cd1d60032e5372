"""One database, SQLite or PostgreSQL: its connections, its transactions, and what can go wrong.

Every connection is in the driver's autocommit mode, so that a transaction is exactly what stands
between the BEGIN and the COMMIT written here.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from operator import methodcaller
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from guestlist.domain.refusals import Misconfigured, Refusal, Unavailable, Unreachable
from guestlist.store.engines import BUSY_SECONDS, engine
from guestlist.store.statements import Row, Statement

_LEAST_SECONDS = 1
_SNAPSHOT = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "sqlite": "BEGIN"}
_CHANGE = {"postgresql": "BEGIN", "sqlite": "BEGIN IMMEDIATE"}
_AS_LONG_AS_EVER = f"PRAGMA busy_timeout = {1_000 * BUSY_SECONDS}"
# What a standby answers to a change, by its SQLSTATE.
_READ_ONLY = "25006"
_TABLE_EXISTS = "42P07"

Taking: TypeAlias = Callable[[Any], Any]
Found = TypeVar("Found")
_ROWS, _ROW = methodcaller("fetchall"), methodcaller("fetchone")


def _nothing(_: Any) -> None: ...


class Conflict(Exception):
    """A constraint refused a row; `constraint` is its name, or what SQLite says of it."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Transaction:
    """Runs statements on one connection, between its BEGIN and its COMMIT."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: "Database", connection: Any) -> None:
        self._database = database
        self._connection = connection

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        rows: list[Row] = self._execute(statement, values, _ROWS)
        return rows

    def one(self, statement: Statement, **values: Any) -> Row | None:
        row: Row | None = self._execute(statement, values, _ROW)
        return row

    def only(self, statement: Statement, **values: Any) -> Row:
        """The row that there must be."""
        row = self.one(statement, **values)
        if row is None:
            raise LookupError
        return row

    def run(self, statement: Statement, **values: Any) -> None:
        """Where it fails, a later statement may be the one to tell: see `Database.change`."""
        self._execute(statement, values, _nothing)

    def many(self, statement: Statement, rows: Sequence[dict[str, Any]]) -> None:
        if len(rows) == 1:
            self.run(statement, **rows[0])
            return
        sql, constants = statement.on(self._database.dialect)
        cursor = self._connection.cursor()
        with self._database.troubles():
            cursor.executemany(sql, [{**constants, **row} for row in rows])

    def raw(self, sql: str) -> None:
        """BEGIN and its like: what is no statement of ours."""
        with self._database.troubles():
            self._connection.execute(sql)

    def commit(self, pipeline: Any = None) -> None:
        """Raises Unavailable where nothing was kept."""
        with self._database.troubles():
            done = self._connection.execute("COMMIT")
            if pipeline is not None:
                pipeline.sync()
        # After an error that somebody swallowed, PostgreSQL rolls back and calls that success.
        if getattr(done, "statusmessage", "COMMIT") != "COMMIT":
            raise Unavailable("The change could not be kept; try again in a moment.")

    def _execute(self, statement: Statement, values: dict[str, Any], take: Taking) -> Any:
        sql, constants = statement.on(self._database.dialect)
        with self._database.troubles():
            return take(self._connection.execute(sql, self._database.bound(constants, values)))


class Database:
    """Opened from `sqlite:///path/to/file.db` or `postgresql://…`; Misconfigured for others."""

    def __init__(self, address: str, *, connections: int = 20, durable: bool = True) -> None:
        self._engine = engine(address, connections, durable=durable)
        self.dialect = self._engine.dialect
        self.is_sqlite = self.dialect.name == "sqlite"
        self.address = self.url.render_as_string(hide_password=True)
        self._driver: Any = self.dialect.loaded_dbapi
        self.errors: type[Exception] = self._driver.Error
        # SQLite lets waiting writers race and sleep; inside one process they can stand in line.
        self._writer = threading.Lock()

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; None on PostgreSQL."""
        return Path(self._engine.url.database or "") if self.is_sqlite else None

    @property
    def url(self) -> URL:
        """With the password, if the address has one."""
        return self._engine.url.set(drivername=self.dialect.name)

    @contextmanager
    def whole(self) -> Generator[Connection]:
        """SQLAlchemy's own connection, in one transaction, for migrations. Raises Unavailable."""
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(_CHANGE[self.dialect.name])
                if not self.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
                connection.exec_driver_sql("COMMIT")
        except DatabaseError as error:
            raise self._unopened(error) or error from error

    def one(self, statement: Statement, **values: Any) -> Row | None:
        """One statement, alone and at once."""
        return self._alone(Transaction.one, statement, values)

    def only(self, statement: Statement, **values: Any) -> Row:
        """The row that there must be, of one statement alone."""
        return self._alone(Transaction.only, statement, values)

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        return self._alone(Transaction.all, statement, values)

    def run(self, statement: Statement, **values: Any) -> None:
        self._alone(Transaction.run, statement, values)

    def _alone(
        self, take: Callable[..., Found], statement: Statement, values: dict[str, Any]
    ) -> Found:
        """Tried again where the connection turns out dead."""
        for last in (False, True):
            connection = self._connect()
            try:
                return take(Transaction(self, connection), statement, **values)
            except Unavailable:
                if last or not self._is_dead(connection):
                    raise
                self._engine.dispose()
            finally:
                connection.close()
        raise AssertionError

    @contextmanager
    def read(self) -> Generator[Transaction]:
        """One snapshot for several queries."""
        with self._transaction(_SNAPSHOT[self.dialect.name]) as transaction:
            yield transaction

    @contextmanager
    def change(self, *, until: float | None = None) -> Generator[Transaction]:
        """One transaction that commits when its block ends well.

        On PostgreSQL, statements whose rows nobody waits for go out together (pipeline mode), and
        an error of one is raised by the next that is waited for, at the latest by the commit.
        On SQLite, which has one lock for all, it waits until then for it, on the monotonic clock.
        """
        if not self.is_sqlite:
            with self._transaction(_CHANGE["postgresql"], pipelined=True) as transaction:
                yield transaction
            return
        end = time.monotonic() + BUSY_SECONDS
        if until is not None:
            end = min(end, max(until, time.monotonic() + _LEAST_SECONDS))
        if not self._writer.acquire(timeout=end - time.monotonic()):
            raise Unavailable("The database is busy; try again in a moment.")
        try:
            left = f"PRAGMA busy_timeout = {max(0, int(1_000 * (end - time.monotonic())))}"
            with self._transaction(left, _CHANGE["sqlite"], _AS_LONG_AS_EVER) as changing:
                yield changing
        finally:
            self._writer.release()

    @contextmanager
    def _transaction(self, *begin: str, pipelined: bool = False) -> Generator[Transaction]:
        connection = self._begun(*begin)
        transaction = Transaction(self, connection)
        driver = connection.dbapi_connection
        try:
            with driver.pipeline() if pipelined else nullcontext() as pipeline:
                yield transaction
                # Reads too: psycopg forgets its prepared statements at every ROLLBACK.
                transaction.commit(pipeline)
        finally:
            connection.close()  # the pool rolls back what was not committed

    def _begun(self, *begin: str) -> Any:
        for last in (False, True):
            connection = self._connect()
            try:
                for sql in begin:
                    Transaction(self, connection).raw(sql)
            except BaseException as error:
                dead = isinstance(error, Unavailable) and self._is_dead(connection)
                if self.is_sqlite:
                    connection.invalidate()  # it waits as long as this one would have
                connection.close()
                if last or not dead:
                    raise
                self._engine.dispose()  # it went away and perhaps came back; nothing was begun yet
            else:
                return connection
        raise AssertionError

    def _connect(self) -> Any:
        try:
            return self._engine.raw_connection()
        except (SQLAlchemyError, self.errors) as error:
            raise self._unopened(error) or Unreachable(self.address) from error

    def _unopened(self, error: Exception) -> Refusal | None:
        """What it means that a database could not be opened; None for a mistake of ours."""
        cause = getattr(error, "orig", error)
        if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            return Misconfigured(f"{self.file} is not an SQLite database.")
        sqlite_error = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if sqlite_error or getattr(cause, "sqlstate", None) == _TABLE_EXISTS:
            return Misconfigured(f"{self.file or self.address} is not a Guestlist database.")
        if isinstance(cause, self._driver.OperationalError):
            return Unreachable(self.address)
        return None

    def _is_dead(self, connection: Any) -> bool:
        driver = connection.dbapi_connection
        return not self.is_sqlite and (driver is None or driver.closed)

    def bound(self, constants: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        if self.is_sqlite:
            values = {
                name: json.dumps(value) if isinstance(value, list) else value
                for name, value in values.items()
            }
        return {**constants, **values} if constants else values

    @contextmanager
    def troubles(self) -> Generator[None]:
        """Turns the driver's errors into ours."""
        try:
            yield
        except self.errors as error:
            raise self.trouble(error) from error

    def trouble(self, error: Exception) -> Exception:
        """What a driver's error is to us; our own mistakes stay what they are."""
        if isinstance(error, self._driver.IntegrityError):
            return Conflict(_constraint(error))
        if getattr(error, "sqlstate", None) == _READ_ONLY:
            return Unavailable("The database is read-only for now; try again in a moment.")
        # A statement that SQLite does not understand is our mistake too.
        ours = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if isinstance(error, self._driver.OperationalError) and not ours:
            return Unavailable("The database is busy or full; try again in a moment.")
        return error

    def backup(self, target: Path) -> None:
        """A whole copy of an SQLite database, taken while it is in use."""
        connection = self._connect()
        try:
            with sqlite3.connect(target) as copy:
                # At once: a copy made in steps begins anew whenever somebody writes between two.
                connection.dbapi_connection.backup(copy)
            copy.close()
        finally:
            connection.close()

    def close(self) -> None:
        self._engine.dispose()


def _constraint(error: Any) -> str:
    diagnosis = getattr(error, "diag", None)
    return str(diagnosis.constraint_name if diagnosis else error)
