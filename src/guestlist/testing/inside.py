"""A twin in this process, for tests: on a thread and a loop of its own, behind a real socket."""

import asyncio
import atexit
import os
from asyncio import AbstractEventLoop
from collections.abc import Mapping
from concurrent.futures import Future
from functools import cache
from socket import socket
from threading import Thread
from typing import Any

from guestlist.testing import bridges, handles, running
from guestlist.testing.serve import Served
from guestlist.testing.twins import Options, Twin

# The same in every process, so that ids are the same whichever worker a test runs in.
SEED = "guestlist"
URL_VARIABLE = "GUESTLIST_TWIN_URL"
START_SECONDS = 30


class Inside:
    """Starts at once. Raises OSError where there is no port, BrokenFile for what is no world."""

    def __init__(self, *, seed: str | None = SEED, world: Mapping[str, Any] | None = None) -> None:
        listening = running.listening(0)
        url = f"http://{running.HOST}:{listening.getsockname()[1]}"
        try:
            self.twin = Twin(Options(public_url=url, seed=seed, world=world))
        except BaseException:
            listening.close()
            raise
        served = Served(self.twin)
        self._loop = Future[AbstractEventLoop]()
        self._server = running.server(served, on_ready=self._ready, ends_twin=False)
        self._thread = Thread(target=self._run, args=(listening,), name="twin", daemon=True)
        self._thread.start()
        loop = self._loop.result(START_SECONDS)
        self.handle = handles.Twin(
            url, asgi=bridges.asgi(served, loop), wsgi=bridges.wsgi(served, loop)
        )

    def close(self) -> None:
        """Ends what is in hand; once more does nothing."""
        self._server.should_exit = True
        self._thread.join()
        # Not by the server: at the end of a process its loop has no threads left for that.
        self.twin.close()

    def _ready(self) -> None:
        self._loop.set_result(asyncio.get_running_loop())

    def _run(self, listening: socket) -> None:
        try:
            self._server.run(sockets=[listening])
        except BaseException as error:
            if self._loop.done():
                raise
            self._loop.set_exception(error)


def twin() -> handles.Twin:
    """The one of this process, or the one at GUESTLIST_TWIN_URL.

    Raises OSError where there is no port.
    """
    url = os.environ.get(URL_VARIABLE)
    return handles.Twin(url) if url else _own().handle


@cache
def _own() -> Inside:
    """Until the process ends: not all who use it have an end of their own."""
    made, process = Inside(), os.getpid()

    def close() -> None:
        if os.getpid() == process:  # and is no fork, whose parent goes on
            made.close()

    atexit.register(close)
    return made
