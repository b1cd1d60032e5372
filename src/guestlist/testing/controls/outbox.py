"""The letters that left."""

import asyncio
import time
from typing import Any

from guestlist.domain import instants
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.letters import Sent

MAX_WAIT = 60
_EVERY = 0.02


async def show(ask: Ask) -> Any:
    """Oldest first; `wait` seconds for the first that fits."""
    end = time.monotonic() + _wait(ask)
    found = _found(ask)
    while not found and time.monotonic() < end:
        await asyncio.sleep(_EVERY)
        found = _found(ask)
    return {"data": [await ask.thread(told, sent, language=None) for sent in found]}


async def clear(ask: Ask) -> Any:
    for realm in ask.realms:
        realm.letters.clear()
    return {"data": []}


def _wait(ask: Ask) -> float:
    try:
        return min(max(float(ask.query.get("wait") or 0), 0), MAX_WAIT)
    except ValueError as error:
        raise Refused(422, "wait must be a number of seconds.") from error


def _found(ask: Ask) -> list[Sent]:
    to, kind, after = (ask.query.get(name) for name in ("to", "kind", "after"))
    return [
        sent
        for realm in ask.realms
        for sent in realm.letters
        if (to is None or sent.letter.to.casefold() == to.casefold())
        and (kind is None or sent.letter.kind == kind)
        and (not after or sent.number > int(after))
    ]


def told(sent: Sent, *, language: str | None) -> dict[str, Any]:
    from guestlist.delivery.rendering import render  # noqa: PLC0415 - Jinja takes a while to load

    letter = sent.letter
    words = render(letter, host="localhost", language=language or "en")
    return {
        "number": sent.number,
        "at": instants.written(sent.at),
        "kind": letter.kind.value,
        "to": letter.to,
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "link": letter.link or None,
    }
