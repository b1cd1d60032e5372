"""Users: places of people in an account."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, delete, func, insert, select, update

from guestlist.domain.access import Actor, Grant
from guestlist.domain.pages import Page
from guestlist.domain.tokens import SCOPES
from guestlist.domain.users import User
from guestlist.store import blocks, grants
from guestlist.store.database import Transaction
from guestlist.store.schema import addresses, people, users
from guestlist.store.statements import Row, Statement, among

LIST = "users"

_PLACE_COLUMNS = (
    *("account", "id", "place", "person"),
    *("created_at", "updated_at", "suspended_at"),
)


def _users(chosen: Subquery | None = None) -> Select[Any]:
    """Every column a `User` is made of, for all users or those at the chosen places."""
    source = users.join(people, people.c.key == users.c.person)
    if chosen is not None:
        source = source.join(
            chosen,
            (users.c.account == bindparam("account")) & (users.c.place == chosen.c.place),
        )
    return select(
        users.c.key,
        users.c.id,
        people.c.email,
        people.c.name,
        people.c.last_name,
        people.c.avatar,
        people.c.two_factor,
        users.c.created_at,
        users.c.updated_at,
        users.c.suspended_at,
        *grants.columns(LIST, users.c.key, users),
    ).select_from(source)


def _page() -> Statement:
    """The inner SELECT finds the places in the index alone; only the page's rows are read whole."""
    chosen = (
        select(users.c.place)
        .where(users.c.account == bindparam("account"), users.c.place >= bindparam("start"))
        .order_by(users.c.place)
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
        .subquery()
    )
    return Statement(_users(chosen).order_by(users.c.place))


_PAGE = _page()
_BY_ID = Statement(
    _users().where(users.c.account == bindparam("account"), users.c.id == bindparam("id"))
)
_BY_KEY = Statement(
    _users().where(users.c.account == bindparam("account"), users.c.key == bindparam("the_key"))
)
_INSERT = Statement(
    insert(users).values(
        {name: bindparam(name) for name in (*_PLACE_COLUMNS, *grants.GRANT_COLUMNS)}
    )
)
_INSERT_ADDRESS = Statement(
    insert(addresses).values({n: bindparam(n) for n in ("account", "email_key", "user")})
)
_UPDATE = Statement(
    update(users)
    .where(users.c.key == bindparam("the_key"))
    .values({name: bindparam(name) for name in (*grants.GRANT_COLUMNS, "updated_at")})
)
_SUSPEND = Statement(
    update(users)
    .where(users.c.key == bindparam("the_key"))
    .values(suspended_at=bindparam("new_suspended_at"), updated_at=bindparam("now"))
)
_DELETE = Statement(delete(users).where(users.c.key == bindparam("the_key")))
_PLACE = Statement(select(users.c.place).where(users.c.key == bindparam("the_key")))
_KEYS_BY_PLACE = Statement(
    select(users.c.place, users.c.key)
    .where(users.c.account == bindparam("account"), users.c.place >= bindparam("start"))
    .order_by(users.c.place)
)
_FIRST_ADMIN = Statement(
    select(func.min(users.c.key)).where(
        users.c.account == bindparam("account"),
        users.c.role == bindparam("role"),
        users.c.suspended_at.is_(None),
    )
)
_IDS = Statement(
    select(users.c.key, users.c.id).where(
        users.c.account == bindparam("account"), among(users.c.key, "keys")
    )
)
_EMAILS = Statement(
    select(users.c.key, people.c.email)
    .select_from(users.join(people, people.c.key == users.c.person))
    .where(users.c.account == bindparam("account"), among(users.c.key, "keys"))
)

_SIGNED_IN = Statement(
    select(people.c.key)
    .select_from(users.join(people, people.c.key == users.c.person))
    .where(users.c.key == bindparam("the_key"), people.c.signed_in_at.is_not(None))
)


def _user(row: Row) -> User:
    key, wire_id, email, name, last_name, avatar, two_factor, created, updated, suspended = row[:10]
    return User(
        key=key,
        id=wire_id,
        email=email,
        name=name,
        last_name=last_name,
        avatar=avatar,
        two_factor=bool(two_factor),
        grant=grants.read(row[10:]),
        created_at=created,
        updated_at=updated,
        suspended_at=suspended,
    )


def page(transaction: Transaction, account: int, wanted: Page) -> list[User]:
    start, skip = blocks.start(transaction, account, LIST, wanted.offset)
    rows = transaction.all(_PAGE, account=account, start=start, skip=skip, size=wanted.size)
    return [_user(row) for row in rows]


def find(transaction: Transaction, account: int, user_id: str) -> User | None:
    row = transaction.one(_BY_ID, account=account, id=user_id)
    return None if row is None else _user(row)


def ids(transaction: Transaction, account: int, keys: Sequence[int]) -> dict[int, str]:
    return {row[0]: row[1] for row in transaction.all(_IDS, account=account, keys=list(keys))}


def emails(transaction: Transaction, account: int, keys: Iterable[int]) -> dict[int, str]:
    wanted = list(set(keys))
    if not wanted:
        return {}
    return {row[0]: row[1] for row in transaction.all(_EMAILS, account=account, keys=wanted)}


def first_admin(transaction: Transaction, account: int) -> int | None:
    row = transaction.one(_FIRST_ADMIN, account=account, role="Admin")
    return None if row is None else row[0]


def signed_in(transaction: Transaction, user: User) -> int | None:
    """The key of a user's person; None where they never signed in."""
    row = transaction.one(_SIGNED_IN, the_key=user.key)
    return None if row is None else int(row[0])


def actor(transaction: Transaction, account: int, user: int) -> Actor | None:
    """A user as the operator acts as them; None where they are gone or suspended."""
    row = transaction.one(_BY_KEY, account=account, the_key=user)
    found = None if row is None else _user(row)
    if found is None or found.is_suspended:
        return None
    called = f"operator as user:{found.id}"
    return Actor(found.grant, found.key, found.id, scopes=SCOPES, called=called)


def add(
    transaction: Transaction, account: int, rows: list[dict[str, Any]], wanted: list[Grant]
) -> list[int]:
    """Keeps new users at consecutive places; `rows` hold `_PLACE_COLUMNS` and `email_key`."""
    start = rows[0]["place"]
    transaction.many(
        _INSERT,
        [
            {"suspended_at": None} | row | grants.values(grant)
            for row, grant in zip(rows, wanted, strict=True)
        ],
    )
    keys = [r[1] for r in transaction.all(_KEYS_BY_PLACE, account=account, start=start)]
    transaction.many(
        _INSERT_ADDRESS,
        [
            {"account": account, "email_key": row["email_key"], "user": key}
            for row, key in zip(rows, keys, strict=True)
        ],
    )
    grants.add_lists(transaction, LIST, zip(keys, wanted, strict=True))
    blocks.entered(transaction, account, LIST, start, len(rows))
    return keys


def change(transaction: Transaction, user: User, grant: Grant, *, now: int) -> None:
    transaction.run(_UPDATE, the_key=user.key, updated_at=now, **grants.values(grant))
    grants.replace_lists(transaction, LIST, user.key, grant)


def suspend(transaction: Transaction, user: User, *, since: int | None, now: int) -> None:
    """`since` is None where the user is to have power again."""
    transaction.run(_SUSPEND, the_key=user.key, new_suspended_at=since, now=now)


def remove(transaction: Transaction, account: int, user: User) -> None:
    """Removes the place and its address; the person stays."""
    row = transaction.only(_PLACE, the_key=user.key)
    blocks.left(transaction, account, LIST, row[0])
    transaction.run(_DELETE, the_key=user.key)
