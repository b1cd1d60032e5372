"""What was asked and answered."""

import asyncio
import time
from typing import Any

from msgspec import Struct

from guestlist.domain import instants
from guestlist.testing import paths
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.faults.documents import Fault
from guestlist.testing.paths import Where
from guestlist.testing.requests import Entry

MAX_WAIT = 60
_EVERY = 0.02


class AnswerAnswer(Struct):
    """`status` null: the connection was dropped, nothing was answered."""

    status: int | None
    headers: dict[str, str]
    body: Any
    body_is_cut: bool


class RequestAnswer(Struct):
    """`fault` is what it met, `notes` what is odd about it. Secrets are shortened.

    A body is JSON or a text, and null where there was none; `body_is_cut`: it was longer.
    """

    number: int
    at: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    body_is_cut: bool
    answer: AnswerAnswer
    fault: Fault | None
    notes: list[str]


class RequestsAnswer(Struct):
    data: list[RequestAnswer]


async def show(ask: Ask) -> Any:
    """Oldest first; `wait` seconds for the first that fits."""
    where = Where(ask.query.get("method"), ask.query.get("path"))
    wrong = paths.wrong(where)
    if wrong:
        raise Refused(422, wrong)
    status, after = _number(ask, "status"), _number(ask, "after") or 0
    end = time.monotonic() + _wait(ask)
    while True:
        found = [
            entry
            for realm in ask.realms
            for entry in realm.requests
            if entry.number > after
            and status in {None, entry.status}
            and where.has(entry.method, entry.path)
        ]
        if found or time.monotonic() >= end:
            return RequestsAnswer([_told(entry) for entry in found])
        await asyncio.sleep(_EVERY)


async def clear(ask: Ask) -> Any:
    for realm in ask.realms:
        realm.requests.clear()
    return RequestsAnswer([])


def _told(entry: Entry) -> RequestAnswer:
    answer = entry.answer
    return RequestAnswer(
        number=entry.number,
        at=instants.written(entry.at),
        method=entry.method,
        path=entry.path,
        query=entry.query,
        headers=entry.headers,
        body=entry.body.content,
        body_is_cut=entry.body.is_cut,
        answer=AnswerAnswer(entry.status, entry.answer_headers, answer.content, answer.is_cut),
        fault=entry.fault,
        notes=entry.notes,
    )


def _number(ask: Ask, name: str) -> int | None:
    given = ask.query.get(name)
    if not given:
        return None
    if not given.isdecimal():
        raise Refused(422, f"{name} must be a number.")
    return int(given)


def _wait(ask: Ask) -> float:
    try:
        return min(max(float(ask.query.get("wait") or 0), 0), MAX_WAIT)
    except ValueError as error:
        raise Refused(422, "wait must be a number of seconds.") from error
