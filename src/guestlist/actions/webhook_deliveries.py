"""Delivering events to webhooks: what is due, each attempt, and what becomes of it."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from guestlist.actions import events as emitting
from guestlist.actions import seals, webhooks
from guestlist.actions.logs import Logger
from guestlist.actions.runtime import NO_ACCOUNT, Caller, Runtime, begin
from guestlist.domain import events as event_rules
from guestlist.domain import webhooks as rules
from guestlist.domain.access import CUSTOM_USER, Actor, Grant
from guestlist.domain.audit import Cause, Told
from guestlist.domain.letters import one_line
from guestlist.domain.refusals import NotFound
from guestlist.domain.webhooks import Taken
from guestlist.store import accounts, events, webhook_deliveries
from guestlist.store.database import Transaction
from guestlist.store.webhook_deliveries import Outcome, Started

SECOND = rules.SECOND
# Longer than a batch's attempts may take to be started, and one to be answered.
LEASE = 60 * SECOND
# So many are started at a time to one webhook.
EACH = 8
BATCH = 100
MAX_TROUBLE = 200
_NO_SECRET = "The secret cannot be opened: the key that sealed it is gone. Rotate it."  # noqa: S105 - words

_log = Logger("guestlist.webhooks")


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """What is sent now, signed."""

    started: Started
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it: the answer's status, or else what went wrong.

    `wait` is for how long the receiver wants to be left alone, in microseconds.
    """

    milliseconds: int
    status: int | None = None
    trouble: str | None = None
    wait: int = 0


def lease(runtime: Runtime, *, busy: Collection[int], most: int) -> list[Taken]:
    """Takes webhooks with something due, at most so many, and none that is `busy`.

    First attempts to one are made by one process at a time, so that they start in order. A lease
    that nobody releases ends by itself, and what was not started is then as it was.
    """
    now = runtime.now(NO_ACCOUNT)
    clocks = {"now": now, "beyond": now + rules.LONGEST_WAIT}
    with runtime.database.read() as transaction:
        due, wrong = webhook_deliveries.is_any_due(transaction, **clocks)
    if not due and not wrong:
        return []
    with runtime.database.change() as transaction:
        if wrong:
            webhook_deliveries.mend(transaction, **clocks)
        return webhook_deliveries.lease(
            transaction,
            now=now,
            until=now + LEASE,
            busy=sorted(busy),
            most=most,
            each=EACH,
        )


def release(runtime: Runtime, taken: Taken, *, left: int | None = None) -> None:
    """`left` is the last delivery whose request has left."""
    now = runtime.now(NO_ACCOUNT)
    with runtime.database.change() as transaction:
        _leave(transaction, left, now)
        webhook_deliveries.release(transaction, taken, now=now)


def start(runtime: Runtime, taken: Taken, delivery: int, *, left: int | None = None) -> Post | None:
    """Puts an attempt down, and tells what to send; None where there is nothing any more.

    `left` is the delivery before, whose request has left.
    """
    now = runtime.now(NO_ACCOUNT)
    if now >= taken.until - LEASE // 2:
        return None
    with runtime.database.change() as transaction:
        _leave(transaction, left, now)
        started = webhook_deliveries.start(transaction, delivery, now=now)
    if started is None:
        return None
    try:
        secrets = _secrets(runtime, started, runtime.now(started.account))
    except (KeyError, ValueError):
        settle(runtime, started, Heard(0, trouble=_NO_SECRET))
        return None
    body = _body(started)
    message = rules.message_id(started.webhook.id, started.event.sequence)
    headers = rules.headers(message, body, secrets=secrets, now=now)
    return Post(started, started.webhook.url, headers, body)


def settle(runtime: Runtime, started: Started, heard: Heard) -> None:
    """Keeps what became of an attempt, and when there is another.

    A receiver that says it is gone is sent nothing more.
    """
    outcome = _outcome(runtime, started, heard)
    if heard.status != rules.GONE:
        with runtime.database.change() as transaction:
            webhook_deliveries.settle(transaction, started, outcome)
        return
    try:
        with begin(runtime, _receiver(started)) as unit:
            webhook_deliveries.settle(unit.transaction, started, outcome)
            webhooks.disable(unit, started.webhook.id, "It answered 410: gone.")
    except NotFound:
        return


def expire_due(runtime: Runtime) -> bool:
    """Tells of invitations that are over, once; True where more may be left."""
    with runtime.database.read() as transaction:
        ended = events.ended(transaction, now=runtime.now(NO_ACCOUNT), most=BATCH)
    found = [_expire_in(runtime, account) for account in ended]
    return BATCH in found or len(ended) == BATCH


def _expire_in(runtime: Runtime, account: int) -> int:
    now = runtime.now(account)
    with runtime.database.change() as transaction:
        locked = accounts.lock(transaction, account)
        over = events.tell_ended(transaction, account, now=now, most=BATCH)
        entries = [
            Told(
                at=now,
                cause=Cause("outbox"),
                actor="guestlist",
                action=event_rules.EXPIRED,
                subject=f"invitation:{told['id']}",
                before={"role": told["role"], "email": told["email"]},
            )
            for told in over
        ]
        more = emitting.emit(transaction, locked, entries)
        if more:
            events.count(transaction, account, more=more)
    return len(over)


def _leave(transaction: Transaction, delivery: int | None, now: int) -> None:
    if delivery is not None:
        webhook_deliveries.left(transaction, delivery, now=now, until=now + LEASE)


def _receiver(started: Started) -> Caller:
    """Who answers for a webhook: no user, and with no power but to have it disabled."""
    called = f"webhook:{started.webhook.id}"
    actor = Actor(Grant(CUSTOM_USER), user=0, called=called)
    return Caller(started.account, actor, Cause(f"{called} event:{started.event.sequence}"))


def _secrets(runtime: Runtime, started: Started, now: int) -> list[str]:
    """Raises KeyError where the key is gone, ValueError where this is another row's."""
    webhook = started.webhook
    sealed = {"secret": started.secret}
    if started.old_secret is not None and now < (webhook.old_secret_until or 0):
        sealed["old_secret"] = started.old_secret
    return [
        seals.unseal(
            runtime.keys, one, about=seals.about_webhook(started.account, webhook.id, column)
        ).decode()
        for column, one in sealed.items()
    ]


def _body(started: Started) -> bytes:
    event = started.event
    told = rules.payload(event, account_id=started.account_id, webhook=started.webhook)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _outcome(runtime: Runtime, started: Started, heard: Heard) -> Outcome:
    now = runtime.now(NO_ACCOUNT)
    trouble = None if heard.trouble is None else one_line(heard.trouble)[:MAX_TROUBLE]
    facts = {
        "webhook": started.webhook.id,
        "sequence": started.event.sequence,
        "status": heard.status,
        "trouble": trouble,
    }
    wait = None
    if heard.status is not None and rules.is_success(heard.status):
        state = "delivered"
        _log.info("event delivered", **facts)
    elif heard.status == rules.GONE:
        state = "dropped"
        _log.warning("webhook gone", **facts)
    else:
        wait = rules.wait(started.attempts, chance=runtime.jitter(), asked=heard.wait)
        state = "failed" if wait is None else "queued"
        retry = None if wait is None else wait // SECOND
        _log.warning("event not delivered", retry_s=retry, **facts)
    return Outcome(state, now + (wait or 0), heard.milliseconds, heard.status, trouble)
