"""API tokens, and the one query that every request runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    select,
    update,
)

from guestlist.domain import tokens as rules
from guestlist.domain.access import ACCOUNTANT, ADMIN, DESIGNER, MANAGER, Actor, Catalog
from guestlist.domain.pages import Page
from guestlist.domain.tokens import Token
from guestlist.store import grants
from guestlist.store.database import Database, Transaction
from guestlist.store.schema import accounts, tokens, users
from guestlist.store.statements import Row, Statement, among, words

_COLUMNS = (
    "account",
    "id",
    "name",
    "sha256",
    "preview",
    "scopes",
    "owner",
    "domain",
    "paused",
    "created_at",
    "expires_at",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What one request's token stands for at this moment, and its account's revision."""

    account: int
    revision: int
    actor: Actor
    token: int
    last_used_at: int | None


def _standing() -> Statement:
    may_be_narrowed = and_(
        *(users.c.role != role for role in (ADMIN, MANAGER, DESIGNER, ACCOUNTANT))
    )
    own = grants.columns("users", users.c.key, users)
    return Statement(
        select(
            tokens.c.account,
            accounts.c.revision,
            tokens.c.key,
            tokens.c.id,
            tokens.c.scopes,
            tokens.c.paused,
            tokens.c.expires_at,
            tokens.c.last_used_at,
            users.c.suspended_at,
            users.c.key,
            users.c.id,
            *own[:3],
            # Lists narrow few roles, and only their requests pay for reading them.
            *(case((may_be_narrowed, listed), else_=null()) for listed in own[3:]),
        )
        .select_from(
            tokens.join(users, users.c.key == tokens.c.owner).join(
                accounts, accounts.c.key == tokens.c.account
            )
        )
        .where(tokens.c.sha256 == bindparam("sha256"))
    )


def _tokens() -> Select[Any]:
    return select(
        tokens.c.key,
        tokens.c.id,
        tokens.c.name,
        tokens.c.scopes,
        tokens.c.owner,
        users.c.id,
        users.c.role,
        tokens.c.paused,
        tokens.c.preview,
        tokens.c.domain,
        tokens.c.created_at,
        tokens.c.expires_at,
        tokens.c.last_used_at,
    ).select_from(tokens.join(users, users.c.key == tokens.c.owner))


_STANDING = _standing()
# Of its columns, those before the grant's.
_FACTS = 11
_VISIBLE = (tokens.c.owner == bindparam("owner")) | among(users.c.role, "roles")
_OF_ACCOUNT = tokens.c.account == bindparam("account")


def _page(*where: ColumnElement[bool]) -> Statement:
    return Statement(
        _tokens()
        .where(_OF_ACCOUNT, *where)
        .order_by(tokens.c.key)
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
    )


def _total(*where: ColumnElement[bool]) -> Statement:
    owned = tokens.join(users, users.c.key == tokens.c.owner)
    return Statement(select(func.count()).select_from(owned).where(_OF_ACCOUNT, *where))


_PAGE, _EVERY_PAGE = _page(_VISIBLE), _page()
_TOTAL, _EVERY_TOTAL = _total(_VISIBLE), _total()
_BY_ID = Statement(_tokens().where(_OF_ACCOUNT, tokens.c.id == bindparam("id")))
_BY_OWNER = Statement(_tokens().where(tokens.c.owner == bindparam("owner")).order_by(tokens.c.key))
_BY_TEXT = Statement(select(tokens.c.key).where(tokens.c.sha256 == bindparam("sha256")))
_SECRETS = Statement(select(tokens.c.id, tokens.c.sha256).where(_OF_ACCOUNT))
_INSERT = Statement(
    insert(tokens).values({name: bindparam(name) for name in _COLUMNS}).returning(tokens.c.key)
)
_CHANGE = Statement(
    update(tokens)
    .where(tokens.c.key == bindparam("the_key"))
    .values(
        name=bindparam("new_name"), paused=bindparam("new_paused"), owner=bindparam("new_owner")
    )
)
_DELETE = Statement(delete(tokens).where(tokens.c.key == bindparam("the_key")))
_USED = Statement(
    update(tokens).where(tokens.c.key == bindparam("the_key")).values(last_used_at=bindparam("now"))
)


