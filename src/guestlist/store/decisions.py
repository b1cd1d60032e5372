"""What decisions are made from."""

from sqlalchemy import Select, bindparam, select, union_all

from guestlist.domain.access import Grant
from guestlist.store import grants
from guestlist.store.database import Transaction
from guestlist.store.schema import addresses, users
from guestlist.store.statements import Statement, among
from guestlist.store.users import LIST


def _grants() -> Statement:
    """Two selects, for SQLite and PostgreSQL find no index where one has an OR of two tables."""
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
    return Statement(union_all(by_id, by_email))


_GRANTS = _grants()


def grants_of(
    transaction: Transaction, account: int, ids: list[str], email_keys: list[str]
) -> dict[str, tuple[str, Grant, bool]]:
    """By id or e-mail key: a user's id, grant, and whether they are suspended."""
    rows = transaction.all(_GRANTS, account=account, ids=ids, email_keys=email_keys)
    return {row[0]: (row[1], grants.read(row[3:]), row[2] is not None) for row in rows}
