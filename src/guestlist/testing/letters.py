"""The letters that a twin would have mailed."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Condition

from guestlist.domain.letters import Letter


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter, and the instant at which it left."""

    number: int
    at: int
    letter: Letter

    @property
    def secret(self) -> str:
        """What its link ends with; empty where it has none."""
        return self.letter.link.rpartition("/")[2]


class Letters:
    """Those of one realm, oldest first."""

    def __init__(self) -> None:
        self._sent: list[Sent] = []
        self._number = 0
        self._came = Condition()

    def __iter__(self) -> Iterator[Sent]:
        return iter(list(self._sent))

    def add(self, letter: Letter, *, at: int) -> Sent:
        with self._came:
            self._number += 1
            sent = Sent(self._number, at, letter)
            self._sent.append(sent)
            self._came.notify_all()
        return sent

    def clear(self) -> None:
        with self._came:
            self._sent.clear()

    def kept(self) -> tuple[list[Sent], int]:
        return list(self._sent), self._number

    def put_back(self, kept: tuple[list[Sent], int]) -> None:
        with self._came:
            self._sent, self._number = list(kept[0]), kept[1]
