"""The outbox: letters that are due, written with the change that made them due."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, null, select, update

from guestlist.store.database import Transaction
from guestlist.store.schema import accounts, invitations, letters, people, proofs, users
from guestlist.store.statements import Row, Statement, among

_COLUMNS = (
    *("kind", "account", "invitation", "nonce", "person", "proof", "email_key", "email", "facts"),
    *("state", "attempts", "due_at", "created_at"),
)
_QUEUE = Statement(insert(letters).values({name: bindparam(name) for name in _COLUMNS}))


def _past(instant: ColumnElement[int]) -> ColumnElement[bool]:
    return (instant <= bindparam("now")) | (instant > bindparam("beyond"))


_DUE = Statement(
    select(letters.c.key)
    .where(
        letters.c.state == "queued",
        _past(letters.c.due_at),
        _past(func.coalesce(letters.c.leased_until, 0)),
    )
    .order_by(letters.c.due_at, letters.c.key)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = Statement(
    update(letters)
    .where(letters.c.key == bindparam("the_key"))
    .values(leased_until=bindparam("until"), attempts=letters.c.attempts + 1)
)
_invitee = people.alias("invitee")
_inviter = people.alias("inviter")
_PARTS: tuple[tuple[ColumnElement[Any], ...], ...] = (
    tuple(
        letters.c[name]
        for name in (
            *("key", "kind", "account", "attempts", "created_at", "nonce"),
            *("email_key", "email", "facts"),
        )
    ),
    (accounts.c.name,),
    (
        *(invitations.c[n] for n in ("id", "state", "nonce", "key_fingerprint", "email", "role")),
        invitations.c.expires_at,
        _invitee.c.language,
    ),
    tuple(_inviter.c[name] for name in ("key", "email", "name", "last_name", "language")),
    tuple(people.c[name] for name in ("key", "email", "name", "last_name", "language")),
    tuple(
        proofs.c[name]
        for name in ("key", "kind", "nonce", "key_fingerprint", "email", "expires_at", "used_at")
    ),
)
_WHOLE = Statement(
    select(*(column for part in _PARTS for column in part))
    .select_from(
        letters.outerjoin(accounts, accounts.c.key == letters.c.account)
        .outerjoin(invitations, invitations.c.key == letters.c.invitation)
        .outerjoin(_invitee, _invitee.c.email_key == invitations.c.email_key)
        .outerjoin(users, users.c.key == invitations.c.invited_by)
        .outerjoin(_inviter, _inviter.c.key == users.c.person)
        .outerjoin(proofs, proofs.c.key == letters.c.proof)
        .outerjoin(people, people.c.key == func.coalesce(letters.c.person, proofs.c.person))
    )
    .where(among(letters.c.key, "keys"))
    .order_by(letters.c.key)
)
_SETTLE = Statement(
    update(letters)
    .where(letters.c.key == bindparam("the_key"), letters.c.state == "queued")
    .values(
        state=bindparam("new_state"),
        sent_at=bindparam("sent"),
        due_at=bindparam("due"),
        trouble=bindparam("new_trouble"),
        leased_until=bindparam("no_lease"),
    )
)
_RELEASE = Statement(
    update(letters)
    .where(letters.c.key == bindparam("the_key"), letters.c.state == "queued")
    .values(leased_until=null(), attempts=letters.c.attempts - 1)
)
_HOLD = Statement(
    select(letters.c.key)
    .where(letters.c.key == bindparam("the_key"), letters.c.proof.is_(None))
    .with_for_update()
)
_BRING = Statement(
    update(letters)
    .where(letters.c.key == bindparam("the_key"))
    .values(proof=bindparam("new_proof"))
)


@dataclass(frozen=True, slots=True)
class Offer:
    """The invitation that a letter is about, as it stands now."""

    id: str
    state: str
    nonce: bytes | None
    key_fingerprint: str | None
    email: str
    role: str
    expires_at: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Addressee:
    key: int
    email: str
    name: str
    last_name: str
    language: str | None

    @property
    def called(self) -> str:
        """By name, else by address."""
        return f"{self.name} {self.last_name}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Proof:
    """The one-time link that a letter brings."""

    key: int
    kind: str
    nonce: bytes
    key_fingerprint: str
    email: str | None
    expires_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """A letter of the outbox with what it has to say, as that stands now.

    `inviter` is None for the operator, and for somebody who is gone.
    """

    key: int
    kind: str
    account: int | None
    attempts: int
    created_at: int
    nonce: bytes | None
    email_key: str | None
    email: str | None
    facts: dict[str, str | int | None]
    account_name: str | None
    invitation: Offer | None
    inviter: Addressee | None
    person: Addressee | None
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter; one that is queued again is tried at `due_at`."""

    key: int
    state: str
    due_at: int
    sent_at: int | None = None
    trouble: str | None = None


