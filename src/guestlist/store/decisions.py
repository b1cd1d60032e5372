"""What decisions are made from."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, null, or_, select, union_all

from guestlist.domain.access import DOMAIN, TEMPLATE, Grant
from guestlist.domain.searches import Sought
from guestlist.store import grants
from guestlist.store.database import Database, Transaction
from guestlist.store.schema import accounts, addresses, user_domains, user_templates, users
from guestlist.store.statements import Statement, among
from guestlist.store.users import LIST


def _grants() -> Statement:
    """Two selects, for neither database finds an index where one has an OR of two tables.

    And the revision, in a row of its own, so that one statement is one state of the account.
    """
    columns = (users.c.id, users.c.suspended_at, *grants.columns(LIST, users.c.key, users))
    by_id: Select[tuple[object, ...]] = select(users.c.id, *columns).where(
        users.c.account == bindparam("account"), among(users.c.id, "ids")
    )
    by_email: Select[tuple[object, ...]] = (
        select(addresses.c.email_key, *columns)
        .select_from(addresses.join(users, users.c.key == addresses.c.user))
        .where(
            addresses.c.account == bindparam("account"), among(addresses.c.email_key, "email_keys")
        )
    )
    revision: Select[tuple[object, ...]] = select(
        null(), null(), accounts.c.revision, *(null() for _ in columns[2:])
    ).where(accounts.c.key == bindparam("account"))
    return Statement(union_all(by_id, by_email, revision))


def _users(on_listed: ColumnElement[bool]) -> Statement:
    """Between two places, so that a page costs the same where hardly anybody is found."""
    is_word = (" " + users.c.permissions + " ").like(bindparam("word"))
    return Statement(
        select(users.c.place, users.c.id)
        .where(
            users.c.account == bindparam("account"),
            users.c.place > bindparam("after"),
            users.c.place <= bindparam("until"),
            users.c.suspended_at.is_(None),
            or_(
                among(users.c.role, "by_role"),
                among(users.c.role, "where_listed") & is_word,
                among(users.c.role, "narrowed") & on_listed,
                among(users.c.role, "narrowed_where_listed") & is_word & on_listed,
            ),
        )
        .order_by(users.c.place)
        .limit(bindparam("size"))
    )


_LISTS = {DOMAIN: user_domains, TEMPLATE: user_templates}
_ON_ONE = {
    kind: _users(exists().where(table.c.holder == users.c.key, table.c.thing == bindparam("thing")))
    for kind, table in _LISTS.items()
}
_ON_EVERY = {
    kind: _users(
        select(func.count()).where(table.c.holder == users.c.key).scalar_subquery()
        == bindparam("every")
    )
    for kind, table in _LISTS.items()
}
# What no list narrows.
_ANYWHERE = _ON_EVERY[DOMAIN]
_GRANTS = _grants()


def grants_of(
    source: Database | Transaction, account: int, ids: Iterable[str], email_keys: Iterable[str]
) -> tuple[int, dict[str, tuple[str, Grant, bool]]]:
    """The account's revision, and by id or e-mail key: a user's id, grant, and if suspended."""
    rows = source.all(_GRANTS, account=account, ids=list(ids), email_keys=list(email_keys))
    [revision] = [row[2] for row in rows if row[0] is None]
    return revision, {
        row[0]: (row[1], grants.read(row[3:]), row[2] is not None)
        for row in rows
        if row[0] is not None
    }


def users_with(
    transaction: Transaction, account: int, sought: Sought, *, after: int, until: int, size: int
) -> list[tuple[int, str]]:
    """Places and ids of those sought between two places, in order of place."""
    on = {"every": sought.every} if sought.thing is None else {"thing": sought.thing}
    rows = transaction.all(
        (_ON_EVERY if sought.thing is None else _ON_ONE).get(sought.kind, _ANYWHERE),
        account=account,
        word=f"% {sought.permission} %",
        by_role=sought.by_role,
        where_listed=sought.where_listed,
        narrowed=sought.narrowed,
        narrowed_where_listed=sought.narrowed_where_listed,
        after=after,
        until=until,
        size=size,
        **on,
    )
    return [(row[0], row[1]) for row in rows]
