"""An account: the tenant, and what is kept with it."""

from dataclasses import dataclass

MAX_NAME = 255
MAX_SEATS = 10**9


@dataclass(frozen=True, slots=True)
class Account:
    """`users` to `invitations` are kept totals (`invitations`: the pending ones, expired or not).

    `next_user` and `next_invitation` are the next places in the account's lists.
    """

    key: int
    id: str
    name: str
    seats: int | None
    revision: int
    users: int
    admins: int
    invitations: int
    next_user: int
    next_invitation: int
    created_at: int
