"""An invitation: the offer of a user's place to whoever reads mail at an address."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from guestlist.domain import emails, grants
from guestlist.domain.access import Actor, Catalog, Grant
from guestlist.domain.emails import Email
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import (
    BrokenKey,
    Ended,
    Fault,
    Invalid,
    NoFreeSeat,
    Rule,
    TooManyInvitations,
    TooManyLetters,
)
from guestlist.domain.users import check_reach

DAY = 86_400_000_000
DEFAULT_LIFE_DAYS = 7
MIN_LIFE_DAYS = 1
MAX_LIFE_DAYS = 30
INVITATIONS_PER_DAY = 500
LETTERS_PER_DAY = 3
MAX_KEY = 255
# How long the same key and body are answered with the same invitation.
KEY_LIFE = DAY

_KEY = re.compile(rf"[ -~]{{1,{MAX_KEY}}}")


@dataclass(frozen=True, slots=True)
class Caps:
    """Against abuse: bounds for each account, and for each address over all accounts."""

    invitations_per_day: int = INVITATIONS_PER_DAY
    letters_per_day: int = LETTERS_PER_DAY


class State(StrEnum):
    """`expired` is no state: it is `pending` with the clock past `expires_at`."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Instants are microseconds, UTC. `invited_by` is a user's key, None the operator."""

    key: int
    id: str
    email: str
    grant: Grant
    expires_at: int
    invited_by: int | None
    created_at: int
    updated_at: int

    def is_expired(self, now: int) -> bool:
        return now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Delivery:
    """Of the letter with an invitation's link of now; `trouble` is in the mail server's words."""

    state: str
    sent_at: int | None
    trouble: str | None


def examine(
    email: Any,
    draft: Draft,
    *,
    catalog: Catalog,
    taken: bool,
    domains: Mapping[str, int],
    templates: Mapping[str, int],
) -> tuple[Email, Grant]:
    """The address and grant of an invite's body; `taken` says whether its address is in use.

    Raises Invalid with every fault, in the wire's order (contract section 3).
    """
    fields, entries = grants.examine(draft, catalog=catalog, domains=domains, templates=templates)
    faults = [*email_faults(email, taken=taken), *fields, *entries]
    if faults:
        raise Invalid(faults)
    grant = grants.grant_from(draft, catalog=catalog, domains=domains, templates=templates)
    return emails.parse(email), grant


def email_faults(email: object, *, taken: bool) -> list[Fault]:
    if email in (None, [], {}):
        return [Fault("email", Rule.REQUIRED)]
    is_string = isinstance(email, str)
    checks = (
        (Rule.STRING, is_string, 0),
        (Rule.EMAIL, isinstance(email, str) and emails.key(email) is not None, 0),
        (
            Rule.MAX_CHARACTERS,
            not isinstance(email, str) or len(email) <= emails.MAX_CHARACTERS,
            emails.MAX_CHARACTERS,
        ),
        (Rule.TAKEN, not taken, 0),
    )
    return [Fault("email", rule, limit) for rule, holds, limit in checks if not holds]


def check_invite(
    catalog: Catalog, *, by: Actor, grant: Grant, seats: int | None, seats_taken: int
) -> None:
    """May `by` offer `grant`, and is there a seat for it? Raises OutOfReach, NoFreeSeat."""
    check_reach(catalog, by=by, target=grant)
    check_seat(seats=seats, seats_taken=seats_taken)


def check_seat(*, seats: int | None, seats_taken: int) -> None:
    """Seats are taken by users and unexpired invitations; None is without bound."""
    if seats is not None and seats_taken >= seats:
        raise NoFreeSeat


def check_day(*, invited: int, caps: Caps) -> None:
    """May the account, having made so many today, make another? Raises TooManyInvitations."""
    if invited >= caps.invitations_per_day:
        raise TooManyInvitations(caps.invitations_per_day)


def check_letters(*, sent: int, caps: Caps) -> None:
    """May an address that got so many today get another? Raises TooManyLetters."""
    if sent >= caps.letters_per_day:
        raise TooManyLetters(caps.letters_per_day)


def check_copy(catalog: Catalog, *, by: Actor, invitation: Invitation, now: int) -> None:
    """A link is for who could give that very grant now. Raises OutOfReach, Ended."""
    check_reach(catalog, by=by, target=invitation.grant)
    if invitation.is_expired(now):
        raise Ended(EXPIRED)


def check_key(key: str) -> str:
    """The key by which a request is known when it comes again. Raises BrokenKey."""
    if not _KEY.fullmatch(key) or not key.strip():
        raise BrokenKey
    return key


def digest(email: Any, draft: Draft) -> bytes:
    """What tells an invite's body from another; keys that are not looked at do not count."""
    try:
        sent = [email, *(getattr(draft, field.name) for field in fields(draft))]
        text = json.dumps(sent, sort_keys=True)
    except RecursionError:  # no field that is right goes so deep
        text = ""
    return hashlib.sha256(text.encode()).digest()
