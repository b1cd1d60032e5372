"""What a realm was asked and answered, the newest of it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from guestlist.testing import masks
from guestlist.testing.exchanges import Exchange
from guestlist.testing.faults.documents import Fault

MAX_ENTRIES = 2_000
# Of a body that is kept, and of all of them together.
MAX_BODY = 64 * 1024
MAX_BYTES = 16 * 1024 * 1024

Raw: TypeAlias = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON document or a text, None where there was none; `is_cut`: only the beginning of it."""

    content: Any
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be told of an entry: in all of it, secrets are shortened."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Body
    answer_headers: dict[str, str]
    answer: Body
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """As it came and went, of bodies the beginning. `status` None: there was no answer."""

    number: int
    at: int
    method: str
    path: str
    query: dict[str, str]
    headers: Raw
    body: bytes
    status: int | None
    answer_headers: Raw
    answer: bytes
    fault: Fault | None
    notes: list[str]
    token: str

    @property
    def size(self) -> int:
        return len(self.body) + len(self.answer)

    def shown(self) -> Shown:
        def text(whole: str) -> str:
            return masks.text(whole, self.token)

        return Shown(
            path=text(self.path),
            query={text(name): text(value) for name, value in self.query.items()},
            headers=_headers(self.headers, self.token),
            body=_body(self.body, self.token),
            answer_headers=_headers(self.answer_headers, self.token),
            answer=_body(self.answer, self.token),
            notes=[text(note) for note in self.notes],
        )


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
        entry = Entry(
            number=self._number,
            at=exchange.at,
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            headers=list(exchange.scope["headers"]),
            body=bytes(exchange.body[: MAX_BODY + 1]),
            status=exchange.status if is_answered else None,
            answer_headers=list(exchange.headers) if is_answered else [],
            answer=bytes(exchange.answer[: MAX_BODY + 1]) if is_answered else b"",
            fault=fault,
            notes=exchange.notes,
            token=exchange.token,
        )
        self._entries.append(entry)
        self._size += entry.size
        while len(self._entries) > MAX_ENTRIES or self._size > MAX_BYTES:
            self._size -= self._entries.popleft().size

    def clear(self) -> None:
        self._entries.clear()
        self._size = 0


def _headers(raw: Raw, token: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        said = name.decode("latin-1").lower()
        shown = masks.header(said, value.decode("latin-1"), token)
        found[said] = f"{found[said]}, {shown}" if said in found else shown
    return found


def _body(raw: bytes, token: str) -> Body:
    if not raw:
        return Body(None, is_cut=False)
    is_cut = len(raw) > MAX_BODY
    shown = masks.text(raw.decode("utf-8", "replace"), token)[: MAX_BODY if is_cut else None]
    if is_cut:
        return Body(shown, is_cut=True)
    try:
        return Body(msgspec.json.decode(shown), is_cut=False)
    except (msgspec.DecodeError, RecursionError):
        return Body(shown, is_cut=False)
