"""A clock that a test holds."""

import time
from dataclasses import dataclass

# Where the clock of a twin with a seed begins: it stands still until it is told otherwise.
SEEDED = 1_767_225_600_000_000
# The end of the year 9998: what is made then, and ends later, can still be written.
LAST = 253_370_764_799_999_999


def _real() -> int:
    return time.time_ns() // 1_000


@dataclass(slots=True)
class Clock:
    """Microseconds since 1970 in UTC: of one instant for as long as it is `frozen`.

    One that runs is so far `ahead` of the real one.
    """

    frozen: int | None = None
    ahead: int = 0

    def __call__(self, _account: int = 0) -> int:
        return _real() + self.ahead if self.frozen is None else self.frozen

    @property
    def is_frozen(self) -> bool:
        return self.frozen is not None

    def freeze(self, at: int | None = None) -> None:
        """At an instant, or where it is."""
        self.frozen = self() if at is None else at

    def resume(self) -> None:
        """Runs on from where it is."""
        self.ahead, self.frozen = self() - _real(), None

    def move(self, to: int) -> None:
        """To a later instant; whether it runs stays as it was."""
        if self.frozen is None:
            self.ahead = to - _real()
        else:
            self.frozen = to
