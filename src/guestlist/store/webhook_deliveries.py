"""Deliveries of events to webhooks: which are due, who makes them, and what became of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from guestlist.domain.events import Event
from guestlist.domain.webhooks import Taken, Webhook
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
from guestlist.store.statements import Statement, among

# In the words of the indexes, so that they are found.
_IS_QUEUED = text("webhook_deliveries.state = 'queued'")
_THE_KEY = webhook_deliveries.c.key == bindparam("the_key")


# Each a range of an index: of what waits for its time none is read.
_IS_DUE = and_(_IS_QUEUED, webhook_deliveries.c.due_at <= bindparam("now"))
_IS_BEYOND = and_(_IS_QUEUED, webhook_deliveries.c.due_at > bindparam("beyond"))
_ANY_DUE = Statement(
    select(
        exists(select(webhook_deliveries.c.key).where(_IS_DUE)),
        exists(select(webhook_deliveries.c.key).where(_IS_BEYOND)),
    )
)
_MEND = Statement(update(webhook_deliveries).where(_IS_BEYOND).values(due_at=bindparam("now")))
_leased_until = func.coalesce(webhooks.c.leased_until, 0)
_READY = Statement(
    select(webhooks.c.key)
    .where(
        webhooks.c.is_enabled,
        (_leased_until <= bindparam("now")) | (_leased_until > bindparam("beyond_lease")),
        exists().where(webhook_deliveries.c.webhook == webhooks.c.key, _IS_DUE),
        ~among(webhooks.c.key, "busy"),
    )
    # Who was served last comes last.
    .order_by(_leased_until, webhooks.c.key)
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


def is_any_due(transaction: Transaction, *, now: int, beyond: int) -> tuple[bool, bool]:
    """And whether any waits longer than until `beyond`, as no clock that is right would say."""
    due, wrong = transaction.only(_ANY_DUE, now=now, beyond=beyond)
    return bool(due), bool(wrong)


def mend(transaction: Transaction, *, now: int, beyond: int) -> None:
    """What waits longer than until then is due now."""
    transaction.run(_MEND, now=now, beyond=beyond)


def lease(
    transaction: Transaction,
    *,
    now: int,
    until: int,
    busy: Sequence[int],
    most: int,
    each: int,
) -> list[Taken]:
    """Takes webhooks, at most so many, that nobody else is serving, with `each` due deliveries."""
    ready = transaction.all(
        _READY,
        now=now,
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
            [row[0] for row in transaction.all(_DUE, the_webhook=key, now=now, most=each)],
        )
        for (key,) in ready
    ]


def release(transaction: Transaction, taken: Taken, *, now: int) -> None:
    transaction.run(_RELEASE, the_webhook=taken.webhook, until=taken.until, now=now)


def left(transaction: Transaction, delivery: int, *, now: int, until: int) -> None:
    """Its request has left: unless it is settled, there is another attempt `until` then."""
    transaction.run(_LEFT, the_key=delivery, now=now, until=until)


def start(transaction: Transaction, delivery: int, *, now: int) -> Started | None:
    """Puts an attempt down before it is made. None where the delivery is no longer due."""
    taken = transaction.one(_START, the_key=delivery, now=now)
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
