"""How an answer leaves: whole, slowly, cut off, or not at all."""

import asyncio

from msgspec import UNSET
from starlette.types import Receive, Send

from guestlist.testing import connections
from guestlist.testing.exchanges import Exchange
from guestlist.testing.faults.documents import DRIP, DROPPED, TRUNCATED, Fault

_PIECES_PER_SECOND = 20


async def deliver(exchange: Exchange, fault: Fault, receive: Receive, send: Send) -> None:
    """The answer there is, in the fault's way. Raises ConnectionResetError in the same process."""
    if fault.kind == DROPPED:
        await _drop(exchange, receive, is_reset=fault.reset is True)
    elif fault.kind == TRUNCATED and fault.bytes is not UNSET:
        await _truncate(exchange, fault.bytes, receive, send)
    elif fault.kind == DRIP and fault.bytes_per_second is not UNSET:
        await _drip(exchange, fault.bytes_per_second, receive, send)
    else:
        await exchange.deliver(send)


async def _drop(exchange: Exchange, receive: Receive, *, is_reset: bool) -> None:
    transport = connections.transport(exchange.scope)
    if transport is None:
        raise ConnectionResetError("A fault dropped the connection, as it was planned to.")
    if is_reset:
        connections.reset(transport)
    else:
        transport.close()
    await _ended(receive)


async def _truncate(exchange: Exchange, size: int, receive: Receive, send: Send) -> None:
    transport = connections.transport(exchange.scope)
    await exchange.begin(send)
    body = bytes(exchange.answer[:size])
    # without a connection nothing but the number of bytes says that some are missing
    await send({"type": "http.response.body", "body": body, "more_body": transport is not None})
    if transport is not None:
        transport.close()
        await _ended(receive)


async def _drip(exchange: Exchange, rate: int, receive: Receive, send: Send) -> None:
    transport = connections.transport(exchange.scope)
    await exchange.begin(send)
    size = -(-rate // _PIECES_PER_SECOND)
    for start in range(0, len(exchange.answer), size):
        if transport is not None and transport.is_closing():
            return await _ended(receive)
        piece = bytes(exchange.answer[start : start + size])
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(len(piece) / rate)
    return await send({"type": "http.response.body", "body": b""})


async def _ended(receive: Receive) -> None:
    """Returns once the server knows it too: it would send an answer of its own."""
    while (await receive())["type"] != "http.disconnect":
        pass
