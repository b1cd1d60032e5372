"""Chance that comes out the same every time."""

import hashlib
from threading import Lock


class Chance:
    """Bytes that follow from a seed and a name alone, in their order.

    Two realms have two names: what happens in one changes nothing in the other.
    """

    def __init__(self, seed: str, name: str) -> None:
        self._root = f"{seed}\0{name}".encode()
        self._lock = Lock()
        self.taken = 0

    def __call__(self, _account: int, size: int) -> bytes:
        # Of two requests at once none may get what the other has.
        with self._lock:
            self.taken += 1
            number = self.taken
        return hashlib.shake_256(self._root + b"\0%d" % number).digest(size)


class Requests:
    """The names of a realm's requests: whose they are, and the how-manieth each is."""

    def __init__(self, seed: str, name: str) -> None:
        self._realm = Chance(seed, f"{name}\0requests")(0, 4).hex()
        self._lock = Lock()
        self.taken = 0

    def __call__(self) -> str:
        with self._lock:
            self.taken += 1
            return f"{self._realm}{self.taken:08x}"
