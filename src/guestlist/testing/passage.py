"""The way of a request through the twin: to its realm, and back."""

import asyncio

from starlette.types import Receive, Scope, Send

from guestlist.api import refusals
from guestlist.api.documents import JSON
from guestlist.testing import notes
from guestlist.testing.exchanges import Exchange
from guestlist.testing.faults import answers, wire
from guestlist.testing.faults.documents import AFTER, BEFORE, DROPPED, Fault
from guestlist.testing.faults.plans import meet
from guestlist.testing.realms import Gone, Realm
from guestlist.testing.twins import Twin

# Stands for an answer until there is one, or none at all.
_NOBODYS = -1
_JSON = {"content-type": JSON, "cache-control": "no-cache, private"}
_STRICT = "This twin is strict, and nothing was done. {notes}"


class Passage:
    """What happens between the client and the doors of a realm."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope)
        realm = await asyncio.to_thread(self._realm, exchange)
        exchange.at = realm.now
        fault = None
        if not await self._is_refused(exchange, receive):
            fault = meet((realm.faults, self._twin.faults), exchange.method, exchange.path)
            realm = await self._reach(exchange, realm, fault, receive)
        if not exchange.status:
            return  # the client left before it had asked
        exchange.notes = notes.of(exchange)
        is_answered = fault is None or fault.kind != DROPPED
        realm.requests.add(exchange, fault, is_answered=is_answered)
        if fault is None:
            await exchange.deliver(send)
        elif not fault.pause(AFTER) or await exchange.outlasts(fault.pause(AFTER), receive):
            await wire.deliver(exchange, fault, receive, send)

    async def _is_refused(self, exchange: Exchange, receive: Receive) -> bool:
        """A strict twin does nothing that is odd."""
        if not self._twin.options.is_strict or not await exchange.read(receive):
            return False
        found = notes.of(exchange)
        if found:
            made = refusals.plain(400, _STRICT.format(notes=" ".join(found)))
            exchange.replace(made.status, _JSON, made.body)
        return bool(found)

    async def _reach(
        self, exchange: Exchange, realm: Realm, fault: Fault | None, receive: Receive
    ) -> Realm:
        """Asks the realm, as far as the fault lets it; the one whose the exchange was."""
        if fault is not None and fault.pause(BEFORE):
            there = await exchange.read(receive)
            if not (there and await exchange.outlasts(fault.pause(BEFORE), receive)):
                return realm
            realm = await asyncio.to_thread(self._realm, exchange)  # it may be gone since
        if fault is None or fault.is_reached:
            try:
                await self._ask(exchange, realm, receive)
            except Gone:
                realm = self._twin.first  # where nobody knows what was given out there
                await self._ask(exchange, realm, receive)
        elif await exchange.read(receive):
            exchange.status = _NOBODYS
        if fault is not None and fault.answers and exchange.status:
            told = answers.told(fault, realm.quota.now, now=realm.now)
            exchange.replace(told.status, told.headers, told.body)
        return realm

    async def _ask(self, exchange: Exchange, realm: Realm, receive: Receive) -> None:
        async with realm.used() as front:
            await exchange.ask(front, receive)
            if exchange.method not in {"GET", "HEAD", "OPTIONS"}:
                await asyncio.to_thread(realm.settle)
        for secret in exchange.given_out():
            self._twin.remember(secret, realm)

    def _realm(self, exchange: Exchange) -> Realm:
        """Whose token it shows, or whose link or cookie; a stranger's is the first one."""
        twin = self._twin
        if exchange.token:
            return twin.of(exchange.token) or twin.first
        found = (twin.of(secret) for secret in exchange.shown())
        return next((realm for realm in found if realm is not None), twin.first)
