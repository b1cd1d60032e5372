"""What was asked and answered."""

from typing import Any

from msgspec import Struct

from guestlist.domain import instants
from guestlist.testing import paths
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.faults.documents import Fault
from guestlist.testing.paths import Where
from guestlist.testing.requests import Entry


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
    status, after = ask.whole("status"), ask.whole("after") or 0

    def find() -> list[Entry]:
        return [
            entry
            for realm in ask.realms
            for entry in realm.requests
            if entry.number > after
            and status in {None, entry.status}
            and where.has(entry.method, entry.path)
        ]

    found = await ask.waited(find)
    return RequestsAnswer(await ask.thread(lambda: [_told(entry) for entry in found]))


async def clear(ask: Ask) -> Any:
    for realm in ask.realms:
        realm.requests.clear()
    return RequestsAnswer([])


def _told(entry: Entry) -> RequestAnswer:
    shown = entry.shown()
    answer = shown.answer
    return RequestAnswer(
        number=entry.number,
        at=instants.written(entry.at),
        method=entry.method,
        path=shown.path,
        query=shown.query,
        headers=shown.headers,
        body=shown.body.content,
        body_is_cut=shown.body.is_cut,
        answer=AnswerAnswer(entry.status, shown.answer_headers, answer.content, answer.is_cut),
        fault=entry.fault,
        notes=shown.notes,
    )
