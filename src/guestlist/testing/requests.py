"""What a realm was asked and answered, the newest of it."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from guestlist.testing import masks
from guestlist.testing.exchanges import Exchange
from guestlist.testing.faults.documents import Fault

MAX_ENTRIES = 2_000
# Of a body that is kept, and of all of them together.
MAX_BODY = 64 * 1024
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON document or a text, None where there was none; `is_cut`: only the beginning of it."""

    content: Any
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Secrets are shortened in all of it. `status` None: there was no answer.

    `size` is what its bodies take, in bytes.
    """

    number: int
    at: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Body
    status: int | None
    answer_headers: dict[str, str]
    answer: Body
    fault: Fault | None
    notes: list[str]
    size: int


class Log:
    """Bounded: the oldest entries make room."""

    def __init__(self) -> None:
        self._entries = deque[Entry]()
        self._number = 0
        self._size = 0

    def __iter__(self) -> Iterator[Entry]:
        """Oldest first."""
        return iter(list(self._entries))

    def add(self, exchange: Exchange, fault: Fault | None, *, is_answered: bool) -> None:
        self._number += 1
        entry = _entry(self._number, exchange, fault, is_answered=is_answered)
        self._entries.append(entry)
        self._size += entry.size
        while len(self._entries) > MAX_ENTRIES or self._size > MAX_BYTES:
            self._size -= self._entries.popleft().size

    def clear(self) -> None:
        self._entries.clear()
        self._size = 0


def _entry(number: int, exchange: Exchange, fault: Fault | None, *, is_answered: bool) -> Entry:
    token = exchange.token
    answer = exchange.answer if is_answered else b""
    return Entry(
        number=number,
        at=exchange.at,
        method=exchange.method,
        path=masks.text(exchange.path, token),
        query={name: masks.text(value, token) for name, value in exchange.query.items()},
        headers=_headers(exchange.scope["headers"], token),
        body=_body(exchange.body, token),
        status=exchange.status if is_answered else None,
        answer_headers=_headers(exchange.headers if is_answered else (), token),
        answer=_body(answer, token),
        fault=fault,
        notes=list(exchange.notes),
        size=min(len(exchange.body), MAX_BODY) + min(len(answer), MAX_BODY),
    )


def _headers(raw: Iterable[tuple[bytes, bytes]], token: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        said = name.decode("latin-1").lower()
        shown = masks.header(said, value.decode("latin-1"), token)
        found[said] = f"{found[said]}, {shown}" if said in found else shown
    return found


def _body(raw: bytes | bytearray, token: str) -> Body:
    if not raw:
        return Body(None, is_cut=False)
    is_cut = len(raw) > MAX_BODY
    shown = masks.text(bytes(raw[:MAX_BODY]).decode("utf-8", "replace"), token)
    if is_cut:
        return Body(shown, is_cut=True)
    try:
        return Body(msgspec.json.decode(shown), is_cut=False)
    except (msgspec.DecodeError, RecursionError):
        return Body(shown, is_cut=False)
