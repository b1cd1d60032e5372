"""The audit: one entry per thing changed, written with the change and chained to the one before."""

from collections.abc import Callable, Sequence
from dataclasses import fields

from sqlalchemy import bindparam, insert

from guestlist.domain import audit as rules
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Entry, Link, Told
from guestlist.store.database import Transaction
from guestlist.store.schema import audit
from guestlist.store.statements import Statement

_COLUMNS = tuple(field.name for field in fields(Entry))
_INSERT = Statement(
    insert(audit).values({name: bindparam(name) for name in ("account", *_COLUMNS)})
)


def add(
    transaction: Transaction,
    account: Account,
    told: Sequence[Told],
    *,
    after: Link,
    random: Callable[[int], bytes],
) -> Link:
    """Under the account's lock. Where its chain goes on from now."""
    chance = random(len(told) * rules.RANDOM_BYTES)
    entries, link = rules.chained(told, account.id, after, chance)
    _add(transaction, account.key, entries)
    return link


def add_alone(
    transaction: Transaction, told: Sequence[Told], *, random: Callable[[int], bytes]
) -> None:
    """Of a person who is in no account: these stand in no chain."""
    _add(transaction, None, [rules.written(one, random(rules.RANDOM_BYTES)) for one in told])


def _add(transaction: Transaction, account: int | None, entries: Sequence[Entry]) -> None:
    if entries:
        transaction.many(_INSERT, [{"account": account, **_row(entry)} for entry in entries])


def _row(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _COLUMNS}
