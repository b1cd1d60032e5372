"""Both clients behind one face, so that every promise is tried on each."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from guestlist.client import AsyncGuestlist, Guestlist
from tests.client.peer import Answer, Peer

TOKEN = "mlsn." + "c" * 64


class Asking:
    """Calls a method and waits for all of what it gives, whatever the client's colour."""

    def __init__(self, colour: str, url: str, token: str = TOKEN, **options: Any) -> None:
        kind: Any = Guestlist if colour == "threads" else AsyncGuestlist
        self.client: Any = kind(url, token, **options)
        self._loop = asyncio.Runner()

    def __call__(self, method: str, *args: Any, **about: Any) -> Any:
        given = getattr(self.client, method)(*args, **about)
        if isinstance(given, AsyncIterator):
            return self._loop.run(_gathered(given))
        if inspect.isawaitable(given):
            return self._loop.run(_awaited(given))
        return list(given) if isinstance(given, Iterator) else given

    def allowed(self, user: str = "ana", permission: str = "read-activity", **about: Any) -> Any:
        return self("allowed", user, permission, **about)

    def close(self) -> None:
        self("close" if isinstance(self.client, Guestlist) else "aclose")
        self._loop.close()


async def _awaited(given: Any) -> Any:
    return await given


async def _gathered(given: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in given]


@pytest.fixture(params=["threads", "coroutines"])
def client(request: pytest.FixtureRequest) -> Iterator[Callable[..., Asking]]:
    """Makes a client of a colour; its connections end with the test."""
    made: list[Asking] = []

    def make(url: str, token: str = TOKEN, **options: Any) -> Asking:
        made.append(Asking(request.param, url, token, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Starts a server that gives these answers."""
    with ExitStack() as running:

        def start(*answers: Answer, **more: Any) -> Peer:
            return running.enter_context(Peer(list(answers), **more))

        yield start
