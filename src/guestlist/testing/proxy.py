"""A proxy that leads to one place, whatever it is asked for."""

import asyncio
import socket
from contextlib import suppress
from http import HTTPStatus

from guestlist.testing.connections import reset

MAX_HEAD = 16 * 1024
HEAD_SECONDS = 10
_PORT = "443"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_PIECE = 64 * 1024
# What is still coming of a request that is refused: closed over it, the answer would be lost.
_HEARD_OUT = 16 * _PIECE
_HEARD_OUT_SECONDS = 1


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Proxy:
    """Answers CONNECT for one host with a tunnel to an address, and everything else with words.

    It never looks up a name and never connects anywhere else.
    """

    def __init__(
        self, host: str, to: tuple[str, int], *, head_seconds: float = HEAD_SECONDS
    ) -> None:
        self._host = host
        self._to = to
        self._head_seconds = head_seconds
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, at: socket.socket) -> None:
        self._server = await asyncio.start_server(self._met, sock=at, limit=MAX_HEAD)

    async def stop(self) -> None:
        """Ends what tunnels there still are."""
        if self._server is not None:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._lead(reader, writer)
        except _Refused as refused:
            await _tell(refused, reader, writer)
        except asyncio.IncompleteReadError:
            pass  # it left before it had asked
        except OSError:
            with suppress(OSError):  # what broke on one side breaks on the other
                reset(writer.transport)
        finally:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raises _Refused, OSError, IncompleteReadError."""
        self._check(await self._head(reader))
        try:
            inward, outward = await asyncio.open_connection(*self._to)
        except OSError as error:
            raise _Refused(HTTPStatus.BAD_GATEWAY, "The twin is about to end.") from error
        sending = asyncio.create_task(_send_on(reader, outward))
        try:
            writer.write(_ESTABLISHED)
            await _carry(inward, writer)
        finally:
            sending.cancel()
            outward.close()

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        """Raises _Refused, OSError, IncompleteReadError."""
        try:
            async with asyncio.timeout(self._head_seconds):
                return await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise _Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The head of a request may have {MAX_HEAD} bytes.",
            ) from error
        except TimeoutError as error:
            raise _Refused(
                HTTPStatus.REQUEST_TIMEOUT,
                f"The head of a request must be here within {self._head_seconds} seconds.",
            ) from error

    def _check(self, head: bytes) -> None:
        """Raises _Refused."""
        words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - RFC 9112, 3
            raise _Refused(HTTPStatus.BAD_REQUEST, "This is no request of HTTP/1.1.")
        method, target, _ = words
        if method != "CONNECT":
            raise _Refused(
                HTTPStatus.FORBIDDEN,
                f"This proxy only tunnels: ask for https://{self._host}, by CONNECT. What goes by"
                " plain http needs no proxy: unset HTTP_PROXY.",
            )
        host, _, port = target.rpartition(":")
        if (host.lower().removesuffix("."), port) != (self._host, _PORT):
            raise _Refused(
                HTTPStatus.FORBIDDEN,
                f"This proxy is the twin's and leads to {self._host}:{_PORT} alone, not to"
                f" {target}. Put the hosts that are to be reached without it into NO_PROXY.",
            )


async def _send_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the client says; where it breaks off, the twin is told so."""
    try:
        await _carry(reader, writer)
        writer.write_eof()
    except OSError:
        writer.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()


async def _tell(
    refused: _Refused, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    with suppress(OSError):
        writer.write(_worded(refused))
        writer.write_eof()
        async with asyncio.timeout(_HEARD_OUT_SECONDS):
            heard = 0
            while heard < _HEARD_OUT and (piece := await reader.read(_PIECE)):
                heard += len(piece)


def _worded(refused: _Refused) -> bytes:
    body = f"{refused}\n".encode()
    return (
        f"HTTP/1.1 {refused.status} {refused.status.phrase}\r\n"
        "content-type: text/plain; charset=utf-8\r\n"
        f"content-length: {len(body)}\r\n"
        "connection: close\r\n\r\n"
    ).encode() + body
