"""The audit: one entry per thing changed, written with the change."""

from typing import Any

from sqlalchemy import bindparam, insert

from guestlist.store.database import Transaction
from guestlist.store.schema import audit
from guestlist.store.statements import Statement

_COLUMNS = ("account", "at", "request", "actor", "action", "subject", "before", "after")
_INSERT = Statement(insert(audit).values({name: bindparam(name) for name in _COLUMNS}))


def add(transaction: Transaction, entries: list[dict[str, Any]]) -> None:
    """`before` and `after` are JSON texts; `actor` and `subject` are `kind:id`."""
    transaction.many(_INSERT, entries)
