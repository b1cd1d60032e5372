"""Accounts: the row that every change locks, with its revision and totals."""

from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from guestlist.domain.accounts import Account
from guestlist.domain.audit import Link
from guestlist.domain.refusals import NotFound
from guestlist.store.database import Transaction
from guestlist.store.schema import accounts
from guestlist.store.statements import Row, Statement

TOTALS = (
    *("users", "admins", "invitations", "next_user", "next_invitation"),
    *("webhooks", "events"),
)
# What its operator says of an account.
FACTS = ("name", "seats", "url", "requires_second_factor", "password_days")

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
    .values({name: bindparam(name) for name in ("id", *FACTS, "revision", "created_at")})
    .returning(accounts.c.key)
)
_SETTLE = Statement(
    update(accounts)
    .where(accounts.c.key == bindparam("account"))
    .values(
        {
            "revision": bindparam("new_revision"),
            "invited_on": bindparam("day"),
            "invited": bindparam("today"),
            "entries": bindparam("new_entries"),
            "head": bindparam("new_head"),
        }
        | {name: accounts.c[name] + bindparam(f"more_{name}") for name in TOTALS}
    )
)
_CHANGE = Statement(
    update(accounts)
    .where(accounts.c.key == bindparam("account"))
    .values({name: bindparam(f"new_{name}") for name in FACTS})
)
_TOUCH = Statement(
    update(accounts)
    .where(accounts.c.key == bindparam("account"))
    .values(
        revision=bindparam("new_revision"),
        entries=bindparam("new_entries"),
        head=bindparam("new_head"),
        events=accounts.c.events + bindparam("more_events"),
    )
)


def lock(transaction: Transaction, key: int) -> Account:
    """The account, which nobody else changes until this transaction ends. Raises NotFound."""
    row = transaction.one(_LOCKED, account=key)
    if row is None:
        raise NotFound
    return _account(row)


def get(transaction: Transaction, key: int) -> Account:
    row = transaction.one(_BY_KEY, account=key)
    if row is None:
        raise NotFound
    return _account(row)


def find(transaction: Transaction, account_id: str) -> Account | None:
    row = transaction.one(_BY_ID, id=account_id)
    return None if row is None else _account(row)


def every(transaction: Transaction) -> list[Account]:
    return [_account(row) for row in transaction.all(_EVERY)]


def _account(row: Row) -> Account:
    *first, required, days = row  # SQLite has no booleans
    return Account(*[*first, bool(required), days])


def add(
    transaction: Transaction,
    *,
    account_id: str,
    facts: dict[str, Any],
    revision: int,
    now: int,
) -> int:
    """`facts` holds `FACTS`."""
    row = transaction.only(_INSERT, id=account_id, revision=revision, created_at=now, **facts)
    return int(row[0])


def change(transaction: Transaction, account: int, facts: dict[str, Any]) -> None:
    """`facts` holds `FACTS`."""
    transaction.run(
        _CHANGE, account=account, **{f"new_{name}": value for name, value in facts.items()}
    )


def settle(
    transaction: Transaction,
    account: int,
    *,
    revision: int,
    more: dict[str, int],
    invited: tuple[int, int],
    link: Link,
) -> None:
    """Ends a change: a new revision, what it added to the totals, and how many a day invited.

    `link` is where the audit's chain goes on.
    """
    changes = {f"more_{name}": more.get(name, 0) for name in TOTALS}
    day, today = invited
    transaction.run(
        _SETTLE,
        account=account,
        new_revision=revision,
        day=day,
        today=today,
        new_entries=link.sequence,
        new_head=link.hash,
        **changes,
    )


def touch(
    transaction: Transaction, account: int, *, revision: int, link: Link, events: int = 0
) -> None:
    """Ends a change of a person that the account can see; `events` is how many more there are."""
    transaction.run(
        _TOUCH,
        account=account,
        new_revision=revision,
        new_entries=link.sequence,
        new_head=link.hash,
        more_events=events,
    )
