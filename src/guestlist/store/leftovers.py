"""Rows that nobody needs any more."""

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Table,
    bindparam,
    delete,
    exists,
    or_,
    select,
    text,
    tuple_,
)

from guestlist.store.database import Transaction
from guestlist.store.schema import (
    challenges,
    events,
    letters,
    mailings,
    proofs,
    repeats,
    sessions,
    webhook_deliveries,
)
from guestlist.store.statements import Statement


def _few(table: Table, is_old: ColumnElement[bool]) -> ClauseElement:
    """A bounded number at a time: no delete holds others up for long."""
    keys = list(table.primary_key.columns)
    old = select(*keys).where(is_old).limit(bindparam("most"))
    among_old = keys[0].in_(old) if len(keys) == 1 else tuple_(*keys).in_(old)
    return delete(table).where(among_old).returning(keys[0])


_IS_OLD_EVENT = events.c.at < bindparam("last_month")
_LONG_AGO: BindParameter[int] = bindparam("long_ago")
_SWEEPS = tuple(
    Statement(_few(table, is_old))
    for table, is_old in (
        (challenges, challenges.c.expires_at < bindparam("now")),
        (proofs, proofs.c.expires_at < bindparam("last_week")),
        # An ended session is kept a while, so that its browser is known when it comes again.
        (sessions, or_(sessions.c.ended_at < _LONG_AGO, sessions.c.seen_at < _LONG_AGO)),
        (repeats, repeats.c.created_at < bindparam("yesterday")),
        (mailings, mailings.c.day < bindparam("today")),
        # By themselves, for an event can have many; none is tried for so long.
        (
            webhook_deliveries,
            webhook_deliveries.c.event.in_(select(events.c.key).where(_IS_OLD_EVENT)),
        ),
        (
            events,
            _IS_OLD_EVENT & ~exists().where(webhook_deliveries.c.event == events.c.key),
        ),
        (
            letters,
            # In the index's own words, so that it is found.
            text("letters.state <> 'queued'") & (letters.c.created_at < _LONG_AGO),
        ),
    )
)


def sweep(transaction: Transaction, number: int, *, now: int, day: int, most: int) -> int:
    """Deletes old rows of one table and returns how many; `day` is one in the unit of `now`."""
    gone = transaction.all(
        _SWEEPS[number],
        now=now,
        today=now // day,
        yesterday=now - day,
        last_week=now - 7 * day,
        last_month=now - 30 * day,
        long_ago=now - 90 * day,
        most=most,
    )
    return len(gone)


COUNT = len(_SWEEPS)
