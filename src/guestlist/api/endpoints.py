"""What an endpoint is: data, from which serving, the guard matrix and OpenAPI are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPMethod
from typing import Any, Literal

from guestlist.actions.runtime import Caller, Runtime
from guestlist.api.allowance import ENDLESS, Quota
from guestlist.api.documents import Answer
from guestlist.domain.pages import Page

_FIRST_PAGE = Page()


@dataclass(slots=True)
class Request:
    """One request: `id` is the path's; the rest is read once the guard is passed.

    `key` is what it names itself by, so that coming again it is done once. `raw` is the body of
    what asks. `quota` is what its account has left.
    """

    runtime: Runtime
    caller: Caller
    id: str
    query: Mapping[str, str]
    key: str | None = None
    page: Page = _FIRST_PAGE
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    quota: Quota = ENDLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`scope` is the guard and has no default; `""` is any live token.

    `binds` looks up what the path's id names where that comes before the guard (contract,
    section 1: 404 of route-bound things); users are looked up by their action, after validation.
    `operation` is a name for generated clients: once published it stays. `response` and `body` are
    what msgspec takes for a type; their docstrings are told in the API's description.
    `repeatable` says that a request may name itself by the header Idempotency-Key. `remembered`
    says that the answer is the same for all who pass the guard at one revision. `formats` are the
    content types it answers with beside JSON, where it is asked to. `counts` says that it takes of
    the day's quota.
    """

    method: HTTPMethod
    path: str
    scope: str
    operation: str
    handler: Callable[[Request], Answer]
    summary: str
    description: str = ""
    tag: str
    answers: int
    response: Any = None
    body: Any = None
    binds: Callable[[Request], bool] | None = None
    paged: bool = False
    remembered: bool = False
    repeatable: bool = False
    asks: bool = False
    counts: bool = True
    query: tuple[tuple[str, str], ...] = ()
    formats: tuple[str, ...] = ()
    refuses: tuple[Literal[404, 422], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def changes(self) -> bool:
        return self.method != HTTPMethod.GET and not self.asks