def standing(
    source: Database | Transaction, sha256: bytes, *, now: Callable[[int], int], catalog: Catalog
) -> Standing | None:
    """Whom a live token speaks for. None where it is unknown, paused, expired or orphaned.

    `now` is the clock of an account, which is known only once the token is found.
    """
    row = source.one(_STANDING, sha256=sha256)
    if row is None:
        return None
    account, revision, key, wire_id, scopes, paused, expires, used, suspended, user, user_id = row[
        :_FACTS
    ]
    grant = grants.read(row[_FACTS:])
    is_usable = rules.is_usable(
        catalog,
        grant,
        paused=bool(paused),
        suspended=suspended is not None,
        expires_at=expires,
        now=now(account),
    )
    if not is_usable:
        return None
    actor = Actor(grant, user, user_id, wire_id, frozenset(scopes.split()))
    return Standing(account, revision, actor, key, used)


def _token(row: Row) -> Token:
    (key, wire_id, name, scopes, owner, owner_id, owner_role, paused, *rest) = row
    return Token(
        key, wire_id, name, tuple(scopes.split()), owner, owner_id, owner_role, bool(paused), *rest
    )


def page(
    transaction: Transaction, account: int, wanted: Page, *, owner: int, roles: list[str] | None
) -> list[Token]:
    """The tokens that `owner` has, and those whose owners have one of `roles`: None is all."""
    of_page = {"account": account, "size": wanted.size, "skip": wanted.offset}
    if roles is None:
        return [_token(row) for row in transaction.all(_EVERY_PAGE, **of_page)]
    return [_token(row) for row in transaction.all(_PAGE, owner=owner, roles=roles, **of_page)]


def total(transaction: Transaction, account: int, *, owner: int, roles: list[str] | None) -> int:
    if roles is None:
        return int(transaction.only(_EVERY_TOTAL, account=account)[0])
    return int(transaction.only(_TOTAL, account=account, owner=owner, roles=roles)[0])


def find(transaction: Transaction, account: int, token_id: str) -> Token | None:
    row = transaction.one(_BY_ID, account=account, id=token_id)
    return None if row is None else _token(row)


def of_owner(transaction: Transaction, owner: int) -> list[Token]:
    return [_token(row) for row in transaction.all(_BY_OWNER, owner=owner)]


def exists(transaction: Transaction, sha256: bytes) -> bool:
    """In any account: a token is found by its text alone."""
    return transaction.one(_BY_TEXT, sha256=sha256) is not None


def digests(transaction: Transaction, account: int) -> dict[str, bytes]:
    """What each token is recognised by, for an export."""
    return {row[0]: bytes(row[1]) for row in transaction.all(_SECRETS, account=account)}


def add(transaction: Transaction, **values: Any) -> int:
    """Keeps a new token and returns its key. Raises Conflict where its text or id exists."""
    row = transaction.only(_INSERT, **values | {"scopes": words(values["scopes"])})
    return int(row[0])


def change(transaction: Transaction, token: Token) -> None:
    """Keeps a token's name, pause and owner as they are in `token`."""
    transaction.run(
        _CHANGE,
        the_key=token.key,
        new_name=token.name,
        new_paused=token.paused,
        new_owner=token.owner,
    )


def remove(transaction: Transaction, token: Token) -> None:
    transaction.run(_DELETE, the_key=token.key)


def used(transaction: Transaction, marks: dict[int, int]) -> None:
    """When tokens were last used, by their keys; no revision changes with it."""
    # In one order, so that two processes that keep the same marks wait and do not deadlock.
    transaction.many(_USED, [{"the_key": key, "now": now} for key, now in sorted(marks.items())])
