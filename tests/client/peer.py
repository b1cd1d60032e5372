"""A server that answers what a test says, well or badly, and remembers what it was asked."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    document: Any
    # which of the connections, in the order they came
    connection: int


Answer = bytes | Callable[[socket.socket], None]


def answer(status: int, document: Any = None, **headers: str) -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def decision(allowed: Any, reason: str = "") -> bytes:
    return answer(200, {"decision": allowed, "context": {"reason": reason}})


@dataclass
class Peer:
    """Gives `answers` in turn, and the last one for ever; `by` decides where it is set."""

    answers: list[Answer] = field(default_factory=list)
    by: Callable[[Asked], Answer] | None = None
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        self.asked: list[Asked] = []
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._server = socket.create_server((HOST, 0), backlog=64)
        scheme = "http" if self.tls is None else "https"
        self.url = f"{scheme}://{HOST}:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    @property
    def connections(self) -> int:
        return len(self._open)

    def drip(self, start: bytes, drop: bytes, seconds: float = 0.02) -> Answer:
        """Begins well and then never comes to an end."""

        def dripping(connection: socket.socket) -> None:
            connection.sendall(start)
            while not self.ended.wait(seconds):
                connection.sendall(drop)

        return dripping

    def silence(self, _connection: socket.socket) -> None:
        self.ended.wait()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, len(self._open)))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        if self.tls is not None:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:
                return connection.close()
            self._open[number - 1] = connection
        return self._answer(connection, number)

    def _answer(self, connection: socket.socket, number: int) -> None:
        with connection, connection.makefile("rb") as read:
            try:
                while (asked := _read(read, number)) is not None:
                    reply = self._reply(asked)
                    if callable(reply):
                        reply(connection)
                        return
                    connection.sendall(reply)
                    if not reply:
                        return
            except OSError:
                pass

    def _reply(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            if self.by is not None:
                return self.by(asked)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _read(read: Any, number: int) -> Asked | None:
    line = read.readline()
    if not line:
        return None
    headers = {}
    while (header := read.readline()) not in {b"\r\n", b""}:
        name, _, value = header.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = read.read(int(headers.get("content-length", "0")))
    return Asked(line.split()[1].decode(), headers, json.loads(body) if body else None, number)
