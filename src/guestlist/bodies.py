"""Reading the bodies of requests, within bounds of size, of time, and of memory for all."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from guestlist.domain.refusals import Unavailable

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_BODY = 1024 * 1024
# Read on past the limit for a while: a client that is still sending would not see the answer.
MORE_READ = MAX_BODY
MAX_HELD = 64 * MAX_BODY
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

    @asynccontextmanager
    async def read(self, receive: Receive, *, most: int = MAX_BODY) -> AsyncGenerator[bytes]:
        """A body, held for as long as the block. Raises TooLarge, TooSlow, Gone, Unavailable."""
        parts: list[bytes] = []
        try:
            await self._collect(receive, parts, most)
            yield b"".join(parts)
        finally:
            self._held -= sum(map(len, parts))

    async def _collect(self, receive: Receive, parts: list[bytes], most: int) -> None:
        read = 0
        async for part in _parts(receive, most + MORE_READ):
            read += len(part)
            if read > most:
                continue
            parts.append(part)
            self._held += len(part)
            if self._held > MAX_HELD:
                raise Unavailable("The server is busy; try again in a moment.")
        if read > most:
            raise TooLarge


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
