"""What a page is: data, from which serving and the guard matrix are made; and what it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser, Signed
from guestlist.console.answers import Answer
from guestlist.domain.audit import Cause
from guestlist.domain.refusals import NotFound, Unauthenticated
from guestlist.languages import Language

_KEY_DIGITS = 18


class Guard(Enum):
    """Who may see a page, and post to it."""

    ANYBODY = "anybody"
    # The password was right, the second factor is asked for.
    HALF = "half"
    # Signed in, whatever must still be done first.
    WHOLE = "whole"
    # Signed in, and owing at most a second factor.
    ENROLLING = "enrolling"
    # Signed in, and owing nothing: no password to change, no factor to set up.
    FREE = "free"


@dataclass(slots=True)
class Ask:
    """One request for a page. `signed` is who is signed in, `half` whose second factor is missing.

    `secret` is of the session, `link` of an opened letter's link.
    """

    runtime: Runtime
    browser: Browser
    language: Language
    request: str
    page: "Page"
    secret: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    form_key: str = field(default="", repr=False)
    signed: Signed | None = None
    half: Signed | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    upload: bytes = field(default=b"", repr=False)
    is_partial: bool = False

    @property
    def somebody(self) -> Signed:
        """Who is signed in, on a page whose guard lets nobody else see it."""
        if self.signed is None:
            raise Unauthenticated
        return self.signed

    @property
    def halfway(self) -> Signed:
        """The same, on a page for the second factor."""
        if self.half is None:
            raise Unauthenticated
        return self.half

    @property
    def cause(self) -> Cause:
        return Cause(self.request, self.browser.network or None)

    def typed(self, name: str) -> str:
        return self.form.get(name, "")

    @property
    def key(self) -> int:
        """Of a row that the path names; NotFound where it can be none's."""
        given = self.path["key"]
        if not (given.isascii() and given.isdecimal() and len(given) <= _KEY_DIGITS):
            raise NotFound
        return int(given)

    def say(self, message: str, **values: object) -> str:
        return self.language.say(message, **values)


Handler: TypeAlias = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`guard` has no default. `show` answers GET and changes nothing, `post` answers POST.

    A page with `upload` takes one file beside its fields; a plain one is the same for everybody.
    """

    path: str
    guard: Guard
    show: Handler | None = None
    post: Handler | None = None
    upload: bool = False
    is_plain: bool = False

    @property
    def methods(self) -> list[str]:
        shown = ["GET", "HEAD"] if self.show else []
        return [*shown, "OPTIONS", *(["POST"] if self.post else [])]
