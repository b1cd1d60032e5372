"""How the letters of invitations fare, each with the link of now."""

from sqlalchemy import and_, select

from guestlist.domain.invitations import Delivery
from guestlist.store.database import Transaction
from guestlist.store.schema import invitations, letters
from guestlist.store.statements import Statement, among

_NEWEST_LAST = Statement(
    select(letters.c.invitation, letters.c.state, letters.c.sent_at, letters.c.trouble)
    .select_from(
        letters.join(
            invitations,
            and_(invitations.c.key == letters.c.invitation, invitations.c.nonce == letters.c.nonce),
        )
    )
    .where(letters.c.kind == "invitation", among(letters.c.invitation, "keys"))
    .order_by(letters.c.key)
)


def of_invitations(transaction: Transaction, keys: list[int]) -> dict[int, Delivery]:
    """By the invitation's key; one without a letter, as imported, is left out."""
    rows = transaction.all(_NEWEST_LAST, keys=keys)
    return {row[0]: Delivery(*row[1:]) for row in rows}
