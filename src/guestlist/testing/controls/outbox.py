"""The letters that left."""

import asyncio
import time
from typing import Any

from msgspec import Struct

from guestlist.domain import instants
from guestlist.languages import SOURCE
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.letters import Sent

MAX_WAIT = 60
_EVERY = 0.02


class LetterAnswer(Struct):
    """`link` is what its reader would click, None where it brings none."""

    number: int
    at: str
    kind: str
    to: str
    subject: str
    text: str
    html: str
    link: str | None


class OutboxAnswer(Struct):
    data: list[LetterAnswer]


async def show(ask: Ask) -> Any:
    """Oldest first; `wait` seconds for the first that fits."""
    end = time.monotonic() + _wait(ask)
    found = _found(ask)
    while not found and time.monotonic() < end:
        await asyncio.sleep(_EVERY)
        found = _found(ask)
    return OutboxAnswer([await ask.thread(told, sent) for sent in found])


async def clear(ask: Ask) -> Any:
    for realm in ask.realms:
        realm.letters.clear()
    return OutboxAnswer([])


def _wait(ask: Ask) -> float:
    try:
        return min(max(float(ask.query.get("wait") or 0), 0), MAX_WAIT)
    except ValueError as error:
        raise Refused(422, "wait must be a number of seconds.") from error


def _number(ask: Ask) -> int:
    given = ask.query.get("after") or "0"
    if not given.isdecimal():
        raise Refused(422, "after must be the number of a letter.")
    return int(given)


def _found(ask: Ask) -> list[Sent]:
    to, kind = ask.query.get("to"), ask.query.get("kind")
    after = _number(ask)
    return [
        sent
        for realm in ask.realms
        for sent in realm.letters
        if (to is None or sent.letter.to.casefold() == to.casefold())
        and (kind is None or sent.letter.kind == kind)
        and sent.number > after
    ]


def told(sent: Sent) -> LetterAnswer:
    from guestlist.delivery.rendering import render  # noqa: PLC0415 - Jinja takes a while to load

    letter = sent.letter
    words = render(letter, host="localhost", language=SOURCE)
    return LetterAnswer(
        number=sent.number,
        at=instants.written(sent.at),
        kind=letter.kind.value,
        to=letter.to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        link=letter.link or None,
    )
