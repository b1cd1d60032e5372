"""Letters that wait or failed, for whoever looks after the outbox."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, or_, select, update

from guestlist.store.database import Transaction
from guestlist.store.schema import invitations, letters, people, proofs
from guestlist.store.statements import Statement

_PAGE = Statement(
    select(
        *(letters.c[n] for n in ("key", "kind", "state", "attempts", "due_at", "trouble")),
        func.coalesce(letters.c.email, invitations.c.email, people.c.email),
    )
    .select_from(
        letters.outerjoin(invitations, invitations.c.key == letters.c.invitation)
        .outerjoin(proofs, proofs.c.key == letters.c.proof)
        .outerjoin(people, people.c.key == func.coalesce(letters.c.person, proofs.c.person))
    )
    .where(
        or_(letters.c.state == "queued", letters.c.state == "failed"),
        letters.c.key > bindparam("after"),
    )
    .order_by(letters.c.key)
    .limit(bindparam("most"))
)
_RETRY = Statement(
    update(letters)
    .where(
        letters.c.state == "failed",
        or_(letters.c.key == bindparam("the_key"), bindparam("the_key") == 0),
    )
    .values(state="queued", attempts=0, due_at=bindparam("now"))
    .returning(letters.c.key)
)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`to` is None where only the sending will tell."""

    key: int
    kind: str
    state: str
    attempts: int
    due_at: int
    trouble: str | None
    to: str | None


def page(transaction: Transaction, *, after: int, most: int) -> list[Undelivered]:
    """Oldest first, beginning after a key."""
    return [Undelivered(*row) for row in transaction.all(_PAGE, after=after, most=most)]


def retry(transaction: Transaction, key: int, *, now: int) -> int:
    """Makes a letter that failed due at once, or with the key 0 every one; returns how many."""
    return len(transaction.all(_RETRY, the_key=key, now=now))
