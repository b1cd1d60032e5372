"""The letters of one account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guestlist.testing.handles.controls import PATIENCE_SECONDS, Controls


class NoLetter(AssertionError):
    """No letter that fits came in time; the words say which did come."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that the twin would have mailed.

    `kind` is `invitation`, `reminder`, `reset` and so on; `link` is empty where it brings none.
    """

    number: int
    at: datetime
    kind: str
    to: str
    subject: str
    text: str
    html: str = field(repr=False)
    link: str


class Outbox:
    """The letters of one account, oldest first."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def __iter__(self) -> Iterator[Letter]:
        return iter(self._letters())

    def __len__(self) -> int:
        return len(self._letters())

    def wait_for(
        self,
        *,
        to: str | None = None,
        kind: str | None = None,
        after: Letter | None = None,
        seconds: float = 5,
    ) -> Letter:
        """The newest letter that fits; while there is none, waits so long for one.

        Raises NoLetter.
        """
        number = None if after is None else after.number
        found = self._letters(to=to, kind=kind, after=number, wait=seconds)
        if found:
            return found[-1]
        wanted = {"to": to, "kind": kind, "after": number}
        asked = ", ".join(f"{name}={it!r}" for name, it in wanted.items() if it is not None)
        came = "; ".join(f"{it.kind} to {it.to}" for it in self) or "none at all"
        raise NoLetter(f"No letter ({asked}) came in {seconds:g} s. There came: {came}.")

    def clear(self) -> None:
        """Throws them away."""
        self._controls.ask("POST", "/outbox/clear")

    def _letters(self, *, wait: float = 0, **asked: str | float | None) -> list[Letter]:
        told = self._controls.ask(
            "GET", "/outbox", query=asked | {"wait": wait}, patience=PATIENCE_SECONDS + wait
        )
        return [_letter(document) for document in told["data"]]


def _letter(document: Mapping[str, Any]) -> Letter:
    return Letter(
        number=document["number"],
        at=datetime.fromisoformat(document["at"]),
        kind=document["kind"],
        to=document["to"],
        subject=document["subject"],
        text=document["text"],
        html=document["html"],
        link=document["link"] or "",
    )
