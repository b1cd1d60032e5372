"""Many at once: threads that begin together, and plain clients over one connection each."""

import http.client
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from guestlist.actions import tokens
from guestlist.actions.runtime import Caller, Runtime
from guestlist.app import deployments
from guestlist.domain.audit import Cause
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS
from guestlist.domain.links import Keys
from guestlist.store.database import Database
from tests.servers import KEY
from tests.stand import NO_CAPS, PUBLIC_URL

CLIENTS = 32
PATIENCE_SECONDS = 60


def runtime(database_url: str, *, connections: int = CLIENTS) -> Runtime:
    """As a live server's, with the real clock and a connection for everybody."""
    return Runtime(
        database=Database(database_url, connections=connections),
        keys=Keys((KEY.encode(),)),
        now=deployments.now,
        random=deployments.random,
        public_url=PUBLIC_URL,
        invitation_life=DEFAULT_LIFE_DAYS * DAY,
        caps=NO_CAPS,
    )


def caller(runtime: Runtime, token: str, *, scope: str = "users_full") -> Caller:
    """Who asks through a token, as a request finds out before it changes anything."""
    return tokens.authenticate(runtime, token, cause=Cause("test"), scope=scope)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returned or raised; no more than `CLIENTS` run at a time, and they begin together.

    The barrier only lines up the start: which of them is first is the race.
    """
    line = threading.Barrier(min(CLIENTS, len(works)))

    def run(number: int, work: Callable[[], Any]) -> Any:
        if number < line.parties:
            line.wait(PATIENCE_SECONDS)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - what went wrong is what is asked for
            return error

    with ThreadPoolExecutor(line.parties) as threads:
        jobs = [threads.submit(run, number, work) for number, work in enumerate(works)]
        return [job.result(PATIENCE_SECONDS) for job in jobs]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection that is kept, to a server on this machine."""

    def __init__(self, base_url: str, token: str, *, patience: float = PATIENCE_SECONDS) -> None:
        parts = urlsplit(base_url)
        assert parts.hostname is not None
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience)
        self._headers = {"authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Raises OSError or HTTPException where the connection broke before the answer was whole.

        `if_none_match=` is the header `if-none-match`.
        """
        self.send(method, path, body, **headers)
        return self.receive()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> None:
        content = None if body is None else json.dumps(body)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, content, self._headers | more)

    def receive(self) -> Answer:
        """What was asked last is answered."""
        answer = self._connection.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, said, answer.read())


def ask(base_url: str, token: str, method: str, path: str, body: Any = None) -> Answer:
    """One request over a connection of its own."""
    with Client(base_url, token) as client:
        return client.ask(method, path, body)
