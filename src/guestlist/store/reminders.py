"""Invitations whose end is near and of which nobody was reminded yet."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, exists, select, update

from guestlist.store.database import Transaction
from guestlist.store.schema import invitations, users
from guestlist.store.statements import Statement

# What they gave cannot be accepted until they return.
_BY_SUSPENDED = exists().where(
    users.c.key == invitations.c.invited_by, users.c.suspended_at.is_not(None)
)
# That can be accepted still, and nobody was reminded of.
IS_UNREMINDED = and_(
    invitations.c.state == "pending",
    invitations.c.reminded_at.is_(None),
    invitations.c.nonce.is_not(None),
    invitations.c.expires_at > bindparam("now"),
    ~_BY_SUSPENDED,
)
# `reminded_at` is read by no rule, so no account is locked for it: one row after another.
_NEAR = (
    select(invitations.c.key)
    .where(IS_UNREMINDED, invitations.c.expires_at <= bindparam("soon"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MARK = Statement(
    update(invitations)
    .where(invitations.c.key.in_(_NEAR.scalar_subquery()), invitations.c.reminded_at.is_(None))
    .values(reminded_at=bindparam("marked"))
    .returning(invitations.c.key, invitations.c.account, invitations.c.nonce)
)


@dataclass(frozen=True, slots=True)
class Near:
    invitation: int
    account: int
    nonce: bytes


def mark(transaction: Transaction, *, now: int, soon: int, most: int) -> list[Near]:
    """Those that end after now and until `soon` and can be accepted, each once."""
    rows = transaction.all(_MARK, now=now, soon=soon, most=most, marked=now)
    return [Near(*row) for row in rows]
