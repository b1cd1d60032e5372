"""How one asks, apart from who waits: what to send, how long, how often, what was remembered.

Each function is a generator that yields what is to be done (`Send`, `Pause`) and is sent what came
of it, so that threads and coroutines obey the same rules.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from guestlist.client import answers
from guestlist.client.answers import Decision, Reply
from guestlist.client.cache import Cache
from guestlist.client.errors import GuestlistError, Unavailable
from guestlist.client.questions import (
    OWN_ACCOUNT,
    Question,
    Thing,
    encoded,
    required,
    subject,
    target,
)

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
SEARCH = "/access/v1/search/"

# What the server takes at once; of its 1 MiB the brackets and commas need some.
MOST_AT_ONCE = 1_000
MOST_BYTES = 1_000_000

FIRST_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Send:
    """A POST of `body`, JSON, to `path`; `seconds` is for all of it, down to the answer's end."""

    path: str
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer, and why."""

    why: str


_log = logging.getLogger("guestlist.client")

Step = Send | Pause
Outcome = Reply | Lost | None

_T = TypeVar("_T")
Talk = Generator[Step, Outcome, _T]
OnError = Literal["raise", "deny"]


@dataclass(frozen=True, slots=True)
class Patience:
    """At most `attempts`, and at most `seconds` for all of them together, pauses included."""

    seconds: float
    attempts: int

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError("timeout must be more than 0 seconds")
        if self.attempts < 1:
            raise ValueError("attempts must be 1 or more")


class Asker:
    """What a client of either colour knows."""

    def __init__(
        self,
        url: str,
        fingerprint: bytes,
        account: str | None,
        patience: Patience,
        cache: Cache | None,
    ) -> None:
        self.url = checked_url(url)
        self.account = account or OWN_ACCOUNT
        self.cache = cache
        self._patience = patience
        # clients of several tokens may share a cache
        self._whose = (self.url, fingerprint)
        self._random = SystemRandom()

    def decide(self, question: Question) -> Talk[Decision]:
        body = encoded(question.document(self.account))
        known = self._known(body)
        if known is not None:
            return known
        read, asked = yield from self._post(EVALUATION, body)
        decision = answers.decision(read, self.url)
        self._keep(body, decision, asked)
        return decision

    def decide_all(self, questions: Iterable[Question]) -> Talk[list[Decision]]:
        """In the order of the questions; only what is not remembered is asked."""
        bodies = [encoded(question.document(self.account)) for question in questions]
        found = {body: known for body in bodies if (known := self._known(body)) is not None}
        missing = [body for body in dict.fromkeys(bodies) if body not in found]
        for batch in batches(missing):
            body = b'{"evaluations":[' + b",".join(batch) + b"]}"
            read, asked = yield from self._post(EVALUATIONS, body)
            decisions = answers.decisions(read, len(batch), self.url)
            for body, decision in zip(batch, decisions, strict=True):
                self._keep(body, decision, asked)
                found[body] = decision
        return [found[body] for body in bodies]

    def page(
        self, what: str, document: Mapping[str, Any], token: str
    ) -> Talk[tuple[list[str], str | None]]:
        """One page of a search, and the token of the next; the first page's is ""."""
        asked = dict(document) | ({"page": {"token": token}} if token else {})
        read, _ = yield from self._post(SEARCH + what, encoded(asked))
        found, following = answers.page(read, "name" if what == "action" else "id", self.url)
        if following and following == token:
            raise Unavailable(f"{self.url} answers the same page again and again")
        return found, following or None

    def who(self, permission: str, thing: Thing) -> dict[str, Any]:
        """Searches for subjects, resources and actions leave out what they search for."""
        return {
            "subject": {"type": "user"},
            "action": {"name": required("permission", permission)},
            "resource": target(**thing, account=self.account),
        }

    def where(self, user: str, permission: str, kind: str) -> dict[str, Any]:
        return {
            "subject": subject(user),
            "action": {"name": required("permission", permission)},
            "resource": {"type": required("kind", kind)},
        }

    def what(self, user: str, thing: Thing) -> dict[str, Any]:
        return {
            "subject": subject(user),
            "resource": target(**thing, account=self.account),
        }

    def _post(self, path: str, body: bytes) -> Talk[tuple[dict[str, Any], float]]:
        """The answer, and when it was asked for by the cache's clock.

        Decisions and searches change nothing, so that asking again is safe.
        """
        end = time.monotonic() + self._patience.seconds
        for attempt in range(1, self._patience.attempts + 1):
            asked = 0.0 if self.cache is None else self.cache.clock()
            outcome = yield Send(path, body, max(end - time.monotonic(), 0.001))
            if isinstance(outcome, Reply) and outcome.status not in answers.BUSY:
                return answers.document(outcome, self.url), asked
            pause = self._pause(attempt, outcome)
            if attempt == self._patience.attempts or time.monotonic() + pause >= end:
                break
            yield Pause(pause)
        if isinstance(outcome, Reply):
            raise answers.unavailable(outcome, self.url)
        why = outcome.why if isinstance(outcome, Lost) else "nothing was sent"
        raise Unavailable(
            f"{self.url} gives no answer, asked {attempt} times within "
            f"{self._patience.seconds:g} s: {why}. See that it runs and can be reached from here"
        )

    def _pause(self, attempt: int, outcome: Outcome) -> float:
        """What the server asks for, or longer each time and never in step with others."""
        told = answers.seconds(outcome.retry_after) if isinstance(outcome, Reply) else None
        if told is not None:
            return told
        return float(FIRST_PAUSE * 2 ** (attempt - 1) * self._random.uniform(0.5, 1))

    def _known(self, body: bytes) -> Decision | None:
        return None if self.cache is None else self.cache.get((self._whose, body))

    def _keep(self, body: bytes, decision: Decision, asked: float) -> None:
        if self.cache is not None:
            self.cache.put((self._whose, body), decision, asked=asked)


def denies(on_error: OnError) -> Callable[[GuestlistError], bool]:
    """What becomes of an error: it is raised, or it is a no that the log knows of."""
    if on_error not in {"raise", "deny"}:
        raise ValueError("on_error must be 'raise' or 'deny'")

    def denied(error: GuestlistError) -> bool:
        if on_error == "raise":
            raise error
        _log.warning("Denied, because no decision was had: %s", error)
        return False

    return denied


def batches(bodies: Iterable[bytes]) -> Iterator[list[bytes]]:
    """As many at once as the server takes."""
    batch: list[bytes] = []
    size = 0
    for body in bodies:
        if batch and (len(batch) == MOST_AT_ONCE or size + len(body) + 1 > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += len(body) + 1
    if batch:
        yield batch


def checked_url(url: str) -> str:
    """Without a slash at its end."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("url must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("url must hold neither user, query nor fragment; the token goes beside it")
    return url.rstrip("/")
