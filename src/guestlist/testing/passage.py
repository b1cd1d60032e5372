"""The way of a request through the twin: to its realm, and back."""

import asyncio

from starlette.types import Receive, Scope, Send

from guestlist.testing.exchanges import Exchange
from guestlist.testing.realms import Realm
from guestlist.testing.twins import Twin


class Passage:
    """What happens between the client and the doors of a realm."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope)
        realm = await asyncio.to_thread(self._realm, exchange)
        async with realm.used() as front:
            exchange.at = realm.now
            await exchange.ask(front, receive)
            if exchange.method not in {"GET", "HEAD", "OPTIONS"}:
                await asyncio.to_thread(realm.settle)
        if not exchange.status:
            return  # the client left before it had asked
        for value in exchange.cookies():
            self._twin.remember(value, realm)
        await exchange.deliver(send)

    def _realm(self, exchange: Exchange) -> Realm:
        """Whose token it shows, or whose link or cookie; a stranger's is the first one."""
        twin = self._twin
        if exchange.token:
            return twin.of(exchange.token) or twin.first
        found = (twin.given_out(secret) for secret in exchange.shown())
        return next((realm for realm in found if realm is not None), twin.first)
