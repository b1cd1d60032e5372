"""HTTP/1.1 by hand: what is sent is what the test says, byte for byte."""

import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.servers import HOST, LiveServer

SECONDS = 20
# What Java's client adds to each of its requests to an http address.
H2C = (
    "Connection: Upgrade, HTTP2-Settings",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    "Upgrade: h2c",
)


def request(
    line: str,
    *headers: str,
    token: str | None = None,
    body: bytes | None = None,
    host: str = "api.mailersend.com",
    version: str = "1.1",
) -> bytes:
    """`line` is the method and the path; a body brings its length."""
    head = [f"{line} HTTP/{version}", f"Host: {host}", *headers]
    if token is not None:
        head.append(f"Authorization: Bearer {token}")
    if body is not None:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + (body or b"")


def chunked(body: bytes, *, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    framed = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
    return b"".join([*framed, b"0\r\n\r\n"])


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Only of what says that it is JSON, in just these words."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, server: LiveServer) -> None:
        self._socket = socket.create_connection((HOST, server.port), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *pieces: bytes) -> None:
        """Each piece on its own way."""
        for piece in pieces:
            self._socket.sendall(piece)

    def answer(self, *, with_body: bool = True) -> Answer:
        """The next one, as its headers frame it; `with_body=False` after a HEAD."""
        status = int(self._file.readline().split()[1])
        headers: dict[str, str] = {}
        while line := self._file.readline().decode("latin-1").strip():
            name, _, value = line.partition(": ")
            assert name not in headers, f"{name} twice"
            headers[name] = value
        length = int(headers.get("content-length", "0")) if with_body else 0
        return Answer(status, headers, self._file.read(length))

    def ask(self, *pieces: bytes) -> Answer:
        self.send(*pieces)
        return self.answer()

    def is_at_its_end(self) -> bool:
        """Waits for whether the server has closed and said nothing more."""
        return self._file.read(1) == b""


def ask(server: LiveServer, *pieces: bytes) -> Answer:
    """On a connection of its own."""
    with Wire(server) as wire:
        return wire.ask(*pieces)
