"""One request to the controls, and what can be wrong with it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import msgspec

from guestlist.domain import instants
from guestlist.testing.realms import Realm
from guestlist.testing.twins import Twin

Result = TypeVar("Result")
MAX_WAIT = 60
_LOOK_EVERY = 0.02


class Refused(Exception):
    """`status` is HTTP's; the words say what was wrong and what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Ask:
    """`realm` is whose token it shows, None where it shows none: then the whole twin is meant."""

    twin: Twin
    realm: Realm | None
    id: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def realms(self) -> Sequence[Realm]:
        """Those that are meant."""
        return list(self.twin) if self.realm is None else [self.realm]

    @property
    def one(self) -> Realm:
        """The one that is meant: without a token, the first."""
        return self.realm or self.twin.first

    def whole(self, name: str) -> int | None:
        """A whole number of the query, None where it is left out. Raises Refused."""
        given = self.query.get(name)
        if not given:
            return None
        if not given.isdecimal():
            raise Refused(422, f"{name} must be a whole number; got {given!r}.")
        return int(given[:18])

    async def waited(self, find: Callable[[], list[Result]]) -> list[Result]:
        """What is found, as soon as there is some or `wait` seconds are over. Raises Refused."""
        try:
            patience = float(self.query.get("wait") or 0)
        except ValueError as error:
            raise Refused(422, "wait must be a number of seconds.") from error
        end = time.monotonic() + min(patience, MAX_WAIT)
        while not (found := find()) and time.monotonic() < end:  # noqa: ASYNC110 - from any thread
            await asyncio.sleep(_LOOK_EVERY)
        return found

    async def thread(self, work: Callable[..., Result], *values: Any, **more: Any) -> Result:
        return await asyncio.to_thread(work, *values, **more)

    def text(self, name: str, *, default: str | None = None) -> str:
        """Raises Refused."""
        found = self.body.get(name, default)
        if not isinstance(found, str):
            raise Refused(422, f"{name} must be a text.")
        return found

    def instant(self, name: str) -> int | None:
        """Microseconds, None where it is left out. Raises Refused."""
        found = self.body.get(name)
        if found is None:
            return None
        try:
            return instants.moment(str(found))
        except ValueError as error:
            raise Refused(
                422, f"{name} must be a date and time, as in 2026-01-31T09:30:00Z; got {found!r}."
            ) from error


Handler: TypeAlias = Callable[[Ask], Awaitable[Any]]


class Problem(msgspec.Struct):
    """What was wrong, and what to do."""

    message: str


@dataclass(frozen=True, slots=True)
class Control:
    """`path` comes after /_twin; at most one part of it is an id.

    `body` is the type that a body must have, `dict` where another format's rules say what, and None
    where there is none; `answer` is the answer's. `query` are the parameters it takes, with what
    they mean.
    """

    method: str
    path: str
    handler: Any
    summary: str
    body: Any = None
    answer: Any = None
    query: tuple[tuple[str, str], ...] = ()
