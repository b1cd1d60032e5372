"""What falls due in a realm by itself: done in its order, each at its own instant."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock, Thread

from guestlist.actions import dues, outbox, sessions, tokens
from guestlist.actions import webhook_deliveries as deliveries
from guestlist.actions.logs import Logger
from guestlist.actions.runtime import Runtime
from guestlist.actions.webhook_deliveries import Heard, Post
from guestlist.domain.letters import Letter
from guestlist.domain.refusals import Unavailable
from guestlist.domain.webhooks import Taken
from guestlist.testing.chance import Chance
from guestlist.testing.clock import Clock
from guestlist.testing.ticks import Ticks

_log = Logger("guestlist.twin")


# Of what an advance does, counted so that the same one always comes to the same end: so many
# attempts to tell webhooks, of which those count by their time that take so long.
ATTEMPTS = 10_000
SLOW_MILLISECONDS = 1_000
SLOW_ALL_TOLD = 60_000


class Unfinished(Exception):
    """So much fell due that an advance was left off: the clock stands `at` a place on its way."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


@dataclass(slots=True)
class Patience:
    """How much an advance may do still."""

    attempts: int
    slow: int = SLOW_ALL_TOLD

    def goes_on(self) -> bool:
        return self.attempts > 0 and self.slow > 0

    def spend(self, milliseconds: int) -> None:
        self.attempts -= 1
        if milliseconds >= SLOW_MILLISECONDS:
            self.slow -= milliseconds


class _Over(Exception):
    """The realm was set back meanwhile, or is gone."""


@dataclass(frozen=True, slots=True)
class Effects:
    """How letters and events leave, and what wakes a realm whose clock runs.

    `behind` is the chance of what webhooks bring about: when they do must not move the ids of
    requests. An advance makes so many `attempts` at the most.
    """

    mail: Callable[[Letter], str]
    post: Callable[[Post], Heard]
    ticks: Ticks
    behind: Chance
    reminds: bool
    attempts: int


