"""The client for coroutines, on asyncio."""

import asyncio
import ssl
import threading
import weakref
from collections.abc import AsyncIterator, Coroutine, Generator, Iterable, Mapping
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar, Unpack

from guestlist.client.answers import Decision, Reply
from guestlist.client.asking import Asker, Lost, OnError, Outcome, Patience, Send, Talk, denies
from guestlist.client.cache import Cache
from guestlist.client.errors import GuestlistError
from guestlist.client.forks import renew_in_children
from guestlist.client.libraries import httpx
from guestlist.client.questions import About, Question, Thing
from guestlist.client.transport import (
    MOST_BYTES,
    TOO_LATE,
    TOO_LONG,
    Bearer,
    Connection,
    lost,
    reply,
)

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class Pending(Coroutine[Any, Any, _T_co]):
    """A coroutine that is no yes: `if guestlist.allowed(…):` without `await` raises `TypeError`."""

    def __init__(self, asked: Coroutine[Any, Any, _T_co]) -> None:
        self._asked = asked

    def __bool__(self) -> NoReturn:
        self._asked.close()
        raise TypeError("this is no answer yet: write `await` before it")

    def __await__(self) -> Generator[Any, Any, _T_co]:
        return self._asked.__await__()

    def send(self, value: Any, /) -> Any:
        return self._asked.send(value)

    def throw(self, *error: Any) -> Any:
        return self._asked.throw(*error)

    def close(self) -> None:
        self._asked.close()


class AsyncGuestlist:
    """`Guestlist` with the same methods to be awaited, and iterated with `async for`.

    One object is for all event loops, each with connections of its own.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        account: str | None = None,
        timeout: float = 5.0,
        attempts: int = 3,
        cache: Cache | None = None,
        on_error: OnError = "raise",
        tls: ssl.SSLContext | None = None,
        proxy: str | None = None,
    ) -> None:
        bearer = Bearer(token)
        self._asker = Asker(url, bearer.fingerprint, account, Patience(timeout, attempts), cache)
        self._connection = Connection(self._asker.url, bearer, tls, proxy)
        self._denies = denies(on_error)
        self._renew()
        renew_in_children(self, AsyncGuestlist._renew)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._asker.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the connections of this event loop; asked again, it makes new ones."""
        with self._lock:
            http = self._http.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.aclose()

    def decide(self, user: str, permission: str, **about: Unpack[About]) -> Pending[Decision]:
        """May she, and why? It raises whatever `on_error` says."""
        question = Question(user, permission, **about)
        return self.answer(question)

    def answer(self, question: Question) -> Pending[Decision]:
        """`decide`, for a question that exists already."""
        return Pending(self._run(self._asker.decide(question)))

    def allowed(self, user: str, permission: str, **about: Unpack[About]) -> Pending[bool]:
        """May she? Of one domain, template or resource (type, id, properties); else the account."""
        question = Question(user, permission, **about)
        return Pending(self._allowed(question))

    def allowed_all(self, questions: Iterable[Question]) -> Pending[list[bool]]:
        """In the order of the questions; more than 1,000 are asked in turns."""
        return Pending(self._allowed_all(list(questions)))

    def users_allowed(self, permission: str, **thing: Unpack[Thing]) -> AsyncIterator[str]:
        """The ids of the users who may."""
        return self._pages("subject", self._asker.who(permission, thing))

    def things_allowed(
        self, user: str, permission: str, kind: str = "domain"
    ) -> AsyncIterator[str]:
        """The ids of the domains, templates or others of one `kind` on which she may."""
        return self._pages("resource", self._asker.where(user, permission, kind))

    def permissions(self, user: str, **thing: Unpack[Thing]) -> AsyncIterator[str]:
        """The names of all that she may."""
        return self._pages("action", self._asker.what(user, thing))

    async def _allowed(self, question: Question) -> bool:
        try:
            return (await self.answer(question)).allowed
        except GuestlistError as error:
            return self._denies(error)

    async def _allowed_all(self, questions: list[Question]) -> list[bool]:
        try:
            return [it.allowed for it in await self._run(self._asker.decide_all(questions))]
        except GuestlistError as error:
            return [self._denies(error)] * len(questions)

    async def _pages(self, what: str, document: Mapping[str, Any]) -> AsyncIterator[str]:
        following: str | None = ""
        while following is not None:
            found, following = await self._run(self._asker.page(what, document, following))
            for one in found:
                yield one

    async def _run(self, talk: Talk[_T]) -> _T:
        outcome: Outcome = None
        while True:
            try:
                step = talk.send(outcome)
            except StopIteration as done:
                answered: _T = done.value
                return answered
            if isinstance(step, Send):
                outcome = await self._send(step)
            else:
                await asyncio.sleep(step.seconds)
                outcome = None

    async def _send(self, step: Send) -> Reply | Lost:
        body = bytearray()
        ask = self._connected().stream("POST", step.path, content=step.body, timeout=step.seconds)
        try:
            async with asyncio.timeout(step.seconds), ask as response:
                async for part in response.aiter_raw():
                    body += part
                    if len(body) > MOST_BYTES:
                        return TOO_LONG
                return reply(response, bytes(body))
        except TimeoutError:
            return TOO_LATE
        except httpx.HTTPError as error:
            return lost(error)

    def _connected(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._http:
                self._http[loop] = self._connection.coroutines()
            return self._http[loop]

    def _renew(self) -> None:
        """A forked child gets connections and a lock of its own."""
        self._lock = threading.Lock()
        self._http: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]
        self._http = weakref.WeakKeyDictionary()
