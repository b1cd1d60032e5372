"""The client for threads."""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from guestlist.client.answers import Decision, Reply
from guestlist.client.asking import Asker, Lost, OnError, Outcome, Patience, Send, Talk, denies
from guestlist.client.cache import Cache
from guestlist.client.deadlines import FAULTS, Transport
from guestlist.client.errors import GuestlistError
from guestlist.client.forks import renew_in_children
from guestlist.client.libraries import httpx
from guestlist.client.questions import About, Question, Thing
from guestlist.client.transport import MOST_BYTES, TOO_LONG, Bearer, Connection, lost, reply

_T = TypeVar("_T")


class Guestlist:
    """Asks a Guestlist at `url` with an API token that has the scope `users_read`.

    `timeout` is in seconds and for a whole answer, all `attempts` included. Without `account`, an
    id, what is asked of no thing is asked of the token's account. `on_error="deny"` makes `allowed`
    and `allowed_all` answer no, and log a warning, where they would raise; nothing makes them
    answer yes. One object is for all threads, and for forked workers; it connects when it is first
    asked.

    Every method raises `Unauthenticated`, `Forbidden`, `Malformed` or `Unavailable`, each a
    `GuestlistError`, and `ValueError` for what is no question.
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
        self._http: tuple[httpx.Client, Transport] | None = None
        self._renew()
        renew_in_children(self, Guestlist._renew)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._asker.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends its connections; asked again, it makes new ones."""
        with self._lock:
            http, self._http = self._http, None
        if http is not None:
            http[0].close()

    def decide(self, user: str, permission: str, **about: Unpack[About]) -> Decision:
        """May she, and why? It raises whatever `on_error` says."""
        question = Question(user, permission, **about)
        return self.answer(question)

    def answer(self, question: Question) -> Decision:
        """`decide`, for a question that exists already."""
        return self._run(self._asker.decide(question))

    def allowed(self, user: str, permission: str, **about: Unpack[About]) -> bool:
        """May she? Of one domain, template or resource (type, id, properties); else the account."""
        question = Question(user, permission, **about)
        try:
            return self.answer(question).allowed
        except GuestlistError as error:
            return self._denies(error)

    def allowed_all(self, questions: Iterable[Question]) -> list[bool]:
        """In the order of the questions; more than 1,000 are asked in turns."""
        asked = list(questions)
        try:
            return [it.allowed for it in self._run(self._asker.decide_all(asked))]
        except GuestlistError as error:
            return [self._denies(error)] * len(asked)

    def users_allowed(self, permission: str, **thing: Unpack[Thing]) -> Iterator[str]:
        """The ids of the users who may."""
        return self._pages("subject", self._asker.who(permission, thing))

    def things_allowed(self, user: str, permission: str, kind: str = "domain") -> Iterator[str]:
        """The ids of the domains, templates or others of one `kind` on which she may."""
        return self._pages("resource", self._asker.where(user, permission, kind))

    def permissions(self, user: str, **thing: Unpack[Thing]) -> Iterator[str]:
        """The names of all that she may."""
        return self._pages("action", self._asker.what(user, thing))

    def _pages(self, what: str, document: Mapping[str, Any]) -> Iterator[str]:
        following: str | None = ""
        while following is not None:
            found, following = self._run(self._asker.page(what, document, following))
            yield from found

    def _run(self, talk: Talk[_T]) -> _T:
        outcome: Outcome = None
        while True:
            try:
                step = talk.send(outcome)
            except StopIteration as done:
                answered: _T = done.value
                return answered
            if isinstance(step, Send):
                outcome = self._send(step)
            else:
                time.sleep(step.seconds)
                outcome = None

    def _send(self, step: Send) -> Reply | Lost:
        http, transport = self._connected()
        transport.deadline.end = time.monotonic() + step.seconds
        body = bytearray()
        ask = http.stream("POST", step.path, content=step.body, timeout=step.seconds)
        try:
            with ask as response:
                for part in response.iter_raw():
                    body += part
                    if len(body) > MOST_BYTES:
                        return TOO_LONG
                return reply(response, bytes(body))
        except FAULTS as error:
            return lost(error)

    def _connected(self) -> tuple[httpx.Client, Transport]:
        with self._lock:
            if self._http is None:
                transport = self._connection.transport()
                self._http = self._connection.blocking(transport), transport
            return self._http

    def _renew(self) -> None:
        """A forked child gets connections and a lock of its own."""
        self._lock = threading.Lock()
        self._http = None
