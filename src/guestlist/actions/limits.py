"""How often who may try: against guessing, and against letters nobody wants."""

import hashlib
import ipaddress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from guestlist.domain.refusals import TooOften

if TYPE_CHECKING:
    from guestlist.actions.counting import Counters

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

_OPENING = Lock()


@dataclass(slots=True)
class Limits:
    """Counts attempts in memory, or in a Redis that all processes share.

    Raises Misconfigured for an address that names no such storage. `scale` multiplies every limit.
    """

    address: str = IN_MEMORY
    scale: int = 1
    steps: int = 0
    _opened: "Counters | None" = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.address != IN_MEMORY:
            self._counters()

    def _counters(self) -> "Counters":
        # Most starts count nothing, and what counts takes a while to load.
        from guestlist.actions.counting import Counters  # noqa: PLC0415

        with _OPENING:
            if self._opened is None:
                address = None if self.address == IN_MEMORY else self.address
                self._opened = Counters(address, RULES, self.scale)
            return self._opened

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
        counters = self._counters()
        for subject in RULES[kind]:
            wait = counters.wait(kind, subject, _hidden(told[subject]))
            if wait:
                raise TooOften(wait)


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
