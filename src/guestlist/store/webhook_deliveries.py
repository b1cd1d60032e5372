"""Deliveries of events to webhooks: which are due, who makes them, and what became of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, func, insert, select, update

from guestlist.domain.events import Event
from guestlist.domain.pages import Page
from guestlist.domain.webhooks import Attempt, Delivery, Taken, Webhook
from guestlist.store import webhooks as store_webhooks
from guestlist.store.database import Transaction
from guestlist.store.events import QUEUED
from guestlist.store.schema import (
    accounts,
    events,
    webhook_attempts,
    webhook_deliveries,
    webhooks,
)
from guestlist.store.statements import Row, Statement, among

_IS_QUEUED = webhook_deliveries.c.state == QUEUED
_THE_KEY = webhook_deliveries.c.key == bindparam("the_key")


def _past(instant: ColumnElement[int], beyond: str = "beyond") -> ColumnElement[bool]:
    return (instant <= bindparam("now")) | (instant > bindparam(beyond))


_IS_DUE = _IS_QUEUED & _past(webhook_deliveries.c.due_at)
_ANY_DUE = Statement(select(webhook_deliveries.c.key).where(_IS_DUE).limit(1))
_READY = Statement(
    select(webhooks.c.key)
    .where(
        webhooks.c.is_enabled,
        _past(func.coalesce(webhooks.c.leased_until, 0), "beyond_lease"),
        exists().where(webhook_deliveries.c.webhook == webhooks.c.key, _IS_DUE),
        ~among(webhooks.c.key, "busy"),
    )
    # Who was served last comes last.
    .order_by(func.coalesce(webhooks.c.leased_until, 0), webhooks.c.key)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
_LEASE = Statement(
    update(webhooks)
    .where(webhooks.c.key == bindparam("the_webhook"))
    .values(leased_until=bindparam("until"))
)
_RELEASE = Statement(
    update(webhooks)
    .where(
        webhooks.c.key == bindparam("the_webhook"), webhooks.c.leased_until == bindparam("until")
    )
    .values(leased_until=bindparam("now"))
)
# First attempts are due at 0, so in the order of their events; then the others.
_DUE = Statement(
    select(webhook_deliveries.c.key)
    .where(webhook_deliveries.c.webhook == bindparam("the_webhook"), _IS_DUE)
    .order_by(webhook_deliveries.c.due_at, webhook_deliveries.c.event)
    .limit(bindparam("most"))
)
_START = Statement(
    update(webhook_deliveries)
    .where(_THE_KEY, _IS_DUE)
    .values(attempts=webhook_deliveries.c.attempts + 1)
    .returning(webhook_deliveries.c.attempts)
)
# Until then it stays due, so that one nobody knows to have left comes first after a crash.
_LEFT = Statement(
    update(webhook_deliveries).where(_THE_KEY, _IS_DUE).values(due_at=bindparam("until"))
)
_ATTEMPT = Statement(
    insert(webhook_attempts).values(delivery=bindparam("the_key"), started_at=bindparam("now"))
)
_EVENT = tuple(events.c[name] for name in ("sequence", "type", "at", "data"))
_WHOLE = Statement(
    select(
        accounts.c.key,
        accounts.c.id,
        *_EVENT,
        webhooks.c.secret,
        webhooks.c.old_secret,
        *store_webhooks.COLUMNS,
    )
    .select_from(
        webhook_deliveries.join(events, events.c.key == webhook_deliveries.c.event)
        .join(webhooks, webhooks.c.key == webhook_deliveries.c.webhook)
        .join(accounts, accounts.c.key == webhooks.c.account)
    )
    .where(_THE_KEY)
)
_SETTLE = Statement(
    update(webhook_deliveries)
    .where(_THE_KEY, _IS_QUEUED)
    .values(state=bindparam("new_state"), due_at=bindparam("due"))
)
_ENDED = Statement(
    update(webhook_attempts)
    .where(
        webhook_attempts.c.delivery == bindparam("the_key"),
        webhook_attempts.c.started_at == bindparam("started"),
        webhook_attempts.c.milliseconds.is_(None),
    )
    .values(
        milliseconds=bindparam("took"), status=bindparam("answer"), trouble=bindparam("new_trouble")
    )
)
_DROP = Statement(
    update(webhook_deliveries)
    .where(webhook_deliveries.c.webhook == bindparam("the_webhook"), _IS_QUEUED)
    .values(state="dropped")
)
_OF_WEBHOOK = webhook_deliveries.c.webhook == bindparam("the_webhook")
_PAGE = Statement(
    select(
        webhook_deliveries.c.key,
        webhook_deliveries.c.state,
        webhook_deliveries.c.due_at,
        webhook_deliveries.c.created_at,
        events.c.sequence,
        events.c.type,
    )
    .join(events, events.c.key == webhook_deliveries.c.event)
    .where(_OF_WEBHOOK)
    .order_by(webhook_deliveries.c.event.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skip"))
)
_ATTEMPTS = Statement(
    select(
        webhook_attempts.c.delivery,
        webhook_attempts.c.started_at,
        webhook_attempts.c.milliseconds,
        webhook_attempts.c.status,
        webhook_attempts.c.trouble,
    )
    .where(among(webhook_attempts.c.delivery, "deliveries"))
    .order_by(webhook_attempts.c.key)
)
_RETRY = Statement(
    update(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        webhook_deliveries.c.event
        == select(events.c.key)
        .where(
            events.c.account == bindparam("the_account"),
            events.c.sequence == bindparam("the_sequence"),
        )
        .scalar_subquery(),
    )
    .values(state=QUEUED, attempts=0, due_at=0)
    .returning(
        select(events.c.type).where(events.c.key == webhook_deliveries.c.event).scalar_subquery()
    )
)


@dataclass(frozen=True, slots=True)
class Started:
    """A delivery's attempt, the `attempts`th, that is about to be made; its secrets are sealed."""

    delivery: int
    attempts: int
    started_at: int
    account: int
    account_id: str
    event: Event
    webhook: Webhook
    secret: bytes
    old_secret: bytes | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: the status of the answer, or what went wrong instead."""

    state: str
    due_at: int
    milliseconds: int
    status: int | None = None
    trouble: str | None = None


def is_any_due(transaction: Transaction, *, now: int, beyond: int) -> bool:
    """Nothing waits longer than until `beyond`: what says so was written by a wrong clock."""
    return transaction.one(_ANY_DUE, now=now, beyond=beyond) is not None


def lease(
    transaction: Transaction,
    *,
    now: int,
    until: int,
    beyond: int,
    busy: Sequence[int],
    most: int,
    each: int,
) -> list[Taken]:
    """Takes webhooks, at most so many, that nobody else is serving, with `each` due deliveries."""
    ready = transaction.all(
        _READY,
        now=now,
        beyond=beyond,
        # Clocks of two processes may differ a little; what differs more was set back since.
        beyond_lease=until + (until - now),
        busy=list(busy),
        most=most,
    )
    if not ready:
        return []
    transaction.many(_LEASE, [{"the_webhook": row[0], "until": until} for row in ready])
    return [
        Taken(
            key,
            until,
            [
                row[0]
                for row in transaction.all(_DUE, the_webhook=key, now=now, beyond=beyond, most=each)
            ],
        )
        for (key,) in ready
    ]


def release(transaction: Transaction, taken: Taken, *, now: int) -> None:
    transaction.run(_RELEASE, the_webhook=taken.webhook, until=taken.until, now=now)


def left(transaction: Transaction, delivery: int, *, now: int, until: int, beyond: int) -> None:
    """Its request has left: unless it is settled, there is another attempt `until` then."""
    transaction.run(_LEFT, the_key=delivery, now=now, beyond=beyond, until=until)


def start(transaction: Transaction, delivery: int, *, now: int, beyond: int) -> Started | None:
    """Puts an attempt down before it is made. None where the delivery is no longer due."""
    taken = transaction.one(_START, the_key=delivery, now=now, beyond=beyond)
    if taken is None:
        return None
    transaction.run(_ATTEMPT, the_key=delivery, now=now)
    account, account_id, sequence, type_, at, data, secret, old_secret, *rest = transaction.only(
        _WHOLE, the_key=delivery
    )
    return Started(
        delivery,
        taken[0],
        now,
        account,
        account_id,
        Event(sequence, type_, at, json.loads(data)),
        store_webhooks.from_row(rest),
        bytes(secret),
        None if old_secret is None else bytes(old_secret),
    )


def settle(transaction: Transaction, attempt: Started, outcome: Outcome) -> None:
    """A delivery that somebody settled before stays so."""
    transaction.run(_SETTLE, the_key=attempt.delivery, new_state=outcome.state, due=outcome.due_at)
    transaction.run(
        _ENDED,
        the_key=attempt.delivery,
        started=attempt.started_at,
        took=outcome.milliseconds,
        answer=outcome.status,
        new_trouble=outcome.trouble,
    )


def drop(transaction: Transaction, webhook: int) -> None:
    """What waits is sent no more."""
    transaction.run(_DROP, the_webhook=webhook)


def retry(transaction: Transaction, account: int, webhook: int, sequence: int) -> str | None:
    """Makes the delivery of an event due at once, whatever became of it, and returns its type."""
    row = transaction.one(_RETRY, the_account=account, the_webhook=webhook, the_sequence=sequence)
    return None if row is None else str(row[0])


def page(transaction: Transaction, webhook: int, wanted: Page) -> tuple[list[Delivery], bool]:
    """The newest first, each with its attempts; and whether there are more."""
    rows = transaction.all(_PAGE, the_webhook=webhook, size=wanted.size + 1, skip=wanted.offset)
    shown = rows[: wanted.size]
    tried: dict[int, list[Attempt]] = {}
    for delivery, *attempt in transaction.all(_ATTEMPTS, deliveries=[row[0] for row in shown]):
        tried.setdefault(delivery, []).append(Attempt(*attempt))
    return [_delivery(row, tried.get(row[0], [])) for row in shown], len(rows) > wanted.size


def _delivery(row: Row, attempts: Sequence[Attempt]) -> Delivery:
    _, state, due_at, created_at, sequence, type_ = row
    return Delivery(state, due_at, created_at, sequence, type_, tuple(attempts))
