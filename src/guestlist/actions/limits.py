"""How often who may try: against guessing, and against letters nobody wants."""

import hashlib
import ipaddress
import time
from dataclasses import dataclass, field
from typing import cast

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from guestlist.domain.refusals import Misconfigured, TooOften

IN_MEMORY = "memory://"

# By kind of attempt and subject. What one subject stops is not counted for those behind it: so one
# network cannot use up what others have for an address and lock its owner out. NIST
# SP 800-63B-4 allows 100 failures. A network may be a whole office.
RULES: dict[str, dict[str, str]] = {
    "sign_in": {
        "network": "1000/hour",
        "address and network": "10/15 minutes",
        "address": "100/hour",
    },
    "passkey": {"network": "1000/hour"},
    "passkey_options": {"network": "1000/hour"},
    # Six digits are guessed in a year at ten in a quarter of an hour.
    "code": {"network": "1000/hour", "person": "10/15 minutes", "person by day": "50/day"},
    "password": {"network": "1000/hour", "person": "10/15 minutes"},
    "reset": {"network": "100/hour", "address and network": "3/hour", "address": "20/hour"},
    "accept": {"network": "1000/hour", "invitation": "30/hour"},
    "ask_again": {"network": "100/hour", "invitation": "3/day", "account": "100/day"},
    "upload": {"person": "30/hour"},
    "email": {"network": "100/hour", "person": "5/hour"},
}
_IPV6_NETWORK = 64

_log = structlog.get_logger("guestlist.limits")


@dataclass(slots=True)
class Limits:
    """Counts attempts in memory, or in a Redis that all processes share.

    Raises Misconfigured for an address that names no such storage. `scale` multiplies every limit.
    """

    address: str = IN_MEMORY
    scale: int = 1
    steps: int = 0
    _shared: FixedWindowRateLimiter = field(init=False)
    _own: FixedWindowRateLimiter = field(init=False)
    _rules: dict[str, dict[str, RateLimitItem]] = field(init=False)

    def __post_init__(self) -> None:
        own = MemoryStorage()
        self._own = FixedWindowRateLimiter(own)
        self._shared = FixedWindowRateLimiter(_storage(self.address) or own)
        self._rules = {
            kind: {subject: _scaled(rule, self.scale) for subject, rule in rules.items()}
            for kind, rules in RULES.items()
        }

    def hit(self, kind: str, **subjects: str) -> None:
        """Counts one attempt for each subject, up to the first that had too many. Raises TooOften.

        With `address` and `network` both are counted together as well.
        """
        self.steps += 1
        if "network" in subjects:
            subjects["network"] = network(subjects["network"])
        both = f"{subjects.get('address', '')} {subjects.get('network', '')}"
        told = subjects | {
            "address and network": both,
            "person by day": subjects.get("person", ""),
        }
        for subject, rule in self._rules[kind].items():
            wait = self._wait(rule, kind, subject, _hidden(told[subject]))
            if wait:
                raise TooOften(wait)

    def _wait(self, rule: RateLimitItem, *about: str) -> int:
        """Seconds until the next attempt, 0 if this one is let through."""
        for counter in (self._shared, self._own):
            try:
                if counter.hit(rule, *about):
                    return 0
                ends = counter.get_window_stats(rule, *about).reset_time
                return max(1, int(ends - time.time()) + 1)
            except StorageError:
                _log.warning("limits are counted by this process alone: their storage is away")
        return 0


def _storage(address: str) -> Storage | None:
    if address == IN_MEMORY:
        return None
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


def network(address: str) -> str:
    """One IPv4 address, or the network an IPv6 customer gets: they can change the rest at will."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - the version's name is a number
        return address
    mapped = found.ipv4_mapped
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False))


def _hidden(subject: str) -> str:
    """A storage that others can read learns no address."""
    return hashlib.sha256(subject.encode()).hexdigest()[:32]
