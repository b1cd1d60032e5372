"""The one row that says with which key this database's secrets are derived."""

from sqlalchemy import bindparam, select, text

from guestlist.store.database import Transaction
from guestlist.store.schema import deployment
from guestlist.store.statements import Statement

_GET = Statement(select(deployment.c.key_fingerprint).where(deployment.c.key == 1))
_SET = Statement(
    text(
        'INSERT INTO deployment ("key", key_fingerprint) VALUES (1, :fingerprint)'
        ' ON CONFLICT ("key") DO UPDATE SET key_fingerprint = excluded.key_fingerprint'
    ).bindparams(bindparam("fingerprint"))
)


def key_fingerprint(transaction: Transaction) -> str | None:
    row = transaction.one(_GET)
    return None if row is None else str(row[0])


def remember_key(transaction: Transaction, fingerprint: str) -> None:
    transaction.run(_SET, fingerprint=fingerprint)
