"""What a page answers: shown, or moved on; and the cookies with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A template with what it shows, or a place to go on at, or bytes of their own type.

    `cookies` are set for so many seconds, None until the browser is closed; empty ones are taken
    back.
    """

    status: int = 200
    template: str = ""
    shown: Mapping[str, Any] = field(default_factory=dict, repr=False)
    location: str = ""
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    cookies: Mapping[str, tuple[str, int | None]] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def carrying(self, name: str, value: str, *, seconds: int | None = None) -> Self:
        return replace(self, cookies={**self.cookies, name: (value, seconds)})

    def closing(self) -> Self:
        """Whoever is still sending need not go on."""
        return replace(self, headers={**self.headers, "connection": "close"})


def show(template: str, *, status: int = 200, **shown: Any) -> Answer:
    return Answer(status, template, shown)


def go(location: str) -> Answer:
    """On with a GET, so that a reload posts nothing again."""
    return Answer(303, location=location)


def signed_in(location: str, secret: str, *, seconds: int) -> Answer:
    return go(location).carrying("session", secret, seconds=seconds)
