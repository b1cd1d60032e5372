"""What a review tells of users beside what the wire does."""

from sqlalchemy import bindparam, func, select

from guestlist.store.database import Transaction
from guestlist.store.schema import people, tokens, users
from guestlist.store.statements import Statement, among

_OWNED = (
    select(func.count())
    .select_from(tokens)
    .where(tokens.c.owner == users.c.key)
    .correlate(users)
    .scalar_subquery()
)
_STATES = Statement(
    select(users.c.key, users.c.suspended_at, people.c.signed_in_at, _OWNED)
    .select_from(users.join(people, people.c.key == users.c.person))
    .where(users.c.account == bindparam("the_account"), among(users.c.key, "keys"))
)


def states(
    transaction: Transaction, account: int, keys: list[int]
) -> dict[int, tuple[int | None, int | None, int]]:
    """By user: since when suspended, the last sign-in, and how many tokens they own."""
    rows = transaction.all(_STATES, the_account=account, keys=keys)
    return {key: (suspended, signed_in, owned) for key, suspended, signed_in, owned in rows}
