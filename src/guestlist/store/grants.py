"""The lists of a grant: which domains and templates a user or an invitation is narrowed to."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, insert, select

from guestlist.domain.access import Grant
from guestlist.store.database import Transaction
from guestlist.store.schema import (
    invitation_domains,
    invitation_templates,
    user_domains,
    user_templates,
)
from guestlist.store.statements import Row, Statement, joined, keys, words

_TABLES = {
    "users": (user_domains, user_templates),
    "invitations": (invitation_domains, invitation_templates),
}
GRANT_COLUMNS = ("role", "permissions", "requires_periodic_password_change")


def _insert(table: Table) -> Statement:
    names = ("holder", "thing", "position")
    return Statement(insert(table).values({name: bindparam(name) for name in names}))


_INSERTS = {name: [_insert(table) for table in tables] for name, tables in _TABLES.items()}
_DELETES = {
    name: [
        Statement(delete(table).where(table.c.holder == bindparam("the_holder")))
        for table in tables
    ]
    for name, tables in _TABLES.items()
}


def columns(holders: str, key: ColumnElement[int], table: Any) -> tuple[Any, ...]:
    """The columns from which `read` makes a grant; `table` has the holder's own."""
    return (
        *(table.c[name] for name in GRANT_COLUMNS),
        *(_list_of(thing, key).scalar_subquery() for thing in _TABLES[holders]),
    )


def _list_of(table: Table, key: ColumnElement[int]) -> Select[Any]:
    ordered = (
        select(table.c.thing)
        .where(table.c.holder == key)
        .order_by(table.c.position)
        .correlate_except(table)
    )
    return select(joined(ordered))


def read(row: Row) -> Grant:
    """A grant from the values of `columns`."""
    role, permissions, flag, domains, templates = row
    return Grant(role, tuple(permissions.split()), keys(domains), keys(templates), bool(flag))


def values(grant: Grant) -> dict[str, Any]:
    """A grant as the values of the holder's own columns."""
    return {
        "role": grant.role,
        "permissions": words(grant.permissions),
        "requires_periodic_password_change": grant.requires_periodic_password_change,
    }


def add_lists(transaction: Transaction, holders: str, granted: Iterable[tuple[int, Grant]]) -> None:
    """Keeps the lists of new holders."""
    pairs = list(granted)
    for statement, things in zip(_INSERTS[holders], ("domains", "templates"), strict=True):
        rows = [
            {"holder": holder, "thing": thing, "position": position}
            for holder, grant in pairs
            for position, thing in enumerate(getattr(grant, things))
        ]
        if rows:
            transaction.many(statement, rows)


def replace_lists(transaction: Transaction, holders: str, holder: int, grant: Grant) -> None:
    for statement in _DELETES[holders]:
        transaction.run(statement, the_holder=holder)
    add_lists(transaction, holders, [(holder, grant)])
