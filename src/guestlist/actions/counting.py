"""Counting attempts, in memory or in a Redis that all processes share."""

import time
from typing import cast

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from guestlist.actions.logs import Logger
from guestlist.domain.refusals import Misconfigured

_log = Logger("guestlist.limits")


class Counters:
    """`rules` say by kind and subject how many in which time; each is multiplied by `scale`.

    `address` None is this process's memory. Raises Misconfigured where it names no storage.
    """

    def __init__(self, address: str | None, rules: dict[str, dict[str, str]], scale: int) -> None:
        own = MemoryStorage()
        self._own = FixedWindowRateLimiter(own)
        self._shared = FixedWindowRateLimiter(own if address is None else _storage(address))
        self._rules = {
            kind: {subject: _scaled(rule, scale) for subject, rule in of_kind.items()}
            for kind, of_kind in rules.items()
        }

    def wait(self, kind: str, subject: str, who: str) -> int:
        """Counts an attempt: seconds until the next one, 0 if this one is let through."""
        rule = self._rules[kind][subject]
        for counter in (self._shared, self._own):
            try:
                if counter.hit(rule, kind, subject, who):
                    return 0
                ends = counter.get_window_stats(rule, kind, subject, who).reset_time
                return max(1, int(ends - time.time()) + 1)
            except StorageError:
                _log.warning("limits are counted by this process alone: their storage is away")
        return 0


def _storage(address: str) -> Storage:
    try:
        made = storage_from_string(address, wrap_exceptions=True, socket_timeout=1)
    except Exception as error:  # its kinds are not promised
        raise Misconfigured(
            "Limits are counted in memory:// or redis://host:6379 (that needs the package redis:"
            f" pip install guestlist[redis]); set --limits. {type(error).__name__}."
        ) from error
    return cast("Storage", made)


def _scaled(rule: str, scale: int) -> RateLimitItem:
    amount, _, window = rule.partition("/")
    return parse(f"{int(amount) * scale}/{window}")
