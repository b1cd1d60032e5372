"""Accounts to fight over, and whether what is kept of them adds up."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import text

from guestlist.actions import audit, worlds
from guestlist.actions.runtime import Caller, Runtime, operator
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.store import accounts
from guestlist.store.blocks import SIZE
from guestlist.store.database import Transaction
from guestlist.store.statements import Statement
from tests.stand import SCOPES, WORLD, token_text


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """`tokens` are those of its Admins, by the name before the @; each has every scope."""

    id: str
    key: int
    tokens: Mapping[str, str]

    @property
    def token(self) -> str:
        return self.tokens["ana"]

    @property
    def operator(self) -> Caller:
        return operator(self.key, "test")


def make_account(runtime: Runtime, **changed: Any) -> Account:
    """`changed` are keys of `WORLD` to have another value."""
    world = {**WORLD, **changed}
    admins = [user["email"] for user in world["users"] if user["role"] == "Admin"]
    held = {email.partition("@")[0]: token_text() for email in admins}
    world["tokens"] = [
        {"name": text_[-8:], "token": text_, "scopes": SCOPES, "owner": email}
        for email, text_ in zip(admins, held.values(), strict=True)
    ]
    document = msgspec.json.decode(json.dumps({"accounts": [world]}))
    [made] = (
        worlds.make(runtime, new, request="test")
        for new in world_accounts.read(document, MAILERSEND)
    )
    with runtime.database.read() as transaction:
        account = accounts.find(transaction, made.id)
    assert account is not None
    return Account(account.id, account.key, held)


def rows(transaction: Transaction, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in transaction.all(Statement(text(sql)), **values)]


def number(transaction: Transaction, sql: str, **values: Any) -> int:
    [[found]] = rows(transaction, sql, **values)
    return int(found)


_COUNTED = {
    "users": "SELECT count(*) FROM users WHERE account = :account",
    "admins": (
        "SELECT count(*) FROM users WHERE account = :account AND role = 'Admin'"
        " AND suspended_at IS NULL"
    ),
    "invitations": (
        "SELECT count(*) FROM invitations WHERE account = :account AND state = 'pending'"
    ),
}
_PLACES = {
    "users": "SELECT place FROM users WHERE account = :account",
    "invitations": "SELECT place FROM invitations WHERE account = :account AND state = 'pending'",
}
_BLOCKS = "SELECT block, live FROM blocks WHERE account = :account AND list = :list"
_HELD = (
    "SELECT p.email_key FROM users u JOIN people p ON p.key = u.person WHERE u.account = :account"
    " UNION ALL SELECT email_key FROM invitations WHERE account = :account AND state = 'pending'"
)
_ADDRESSES = "SELECT email_key FROM addresses WHERE account = :account"
_UNTOLD = (
    "SELECT count(*) FROM invitations i WHERE i.account = :account AND i.state = 'pending'"
    " AND i.nonce IS NOT NULL AND (SELECT count(*) FROM letters l WHERE l.invitation = i.key"
    " AND l.nonce = i.nonce AND l.state IN ('queued', 'sent')) <> 1"
)


def add_up(runtime: Runtime, accounts_: Sequence[Account]) -> None:
    """Asserts that totals, blocks, addresses and letters are what counting the rows says.

    And that the audit is one chain.
    """
    with runtime.database.read() as transaction:
        for account in accounts_:
            _add_up(transaction, account.key)
    for account in accounts_:
        assert audit.verify(runtime, account.operator).broken is None


def _add_up(transaction: Transaction, account: int) -> None:
    kept = accounts.get(transaction, account)
    counted = {name: number(transaction, sql, account=account) for name, sql in _COUNTED.items()}
    assert {name: getattr(kept, name) for name in counted} == counted
    for name, sql in _PLACES.items():
        living: dict[int, int] = {}
        for (place,) in rows(transaction, sql, account=account):
            living[place // SIZE] = living.get(place // SIZE, 0) + 1
        blocks = rows(transaction, _BLOCKS, account=account, list=name)
        assert {block: live for block, live in blocks if live} == living, name
    held = sorted(rows(transaction, _HELD, account=account))
    assert sorted(rows(transaction, _ADDRESSES, account=account)) == held
    assert number(transaction, _UNTOLD, account=account) == 0
