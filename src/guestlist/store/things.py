"""Domains and templates of an account."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select

from guestlist.domain.things import Domain, Template, Things
from guestlist.store.database import Transaction
from guestlist.store.schema import domains, templates
from guestlist.store.statements import Statement, among

TABLES: dict[str, tuple[Table, type]] = {
    "domains": (domains, Domain),
    "templates": (templates, Template),
}


def _names(kind: str) -> list[str]:
    return [field.name for field in fields(TABLES[kind][1])]


def _all(table: Table, kind: str) -> Statement:
    return Statement(
        select(*(table.c[name] for name in _names(kind)))
        .where(table.c.account == bindparam("account"))
        .order_by(table.c.key)
    )


def _keys(table: Table) -> Statement:
    return Statement(
        select(table.c.id, table.c.key).where(
            table.c.account == bindparam("account"), among(table.c.id, "ids")
        )
    )


def _insert(table: Table, kind: str) -> Statement:
    names = ["account", *(name for name in _names(kind) if name != "key")]
    return Statement(
        insert(table).values({name: bindparam(name) for name in names}).returning(table.c.key)
    )


_ALL = {kind: _all(table, kind) for kind, (table, _) in TABLES.items()}
_KEYS = {kind: _keys(table) for kind, (table, _) in TABLES.items()}
_INSERT = {kind: _insert(table, kind) for kind, (table, _) in TABLES.items()}
_DELETE = {
    kind: Statement(delete(table).where(table.c.key == bindparam("the_key")))
    for kind, (table, _) in TABLES.items()
}


def every(transaction: Transaction, account: int) -> Things:
    return Things(
        domains={row[0]: Domain(*row) for row in transaction.all(_ALL["domains"], account=account)},
        templates={
            row[0]: Template(*row) for row in transaction.all(_ALL["templates"], account=account)
        },
    )


def keys(transaction: Transaction, account: int, kind: str, ids: list[str]) -> dict[str, int]:
    """The keys of those ids that exist in the account."""
    if not ids:
        return {}
    return {row[0]: row[1] for row in transaction.all(_KEYS[kind], account=account, ids=ids)}


def add(transaction: Transaction, account: int, kind: str, **values: Any) -> int:
    """Keeps a new thing and returns its key. Raises Conflict where its id or name is taken."""
    row = transaction.only(_INSERT[kind], account=account, **values)
    return int(row[0])


def remove(transaction: Transaction, kind: str, key: int) -> None:
    """Removes a thing; it falls out of every grant that listed it."""
    transaction.run(_DELETE[kind], the_key=key)
