"""The load: one process, many keep-alive connections, ready-made requests, no client library.

Only what a benchmark needs of HTTP/1.1 is read: the status and Content-Length. Each connection
has one request on its way at a time, so the load slows down with the server (closed loop).
"""

import gc
import math
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
GRACE = 15.0


@dataclass
class Outcome:
    """What a run of the load saw; `latencies` in seconds, ascending."""

    seconds: float
    latencies: list[float]
    statuses: Counter[int]
    received: int

    @property
    def rate(self) -> float:
        """Good answers in a second."""
        return sum(n for status, n in self.statuses.items() if _good(status)) / self.seconds

    @property
    def errors(self) -> dict[int, int]:
        """Count the answers that are not 2xx, by status; 0 stands for a broken connection."""
        return {status: n for status, n in self.statuses.items() if n and not _good(status)}

    def percentile(self, share: float) -> float:
        """Answer the latency that this share of the requests did not exceed."""
        last = len(self.latencies) - 1
        return (
            self.latencies[min(last, int(share * len(self.latencies)))] if last >= 0 else math.nan
        )


@dataclass
class Connection:
    """A socket and the answer that is arriving on it."""

    socket: socket.socket
    sent: float = 0.0
    # Bytes still to come; None while the head has not arrived whole.
    missing: int | None = None
    head: bytes = b""
    status: int = 0


@dataclass
class Load:
    """Requests for one server: a run goes on where the last one ended."""

    port: int
    requests: Iterator[bytes]
    connections: int
    _open: dict[int, Connection] = field(default_factory=dict)

    def run(self, seconds: float) -> Outcome:
        """Load the server for this long, then wait for the answers under way."""
        poll = select.epoll()
        outcome = Outcome(seconds, [], Counter(), 0)
        gc.collect()
        gc.disable()
        try:
            self._run(poll, outcome, seconds)
        finally:
            gc.enable()
            poll.close()
            for connection in self._open.values():
                connection.socket.close()
            self._open.clear()
        outcome.latencies.sort()
        return outcome

    def _run(self, poll: select.epoll, outcome: Outcome, seconds: float) -> None:
        for _ in range(self.connections):
            self._connect(poll)
        start = end = time.perf_counter()
        for connection in self._open.values():
            self._send(connection)
        busy = len(self._open)
        while busy and end < start + seconds + GRACE:
            for number, _ in poll.poll(1.0):
                connection = self._open[number]
                if not self._receive(connection, outcome):
                    continue
                if connection.status == 0:
                    connection = self._reconnect(poll, connection)
                if end < start + seconds:
                    self._send(connection)
                else:
                    busy -= 1
            end = time.perf_counter()
        outcome.statuses[0] += busy
        # The answers that came after the last second count, and so does the time they took:
        # else a slow server would be charged for requests it had all but answered.
        outcome.seconds = end - start

    def _connect(self, poll: select.epoll) -> Connection:
        connection = Connection(socket.create_connection((HOST, self.port), timeout=GRACE))
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
        return connection

    def _reconnect(self, poll: select.epoll, broken: Connection) -> Connection:
        poll.unregister(broken.socket)
        del self._open[broken.socket.fileno()]
        broken.socket.close()
        return self._connect(poll)

    def _send(self, connection: Connection) -> None:
        request = next(self.requests)
        connection.sent = time.perf_counter()
        connection.socket.sendall(request)

    def _receive(self, connection: Connection, outcome: Outcome) -> bool:
        """Take what has arrived; answer whether the answer is now whole (or lost)."""
        try:
            chunk = connection.socket.recv(262144)
        except OSError:
            chunk = b""
        if not chunk:
            connection.status, connection.missing, connection.head = 0, None, b""
            outcome.statuses[0] += 1
            return True
        outcome.received += len(chunk)
        if connection.missing is None:
            if not _read_head(connection, chunk):
                return False
        else:
            connection.missing -= len(chunk)
        if connection.missing:
            return False
        outcome.latencies.append(time.perf_counter() - connection.sent)
        outcome.statuses[connection.status] += 1
        connection.missing = None
        return True


def _good(status: int) -> bool:
    return 200 <= status < 300


def _read_head(connection: Connection, chunk: bytes) -> bool:
    data = connection.head + chunk
    end = data.find(b"\r\n\r\n")
    if end < 0:
        connection.head = data
        return False
    connection.head = b""
    connection.status = int(data[9:12])
    head = data[:end].lower()
    place = head.find(b"\r\ncontent-length:")
    if place < 0 and connection.status != 204:
        message = f"an answer without Content-Length: {head!r}"
        raise ValueError(message)
    length = int(head[place + 17 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
    connection.missing = length - (len(data) - end - 4)
    return True
