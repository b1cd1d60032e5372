"""Databases that are made, copied and thrown away at will: a twin's."""

import itertools
import os
import secrets
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from sqlalchemy import text

from guestlist.domain.refusals import Misconfigured
from guestlist.store.database import Database
from guestlist.store.migrations import make
from guestlist.store.statements import Statement

CONNECTIONS = 6
PAGE_BYTES = 1_024
# In memory, where the system has such a folder.
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


class Scratch(Protocol):
    """Where they are made; a copy that is kept of one is known by a name."""

    def new(self) -> Database:
        """With the newest schema, and empty."""

    def keep(self, database: Database) -> str:
        """A copy as it is now, for `put_back`. Nobody may use it meanwhile."""

    def put_back(self, kept: str, database: Database) -> Database:
        """The same database as it was when it was kept; what was open of it is closed."""

    def forget(self, kept: str) -> None:
        """Throws a copy away."""

    def drop(self, database: Database) -> None:
        """Closes it and throws it away."""

    def close(self) -> None:
        """Throws everything away."""


def scratch(address: str | None) -> Scratch:
    """SQLite in a folder of its own; or databases made beside the PostgreSQL one at an address.

    Raises Misconfigured, Unavailable.
    """
    if address is None:
        return _Files()
    beside = Database(address, connections=1)
    if beside.is_sqlite:
        beside.close()
        raise Misconfigured(
            "A twin keeps SQLite in a folder that it makes and throws away: leave out --database,"
            " or name a PostgreSQL server."
        )
    return _Databases(beside)


class _Files:
    def __init__(self) -> None:
        roomy = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
        self._folder = Path(tempfile.mkdtemp(prefix=f"guestlist-twin-{os.getpid()}-", dir=roomy))
        self._numbers = itertools.count(1)
        self._empty = self._folder / "empty.db"
        with sqlite3.connect(self._empty) as small:  # a table that is empty still takes a page
            small.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            small.execute("VACUUM")
        small.close()
        with closing(_opened(f"sqlite:///{self._empty}", connections=1)) as made:
            make(made)

    def new(self) -> Database:
        return _opened(f"sqlite:///{self._copied(self._empty)}")

    def keep(self, database: Database) -> str:
        kept = self._file()
        database.backup(kept)
        return str(kept)

    def put_back(self, kept: str, database: Database) -> Database:
        # Beside the old one: whoever has that open still writes into nothing.
        made = _opened(f"sqlite:///{self._copied(Path(kept))}")
        self.drop(database)
        return made

    def forget(self, kept: str) -> None:
        for more in ("", "-wal", "-shm"):
            Path(kept + more).unlink(missing_ok=True)

    def drop(self, database: Database) -> None:
        database.close()
        self.forget(str(database.file))

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _copied(self, source: Path) -> Path:
        return Path(shutil.copyfile(source, self._file()))

    def _file(self) -> Path:
        return self._folder / f"{next(self._numbers)}.db"


class _Databases:
    def __init__(self, beside: Database) -> None:
        self._beside = beside
        self._numbers = itertools.count(1)
        self._prefix = f"guestlist_twin_{secrets.token_hex(4)}_"
        self._made: set[str] = set()
        try:
            # A copy takes as long as it takes; this pool's one connection keeps that.
            self._run("SET statement_timeout = 0")
            self._empty = self._create("template0")
            with closing(self._at(self._empty, connections=1)) as made:
                make(made)
        except BaseException:
            self.close()
            raise

    def new(self) -> Database:
        return self._at(self._create(self._empty))

    def keep(self, database: Database) -> str:
        database.close()  # PostgreSQL copies nothing that somebody is connected to
        return self._create(str(database.url.database))

    def put_back(self, kept: str, database: Database) -> Database:
        made = self._at(self._create(kept))
        self.drop(database)
        return made

    def forget(self, kept: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {kept} WITH (FORCE)")
        self._made.discard(kept)

    def drop(self, database: Database) -> None:
        database.close()
        self.forget(str(database.url.database))

    def close(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._beside.close)
            for name in list(self._made):
                stack.callback(self.forget, name)

    def _create(self, template: str) -> str:
        name = f"{self._prefix}{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.add(name)
        return name

    def _run(self, sql: str) -> None:
        # A database is copied in a hundredth of a second, or in many where the machine is busy.
        self._beside.run(Statement(text("SET statement_timeout = 0")))
        self._beside.run(Statement(text(sql)))

    def _at(self, name: str, *, connections: int = CONNECTIONS) -> Database:
        address = self._beside.url.set(database=name).render_as_string(hide_password=False)
        return _opened(address, connections=connections)


def _opened(address: str, *, connections: int = CONNECTIONS) -> Database:
    return Database(address, connections=connections, durable=False)
