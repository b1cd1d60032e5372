"""What is kept of one account, read by SQL that the program does not know."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from guestlist.domain.audit import Link
from guestlist.store.database import Transaction
from guestlist.store.statements import Statement
from tests.model.power import Grant


@dataclass(frozen=True, slots=True)
class UserRow:
    key: int
    id: str
    email: str
    person: int
    place: int
    grant: Grant
    suspended: bool
    proven: bool
    has_password: bool


@dataclass(frozen=True, slots=True)
class InviteRow:
    """A pending one."""

    key: int
    id: str
    email: str
    place: int
    grant: Grant
    giver: int | None
    expires_at: int


@dataclass(frozen=True, slots=True)
class TokenRow:
    id: str
    owner: int
    scopes: frozenset[str]
    paused: bool
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """`blocks` and `living` tell by list and block how many rows there are: as kept, as counted.

    `looking` are the people whose open sessions look at the account.
    """

    revision: int
    head: Link
    totals: tuple[int, ...]
    users: list[UserRow]
    invites: list[InviteRow]
    tokens: list[TokenRow]
    addresses: list[tuple[str, int | None, int | None]]
    blocks: dict[tuple[str, int], int]
    looking: set[int]
    untold: int


def _said(sql: str) -> Statement:
    return Statement(text(sql))


_TOTALS = _said(
    "SELECT revision, entries, head, users, admins, invitations FROM accounts WHERE key = :account"
)
_USERS = _said(
    "SELECT u.key, u.id, p.email_key, u.person, u.place, u.role, u.permissions, u.suspended_at,"
    " p.proven_at, p.password FROM users u JOIN people p ON p.key = u.person"
    " WHERE u.account = :account ORDER BY u.key"
)
_INVITES = _said(
    "SELECT key, id, email_key, place, role, permissions, invited_by, expires_at"
    " FROM invitations WHERE account = :account AND state = 'pending' ORDER BY key"
)
_TOKENS = _said("SELECT id, owner, scopes, paused, expires_at FROM tokens WHERE account = :account")
_ADDRESSES = _said('SELECT email_key, "user", invitation FROM addresses WHERE account = :account')
_BLOCKS = _said("SELECT list, block, live FROM blocks WHERE account = :account AND live <> 0")
_LOOKING = _said("SELECT person FROM sessions WHERE account = :account AND ended_at IS NULL")
# A pending invitation has one letter that brings its link of now; the earlier ones bring nothing.
_UNTOLD = _said(
    "SELECT count(*) FROM invitations i WHERE i.account = :account AND i.state = 'pending'"
    " AND i.nonce IS NOT NULL AND (SELECT count(*) FROM letters l WHERE l.invitation = i.key"
    " AND l.nonce = i.nonce AND l.kind = 'invitation') <> 1"
)


def _listed(holder: str, thing: str) -> Statement:
    return _said(
        f"SELECT s.holder, t.id FROM {holder}_{thing} s JOIN {thing} t ON t.key = s.thing"  # noqa: S608 - names of ours
        " WHERE t.account = :account ORDER BY s.holder, s.position"
    )


_LISTS = {
    (holder, thing): _listed(holder, thing)
    for holder in ("user", "invitation")
    for thing in ("domains", "templates")
}
_ENTRIES = _said(
    "SELECT actor, action, subject FROM audit WHERE account = :account AND sequence > :after"
    " ORDER BY sequence"
)
_NONCE = _said(
    "SELECT nonce, key_fingerprint FROM invitations WHERE account = :account AND id = :id"
)


def read(transaction: Transaction, account: int) -> Rows:
    """In the transaction's snapshot."""
    lists = {name: _by_holder(transaction, query, account) for name, query in _LISTS.items()}

    def grant(holder: str, key: int, role: str, permissions: str) -> Grant:
        domains, templates = (
            lists[holder, thing].get(key, ()) for thing in ("domains", "templates")
        )
        return Grant(role, tuple(permissions.split()), tuple(domains), tuple(templates))

    def every(query: Statement) -> list[Any]:
        return transaction.all(query, account=account)

    users = [
        UserRow(
            key,
            wire_id,
            email,
            person,
            place,
            grant("user", key, *given),
            *(value is not None for value in (off, proven, password)),
        )
        for key, wire_id, email, person, place, *given, off, proven, password in every(_USERS)
    ]
    invites = [
        InviteRow(key, wire_id, email, place, grant("invitation", key, *given), giver, expires)
        for key, wire_id, email, place, *given, giver, expires in every(_INVITES)
    ]
    tokens = [
        TokenRow(wire_id, owner, frozenset(scopes.split()), bool(paused), expires)
        for wire_id, owner, scopes, paused, expires in every(_TOKENS)
    ]
    [[revision, last, head, *totals]] = every(_TOTALS)
    return Rows(
        revision=revision,
        head=Link(last, None if head is None else bytes(head)),
        totals=tuple(totals),
        users=users,
        invites=invites,
        tokens=tokens,
        addresses=[tuple(row) for row in every(_ADDRESSES)],
        blocks={(name, block): live for name, block, live in every(_BLOCKS)},
        looking={row[0] for row in every(_LOOKING)},
        untold=every(_UNTOLD)[0][0],
    )


def entries(transaction: Transaction, account: int, after: int) -> list[tuple[str, str, str]]:
    """Of the audit: actor, action and subject of those behind a sequence."""
    found = transaction.all(_ENTRIES, account=account, after=after)
    return [(actor, action, subject) for actor, action, subject in found]


def nonce(transaction: Transaction, account: int, invite: str) -> tuple[bytes, str]:
    """What an invitation's mailed link is derived from, and by which key."""
    found, fingerprint = transaction.only(_NONCE, account=account, id=invite)
    return bytes(found), fingerprint


def _by_holder(transaction: Transaction, query: Statement, account: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for holder, thing in transaction.all(query, account=account):
        found[holder].append(thing)
    return found
