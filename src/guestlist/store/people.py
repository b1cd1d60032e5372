"""People: who a user is, in whatever account."""

from typing import Any

from sqlalchemy import select, text

from guestlist.store.database import Transaction
from guestlist.store.schema import people
from guestlist.store.statements import Statement, among

_INSERT = Statement(
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


def add(transaction: Transaction, rows: list[dict[str, Any]]) -> None:
    """Keeps who is not known yet; a person who is there already stays as they are."""
    transaction.many(_INSERT, rows)


def keys(transaction: Transaction, email_keys: list[str]) -> dict[str, int]:
    """The people who own these addresses."""
    return {row[0]: row[1] for row in transaction.all(_KEYS, email_keys=email_keys)}
