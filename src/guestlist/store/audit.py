"""The audit: one entry per thing changed, written with the change and chained to the one before."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select

from guestlist.domain import audit as rules
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Checkpoint, Entry, Link, Search, Told
from guestlist.store.database import Transaction
from guestlist.store.schema import audit, audit_checkpoints
from guestlist.store.statements import Row, Statement, among

# So many entries are read, or deleted, at a time: no statement takes longer than one may.
SPAN = 5_000

_COLUMNS = tuple(field.name for field in fields(Entry))
_OF_ACCOUNT = audit.c.account == bindparam("the_account")
_ALL = select(*(audit.c[name] for name in _COLUMNS)).where(_OF_ACCOUNT)
_INSERT = Statement(
    insert(audit).values({name: bindparam(name) for name in ("account", *_COLUMNS)})
)
_ENDS = Statement(
    select(
        func.max(audit.c.sequence),
        func.count().filter(audit.c.sequence.is_(None) | (audit.c.sequence < 1)),
    ).where(_OF_ACCOUNT)
)
_FIRST_FROM = Statement(
    select(func.min(audit.c.sequence)).where(_OF_ACCOUNT, audit.c.at >= bindparam("since"))
)
_NAMES = Statement(
    select(audit.c.subject, audit.c.before, audit.c.after)
    .where(_OF_ACCOUNT, audit.c.subject >= bindparam("first"), audit.c.subject < bindparam("last"))
    .order_by(audit.c.sequence)
)
_DELETE = Statement(delete(audit).where(_OF_ACCOUNT, among(audit.c.sequence, "sequences")))
_CHECKPOINT = Statement(
    select(*(audit_checkpoints.c[field.name] for field in fields(Checkpoint))).where(
        audit_checkpoints.c.account == bindparam("the_account")
    )
)
_NO_CHECKPOINT = Statement(
    delete(audit_checkpoints).where(audit_checkpoints.c.account == bindparam("the_account"))
)
_NEW_CHECKPOINT = Statement(
    insert(audit_checkpoints).values(
        {name: bindparam(name) for name in ("account", *(f.name for f in fields(Checkpoint)))}
    )
)
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    # A user's own, and what they do by any of their tokens: `user:ID token:ID`.
    "actor": (audit.c.actor >= bindparam("actor")) & (audit.c.actor < bindparam("behind_actor")),
    "subject": audit.c.subject == bindparam("subject"),
    "action": audit.c.action == bindparam("action"),
    "request": audit.c.request == bindparam("request"),
    "since": audit.c.at >= bindparam("since"),
    "until": audit.c.at < bindparam("until"),
}


def add(
    transaction: Transaction,
    account: Account,
    told: Sequence[Told],
    *,
    after: Link,
    random: Callable[[int], bytes],
) -> Link:
    """Under the account's lock. Where its chain goes on from now."""
    chance = random(len(told) * rules.RANDOM_BYTES)
    entries, link = rules.chained(told, account.id, after, chance)
    _add(transaction, account.key, entries)
    return link


def add_alone(
    transaction: Transaction, told: Sequence[Told], *, random: Callable[[int], bytes]
) -> None:
    """Of a person who is in no account: these stand in no chain."""
    _add(transaction, None, [rules.written(one, random(rules.RANDOM_BYTES)) for one in told])


def before(
    transaction: Transaction, account: int, sequence: int, search: Search, *, most: int
) -> list[Entry]:
    """The newest entries before one, the newest first."""
    values = _values(search) | {"the_account": account, "sequence": sequence, "most": most}
    return _read(transaction.all(_before(_asked(search)), **values))


def behind(
    transaction: Transaction, account: int, sequence: int, search: Search, *, most: int = SPAN
) -> list[Entry]:
    """The oldest entries behind one, the oldest first."""
    values = _values(search) | {"the_account": account, "sequence": sequence, "most": most}
    return _read(transaction.all(_behind(_asked(search)), **values))


def ends(transaction: Transaction, account: int) -> tuple[int, int]:
    """The greatest sequence, 0 where there are none, and how many entries have no real one."""
    greatest, strays = transaction.only(_ENDS, the_account=account)
    return greatest or 0, strays


def first_from(transaction: Transaction, account: int, since: int) -> int | None:
    """The least sequence of what was written from an instant on."""
    found: int | None = transaction.only(_FIRST_FROM, the_account=account, since=since)[0]
    return found


def names(
    transaction: Transaction, account: int, kind: str
) -> list[tuple[str, str | None, str | None]]:
    """Of every entry about a `domain` or `template`: its id, and `before` and `after` as kept."""
    rows = transaction.all(_NAMES, the_account=account, first=f"{kind}:", last=f"{kind};")
    return [(subject.partition(":")[2], one, other) for subject, one, other in rows]


def remove(transaction: Transaction, account: int, sequences: list[int]) -> None:
    transaction.run(_DELETE, the_account=account, sequences=sequences)


def checkpoint(transaction: Transaction, account: int) -> Checkpoint | None:
    row = transaction.one(_CHECKPOINT, the_account=account)
    return None if row is None else Checkpoint(*row)


def set_checkpoint(transaction: Transaction, account: int, new: Checkpoint) -> None:
    transaction.run(_NO_CHECKPOINT, the_account=account)
    values = {field.name: getattr(new, field.name) for field in fields(Checkpoint)}
    transaction.run(_NEW_CHECKPOINT, account=account, **values)


@lru_cache(maxsize=128)
def _before(asked: tuple[str, ...]) -> Statement:
    wanted = (audit.c.sequence < bindparam("sequence"), *(_CONDITIONS[name] for name in asked))
    newest = _ALL.where(*wanted).order_by(audit.c.sequence.desc())
    return Statement(newest.limit(bindparam("most")))


@lru_cache(maxsize=128)
def _behind(asked: tuple[str, ...]) -> Statement:
    wanted = (audit.c.sequence > bindparam("sequence"), *(_CONDITIONS[name] for name in asked))
    return Statement(_ALL.where(*wanted).order_by(audit.c.sequence).limit(bindparam("most")))


def _asked(search: Search) -> tuple[str, ...]:
    return tuple(name for name in _CONDITIONS if getattr(search, name) is not None)


def _values(search: Search) -> dict[str, object]:
    values = {name: getattr(search, name) for name in _asked(search)}
    return values | ({"behind_actor": f"{search.actor}!"} if search.actor is not None else {})


def _read(rows: Sequence[Row]) -> list[Entry]:
    return [Entry(*row) for row in rows]


def _add(transaction: Transaction, account: int | None, entries: Sequence[Entry]) -> None:
    if entries:
        transaction.many(_INSERT, [{"account": account, **_row(entry)} for entry in entries])


def _row(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _COLUMNS}
