"""A twin beside whatever else this process does: in a thread, on a free port of this machine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn

from guestlist.api.connections import Connection
from guestlist.domain.refusals import Misconfigured
from guestlist.testing.serve import Served
from guestlist.testing.twins import Options, Twin

HOST = "127.0.0.1"
START_SECONDS = 30


@contextmanager
def twin(**options: object) -> Iterator[Twin]:
    """Until the end of the block; its `options.public_url` is where it is.

    Raises BrokenFile, Misconfigured.
    """
    with socket.create_server((HOST, 0), backlog=128) as at:
        url = f"http://{HOST}:{at.getsockname()[1]}"
        made = Twin(Options(public_url=url, **options))  # type: ignore[arg-type]
        server = _Server(_config(made))
        thread = Thread(target=server.run, args=([at],), name="guestlist-twin", daemon=True)
        thread.start()
        try:
            if not server.is_ready.wait(START_SECONDS):
                raise Misconfigured(f"The twin was not ready in {START_SECONDS} seconds.")
            yield made
        finally:
            server.should_exit = True
            thread.join()


def _config(made: Twin) -> uvicorn.Config:
    return uvicorn.Config(
        Served(made),
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.is_ready.set()
