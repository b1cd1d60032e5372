"""Invitations: what is offered, to which address, until when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, delete, func, insert, null, select, update

from guestlist.domain.access import Grant
from guestlist.domain.invitations import Invitation, State
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Fault, Invalid, Rule
from guestlist.store import blocks, grants
from guestlist.store.database import Conflict, Transaction
from guestlist.store.schema import addresses, invitations
from guestlist.store.statements import Row, Statement, among

LIST = "invitations"

_OWN_COLUMNS = (
    "account",
    "id",
    "place",
    "email",
    "email_key",
    "state",
    "invited_by",
    "expires_at",
    "created_at",
    "updated_at",
)
_EDIT_COLUMNS = ("invited_by", "updated_at")
_LINK_COLUMNS = ("nonce", "key_fingerprint", "secret_sha256")
_COPY_COLUMNS = ("copy_nonce", "copy_key_fingerprint", "copy_sha256")
NO_COPY = dict.fromkeys(_COPY_COLUMNS, null())
_PENDING = invitations.c.state == State.PENDING.value


@dataclass(frozen=True, slots=True)
class Link:
    """What is kept of a link: enough to derive its secret with the key, and to look it up."""

    nonce: bytes
    key_fingerprint: str
    secret_sha256: bytes

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _LINK_COLUMNS}


COLUMNS = (
    invitations.c.key,
    invitations.c.id,
    invitations.c.email,
    invitations.c.expires_at,
    invitations.c.invited_by,
    invitations.c.created_at,
    invitations.c.updated_at,
    *grants.columns(LIST, invitations.c.key, invitations),
)


def _invitations(chosen: Subquery | None = None) -> Select[Any]:
    source: Any = invitations
    if chosen is not None:
        source = invitations.join(chosen, invitations.c.key == chosen.c.key)
    return select(*COLUMNS).select_from(source)


def _page() -> Statement:
    """Joined by key: by place, PostgreSQL goes astray where nobody counted the rows yet."""
    chosen = (
        select(invitations.c.key)
        .where(
            invitations.c.account == bindparam("account"),
            invitations.c.place >= bindparam("start"),
            _PENDING,
        )
        .order_by(invitations.c.place)
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
        .subquery()
    )
    return Statement(_invitations(chosen).order_by(invitations.c.place))


_PAGE = _page()
_PENDING_BY_ID = Statement(
    _invitations().where(
        invitations.c.account == bindparam("account"),
        invitations.c.id == bindparam("id"),
        _PENDING,
    )
)
_BY_KEY = Statement(_invitations().where(invitations.c.key == bindparam("the_key")))
_HOLDER = Statement(
    select(addresses.c.user, addresses.c.invitation).where(
        addresses.c.account == bindparam("account"),
        addresses.c.email_key == bindparam("email_key"),
    )
)
_HOLDERS = Statement(
    select(addresses.c.email_key, addresses.c.user, addresses.c.invitation).where(
        addresses.c.account == bindparam("account"), among(addresses.c.email_key, "email_keys")
    )
)
_BY_KEYS = Statement(_invitations().where(among(invitations.c.key, "keys")))
_BY_INVITER = Statement(
    _invitations().where(invitations.c.invited_by == bindparam("inviter"), _PENDING)
)
_NEW = insert(invitations).values(
    {name: bindparam(name) for name in (*_OWN_COLUMNS, *_LINK_COLUMNS, *grants.GRANT_COLUMNS)}
)
_INSERT = Statement(_NEW)
_INSERT_ONE = Statement(_NEW.returning(invitations.c.key))
_NEW_ADDRESS = insert(addresses).values(
    {n: bindparam(n) for n in ("account", "email_key", "invitation")}
)
_INSERT_ADDRESS = Statement(_NEW_ADDRESS)
# What is returned is waited for, so that a conflict is told here and not at the commit.
_INSERT_ONE_ADDRESS = Statement(_NEW_ADDRESS.returning(addresses.c.email_key))
_KEYS_BY_PLACE = Statement(
    select(invitations.c.key)
    .where(invitations.c.account == bindparam("account"), invitations.c.place >= bindparam("start"))
    .order_by(invitations.c.place)
)
_NEW_LINK = Statement(
    update(invitations)
    .where(invitations.c.key == bindparam("the_key"))
    .values(
        {name: bindparam(name) for name in (*_LINK_COLUMNS, "expires_at", "invited_by")}
        | dict.fromkeys((*_COPY_COLUMNS, "reminded_at", "expiry_told_at"), null())
    )
)
_NEW_COPY = Statement(
    update(invitations)
    .where(invitations.c.key == bindparam("the_key"))
    .values({name: bindparam(name) for name in _COPY_COLUMNS})
)
_CHANGE = Statement(
    update(invitations)
    .where(invitations.c.key == bindparam("the_key"))
    .values({n: bindparam(f"new_{n}") for n in (*grants.GRANT_COLUMNS, *_EDIT_COLUMNS)} | NO_COPY)
)
_END = Statement(
    update(invitations)
    .where(invitations.c.key == bindparam("the_key"))
    .values(state=bindparam("new_state"), updated_at=bindparam("now"))
    .returning(invitations.c.place)
)
_FREE_ADDRESS = Statement(delete(addresses).where(addresses.c.invitation == bindparam("the_key")))
_UNEXPIRED = Statement(
    select(func.count()).where(
        invitations.c.account == bindparam("account"),
        _PENDING,
        invitations.c.expires_at > bindparam("now"),
    )
)


def from_row(row: Row) -> Invitation:
    key, wire_id, email, expires, invited_by, created, updated = row[:7]
    return Invitation(
        key=key,
        id=wire_id,
        email=email,
        grant=grants.read(row[7:]),
        expires_at=expires,
        invited_by=invited_by,
        created_at=created,
        updated_at=updated,
    )


def page(transaction: Transaction, account: int, wanted: Page) -> list[Invitation]:
    """The pending ones, expired or not, in the order they were made."""
    start, skip = blocks.start(transaction, account, LIST, wanted.offset)
    rows = transaction.all(_PAGE, account=account, start=start, skip=skip, size=wanted.size)
    return [from_row(row) for row in rows]


def find(transaction: Transaction, account: int, invitation_id: str) -> Invitation | None:
    """A pending invitation; those that ended are not found."""
    row = transaction.one(_PENDING_BY_ID, account=account, id=invitation_id)
    return None if row is None else from_row(row)


def holder(
    transaction: Transaction, account: int, email_key: str
) -> tuple[int | None, Invitation | None]:
    """Who has an address: a user's key, or the pending invitation to it, or nobody."""
    row = transaction.one(_HOLDER, account=account, email_key=email_key)
    if row is None:
        return None, None
    user, invitation = row
    found = None if invitation is None else transaction.one(_BY_KEY, the_key=invitation)
    return user, None if found is None else from_row(found)


