"""A twin in a process of its own: started, told of in one line, and ended."""

import signal
import socket
from collections.abc import Callable

import uvicorn

from guestlist.domain.refusals import Misconfigured
from guestlist.testing.connections import OpenConnection
from guestlist.testing.serve import Served
from guestlist.testing.twins import Twin

HOST = "127.0.0.1"
STOP_SECONDS = 5


def listening(port: int) -> socket.socket:
    """On loopback; 0 is any free port. Raises Misconfigured."""
    try:
        return socket.create_server((HOST, port), backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"Cannot listen on {HOST}, port {port}: {error.strerror}. Choose another with --port."
        ) from error


def serve(twin: Twin, at: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Until told to stop."""
    made = server(Served(twin), on_ready=on_ready)
    # uvicorn, having ended in peace, raises the signal that asked for it once more
    for signalled in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signalled, lambda *_: None)
    made.run(sockets=[at])


def server(served: Served, *, on_ready: Callable[[], None]) -> uvicorn.Server:
    """One for a twin; it is ready on the loop that it runs on."""
    config = uvicorn.Config(
        served,
        http=OpenConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return _Server(config, on_ready)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()
