"""Databases that are made, copied and thrown away at will: a twin's."""

import itertools
import os
import secrets
import shutil
import sqlite3
import tempfile
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
_NO_TIMEOUT = Statement(text("SET statement_timeout = 0"))


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
        self._folder = Path(tempfile.mkdtemp(prefix="guestlist-twin-", dir=roomy))
        self._numbers = itertools.count(1)
        self._empty = self._folder / "empty.db"
        with sqlite3.connect(self._empty) as small:  # a table that is empty still takes a page
            small.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            small.execute("VACUUM")
        small.close()
        made = Database(f"sqlite:///{self._empty}", connections=1, durable=False)
        make(made)
        made.close()

    def new(self) -> Database:
        return _opened(f"sqlite:///{self._copied(self._empty)}")

    def keep(self, database: Database) -> str:
        kept = self._file()
        database.backup(kept)
        return str(kept)

    def put_back(self, kept: str, database: Database) -> Database:
        file = database.file or Path()
        database.close()
        shutil.copyfile(kept, file)
        return _opened(f"sqlite:///{file}")

    def forget(self, kept: str) -> None:
        Path(kept).unlink(missing_ok=True)

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
        self._empty = self._create("template0")
        made = self._at(self._empty, connections=1)
        make(made)
        made.close()

    def new(self) -> Database:
        return self._at(self._create(self._empty))

    def keep(self, database: Database) -> str:
        database.close()  # PostgreSQL copies nothing that somebody is connected to
        return self._create(str(database.url.database))

    def put_back(self, kept: str, database: Database) -> Database:
        name = str(database.url.database)
        self.drop(database)
        self._create(kept, name=name)
        return self._at(name)

    def forget(self, kept: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {kept} WITH (FORCE)")
        self._made.discard(kept)

    def drop(self, database: Database) -> None:
        database.close()
        self.forget(str(database.url.database))

    def close(self) -> None:
        for name in list(self._made):
            self.forget(name)
        self._beside.close()

    def _create(self, template: str, *, name: str | None = None) -> str:
        name = name or f"{self._prefix}{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.add(name)
        return name

    def _run(self, sql: str) -> None:
        """On the one connection there is: copying takes what it takes, on a busy machine too."""
        self._beside.run(_NO_TIMEOUT)
        self._beside.run(Statement(text(sql)))

    def _at(self, name: str, *, connections: int = CONNECTIONS) -> Database:
        address = self._beside.url.set(database=name).render_as_string(hide_password=False)
        return _opened(address, connections=connections)


def _opened(address: str, *, connections: int = CONNECTIONS) -> Database:
    return Database(address, connections=connections, durable=False)
