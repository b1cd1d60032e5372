"""Chance that comes out the same every time."""

import hashlib


class Chance:
    """Bytes that follow from a seed and a name alone, in their order.

    Two realms have two names: what happens in one changes nothing in the other.
    """

    def __init__(self, seed: str, name: str) -> None:
        self._root = f"{seed}\0{name}".encode()
        self.taken = 0

    def __call__(self, _account: int, size: int) -> bytes:
        self.taken += 1
        return hashlib.shake_256(self._root + b"\0%d" % self.taken).digest(size)
