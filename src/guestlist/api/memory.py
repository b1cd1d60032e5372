"""Answers worth keeping for as long as their account's revision holds, within so many bytes."""

from collections import OrderedDict
from threading import Lock
from typing import TypeAlias

Key: TypeAlias = tuple[int, int, str, str, int, int]
_OVERHEAD = 512


class Memory:
    """Least recently used goes first. Whoever reads must have read the revision just before."""

    def __init__(self, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._held = 0
        self._answers: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> bytes | None:
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: Key, body: bytes) -> None:
        with self._lock:
            if key in self._answers:
                return
            self._answers[key] = body
            self._held += len(body) + _OVERHEAD
            while self._held > self._most:
                _, gone = self._answers.popitem(last=False)
                self._held -= len(gone) + _OVERHEAD
