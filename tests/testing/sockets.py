"""A twin behind a real socket, and what comes over it byte for byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import httpx

from guestlist.testing import running
from guestlist.testing.serve import Served
from guestlist.testing.twins import Options, Twin
from tests.testing.hands import Hands

# A busy machine is no failure.
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client saw of one answer until the connection ended, by RST or not."""

    whole: bytes
    was_reset: bool

    @property
    def line(self) -> bytes:
        return self.whole.partition(b"\r\n")[0]

    @property
    def headers(self) -> dict[str, str]:
        """But for the time, and that the connection ends as the client asked."""
        head = self.whole.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        found = dict(line.split(": ", 1) for line in head)
        return {name: it for name, it in found.items() if name not in {"date", "connection"}}

    @property
    def body(self) -> bytes:
        return self.whole.partition(b"\r\n\r\n")[2]


class Live:
    """A twin on a thread and a port of its own."""

    def __init__(self, **options: Any) -> None:
        self._listening = running.listening(0)
        self.port = self._listening.getsockname()[1]
        self.url = f"http://{running.HOST}:{self.port}"
        self.twin = Twin(Options(public_url=self.url, **options))
        self._ready = Event()
        self._server = running.server(Served(self.twin), on_ready=self._ready.set)
        self._thread = Thread(target=self._server.run, args=([self._listening],))
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()
        self._server.should_exit = True
        self._thread.join()

    @property
    def whole(self) -> Hands:
        return Hands(self._http, None)

    @contextmanager
    def connected(self, request: bytes) -> Iterator[socket.socket]:
        """A connection on which that was asked."""
        with socket.create_connection((running.HOST, self.port), SECONDS) as made:
            made.sendall(request)
            yield made

    def see(self, request: bytes) -> Seen:
        """What comes back until the connection ends."""
        with self.connected(request) as connection:
            whole = b""
            try:
                while part := connection.recv(65_536):
                    whole += part
            except ConnectionResetError:
                return Seen(whole, was_reset=True)
            return Seen(whole, was_reset=False)


def request(line: str, token: str, body: bytes = b"") -> bytes:
    """`line` is the method and the path; the connection ends with the answer."""
    head = [
        f"{line} HTTP/1.1",
        "Host: api.mailersend.com",
        "Connection: close",
        f"Authorization: Bearer {token}",
    ]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def nothing_more(connection: socket.socket) -> bool:
    """Whether nothing is there to be read just now, not even an end."""
    connection.settimeout(0)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    return False