def queue(  # noqa: PLR0913 - each kind of letter is about something else
    transaction: Transaction,
    *,
    kind: str,
    now: int,
    account: int | None = None,
    invitation: int | None = None,
    nonce: bytes | None = None,
    person: int | None = None,
    proof: int | None = None,
    email_key: str | None = None,
    email: str | None = None,
    facts: Mapping[str, str | int | None] | None = None,
    due_at: int | None = None,
) -> None:
    """`facts` hold no secret; a letter goes to `email`, else to the person's address of then."""
    transaction.run(
        _QUEUE,
        kind=kind,
        account=account,
        invitation=invitation,
        nonce=nonce,
        person=person,
        proof=proof,
        email_key=email_key,
        email=email,
        facts=None if facts is None else json.dumps(facts),
        state="queued",
        attempts=0,
        due_at=now if due_at is None else due_at,
        created_at=now,
    )


def lease(transaction: Transaction, *, now: int, until: int, beyond: int, most: int) -> list[int]:
    """Takes letters that are due and nobody else is sending.

    Nothing waits longer than until `beyond`: what says so was written by a clock set back since.
    """
    keys = [row[0] for row in transaction.all(_DUE, now=now, beyond=beyond, most=most)]
    if keys:
        transaction.many(_LEASE, [{"the_key": key, "until": until} for key in keys])
    return keys


def get(transaction: Transaction, keys: list[int]) -> list[Due]:
    """Raises nothing where one is gone: it is left out."""
    return [_due(row) for row in transaction.all(_WHOLE, keys=keys)]


def _due(row: Row) -> Due:
    parts, start = [], 0
    for columns in _PARTS:
        parts.append(tuple(row[start : start + len(columns)]))
        start += len(columns)
    letter, (account_name,), offer, inviter, person, proof = parts
    key, kind, account, attempts, created_at, nonce, email_key, email, facts = letter
    return Due(
        key,
        kind,
        account,
        attempts,
        created_at,
        nonce,
        email_key,
        email,
        facts=json.loads(facts) if facts else {},
        account_name=account_name,
        invitation=None if offer[0] is None else Offer(*offer),
        inviter=None if inviter[0] is None else Addressee(*inviter),
        person=None if person[0] is None else Addressee(*person),
        proof=None if proof[0] is None else Proof(*proof),
    )


def settle(transaction: Transaction, outcome: Outcome) -> None:
    """What became of a leased letter; one that somebody settled before stays so."""
    transaction.run(
        _SETTLE,
        the_key=outcome.key,
        new_state=outcome.state,
        sent=outcome.sent_at,
        due=outcome.due_at,
        new_trouble=outcome.trouble,
        no_lease=None,
    )


def release(transaction: Transaction, key: int) -> None:
    """Gives a leased letter back that was not tried: it is as it was before."""
    transaction.run(_RELEASE, the_key=key)


def hold(transaction: Transaction, key: int) -> bool:
    """Takes a letter that brings no link yet; False where it is gone, or brings one.

    Before its person is touched: whoever erases one takes their letters first, too.
    """
    return transaction.one(_HOLD, the_key=key) is not None


def bring(transaction: Transaction, key: int, *, proof: int) -> None:
    """From now on the letter, held, brings this link at every attempt."""
    transaction.run(_BRING, the_key=key, new_proof=proof)
