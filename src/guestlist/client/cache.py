"""Answers that are remembered for a moment, and what that costs: they may be old."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import inf

from guestlist.client.answers import Decision
from guestlist.client.forks import renew_in_children

# Goes on while the machine is suspended, as an answer's age does; not every system has it.
_BOOT_TIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def elapsed() -> float:
    """Seconds since some moment, never fewer than before."""
    return time.monotonic() if _BOOT_TIME is None else time.clock_gettime(_BOOT_TIME)


class Cache:
    """At most `entries` decisions, each for at most `seconds` after it was asked for.

    Grants and denials alike, errors never: whoever loses or gains a permission is answered as
    before for up to `seconds`. Where it is full, what was not used for longest makes room. Threads,
    and clients, may share one; processes have one each.
    """

    def __init__(
        self, seconds: float = 5, entries: int = 10_000, *, clock: Callable[[], float] = elapsed
    ) -> None:
        if not 0 < seconds < inf:
            raise ValueError("seconds must be more than 0, and a number; for no cache give none")
        if entries < 1:
            raise ValueError("entries must be 1 or more; for no cache give none")
        self.seconds = seconds
        self.entries = entries
        self.clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Decision]] = OrderedDict()
        self._renew()
        renew_in_children(self, Cache._renew)

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"Cache(seconds={self.seconds}, entries={self.entries})"

    def get(self, key: Hashable) -> Decision | None:
        with self._lock:
            asked, decision = self._kept.get(key, (0.0, None))
            if decision is None:
                return None
            if self.clock() - asked >= self.seconds:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return decision

    def put(self, key: Hashable, decision: Decision, *, asked: float) -> None:
        """`asked` is what the clock said before the question left: no answer is older than that."""
        with self._lock:
            known, _ = self._kept.get(key, (asked, None))
            if known > asked:  # another thread has asked since
                return
            self._kept[key] = (asked, decision)
            self._kept.move_to_end(key)
            if len(self._kept) > self.entries:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _renew(self) -> None:
        """Another thread may have held the lock when a child was forked."""
        self._lock = threading.Lock()
