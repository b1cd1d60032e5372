"""The one row that says with which key this database's secrets are derived."""

from sqlalchemy import bindparam, select, text, update

from guestlist.store.database import Database, Transaction
from guestlist.store.schema import deployment
from guestlist.store.statements import Statement

_TABLE = Statement(text("SELECT 1 FROM sqlite_master WHERE name = 'deployment'"))
_GET = Statement(select(deployment.c.key_fingerprint).where(deployment.c.key == 1))
_LOCKED = Statement(
    select(deployment.c.key_fingerprint).where(deployment.c.key == 1).with_for_update()
)
_FIRST = Statement(
    text(
        'INSERT INTO deployment ("key", key_fingerprint) VALUES (1, :fingerprint)'
        ' ON CONFLICT ("key") DO NOTHING'
    )
)
_CHANGE = Statement(
    update(deployment)
    .where(deployment.c.key == 1)
    .values(key_fingerprint=bindparam("new_fingerprint"))
)


def remembered(database: Database) -> str | None:
    """What an SQLite database remembers; nothing, where it has no table for that yet."""
    with database.read() as transaction:
        has_table = transaction.one(_TABLE) is not None
        return key_fingerprint(transaction) if has_table else None


def key_fingerprint(transaction: Transaction) -> str | None:
    row = transaction.one(_GET)
    return None if row is None else str(row[0])


def first_fingerprint(transaction: Transaction, fingerprint: str) -> str:
    """What is remembered, `fingerprint` where nothing was; nobody changes it meanwhile."""
    transaction.run(_FIRST, fingerprint=fingerprint)
    return str(transaction.only(_LOCKED)[0])


def remember_key(transaction: Transaction, fingerprint: str) -> None:
    transaction.run(_CHANGE, new_fingerprint=fingerprint)
