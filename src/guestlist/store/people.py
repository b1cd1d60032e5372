"""People: who a user is, in whatever account."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from guestlist.domain.people import Person, Place
from guestlist.domain.refusals import Fault, Invalid, Rule
from guestlist.store.database import Conflict, Database, Transaction
from guestlist.store.schema import accounts, addresses, passkeys, people, users
from guestlist.store.statements import Row, Statement, among

_ADD_MANY = Statement(
    text(
        "INSERT INTO people"
        " (email, email_key, name, last_name, avatar, two_factor, created_at, updated_at)"
        " VALUES (:email, :email_key, :name, :last_name, :avatar, :two_factor, :created_at,"
        " :updated_at) ON CONFLICT (email_key) DO NOTHING"
    )
)
_KEYS = Statement(
    select(people.c.email_key, people.c.key).where(among(people.c.email_key, "email_keys"))
)

_UNPROVEN = Statement(
    select(people.c.email)
    .where(
        among(people.c.email_key, "email_keys"),
        people.c.proven_at.is_(None),
        people.c.password.is_not(None)
        | select(passkeys.c.key).where(passkeys.c.person == people.c.key).exists(),
    )
    .limit(1)
)

COLUMNS = (
    people.c.key,
    people.c.email,
    people.c.email_key,
    people.c.name,
    people.c.last_name,
    people.c.avatar,
    people.c.two_factor,
    people.c.password,
    people.c.password_changed_at,
    people.c.proven_at,
    people.c.totp_seed.is_not(None),
    select(func.count()).where(passkeys.c.person == people.c.key).scalar_subquery(),
    people.c.must_set_factor,
    people.c.language,
    people.c.signed_in_at,
)
_KEY = people.c.key == bindparam("the_key")
_BY_EMAIL = Statement(select(*COLUMNS).where(people.c.email_key == bindparam("email_key")))
_BY_KEY = Statement(select(*COLUMNS).where(_KEY))
# Two statements: PostgreSQL locks the row before it looks for passkeys, not the other way round.
_LOCK = Statement(select(people.c.key).where(_KEY).with_for_update(key_share=True))
_LOCK_BY_EMAIL = Statement(
    select(people.c.key)
    .where(people.c.email_key == bindparam("email_key"))
    .with_for_update(key_share=True)
)
_PLACES = Statement(
    select(
        accounts.c.key,
        accounts.c.id,
        accounts.c.name,
        accounts.c.url,
        users.c.key,
        users.c.id,
        users.c.role,
        users.c.requires_periodic_password_change,
        accounts.c.password_days,
        accounts.c.requires_second_factor,
        users.c.suspended_at.is_not(None),
    )
    .select_from(users.join(accounts, accounts.c.key == users.c.account))
    .where(users.c.person == bindparam("of_person"))
    .order_by(accounts.c.key)
)
_NEW = ("email", "email_key", "name", "last_name", "created_at", "updated_at")
_ADD = Statement(
    insert(people)
    .values({name: bindparam(name) for name in _NEW} | {"two_factor": bindparam("two_factor")})
    .returning(people.c.key)
)
_CHANGEABLE = (
    "name",
    "last_name",
    "avatar",
    "password",
    "password_changed_at",
    "proven_at",
    "language",
    "signed_in_at",
    "must_set_factor",
    "two_factor",
    "updated_at",
)
_SET = {
    name: Statement(update(people).where(_KEY).values({name: bindparam("value")}))
    for name in _CHANGEABLE
}
_EMAIL = Statement(
    update(people)
    .where(_KEY)
    .values(email=bindparam("new_email"), email_key=bindparam("new_email_key"))
    .returning(people.c.key)
)
_ADDRESS = Statement(
    update(addresses)
    .where(addresses.c.user == bindparam("user"))
    .values(email_key=bindparam("new_email_key"))
    .returning(addresses.c.user)
)
_ERASE = Statement(delete(people).where(_KEY))


def add_many(transaction: Transaction, rows: list[dict[str, Any]]) -> None:
    """Keeps who is not known yet; a person who is there already stays as they are."""
    transaction.many(_ADD_MANY, rows)


def keys(transaction: Transaction, email_keys: list[str]) -> dict[str, int]:
    """The people who own these addresses."""
    return {row[0]: row[1] for row in transaction.all(_KEYS, email_keys=email_keys)}


def unproven(transaction: Transaction, email_keys: list[str]) -> str | None:
    """The address of one of them who has a sign-in, while nobody showed to read its mail."""
    row = transaction.one(_UNPROVEN, email_keys=email_keys)
    return None if row is None else str(row[0])


def person(row: Row) -> Person:
    """From a row of `COLUMNS`."""
    made = Person(*row)
    if isinstance(made.two_factor, bool):
        return made
    # SQLite has no truth values.
    values = list(row)
    for place in (6, 10, 12):
        values[place] = bool(values[place])
    return Person(*values)


def find(source: Database | Transaction, email_key: str) -> Person | None:
    row = source.one(_BY_EMAIL, email_key=email_key)
    return None if row is None else person(row)


def get(source: Database | Transaction, key: int) -> Person | None:
    row = source.one(_BY_KEY, the_key=key)
    return None if row is None else person(row)


def lock(transaction: Transaction, key: int) -> Person | None:
    """The person, whom nobody else changes until this transaction ends."""
    transaction.one(_LOCK, the_key=key)
    return get(transaction, key)


def lock_by_email(transaction: Transaction, email_key: str) -> Person | None:
    transaction.one(_LOCK_BY_EMAIL, email_key=email_key)
    return find(transaction, email_key)


def places(source: Transaction, key: int) -> list[Place]:
    """Where the person is a user, in the order of the accounts' keys."""
    rows = source.all(_PLACES, of_person=key)
    return [_place(row) for row in rows]


def _place(row: Row) -> Place:
    *facts, periodic, days, factor, suspended = row  # SQLite has no truth values
    return Place(*[*facts, bool(periodic), days, bool(factor), bool(suspended)])


def add(
    transaction: Transaction, *, email: str, email_key: str, name: str, last_name: str, now: int
) -> int:
    """Keeps a new person. Raises Conflict where somebody has the address."""
    row = transaction.only(
        _ADD,
        email=email,
        email_key=email_key,
        name=name,
        last_name=last_name,
        two_factor=False,
        created_at=now,
        updated_at=now,
    )
    return int(row[0])


def change(transaction: Transaction, key: int, **values: Any) -> None:
    """Any of `_CHANGEABLE`."""
    for name, value in values.items():
        transaction.run(_SET[name], the_key=key, value=value)


def change_email(
    transaction: Transaction, key: int, *, email: str, email_key: str, places: Sequence[Place]
) -> None:
    """The address of a person and of all their places.

    Raises Invalid where it is somebody's, or invited to an account the person is in.
    """
    try:
        transaction.only(_EMAIL, the_key=key, new_email=email, new_email_key=email_key)
        for place in places:
            transaction.only(_ADDRESS, user=place.user, new_email_key=email_key)
    except Conflict as conflict:
        raise Invalid([Fault("email", Rule.TAKEN)]) from conflict


def erase(transaction: Transaction, key: int) -> None:
    """With everything that hangs on them; their places must be gone."""
    transaction.run(_ERASE, the_key=key)
