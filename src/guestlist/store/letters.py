"""The outbox: letters that are due, written with the change that made them due."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update

from guestlist.store.database import Transaction
from guestlist.store.schema import accounts, invitations, letters, people, users
from guestlist.store.statements import Statement, among

_COLUMNS = ("account", "kind", "invitation", "nonce", "state", "attempts", "due_at", "created_at")
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
_WHOLE = Statement(
    select(
        letters.c.key,
        letters.c.account,
        letters.c.attempts,
        letters.c.nonce,
        invitations.c.nonce,
        invitations.c.state,
        invitations.c.key_fingerprint,
        invitations.c.id,
        invitations.c.email,
        invitations.c.role,
        invitations.c.expires_at,
        accounts.c.name,
        people.c.name,
        people.c.last_name,
        people.c.email,
    )
    .select_from(
        letters.join(invitations, invitations.c.key == letters.c.invitation)
        .join(accounts, accounts.c.key == letters.c.account)
        .outerjoin(users, users.c.key == invitations.c.invited_by)
        .outerjoin(people, people.c.key == users.c.person)
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


@dataclass(frozen=True, slots=True)
class Due:
    """A letter of the outbox with what it has to say, as its invitation stands now."""

    key: int
    account: int
    attempts: int
    nonce: bytes
    current_nonce: bytes | None
    invitation_state: str
    key_fingerprint: str | None
    invitation_id: str
    email: str
    role: str
    expires_at: int
    account_name: str
    inviter_name: str | None
    inviter_last_name: str | None
    inviter_email: str | None

    @property
    def inviter(self) -> str | None:
        """By name, else by address; None is the operator, or somebody who is gone."""
        return f"{self.inviter_name or ''} {self.inviter_last_name or ''}".strip() or (
            self.inviter_email
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter; one that is queued again is tried at `due_at`."""

    key: int
    state: str
    due_at: int
    sent_at: int | None = None
    trouble: str | None = None


def queue(
    transaction: Transaction, *, account: int, invitation: int, nonce: bytes, now: int
) -> None:
    transaction.run(
        _QUEUE,
        account=account,
        kind="invitation",
        invitation=invitation,
        nonce=nonce,
        state="queued",
        attempts=0,
        due_at=now,
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
    return [Due(*row) for row in transaction.all(_WHOLE, keys=keys)]


def settle(transaction: Transaction, outcomes: list[Outcome]) -> None:
    """What became of leased letters; one that somebody settled before stays so."""
    transaction.many(
        _SETTLE,
        [
            {
                "the_key": outcome.key,
                "new_state": outcome.state,
                "sent": outcome.sent_at,
                "due": outcome.due_at,
                "new_trouble": outcome.trouble,
                "no_lease": None,
            }
            for outcome in outcomes
        ],
    )
