"""Playing a script of calls: each asked in its turn, and nothing left behind."""

import http.client
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from guestlist.domain.refusals import Misconfigured
from guestlist.testing import scripts
from guestlist.testing.asking import Answer, NoAnswer, Peer
from guestlist.testing.scripts import UNKNOWN_ID, Script, Step

# Of an account that has more invites, the one that was made is looked for in the first of them.
MAX_PAGES = 50
PAGE_SIZE = 100
# How often a call that came too early is made again, and how many seconds later where nobody says.
TRIES = 3
LATER = 2
LATEST = 60
_WRONG_TOKEN = f"mlsn.{'0' * 64}"
_TOO_EARLY = http.client.TOO_MANY_REQUESTS

Progress: TypeAlias = Callable[[int, int, str], None]


@dataclass(slots=True)
class Played:
    """A step and its answer, None where it was not asked; `path` is what was asked for.

    `early` are the answers 429 it got before. `saved` is what it saved.
    """

    step: Step
    path: str = ""
    answer: Answer | None = None
    early: list[Answer] = field(default_factory=list)
    saved: dict[str, str] = field(default_factory=dict)


def decoded(answer: Answer) -> Any:
    """Its JSON. Raises ValueError for what is none."""
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


@dataclass(slots=True)
class Player:
    """Plays scripts to `peer` with a token; `progress` hears of each call: which, of how many."""

    peer: Peer
    token: str
    progress: Progress = lambda _number, _of, _line: None
    _values: dict[str, str] = field(default_factory=dict)

    def play(self, script: Script, *, address: str, read_write: bool) -> list[Played]:
        """Invites only `address`, and takes that back whatever happens.

        Raises Misconfigured, NoAnswer.
        """
        if not read_write:
            scripts.check_harmless(script)
        self._values = {"email": address, "unknown": UNKNOWN_ID}
        if not script.invites:
            return self._play(script)
        if self._invites_of(address):
            raise Misconfigured(f"There is an invite of {address} already: give another address.")
        try:
            return self._play(script)
        finally:
            self._take_back(address)

    def _play(self, script: Script) -> list[Played]:
        played: list[Played] = []
        total = len(script.steps)
        try:
            for number, step in enumerate(script.steps, 1):
                self.progress(number, total, step.line)
                played.append(self._made(step, is_first=number == 1))
        except BaseException:
            for step in script.steps[len(played) :]:
                if step.always:
                    self._make_anyway(step)
            raise
        return played

    def _made(self, step: Step, *, is_first: bool) -> Played:
        """Raises NoAnswer."""
        made = Played(step)
        if step.words - self._values.keys():
            return made
        made.path = scripts.filled(step.path, self._values)
        made.answer = self._asked(step, made)
        _check(made.answer, step, is_first=is_first)
        for word, place in step.save.items():
            found = _at(made.answer, place)
            if found is not None:
                made.saved[word] = self._values[word] = found
        return made

    def _make_anyway(self, step: Step) -> None:
        # Why the script failed is told; this is no more than what came of it.
        with suppress(NoAnswer):
            self._made(step, is_first=False)

    def _asked(self, step: Step, made: Played) -> Answer:
        target = _target(step, self._values)
        headers, body = self._said(step)
        for _ in range(TRIES):
            answer = self.peer.ask(step.method, target, headers, body)
            if answer.status != _TOO_EARLY:
                break
            made.early.append(answer)
            self.peer.pace.sleep(_later(answer))
        else:
            raise NoAnswer(
                f"{self.peer.base.host} says that it is asked too often (429), also {TRIES} times"
                " over: try again later."
            )
        return answer

    def _said(self, step: Step) -> tuple[dict[str, str], bytes | None]:
        headers: dict[str, str] = {}
        if step.bearer != "none":
            token = self.token if step.bearer == "yours" else _WRONG_TOKEN
            headers["authorization"] = f"Bearer {token}"
        if step.body is None:
            return headers, None
        headers["content-type"] = "application/json"
        body = scripts.filled_body(step.body, self._values)
        return headers, (body if isinstance(body, str) else json.dumps(body)).encode()

    def _invites_of(self, address: str) -> list[str]:
        """The ids of its pending invites. Raises NoAnswer."""
        found: list[str] = []
        for page in range(1, MAX_PAGES + 1):
            query = {"page": str(page), "limit": str(PAGE_SIZE)}
            step = Step(name="invites", path="/invites", query=query)
            answer = self._asked(step, Played(step))
            _check(answer, step, is_first=True)
            rows = _rows(answer)
            wanted = address.casefold()
            found += [i for i, email in rows if email.casefold() == wanted]
            if len(rows) < PAGE_SIZE:
                break
        return found

    def _take_back(self, address: str) -> None:
        """Raises NoAnswer."""
        try:
            for invite_id in self._invites_of(address):
                step = Step(name="cancel", method="DELETE", path=f"/invites/{invite_id}")
                _check_cancelled(self._asked(step, Played(step)))
        except NoAnswer as error:
            raise NoAnswer(
                f"The invite of {address} may be left, for it could not be looked for and cancelled"
                f" at the end: do it by hand. ({error})"
            ) from error


def _target(step: Step, values: Mapping[str, str]) -> str:
    quoted = {word: quote(value, safe="") for word, value in values.items()}
    path = scripts.filled(step.path, quoted)
    query = {name: scripts.filled(value, values) for name, value in step.query.items()}
    return f"{path}?{urlencode(query)}" if query else path


def _later(answer: Answer) -> float:
    try:
        return min(max(float(answer.headers["retry-after"]), 0), LATEST)
    except (KeyError, ValueError):
        return LATER


def _check(answer: Answer, step: Step, *, is_first: bool) -> None:
    """Refuses what is not worth recording. Raises NoAnswer."""
    told = answer.headers.get("content-type", "no content type")
    if answer.status == http.client.UNAUTHORIZED and step.bearer == "yours":
        raise NoAnswer("The token in the environment is not accepted (401): is it of this account?")
    if step.method == "GET" and "unknown" in step.words and answer.status == http.client.OK:
        raise NoAnswer(
            f"{step.line} was answered by 200: somebody has the id {UNKNOWN_ID}, which nobody"
            " should, so nothing more is asked with it."
        )
    try:
        decoded(answer)
    except ValueError as error:
        says_json = told.partition(";")[0].strip() == "application/json" and answer.body
        is_success = answer.status < http.client.BAD_REQUEST and answer.body
        is_broken = answer.status >= http.client.INTERNAL_SERVER_ERROR
        is_odd = is_first and answer.status != http.client.NO_CONTENT
        if is_odd or says_json or is_success or is_broken:
            raise NoAnswer(
                f"{step.line} was answered by {answer.status} and {told}, which is no JSON: is this"
                " the API, and is it well? A base URL ends in /v1 as a rule."
            ) from error


def _check_cancelled(answer: Answer) -> None:
    """Raises NoAnswer."""
    if answer.status not in {200, 202, 204, 404}:
        raise NoAnswer(f"Cancelling was answered by {answer.status}.")


def _at(answer: Answer, place: str) -> str | None:
    """A text or a number in the answer's JSON."""
    try:
        found = decoded(answer)
        for part in place.split("."):
            found = found[int(part) if isinstance(found, list) else part]
    except (ValueError, LookupError, TypeError):
        return None
    return str(found) if isinstance(found, str | int) and found != "" else None


def _rows(answer: Answer) -> list[tuple[str, str]]:
    """Id and address of each entry of a page."""
    document = decoded(answer)
    rows = document.get("data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return []
    return [(str(row.get("id")), str(row.get("email"))) for row in rows if isinstance(row, dict)]
