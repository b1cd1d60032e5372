"""Setting realms back."""

from contextlib import suppress
from typing import Annotated, Any

from msgspec import Meta, Struct

from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.controls.clock import moved
from guestlist.testing.realms import Gone

_DEFAULT = "snapshot"


class SnapshotBody(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)] = _DEFAULT


class SnapshotAnswer(Struct):
    name: str


class ResetAnswer(Struct):
    reset: bool


async def reset(ask: Ask) -> Any:
    """As it was at the start; of the whole twin, the accounts made since are gone."""
    if ask.realm is None:
        for realm in ask.twin:
            if realm is not ask.twin.first:
                with suppress(Gone):
                    async with realm.held():
                        await ask.thread(ask.twin.drop, realm)
        ask.twin.begin_anew()
    realm = ask.one
    async with realm.held():
        await ask.thread(realm.put_back, None)
        realm.requests.clear()
    return ResetAnswer(reset=True)


async def keep(ask: Ask) -> Any:
    name = ask.text("name", default=_DEFAULT)
    for realm in ask.realms:
        # What is due is done, so that it is not done again behind each restore.
        await moved(ask, realm, realm.dues.advance)
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
