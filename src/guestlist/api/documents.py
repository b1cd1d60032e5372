"""How the wire writes JSON: compact, ASCII, with `/` escaped (contract, section 1)."""

import codecs
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import msgspec

JSON = "application/json"
HTML = "text/html; charset=UTF-8"

_EPOCH = date(1970, 1, 1)
_encoder = msgspec.json.Encoder()


class Answer(msgspec.Struct, frozen=True):
    """What goes back: `revision` is the account's where the answer holds for as long as it does."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    revision: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


def answer(document: Any, *, status: int = 200, revision: int | None = None) -> Answer:
    return Answer(status, encode(document), JSON, revision)


NO_CONTENT = Answer(204)
EMPTY = Answer(200, content_type=HTML)


def encode(document: Any) -> bytes:
    return fragment(document).replace(b"/", rb"\/")


def fragment(document: Any) -> bytes:
    """To stand in a document that is encoded later: its `/` are escaped there, once."""
    encoded = _encoder.encode(document)
    return encoded if encoded.isascii() else encoded.decode().encode("ascii", "json_escape")


def instant(microseconds: int) -> str:
    """The wire's date: whole seconds, written with six digits of fraction."""
    day, second = divmod(microseconds // 1_000_000, 86_400)
    minute, second = divmod(second, 60)
    return f"{_day(day)}T{minute // 60:02}:{minute % 60:02}:{second:02}.000000Z"


@lru_cache(maxsize=4_096)
def _day(day: int) -> str:
    return str(_EPOCH + timedelta(days=day))


def _json_escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_escaped, error.object[error.start : error.end])), error.end


@lru_cache(maxsize=4_096)
def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


codecs.register_error("json_escape", _json_escape)
