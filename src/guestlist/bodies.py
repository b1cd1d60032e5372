"""Reading the bodies of requests, within bounds of size, of time, and of memory for all."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from guestlist.actions.limits import network
from guestlist.domain.refusals import Unavailable

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_BODY = 1024 * 1024
# Read on past the limit for a while: a client that is still sending would not see the answer.
MORE_READ = MAX_BODY
MAX_HELD = 64 * MAX_BODY
# Of one network, so that nobody alone takes the room of all.
MAX_SHARE = 8 * MAX_BODY
BODY_SECONDS = 30


class TooLarge(Exception):
    pass


class TooSlow(Exception):
    pass


class Gone(Exception):
    """The client left before it had asked."""


class Bodies:
    """The bodies of the requests in hand, whose senders have not shown a token yet."""

    def __init__(self) -> None:
        self._held = 0
        self._shares = Counter[str]()

    @asynccontextmanager
    async def read(
        self, scope: Scope, receive: Receive, *, most: int = MAX_BODY
    ) -> AsyncGenerator[bytes]:
        """A body, held for as long as the block. Raises TooLarge, TooSlow, Gone, Unavailable."""
        parts: list[bytes] = []
        client = scope.get("client")
        sender = network(client[0]) if client else ""
        try:
            await self._collect(receive, parts, most, sender)
            yield b"".join(parts)
        finally:
            self._keep(sender, -sum(map(len, parts)))

    async def _collect(self, receive: Receive, parts: list[bytes], most: int, sender: str) -> None:
        read = 0
        async for part in _parts(receive, most + MORE_READ):
            read += len(part)
            if read > most:
                continue
            parts.append(part)
            self._keep(sender, len(part))
            if self._held > MAX_HELD or self._shares[sender] > MAX_SHARE:
                raise Unavailable("The server is busy; try again in a moment.")
        if read > most:
            raise TooLarge

    def _keep(self, sender: str, size: int) -> None:
        self._held += size
        self._shares[sender] += size
        if not self._shares[sender]:
            del self._shares[sender]


async def discard(receive: Receive) -> None:
    """Reads what nobody will look at. Raises TooSlow, Gone."""
    async for _ in _parts(receive, MAX_BODY + MORE_READ):
        pass


async def _parts(receive: Receive, most: int) -> AsyncGenerator[bytes]:
    read = 0
    end = asyncio.get_running_loop().time() + BODY_SECONDS
    while read < most:
        try:
            async with asyncio.timeout_at(end):
                message = await receive()
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] == "http.disconnect":
            raise Gone
        part: bytes = message.get("body", b"")
        read += len(part)
        yield part
        if not message.get("more_body", False):
            return
