"""What requests with a key of their own made, so that it is answered again and not made again."""

from sqlalchemy import bindparam, delete, select, text

from guestlist.store.database import Transaction
from guestlist.store.schema import repeats
from guestlist.store.statements import Statement, among

_OF_CALLER = select(repeats.c.idempotency_key, repeats.c.body_sha256, repeats.c.invitation).where(
    repeats.c.account == bindparam("account"),
    repeats.c.caller == bindparam("caller"),
    among(repeats.c.idempotency_key, "idempotency_keys"),
    repeats.c.created_at > bindparam("since"),
)
_FIND = Statement(_OF_CALLER)
_KEEP = Statement(
    text(
        "INSERT INTO repeats"
        " (account, caller, idempotency_key, body_sha256, invitation, created_at)"
        " VALUES (:account, :caller, :idempotency_key, :body_sha256, :invitation, :now)"
        " ON CONFLICT (account, caller, idempotency_key) DO UPDATE SET"
        " body_sha256 = excluded.body_sha256, invitation = excluded.invitation,"
        " created_at = excluded.created_at"
    )
)
_FORGET = Statement(
    delete(repeats).where(
        repeats.c.account == bindparam("account"), repeats.c.created_at <= bindparam("since")
    )
)


def find(
    transaction: Transaction, account: int, caller: str, keys: list[str], *, since: int
) -> dict[str, tuple[bytes, int]]:
    """What was kept under these keys after `since`: the body's digest, the invitation's key."""
    rows = transaction.all(
        _FIND, account=account, caller=caller, idempotency_keys=keys, since=since
    )
    return {row[0]: (bytes(row[1]), row[2]) for row in rows}


def keep(
    transaction: Transaction,
    account: int,
    caller: str,
    key: str,
    *,
    body_sha256: bytes,
    invitation: int,
    now: int,
) -> None:
    transaction.run(
        _KEEP,
        account=account,
        caller=caller,
        idempotency_key=key,
        body_sha256=body_sha256,
        invitation=invitation,
        now=now,
    )


def forget(transaction: Transaction, account: int, *, since: int) -> None:
    """Drops what this account kept until then, under its lock."""
    transaction.run(_FORGET, account=account, since=since)
