"""How many letters with links each address got in the current day, from all accounts together."""

from sqlalchemy import bindparam, select, text

from guestlist.store.database import Transaction
from guestlist.store.schema import mailings
from guestlist.store.statements import Statement, among

_COUNT = Statement(
    text(
        "INSERT INTO mailings (email_key, day, used) VALUES (:email_key, :day, 1)"
        " ON CONFLICT (email_key) DO UPDATE SET"
        " used = CASE WHEN mailings.day = excluded.day THEN mailings.used + 1 ELSE 1 END,"
        " day = excluded.day"
        " RETURNING used"
    )
)
_USED = Statement(
    select(mailings.c.email_key, mailings.c.used).where(
        among(mailings.c.email_key, "email_keys"), mailings.c.day == bindparam("day")
    )
)


def reset(email_key: str, hour: int) -> str:
    """Under what an address's letters to a new password count, each hour of a day by itself.

    Strangers ask for those, and could else use up the owner's of a whole day.
    """
    return f"reset {hour} {email_key}"


def count(transaction: Transaction, email_key: str, day: int) -> int:
    """Counts one letter and returns how many the day has seen, this one included.

    Locks the address until the transaction ends: one in a transaction, after the account.
    """
    return int(transaction.only(_COUNT, email_key=email_key, day=day)[0])


def used(transaction: Transaction, email_keys: list[str], day: int) -> dict[str, int]:
    rows = transaction.all(_USED, email_keys=email_keys, day=day)
    return {row[0]: row[1] for row in rows}