def holders(
    transaction: Transaction, account: int, email_keys: list[str]
) -> dict[str, tuple[int | None, Invitation | None]]:
    """Who has each of these addresses; one that nobody has is left out."""
    rows = transaction.all(_HOLDERS, account=account, email_keys=email_keys)
    found = by_keys(transaction, [row[2] for row in rows if row[2] is not None])
    return {row[0]: (row[1], found.get(row[2])) for row in rows}


def by_keys(transaction: Transaction, keys: list[int]) -> dict[int, Invitation]:
    """In whatever state they are."""
    rows = transaction.all(_BY_KEYS, keys=keys)
    return {row[0]: from_row(row) for row in rows}


def of_inviter(transaction: Transaction, inviter: int) -> list[Invitation]:
    return [from_row(row) for row in transaction.all(_BY_INVITER, inviter=inviter)]


def unexpired(transaction: Transaction, account: int, now: int) -> int:
    row = transaction.one(_UNEXPIRED, account=account, now=now)
    return 0 if row is None else int(row[0])


def add(
    transaction: Transaction, account: int, row: dict[str, Any], link: Link, grant: Grant
) -> int:
    """Keeps a new invitation and returns its key; `row` holds `_OWN_COLUMNS` but the state.

    Raises Invalid where the address is taken: the constraint has the last word.
    """
    values = row | _pending(grant) | link.values()
    made = transaction.only(_INSERT_ONE, **values)
    key = int(made[0])
    try:
        transaction.only(
            _INSERT_ONE_ADDRESS, account=account, email_key=row["email_key"], invitation=key
        )
    except Conflict as conflict:
        raise Invalid([Fault("email", Rule.TAKEN)]) from conflict
    grants.add_lists(transaction, LIST, [(key, grant)])
    blocks.entered(transaction, account, LIST, row["place"])
    return key


def add_many(
    transaction: Transaction, account: int, rows: list[dict[str, Any]], wanted: list[Grant]
) -> None:
    """Keeps imported invitations at consecutive places; they have no link until they are resent."""
    start = rows[0]["place"]
    no_link = dict.fromkeys(_LINK_COLUMNS)
    transaction.many(
        _INSERT,
        [no_link | row | _pending(grant) for row, grant in zip(rows, wanted, strict=True)],
    )
    keys = [row[0] for row in transaction.all(_KEYS_BY_PLACE, account=account, start=start)]
    transaction.many(
        _INSERT_ADDRESS,
        [
            {"account": account, "email_key": row["email_key"], "invitation": key}
            for row, key in zip(rows, keys, strict=True)
        ],
    )
    grants.add_lists(transaction, LIST, zip(keys, wanted, strict=True))
    blocks.entered(transaction, account, LIST, start, len(rows))


def _pending(grant: Grant) -> dict[str, Any]:
    return {"state": State.PENDING.value} | grants.values(grant)


def renew_link(transaction: Transaction, renewed: Invitation, link: Link) -> None:
    """Kills the old links and keeps a new one; the wire's dates stay (contract section 11).

    `renewed` is the invitation with its new end and giver.
    """
    values = link.values() | {n: getattr(renewed, n) for n in ("expires_at", "invited_by")}
    transaction.run(_NEW_LINK, the_key=renewed.key, **values)


def copy_link(transaction: Transaction, invitation: Invitation, link: Link) -> None:
    """Keeps a link that was copied beside the mailed one; an older copy opens nothing any more."""
    values = dict(zip(_COPY_COLUMNS, link.values().values(), strict=True))
    transaction.run(_NEW_COPY, the_key=invitation.key, **values)


def change(
    transaction: Transaction, invitation: Invitation, grant: Grant, *, giver: int | None, now: int
) -> None:
    values = grants.values(grant) | {"invited_by": giver, "updated_at": now}
    changes = {f"new_{name}": value for name, value in values.items()}
    transaction.run(_CHANGE, the_key=invitation.key, **changes)
    grants.replace_lists(transaction, LIST, invitation.key, grant)


def end(
    transaction: Transaction, account: int, invitation: Invitation, state: State, *, now: int
) -> None:
    """Takes an invitation out of the pending ones and frees its address."""
    row = transaction.only(_END, the_key=invitation.key, new_state=state.value, now=now)
    blocks.left(transaction, account, LIST, row[0])
    transaction.run(_FREE_ADDRESS, the_key=invitation.key)
