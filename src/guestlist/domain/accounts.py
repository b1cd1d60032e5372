"""An account: the tenant, and what is kept with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guestlist.domain import emails
from guestlist.domain.audit import Link
from guestlist.domain.hosts import is_loopback
from guestlist.domain.refusals import Fault, Invalid, Rule

MAX_NAME = 255
MAX_SEATS = 10**9
MAX_URL = 2_000
MAX_PASSWORD_DAYS = 3_650
DEFAULT_PASSWORD_DAYS = 90

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?#@:\[\]]+|\[::1\])(:[0-9]{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Account:
    """`users` to `invitations` are kept totals (`invitations`: the pending ones, expired or not).

    `next_user` and `next_invitation` are the next places in the account's lists. `invited` is how
    many invitations were made on the day `invited_on`, counted since 1970. `entries` and `head` are
    the sequence and hash of the audit's newest entry, `events` the sequence of the newest event.
    `password_days` is how old a password may grow where a user must change it from time to time.
    """

    key: int
    id: str
    name: str
    seats: int | None
    revision: int
    users: int
    admins: int
    invitations: int
    next_user: int
    next_invitation: int
    invited_on: int
    invited: int
    entries: int
    head: bytes | None
    webhooks: int
    events: int
    created_at: int
    url: str | None
    requires_second_factor: bool
    password_days: int

    @property
    def link(self) -> Link:
        """Where the audit's chain goes on."""
        return Link(self.entries, self.head)

    def invited_today(self, day: int) -> int:
        return self.invited if self.invited_on == day else 0


def examine(changes: Mapping[str, Any]) -> None:
    """Whether an account's facts may become these. Raises Invalid."""
    faults = [*_name_faults(changes), *_number_faults(changes)]
    url = changes.get("url")
    if url is not None and not is_url(url):
        faults.append(Fault("url", Rule.URL))
    if faults:
        raise Invalid(faults)


def is_url(value: object) -> bool:
    """An absolute https address, or an http one on this machine; nobody's password is in it."""
    if not isinstance(value, str) or len(value) > MAX_URL or not value.isprintable():
        return False
    parts = _URL.fullmatch(value)
    if parts is None:
        return False
    host = parts["host"].lower()
    if is_loopback(host.strip("[]")):
        return True
    return parts["scheme"].lower() == "https" and emails.host(host) is not None


def is_within(value: object, most: int) -> bool:
    """A whole number from 1."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _name_faults(changes: Mapping[str, Any]) -> list[Fault]:
    name = changes.get("name", "unchanged")
    if not isinstance(name, str) or not name.strip():
        return [Fault("name", Rule.REQUIRED)]
    if "\0" in name:
        return [Fault("name", Rule.STRING)]
    return [Fault("name", Rule.MAX_CHARACTERS, MAX_NAME)] if len(name) > MAX_NAME else []


def _number_faults(changes: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for field, most in (("seats", MAX_SEATS), ("password_days", MAX_PASSWORD_DAYS)):
        number = changes.get(field)
        if number is None or is_within(number, most):
            continue
        low = isinstance(number, int) and number < 1
        faults.append(Fault(field, Rule.AT_LEAST, 1) if low else Fault(field, Rule.AT_MOST, most))
    return faults
