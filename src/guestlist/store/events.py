"""Events of an account, and the deliveries they are to those webhooks that want them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, insert, literal, select, update

from guestlist.domain.events import Event
from guestlist.store.database import Transaction
from guestlist.store.schema import accounts, events, invitations, webhook_deliveries, webhooks
from guestlist.store.statements import Statement, among

QUEUED = "queued"

_COLUMNS = ("account", "sequence", "type", "at", "subject", "data")
_INSERT = Statement(insert(events).values({name: bindparam(name) for name in _COLUMNS}))
_INTO = ("webhook", "event", "state", "attempts", "due_at", "created_at")


def _deliveries() -> Select[Any]:
    """The first attempt is due at once, after those of earlier events."""
    return select(
        webhooks.c.key, events.c.key, literal(QUEUED), literal(0), literal(0), events.c.at
    ).where(
        events.c.account == bindparam("the_account"),
        events.c.sequence > bindparam("after"),
        webhooks.c.account == events.c.account,
    )


# Names with a blank before and after each.
_wanted = (literal(" ") + webhooks.c.events + literal(" ")).like(
    literal("% ") + events.c.type + literal(" %")
)
_DELIVER = Statement(
    insert(webhook_deliveries).from_select(
        _INTO, _deliveries().where(webhooks.c.is_enabled, _wanted)
    )
)
_DELIVER_TO_ONE = Statement(
    insert(webhook_deliveries).from_select(
        _INTO, _deliveries().where(webhooks.c.key == bindparam("the_webhook"))
    )
)
_COUNT = Statement(
    update(accounts)
    .where(accounts.c.key == bindparam("the_account"))
    .values(events=accounts.c.events + bindparam("more"))
)
_is_untold = (invitations.c.state == "pending") & invitations.c.expiry_told_at.is_(None)
_is_over = _is_untold & (invitations.c.expires_at <= bindparam("now"))
_is_heard = invitations.c.account.in_(select(webhooks.c.account))
# Whose end, when it comes, is told to a webhook.
IS_TO_BE_TOLD = _is_untold & _is_heard
_ENDED = Statement(
    select(invitations.c.account).where(_is_heard, _is_over).distinct().limit(bindparam("most"))
)
_few_over = (
    select(invitations.c.key)
    .where(invitations.c.account == bindparam("the_account"), _is_over)
    .order_by(invitations.c.expires_at, invitations.c.key)
    .limit(bindparam("most"))
)
_told = (
    update(invitations)
    .where(invitations.c.key.in_(_few_over.scalar_subquery()))
    .values(expiry_told_at=bindparam("told_at"))
)
_TELL_ENDED = Statement(
    _told.returning(
        invitations.c.id, invitations.c.email, invitations.c.role, invitations.c.expires_at
    )
)
_SKIP_ENDED = Statement(
    update(invitations)
    .where(invitations.c.account == bindparam("the_account"), _is_over)
    .values(expiry_told_at=bindparam("told_at"))
)
_ABOUT = Statement(
    select(events.c.key, events.c.data).where(
        events.c.account == bindparam("the_account"), among(events.c.subject, "subjects")
    )
)
_REWRITE = Statement(
    update(events).where(events.c.key == bindparam("the_key")).values(data=bindparam("new_data"))
)


def add(
    transaction: Transaction, account: int, rows: Sequence[tuple[str, Event]], *, after: int
) -> None:
    """Keeps events with their subjects, numbered on from `after`, for all who want them."""
    _keep(transaction, account, rows)
    transaction.run(_DELIVER, the_account=account, after=after)


def add_for(transaction: Transaction, account: int, webhook: int, row: tuple[str, Event]) -> None:
    """Keeps the newest event of all, for one webhook alone."""
    _keep(transaction, account, [row])
    transaction.run(
        _DELIVER_TO_ONE, the_account=account, after=row[1].sequence - 1, the_webhook=webhook
    )


def _keep(transaction: Transaction, account: int, rows: Sequence[tuple[str, Event]]) -> None:
    transaction.many(
        _INSERT,
        [
            {
                "account": account,
                "sequence": event.sequence,
                "type": event.type,
                "at": event.at,
                "subject": subject,
                "data": json.dumps(event.data, ensure_ascii=False),
            }
            for subject, event in rows
        ],
    )


def count(transaction: Transaction, account: int, *, more: int) -> None:
    """For a change that does not settle the account's totals."""
    transaction.run(_COUNT, the_account=account, more=more)


def ended(transaction: Transaction, *, now: int, most: int) -> list[int]:
    """Accounts with webhooks and an invitation whose end was not told."""
    return [row[0] for row in transaction.all(_ENDED, now=now, most=most)]


def tell_ended(
    transaction: Transaction, account: int, *, now: int, most: int
) -> list[dict[str, Any]]:
    """Marks invitations that are over as told, and returns what is told of each."""
    rows = transaction.all(_TELL_ENDED, the_account=account, now=now, most=most, told_at=now)
    names = ("id", "email", "role", "expires_at")
    return sorted(
        (dict(zip(names, row, strict=True)) for row in rows),
        key=lambda told: (told["expires_at"], told["id"]),
    )


def skip_ended(transaction: Transaction, account: int, *, now: int) -> None:
    """What was over before anybody listened is no news."""
    transaction.run(_SKIP_ENDED, the_account=account, now=now, told_at=now)


def about(
    transaction: Transaction, account: int, subjects: Iterable[str]
) -> list[tuple[int, dict[str, Any]]]:
    """The data of the events about these subjects, by the event's key."""
    rows = transaction.all(_ABOUT, the_account=account, subjects=list(subjects))
    return [(key, json.loads(data)) for key, data in rows]


def rewrite(transaction: Transaction, data: Sequence[tuple[int, dict[str, Any]]]) -> None:
    if data:
        transaction.many(
            _REWRITE,
            [
                {"the_key": key, "new_data": json.dumps(one, ensure_ascii=False)}
                for key, one in data
            ],
        )
