"""The audit: who changed what, from where, and how nobody changes what was written of it.

Each account's entries are a chain: the content of an entry and the hash of the one before it make
its own hash. What says who somebody is stands beside the chain, which holds only its keyed digest:
it can be erased and the chain stays whole. Decided in docs/decisions/audit.md.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any

SALT_BYTES = 16
# Of each entry: one for what says who somebody is, one for where it came from.
RANDOM_BYTES = 2 * SALT_BYTES
# What stands in an entry for what is kept beside it, and all that is left when that is erased.
ERASED = "erased"
_PERSONAL = frozenset(("email", "name", "last_name", "avatar"))
_OF_PEOPLE = ("user:", "invitation:", "person:")
_VERSION = b"guestlist audit 1"
_NOTHING = bytes(32)
_HASHED = attrgetter(
    *("sequence", "at", "request", "actor", "action", "subject", "before", "after"),
    *("personal_digest", "origin_digest"),
)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Cause:
    """What a change comes of: the request's id, and the network address it was sent from.

    `origin` is None where nothing came over a network: at a terminal, out of the outbox.
    """

    request: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one thing changed: `before` and `after` hold no secret."""

    at: int
    cause: Cause
    actor: str
    action: str
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """As it is kept: `before`, `after`, `personal` and `origin` are JSON.

    `hash` is None before the chain, `sequence` too where the entry is of no account.
    """

    sequence: int | None
    at: int
    request: str
    actor: str
    action: str
    subject: str
    before: str | None
    after: str | None
    personal: str | None
    personal_digest: bytes | None
    origin: str | None
    origin_digest: bytes | None
    hash: bytes | None


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain goes on: the newest entry's sequence and hash; 0 and None at its start."""

    sequence: int = 0
    hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """From where a chain goes on after older entries were deleted.

    `kept_digest` is of those that were left, `at` when the newest of the deleted was written;
    `hash` is empty where the chain begins behind it only.
    """

    sequence: int
    hash: bytes
    kept_digest: bytes
    at: int

    @property
    def link(self) -> Link:
        return Link(self.sequence, self.hash or None)


@dataclass(frozen=True, slots=True)
class Search:
    """What an entry must be; None for whatever it is. `actor` means what they do by tokens too.

    From `since` on, and before `until`; microseconds.
    """

    actor: str | None = None
    subject: str | None = None
    action: str | None = None
    request: str | None = None
    since: int | None = None
    until: int | None = None


class Flaw(StrEnum):
    """What is wrong with an entry of a chain."""

    MISSING = "missing"
    CHANGED = "changed"
    PERSONAL = "personal"
    SURPLUS = "surplus"
    # What was kept of deleted entries, or from where the chain goes on after them.
    CHECKPOINT = "checkpoint"
    # The chain ends elsewhere than the account, or than somebody noted, says.
    HEAD = "head"


class Broken(Exception):
    """An entry is not what was written; nothing behind it can be trusted."""

    def __init__(self, sequence: int, flaw: Flaw) -> None:
        super().__init__(sequence, flaw)
        self.sequence = sequence
        self.flaw = flaw


def written(told: Told, chance: bytes, sequence: int | None = None) -> Entry:
    """The entry of what is told, not yet chained; `chance` is `RANDOM_BYTES` of it."""
    before, after, personal = told.before, told.after, {}
    if told.subject.startswith(_OF_PEOPLE):
        before, of_before = _apart(before)
        after, of_after = _apart(after)
        sides = (("before", of_before), ("after", of_after))
        personal = {name: known for name, known in sides if known}
    origin = {} if told.cause.origin is None else {"network": told.cause.origin}
    return Entry(
        sequence,
        told.at,
        told.cause.request,
        told.actor,
        told.action,
        told.subject,
        None if before is None else json.dumps(before),
        None if after is None else json.dumps(after),
        *_sealed(personal, chance[:SALT_BYTES]),
        *_sealed(origin, chance[SALT_BYTES:]),
        None,
    )


