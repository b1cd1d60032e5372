"""A person: who signs in, in whatever accounts they have places."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from guestlist.domain.invitations import DAY
from guestlist.domain.refusals import FactorRequired, Fault, LastSignIn, Rule

MAX_NAME = 255
# In place of when a password was changed: whoever has it must choose another one.
MUST_CHANGE = 0
# Names in Persian, Hindi and other scripts have them; alone they show nothing.
JOINERS = "\u200c\u200d"
_ALLOWED = str.maketrans("", "", f"{JOINERS}\N{NO-BREAK SPACE}")


@dataclass(frozen=True, slots=True)
class Person:
    """`password` is its Argon2id hash. Instants are microseconds since 1970, UTC; None is never.

    `proven_at` is when they first showed to read mail at their address.
    """

    key: int
    email: str
    email_key: str
    name: str
    last_name: str
    avatar: str | None
    two_factor: bool
    password: str | None = field(repr=False)
    password_changed_at: int | None
    proven_at: int | None
    has_totp: bool
    passkeys: int
    must_set_factor: bool
    language: str | None
    signed_in_at: int | None

    @property
    def has_sign_in(self) -> bool:
        return self.password is not None or self.passkeys > 0

    @property
    def has_factor(self) -> bool:
        """Something beside the password; a passkey is both factors at once."""
        return self.has_totp or self.passkeys > 0

    @property
    def must_change_password(self) -> bool:
        return self.password is not None and self.password_changed_at == MUST_CHANGE

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None

    @property
    def called(self) -> str:
        """By name, else by address."""
        return f"{self.name} {self.last_name}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in one account, as far as signing in goes."""

    account: int
    account_id: str
    account_name: str
    url: str | None
    user: int
    user_id: str
    role: str
    requires_periodic_password_change: bool
    password_days: int
    requires_second_factor: bool
    is_suspended: bool


def active(places: Sequence[Place]) -> list[Place]:
    """Those that open something: where one is suspended, nothing is owed either."""
    return [place for place in places if not place.is_suspended]


class Duty(StrEnum):
    """What must be done before anything else, in this order."""

    PASSWORD = "password"  # noqa: S105 - a duty's name
    FACTOR = "factor"


def duty(person: Person, places: Sequence[Place], *, now: int) -> Duty | None:
    """What a signed-in person owes their accounts; None where they may go on."""
    if person.must_change_password or _is_old(person, places, now):
        return Duty.PASSWORD
    return Duty.FACTOR if owes_factor(person, places) and not person.has_factor else None


def _is_old(person: Person, places: Sequence[Place], now: int) -> bool:
    """Whether the password is older than one of the accounts lets it grow."""
    changed_at = person.password_changed_at
    return changed_at is not None and any(
        place.requires_periodic_password_change and now - changed_at >= place.password_days * DAY
        for place in active(places)
    )


def owes_factor(person: Person, places: Sequence[Place]) -> bool:
    return person.must_set_factor or any(p.requires_second_factor for p in active(places))


def check_totp_goes(person: Person, places: Sequence[Place]) -> None:
    """Raises FactorRequired."""
    if not person.passkeys and owes_factor(person, places):
        raise FactorRequired


def check_passkey_goes(person: Person, places: Sequence[Place]) -> None:
    """Raises LastSignIn, FactorRequired."""
    if person.passkeys > 1:
        return
    if person.password is None:
        raise LastSignIn
    if not person.has_totp and owes_factor(person, places):
        raise FactorRequired


def name_faults(name: str, last_name: str) -> list[Fault]:
    """The given name is required, the last name is not: not everybody has one."""
    faults = [] if name.translate(_ALLOWED).strip() else [Fault("name", Rule.REQUIRED)]
    for part, value in (("name", name), ("last_name", last_name)):
        if len(value) > MAX_NAME:
            faults.append(Fault(part, Rule.MAX_CHARACTERS, MAX_NAME))
        elif not value.translate(_ALLOWED).isprintable():
            faults.append(Fault(part, Rule.STRING))
    return faults
