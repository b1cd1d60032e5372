"""The letters that left."""

from typing import Any

from msgspec import Struct

from guestlist.domain import instants
from guestlist.languages import SOURCE
from guestlist.testing.controls.asks import Ask
from guestlist.testing.letters import Sent


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
    to, kind, after = ask.query.get("to"), ask.query.get("kind"), ask.whole("after") or 0

    def find() -> list[Sent]:
        return [
            sent
            for realm in ask.realms
            for sent in realm.letters
            if (to is None or sent.letter.to.casefold() == to.casefold())
            and (kind is None or sent.letter.kind == kind)
            and sent.number > after
        ]

    return OutboxAnswer([await ask.thread(told, sent) for sent in await ask.waited(find)])


async def clear(ask: Ask) -> Any:
    for realm in ask.realms:
        realm.letters.clear()
    return OutboxAnswer([])


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
