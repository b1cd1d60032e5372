"""A realm: a whole deployment of its own, for one test or for all of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.api.serve import Door
from guestlist.app import scratch as scratches
from guestlist.app.fronts import front
from guestlist.app.scratch import Scratch
from guestlist.domain.letters import Letter
from guestlist.testing.chance import Chance, Requests
from guestlist.testing.clock import Clock
from guestlist.testing.dues import Dues, Effects
from guestlist.testing.faults.plans import KeptPlan, Plan
from guestlist.testing.letters import Letters, Sent
from guestlist.testing.posts import Posts
from guestlist.testing.quota import Bucket, Buckets
from guestlist.testing.requests import Log
from guestlist.testing.ticks import Ticks

THREADS = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """A realm as it was: `database` is the address of a copy."""

    database: str
    taken: list[int]
    letters: tuple[list[Sent], int]
    frozen: int | None
    ahead: int
    faults: KeptPlan
    quota: Bucket


@dataclass(frozen=True, slots=True)
class Setting:
    """What all realms of a twin have in common; `remember` hears of secrets that one gives out."""

    scratch: Scratch
    executor: ThreadPoolExecutor
    remember: Callable[[str, "Realm"], None]
    posts: Posts
    ticks: Ticks
    seed: str
    public_url: str
    invitation_life: int
    reminds: bool
    attempts: int


class Gone(Exception):
    """The realm was thrown away."""


class Realm:
    """A deployment with a database, a clock, a stream of chance and an outbox of its own.

    So are its faults, its quota and the log of its requests.

    `kept` are its snapshots by name, None the one that a reset goes back to. It can be set back
    only while nobody uses it.
    """

    def __init__(
        self, setting: Setting, name: str, clock: Clock, bucket: Bucket | None = None
    ) -> None:
        self.name = name
        self.clock = clock
        self.chance = Chance(setting.seed, name)
        self._request_ids = Requests(setting.seed, name)
        self._behind = Chance(setting.seed, f"{name}\0behind")
        self.letters = Letters()
        self.faults = Plan(setting.seed, name)
        self.quota = Buckets(clock, bucket)
        self.requests = Log()
        self.kept: dict[str | None, Kept] = {}
        self._setting = setting
        self._users = 0
        self._is_held = self._is_gone = False
        self._changed = asyncio.Condition()
        self._open(setting.scratch.new())

    def _open(self, database: Any) -> None:
        setting = self._setting
        self.runtime: Runtime = scratches.runtime(
            database,
            now=self.clock,
            random=self.chance,
            public_url=setting.public_url,
            invitation_life=setting.invitation_life,
        )
        door = Door(
            self.runtime,
            threads=THREADS,
            executor=setting.executor,
            allowance=self.quota,
            request_id=self._request_ids,
        )
        self._front = front(self.runtime, door, at_once=False)
        effects = Effects(
            self._sent,
            setting.posts,
            setting.ticks,
            self._behind,
            reminds=setting.reminds,
            attempts=setting.attempts,
        )
        self.dues = Dues(self.runtime, self.clock, effects)

    @property
    def now(self) -> int:
        return self.clock()

    @asynccontextmanager
    async def used(self) -> AsyncGenerator[ASGIApp]:
        """Its doors; whoever wants to set it back waits for the end of the block. Raises Gone."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._is_held)
            self._check_is_there()
            self._users += 1
        try:
            yield self._front
        finally:
            async with self._changed:
                self._users -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Nobody uses it in this block. Raises Gone."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._is_held)
            self._check_is_there()
            self._is_held = True
        try:
            # Whoever waits here may be called off.
            async with self._changed:
                await self._changed.wait_for(lambda: not self._users)
            yield
        finally:
            async with self._changed:
                self._is_held = False
                self._changed.notify_all()

    def _check_is_there(self) -> None:
        if self._is_gone:
            raise Gone

    def keep(self, name: str | None) -> None:
        """A snapshot, held."""
        scratch, clock = self._setting.scratch, self.clock
        before = self.kept.get(name)
        if before is not None:
            scratch.forget(before.database)
        with self.dues.still():
            self.kept[name] = Kept(
                database=scratch.keep(self.runtime.database),
                taken=[stream.taken for stream in self._streams],
                letters=self.letters.kept(),
                frozen=clock.frozen,
                ahead=clock.ahead,
                faults=self.faults.kept(),
                quota=self.quota.now,
            )

    def put_back(self, name: str | None) -> None:
        """As it was, held; only the log of its requests goes on. Raises KeyError."""
        kept = self.kept[name]
        self.dues.stop()
        # A new runtime too: nothing is remembered of what was.
        self._open(self._setting.scratch.put_back(kept.database, self.runtime.database))
        for stream, taken in zip(self._streams, kept.taken, strict=True):
            stream.taken = taken
        self.letters.put_back(kept.letters)
        self.clock.frozen, self.clock.ahead = kept.frozen, kept.ahead
        self.faults.put_back(kept.faults)
        self.quota.put(kept.quota)
        if not self.clock.is_frozen:
            self.settle()

    @property
    def _streams(self) -> tuple[Chance | Requests, ...]:
        return self.chance, self._request_ids, self._behind

    def settle(self) -> None:
        """What is due at this moment; see Dues."""
        self.dues.settle()

    def _sent(self, letter: Letter) -> str:
        sent = self.letters.add(letter, at=self.runtime.now(NO_ACCOUNT))
        if sent.secret:
            self._setting.remember(sent.secret, self)
        return "the twin's outbox"

    def rest(self) -> None:
        """Closes its connections for now; those in use end with their use."""
        self.runtime.database.close()

    def close(self) -> None:
        """Throws it away, held or used by nobody."""
        self._is_gone = True
        self.dues.stop()
        scratch = self._setting.scratch
        for kept in self.kept.values():
            scratch.forget(kept.database)
        scratch.drop(self.runtime.database)
