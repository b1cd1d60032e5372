"""When something falls due next."""

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, case, func, select

from guestlist.store.database import Transaction
from guestlist.store.events import IS_TO_BE_TOLD
from guestlist.store.reminders import IS_UNREMINDED
from guestlist.store.schema import invitations, letters, webhook_deliveries, webhooks
from guestlist.store.statements import Statement


def _later(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    """The two kinds of database call it differently. NULL is earlier than everything."""
    return case((other > one, other), else_=one)


def _first(instant: ColumnElement[int], *which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.min(instant)).where(*which).scalar_subquery()


_LETTER = _first(_later(letters.c.due_at, letters.c.leased_until), letters.c.state == "queued")
_DELIVERY = _first(
    _later(webhook_deliveries.c.due_at, webhooks.c.leased_until),
    webhook_deliveries.c.webhook == webhooks.c.key,
    webhook_deliveries.c.state == "queued",
    webhooks.c.is_enabled,
)
_END = _first(invitations.c.expires_at, IS_TO_BE_TOLD)
_NEAR = _first(invitations.c.expires_at - bindparam("ahead"), IS_UNREMINDED)
_NEXT = Statement(select(_LETTER, _DELIVERY, _END))
_NEXT_REMINDING = Statement(select(_LETTER, _DELIVERY, _END, _NEAR))


def following(transaction: Transaction, *, now: int, ahead: int | None) -> int | None:
    """The earliest instant of all; what is due already may have any that is past.

    A reminder comes so much `ahead` of an invitation's end; None: there are none.
    """
    if ahead is None:
        found = transaction.only(_NEXT)
    else:
        found = transaction.only(_NEXT_REMINDING, now=now, ahead=ahead)
    return min((instant for instant in found if instant is not None), default=None)