class Dues:
    """Of one runtime, until it is stopped."""

    def __init__(self, runtime: Runtime, clock: Clock, effects: Effects) -> None:
        self._runtime = runtime
        self._behind = replace(runtime, random=effects.behind)
        self._clock = clock
        self._effects = effects
        self._next: int | None = None
        self._is_over = False
        # Held as long as the database is used here; never while a receiver is waited for, who may
        # well ask this twin something before answering.
        self._step = Lock()
        # Held while webhooks are told: by an advance, or else by the thread behind requests.
        self._telling = Lock()
        self._moving = Lock()
        self._is_wanted = False
        self._flags = Lock()
        self._is_asked = self._has_thread = False

    def settle(self) -> None:
        """What is due at this moment: marks are kept, letters leave; webhooks are told behind."""
        self._settle()
        self._go_on()

    def advance(self, *, by: int = 0, to: int | None = None) -> None:
        """Goes forward, and is back when all that fell due is done. Raises Unfinished.

        `to` an instant that is past already, it only does what is due. A clock that runs stands
        still on the way, and runs on from its end.
        """
        with self._moving, self._alone():
            has_run = not self._clock.is_frozen
            self._clock.freeze()
            now = self._clock()
            try:
                self._walk(now + by if to is None else max(to, now))
            finally:
                if has_run:
                    self._clock.resume()
        self._go_on()

    def freeze(self) -> None:
        with self._moving:
            self._clock.freeze()

    def resume(self) -> None:
        with self._moving:
            self._clock.resume()
        self._go_on()

    @contextmanager
    def still(self) -> Generator[None]:
        """Nothing happens by itself in this block."""
        with self._moving, self._alone(), self._step:
            yield
        self._go_on()

    def stop(self) -> None:
        """From now on the runtime is left alone; an answer that is waited for counts no more."""
        with self._step:
            self._is_over = True

    def _walk(self, target: int) -> None:
        patience = Patience(self._effects.attempts)
        while True:
            self._settle()
            self._tell(patience.goes_on, patience.spend)
            due, now = self._look(), self._clock()
            if due is None or due > target:
                break
            if not patience.goes_on():
                raise Unfinished(now)
            self._clock.move(due)
        self._clock.move(target)

    def _settle(self) -> None:
        with self._used():
            tokens.flush_marks(self._runtime)
            sessions.flush_marks(self._runtime)
            while self._effects.reminds and outbox.remind_due(self._runtime):
                pass
            while deliveries.expire_due(self._runtime):
                pass
            while outbox.send_due(self._runtime, self._effects.mail, overwrites=True):
                pass

    def _tell(
        self, goes_on: Callable[[], bool], spend: Callable[[int], None] = lambda _: None
    ) -> None:
        """Tells webhooks what is due at this moment, one after another.

        `spend` hears how many milliseconds an attempt took, by the clock on the wall.
        """
        while goes_on():
            with self._used():
                taken = deliveries.lease(self._behind, busy=(), most=1)
            if not taken:
                return
            self._serve(taken[0], goes_on, spend)

    def _serve(
        self, taken: Taken, goes_on: Callable[[], bool], spend: Callable[[int], None]
    ) -> None:
        for delivery in taken.deliveries:
            if not goes_on():
                break
            with self._used():
                post = deliveries.start(self._behind, taken, delivery)
            if post is not None:
                spend(self._attempt(post))
        with self._used():
            deliveries.release(self._behind, taken)

    def _attempt(self, post: Post) -> int:
        began = self._clock()
        heard = self._effects.post(post)
        # By the realm's own clock: one that stands still gives the same every time.
        took = max(0, self._clock() - began) // 1_000
        with self._used():
            deliveries.settle(self._behind, post.started, replace(heard, milliseconds=took))
        return heard.milliseconds

    def _look(self) -> int | None:
        with self._used():
            self._next = dues.following(self._runtime, reminds=self._effects.reminds)
        return self._next

    def _go_on(self) -> None:
        """What is due to webhooks is told behind; what comes later, once a clock runs there."""
        due = self._look()
        if due is None:
            return
        if due <= self._clock():
            self._tell_behind()
        elif not self._clock.is_frozen:
            self._effects.ticks.watch(self._ticked)

    def _ticked(self) -> bool:
        """False where there is nothing to come by for any more."""
        if self._is_over or self._clock.is_frozen or self._next is None:
            return False
        if self._next <= self._clock():
            self._quietly(self.settle)
        return True

    def _tell_behind(self) -> None:
        with self._flags:
            self._is_asked = True
            if self._has_thread:
                return
            self._has_thread = True
        Thread(target=self._run, name="guestlist-twin-webhooks", daemon=True).start()

    def _run(self) -> None:
        while self._takes_up():
            self._quietly(self._told)

    def _takes_up(self) -> bool:
        with self._flags:
            self._has_thread, self._is_asked = self._is_asked, False
            return self._has_thread

    def _told(self) -> None:
        with self._telling:
            self._tell(lambda: not self._is_wanted)
        if not self._is_wanted:
            self._go_on()

    def _quietly(self, act: Callable[[], None]) -> None:
        """Nobody is there to be told what went wrong; it is due still, so it comes again."""
        try:
            act()
        except (_Over, Unavailable):
            return
        except Exception:  # noqa: BLE001 - a thread outlives what one round did not foresee
            _log.exception("what fell due failed")

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Webhooks are told by nobody else; who is at it ends with the answer in hand."""
        self._is_wanted = True
        try:
            self._telling.acquire()
        finally:
            self._is_wanted = False
        try:
            yield
        finally:
            self._telling.release()

    @contextmanager
    def _used(self) -> Generator[None]:
        """Raises _Over."""
        with self._step:
            if self._is_over:
                raise _Over
            yield
