"""Pages of a list: which were asked for, and which numbers a pager shows."""

from dataclasses import dataclass

DEFAULT_SIZE = 25
MIN_SIZE = 10
MAX_SIZE = 100
# Beyond this the end of any list is passed, and an offset would overflow a database's integer.
LAST_CONCEIVABLE = 10**9

_ALL_SHOWN_UP_TO = 13
_AT_AN_END = 10
_AROUND = 3


@dataclass(frozen=True, slots=True)
class Page:
    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def offset(self) -> int:
        return (min(self.number, LAST_CONCEIVABLE) - 1) * self.size


def last_page(total: int, size: int) -> int:
    return max(1, -(-total // size))


def window(current: int, last: int) -> list[int | None]:
    """The page numbers a pager lists; None is a gap (contract, section 5)."""
    if last <= _ALL_SHOWN_UP_TO:
        return list(range(1, last + 1))
    if current <= _AT_AN_END - _AROUND:
        return [*range(1, _AT_AN_END + 1), None, last - 1, last]
    if current > last - (_AT_AN_END - _AROUND):
        return [1, 2, None, *range(last - _AT_AN_END + 1, last + 1)]
    around = range(current - _AROUND, current + _AROUND + 1)
    return [1, 2, None, *around, None, last - 1, last]
