"""Setting realms back."""

from typing import Any

from msgspec import Struct

from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.quota import Bucket
from guestlist.testing.twins import START

_DEFAULT = "snapshot"


class SnapshotBody(Struct, forbid_unknown_fields=True):
    name: str = _DEFAULT


class SnapshotAnswer(Struct):
    name: str


class ResetAnswer(Struct):
    reset: bool


async def reset(ask: Ask) -> Any:
    """As it was at the start; of the whole twin, the accounts made since are gone."""
    if ask.realm is None:
        for realm in ask.twin:
            if realm is not ask.twin.first:
                async with realm.held():
                    pass
        await ask.thread(ask.twin.forget_accounts)
        ask.twin.faults.clear()
        ask.twin.quota = Bucket()
    realm = ask.one
    async with realm.held():
        await ask.thread(realm.put_back, START)
        realm.requests.clear()
    return ResetAnswer(reset=True)


async def keep(ask: Ask) -> Any:
    name = ask.text("name", default=_DEFAULT)
    for realm in ask.realms:
        async with realm.held():
            await ask.thread(realm.keep, name)
    return SnapshotAnswer(name)


async def restore(ask: Ask) -> Any:
    name = ask.text("name", default=_DEFAULT)
    having = [realm for realm in ask.realms if name in realm.kept]
    if not having:
        raise Refused(404, f"There is no snapshot {name!r}: make it with POST /_twin/snapshot.")
    for realm in having:
        async with realm.held():
            await ask.thread(realm.put_back, name)
    return SnapshotAnswer(name)