def chained(
    told: Iterable[Told], account: str, after: Link, chance: bytes
) -> tuple[list[Entry], Link]:
    """The entries that go on behind a link, and where the next goes on.

    `account` is its wire id, `chance` `RANDOM_BYTES` for each.
    """
    entries = []
    for number, one in enumerate(told):
        own = chance[number * RANDOM_BYTES : (number + 1) * RANDOM_BYTES]
        entry = written(one, own, after.sequence + 1)
        after = Link(after.sequence + 1, _hash(after, content(entry, account)))
        entries.append(replace(entry, hash=after.hash))
    return entries, after


def content(entry: Entry, account: str) -> bytes:
    """SHA-256 of what nobody may change; each part says its kind and length, so none runs on."""
    return hashlib.sha256(_VERSION + b"".join(map(_encoded, (account, *_HASHED(entry))))).digest()


def follow(link: Link, entry: Entry, account: str) -> Link:
    """The link behind the next entry of a chain. Raises Broken."""
    wanted = link.sequence + 1
    if entry.sequence is None or entry.sequence < wanted:
        raise Broken(entry.sequence or 0, Flaw.SURPLUS)
    if entry.sequence > wanted:
        raise Broken(wanted, Flaw.MISSING)
    if entry.hash is None and link.hash is None:
        return Link(wanted)  # of before the chain
    found = _hash(link, content(entry, account))
    if entry.hash != found:
        raise Broken(wanted, Flaw.CHANGED)
    check_personal(entry)
    return Link(wanted, found)


def check_personal(entry: Entry) -> None:
    """What stands beside the chain is what was written, or erased. Raises Broken."""
    pairs = ((entry.personal, entry.personal_digest), (entry.origin, entry.origin_digest))
    for text, digest in pairs:
        if text is not None and (digest is None or _digest(text) != digest):
            raise Broken(entry.sequence or 0, Flaw.PERSONAL)


def kept_digest(kept: Iterable[tuple[int, bytes]]) -> bytes:
    """Of entries that outlive the chain they stood in: their sequences and contents, in order."""
    found = hashlib.sha256(_VERSION)
    for sequence, told in kept:
        found.update(_encoded(sequence) + _encoded(told))
    return found.digest()


def sides(entry: Entry) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """`before` and `after`, with what says who somebody is unless that was erased."""
    beside = _beside(entry.personal)
    before, after = (
        None if text is None else json.loads(text) | beside.get(name, {})
        for name, text in (("before", entry.before), ("after", entry.after))
    )
    return before, after


def network(entry: Entry) -> str | None:
    """From where it was asked; None for nowhere, and `ERASED`."""
    if entry.origin is None:
        return None if entry.origin_digest is None else ERASED
    return str(_beside(entry.origin).get("network", ERASED))


def _beside(text: str | None) -> dict[str, Any]:
    """What was spoiled counts as erased: that it was, verifying finds."""
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _encoded(part: str | int | bytes | None) -> bytes:
    match part:
        case None:
            return b"\n-"
        case bytes():
            return b"\nbytes %d\n%b" % (len(part), part)
        case int():
            return b"\nnumber %d" % part
    told = part.encode()
    return b"\ntext %d\n%b" % (len(told), told)


def _hash(link: Link, content: bytes) -> bytes:
    return hashlib.sha256((link.hash or _NOTHING) + content).digest()


def _apart(
    side: Mapping[str, Any] | None,
) -> tuple[Mapping[str, Any] | None, dict[str, Any] | None]:
    """A side of an entry without what says who somebody is, and that."""
    if side is None or _PERSONAL.isdisjoint(side):
        return side, None
    known = {name: side[name] for name in _PERSONAL if side.get(name)}
    return {**side, **dict.fromkeys(known, ERASED)}, known


def _sealed(values: Mapping[str, Any], salt: bytes) -> tuple[str | None, bytes | None]:
    if not values:
        return None, None
    told = _canonical(values)
    # The salt's name comes after all of theirs.
    return f'{told[:-1]},"salt":"{salt.hex()}"}}', _keyed(salt, told)


def _digest(text: str) -> bytes | None:
    """None where the text is none that was written here."""
    try:
        values = json.loads(text)
        salt = bytes.fromhex(values.pop("salt"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    sealed, digest = _sealed(values, salt)
    return digest if sealed == text else None


def _canonical(values: Mapping[str, Any]) -> str:
    return _CANONICAL.encode(values)


def _keyed(salt: bytes, told: str) -> bytes:
    return hmac.digest(salt, told.encode(), "sha256")
