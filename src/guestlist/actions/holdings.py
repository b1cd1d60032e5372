"""What users hold, remembered for as long as their account's revision holds; within so many bytes.

A user read anew for each question costs three times the question.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from guestlist.domain.decisions import Holder, Places

MOST_BYTES = 32 * 1024 * 1024
MOST_ACCOUNTS = 256
# About, of a user and of each of the names and keys that a grant lists.
_USER, _LISTED = 600, 64


@dataclass(slots=True)
class Holding:
    """Of one account at one revision: its places, and by what they are called, its users.

    None is nobody. Threads read it while others add to it; nothing is taken out of it.
    """

    revision: int
    places: Places
    holders: dict[str, Holder | None] = field(default_factory=dict)
    bytes: int = 0


class Holdings:
    """Whoever reads must have read the revision in the same request."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._accounts: OrderedDict[int, Holding] = OrderedDict()
        self._lock = Lock()

    def at(self, account: int, revision: int) -> Holding | None:
        found = self._accounts.get(account)
        return found if found is not None and found.revision == revision else None

    def keep(
        self, account: int, revision: int, places: Places, found: Mapping[str, Holder | None]
    ) -> None:
        """What an account is at another revision than before takes the place of all there was."""
        with self._lock:
            holding = self.at(account, revision)
            if holding is None:
                self._forget(account)
                holding = self._accounts[account] = Holding(revision, places)
            self._accounts.move_to_end(account)
            self._add(holding, found)
            while len(self._accounts) > 1 and self._is_full():
                self._forget(next(iter(self._accounts)))
            if self._is_full():
                self._forget(account)

    def _add(self, holding: Holding, found: Mapping[str, Holder | None]) -> None:
        for name, holder in found.items():
            if name not in holding.holders:
                size = _size(name, holder)
                holding.bytes += size
                self._held += size
                holding.holders[name] = holder

    def _is_full(self) -> bool:
        return self._held > self._most or len(self._accounts) > MOST_ACCOUNTS

    def _forget(self, account: int) -> None:
        gone = self._accounts.pop(account, None)
        self._held -= 0 if gone is None else gone.bytes


def _size(name: str, holder: Holder | None) -> int:
    if holder is None:
        return _USER + len(name)
    listed = sum(map(len, holder.listed.values())) + (len(holder.held) if holder.is_listed else 0)
    return _USER + len(name) + _LISTED * listed
