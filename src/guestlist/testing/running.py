"""A twin in a process of its own: started, told of in one line, and ended."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import uvicorn

from guestlist.domain.refusals import Misconfigured
from guestlist.testing.connections import OpenConnection
from guestlist.testing.serve import Served
from guestlist.testing.twins import Twin

if TYPE_CHECKING:  # only who wants TLS waits for cryptography
    from guestlist.testing.address import FixedAddress

HOST = "127.0.0.1"
STOP_SECONDS = 5


def listening(port: int) -> socket.socket:
    """On loopback; 0 is any free port. Raises Misconfigured."""
    try:
        made = socket.create_server((HOST, port), backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"Cannot listen on {HOST}, port {port}: {error.strerror}. Choose another with --port."
        ) from error
    # asyncio spares clients a wait for the second half of an answer only where the protocol is said
    return socket.socket(made.family, made.type, socket.IPPROTO_TCP, made.detach())


def serve(
    twin: Twin,
    at: socket.socket,
    *,
    on_ready: Callable[[], None],
    address: FixedAddress | None = None,
) -> None:
    """Until told to stop."""
    made = server(Served(twin), on_ready=on_ready, address=address)
    # uvicorn, having ended in peace, raises the signal that asked for it once more
    for signalled in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signalled, lambda *_: None)
    made.run(sockets=[at])


@contextmanager
def serving(
    twin: Twin, at: socket.socket, *, address: FixedAddress | None = None
) -> Iterator[None]:
    """In a thread of its own, ready when the block begins and ended after it."""
    ready = Event()
    made = server(Served(twin), on_ready=ready.set, address=address)

    def work() -> None:
        try:
            made.run(sockets=[at])
        finally:
            ready.set()

    thread = Thread(target=work, name="guestlist-twin")
    with _deaf():
        thread.start()
    try:
        ready.wait()
        if not made.started:
            raise RuntimeError("The twin did not start.")
        yield
    finally:
        made.should_exit = True
        thread.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """Threads started in this block are given no signal.

    The main thread hears of one only where it was given it itself: else it waits on, for a command
    that was told nothing.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def server(
    served: Served,
    *,
    on_ready: Callable[[], None],
    address: FixedAddress | None = None,
    ends_twin: bool = True,
) -> uvicorn.Server:
    """One for a twin; it is ready on the loop that it runs on."""
    config = uvicorn.Config(
        served,
        http=OpenConnection,
        ws="none",
        loop="asyncio",  # uvloop is faster under a load that no test makes, and takes two megabytes
        lifespan="on" if ends_twin else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return _Server(config, on_ready, address)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        address: FixedAddress | None,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            if self._address is not None:
                self.servers.append(await self._address.start(self._connection))
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._address is not None:
            await self._address.stop()

    def _connection(self) -> asyncio.Protocol:
        return OpenConnection(self.config, self.server_state, self.lifespan.state)
