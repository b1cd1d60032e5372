"""Accounts of their own for tests, and what they hold."""

from typing import Any

from msgspec import Struct

from guestlist.actions import accounts as every_account
from guestlist.actions import exports
from guestlist.actions.runtime import operator
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.realms import Realm
from guestlist.testing.twins import Account


class AccountAnswer(Struct):
    """`token` is the text of the first of its `tokens`: each with name, owner and token."""

    id: str
    name: str
    token: str | None
    tokens: list[dict[str, str]]


class DroppedAnswer(Struct):
    dropped: bool


class WorldAnswer(Struct):
    """`accounts` as an import reads them."""

    accounts: list[dict[str, Any]]


class LoadedAnswer(Struct):
    accounts: list[AccountAnswer]


async def make(ask: Ask) -> Any:
    """What it begins with, as an import reads an account, and the `realm` its ids follow from."""
    document = dict(ask.body)
    realm = ask.text("realm") if document.pop("realm", None) is not None else None
    return told(await ask.thread(ask.twin.make_account, document, realm=realm))


async def drop(ask: Ask) -> Any:
    realm = ask.realm
    if realm is None:
        raise Refused(422, "Show the token of the account that is to be dropped.")
    if realm is ask.twin.first:
        raise Refused(409, "What the twin began with stays. To set it back: POST /_twin/reset.")
    async with realm.held():
        await ask.thread(ask.twin.drop, realm)
    return DroppedAnswer(dropped=True)


def told(account: Account) -> AccountAnswer:
    token = account.tokens[0]["token"] if account.tokens else None
    return AccountAnswer(account.id, account.name, token, account.tokens)


async def export(ask: Ask) -> Any:
    found: list[Any] = []
    for realm in ask.realms:
        async with realm.used():
            found += await ask.thread(_exported, realm)
    return WorldAnswer(found)


def _exported(realm: Realm) -> list[dict[str, Any]]:
    written = []
    for account in every_account.every(realm.runtime):
        with exports.account(realm.runtime, operator(account.key, "twin")) as document:
            written.append(
                {k: v if isinstance(v, str | int | None) else list(v) for k, v in document.items()}
            )
    return written


async def load(ask: Ask) -> Any:
    async with ask.one.used():
        made = await ask.thread(ask.twin.add_world, ask.one, ask.body)
    return LoadedAnswer([told(one) for one in made])
