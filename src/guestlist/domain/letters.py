"""Letters: of what kind, to whom, and the facts they tell. Their words are delivery's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from guestlist.domain.people import JOINERS

Facts: TypeAlias = Mapping[str, str | int | None]

MAX_WORDS = 320
"""Of one fact, but for a link: a name is shorter, and nothing sent by a stranger need be longer."""


class Kind(StrEnum):
    """What a letter is about; the facts that each kind tells, beside `name`, its reader's."""

    INVITATION = "invitation"
    """account, inviter (None: the operator), role, link, expires_at"""
    REMINDER = "reminder"
    """the same"""
    ASKED = "asked"
    """To the inviter, from the invitee: account, email (the invitee's), role"""
    RESET = "reset"
    """link, expires_at"""
    SIGN_IN_NEW = "sign_in_new"
    """at, network, agent"""
    FACTOR_CHANGED = "factor_changed"
    """at, what (of `Factor`)"""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of letter
    """at"""
    ROLE_CHANGED = "role_changed"
    """account, role, before"""
    REMOVED = "removed"
    """account"""
    EMAIL_OLD = "email_old"
    """To the address of now: new_email, link, expires_at"""
    EMAIL_NEW = "email_new"
    """To the address to be: new_email, link, expires_at"""
    EMAIL_CHANGED = "email_changed"
    """To the address that was: new_email, at"""


class Factor(StrEnum):
    """What became of a second factor."""

    AUTHENTICATOR_ADDED = "authenticator_added"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RESET = "reset"
    """By the operator: there is none any more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it leaves, to one address.

    `name` is the same at every attempt, and of ASCII letters, digits, `-` and `_`. `language` is
    None where its reader's is not known. `at` is when it became due (microseconds, UTC). `facts`
    are as their `Kind` says: `link` is a secret, instants are microseconds in UTC.
    """

    name: str
    kind: Kind
    to: str
    language: str | None
    at: int
    facts: Facts = field(repr=False)

    def __post_init__(self) -> None:
        facts = {name: _safe(name, fact) for name, fact in self.facts.items()}
        object.__setattr__(self, "facts", facts)

    @property
    def link(self) -> str:
        """Empty where it brings none."""
        return str(self.facts.get("link") or "")


class Undeliverable(Exception):
    """A letter was refused for good; its words are the other side's."""


class Deferred(Exception):
    """A letter could not leave now; its words say why."""


def one_line(words: str) -> str:
    """No name may begin a line of its own: it could pass for a header or for our words."""
    shown = (c if c.isprintable() or c in JOINERS else " " for c in words)
    return " ".join("".join(shown).split())


def _safe(name: str, fact: str | int | None) -> str | int | None:
    if not isinstance(fact, str):
        return fact
    words = one_line(fact)
    return words if name == "link" or len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"
