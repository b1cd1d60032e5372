"""Accounts: the row that every change locks, with its revision and totals."""

from dataclasses import fields

from sqlalchemy import bindparam, insert, select, update

from guestlist.domain.accounts import Account
from guestlist.domain.refusals import NotFound
from guestlist.store.database import Transaction
from guestlist.store.schema import accounts
from guestlist.store.statements import Statement

TOTALS = ("users", "admins", "invitations", "next_user", "next_invitation")

_ALL = select(*(accounts.c[field.name] for field in fields(Account)))
_BY_KEY = Statement(_ALL.where(accounts.c.key == bindparam("account")))
# Its key stays, so rows that refer to it may come meanwhile (PostgreSQL: FOR NO KEY UPDATE).
_LOCKED = Statement(
    _ALL.where(accounts.c.key == bindparam("account")).with_for_update(key_share=True)
)
_BY_ID = Statement(_ALL.where(accounts.c.id == bindparam("id")))
_EVERY = Statement(_ALL.order_by(accounts.c.key))
_INSERT = Statement(
    insert(accounts)
    .values({name: bindparam(name) for name in ("id", "name", "seats", "revision", "created_at")})
    .returning(accounts.c.key)
)
_SETTLE = Statement(
    update(accounts)
    .where(accounts.c.key == bindparam("account"))
    .values(
        {"revision": bindparam("new_revision")}
        | {name: accounts.c[name] + bindparam(f"more_{name}") for name in TOTALS}
    )
)


def lock(transaction: Transaction, key: int) -> Account:
    """The account, which nobody else changes until this transaction ends. Raises NotFound."""
    row = transaction.one(_LOCKED, account=key)
    if row is None:
        raise NotFound
    return Account(*row)


def get(transaction: Transaction, key: int) -> Account:
    row = transaction.one(_BY_KEY, account=key)
    if row is None:
        raise NotFound
    return Account(*row)


def find(transaction: Transaction, account_id: str) -> Account | None:
    row = transaction.one(_BY_ID, id=account_id)
    return None if row is None else Account(*row)


def every(transaction: Transaction) -> list[Account]:
    return [Account(*row) for row in transaction.all(_EVERY)]


def add(
    transaction: Transaction,
    *,
    account_id: str,
    name: str,
    seats: int | None,
    revision: int,
    now: int,
) -> int:
    row = transaction.only(
        _INSERT, id=account_id, name=name, seats=seats, revision=revision, created_at=now
    )
    return int(row[0])


def settle(transaction: Transaction, account: int, *, revision: int, more: dict[str, int]) -> None:
    """Ends a change: a new revision, and what it added to the totals."""
    changes = {f"more_{name}": more.get(name, 0) for name in TOTALS}
    transaction.run(_SETTLE, account=account, new_revision=revision, **changes)
