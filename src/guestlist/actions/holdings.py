"""What users hold, remembered for as long as their account's revision holds; within so many."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from guestlist.domain.decisions import Holder, Places

MOST_HOLDERS = 65_536
MOST_ACCOUNTS = 256


@dataclass(slots=True)
class Holding:
    """Of one account at one revision: its places, and by what they are called, its users.

    None is nobody. Threads read it while others add to it or empty it.
    """

    revision: int
    places: Places
    holders: dict[str, Holder | None] = field(default_factory=dict)


class Holdings:
    """Whoever reads must have read the revision in the same request."""

    def __init__(self, most: int = MOST_HOLDERS) -> None:
        self._most = most
        self._held = 0
        self._accounts: OrderedDict[int, Holding] = OrderedDict()
        self._lock = Lock()

    def at(self, account: int, revision: int) -> Holding | None:
        found = self._accounts.get(account)
        return found if found is not None and found.revision == revision else None

    def keep(
        self, account: int, revision: int, places: Places, found: Mapping[str, Holder | None]
    ) -> None:
        """What an account is at a revision other than before takes the place of all there was."""
        with self._lock:
            holding = self.at(account, revision)
            if holding is None:
                self._forget(self._accounts.pop(account, None))
                holding = self._accounts[account] = Holding(revision, places)
            self._accounts.move_to_end(account)
            before = len(holding.holders)
            holding.holders.update(found)
            self._held += len(holding.holders) - before
            while len(self._accounts) > 1 and self._is_full():
                self._forget(self._accounts.popitem(last=False)[1])
            if self._held > self._most:
                self._forget(holding)
                holding.holders.clear()

    def _is_full(self) -> bool:
        return self._held > self._most or len(self._accounts) > MOST_ACCOUNTS

    def _forget(self, holding: Holding | None) -> None:
        self._held -= 0 if holding is None else len(holding.holders)
