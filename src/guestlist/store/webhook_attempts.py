"""What was sent to a webhook, each delivery with its attempts."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from guestlist.domain.pages import Page
from guestlist.domain.webhooks import Attempt, Delivery
from guestlist.store.database import Transaction
from guestlist.store.schema import events, webhook_attempts, webhook_deliveries
from guestlist.store.statements import Row, Statement, among

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
    .where(webhook_deliveries.c.webhook == bindparam("the_webhook"))
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
