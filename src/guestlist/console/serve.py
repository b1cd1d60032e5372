"""The console's door: an ASGI application over the table of pages."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from guestlist import languages
from guestlist.actions import sessions
from guestlist.actions.logs import Logger
from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser
from guestlist.bodies import Bodies
from guestlist.console import forms, refusals, rendering
from guestlist.console.answers import Answer, go
from guestlist.console.asks import Ask, Guard, Handler, Page
from guestlist.console.pages import PAGES
from guestlist.domain.people import Duty
from guestlist.domain.refusals import Refusal, Unavailable

Result = TypeVar("Result")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
POSTS_AT_ONCE = 8
PATIENCE_SECONDS = 5
_HSTS = {"strict-transport-security": "max-age=31536000"}
_COOKIES = ("session", "link", "form")
_log = Logger("guestlist.console")


class InThread(Protocol):
    """How work that waits is run beside the loop."""

    def __call__(self, work: Callable[..., Result], *values: Any) -> Awaitable[Result]: ...


class Console:
    """The pages of one runtime.

    `observe` hears of every answer: page, status, seconds. `request_id` names a request.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        in_thread: InThread,
        bodies: Bodies,
        observe: Callable[[str, int, float], None],
        request_id: Callable[[], str],
        language: str = languages.SOURCE,
    ) -> None:
        self._runtime = runtime
        self._in_thread = in_thread
        self._bodies = bodies
        self._observe = observe
        self._request_id = request_id
        self._language = language
        self._is_https = runtime.public_url.startswith("https:")
        self._posts = asyncio.Semaphore(POSTS_AT_ONCE)
        # By the first part of their path: a request to the API passes them all at once.
        self._routes: dict[str, list[tuple[re.Pattern[str], Page]]] = {}
        for page in PAGES:
            found = self._routes.setdefault(_first(page.path), [])
            found.append((compile_path(page.path)[0], page))

    def find(self, path: str) -> tuple[Page, Mapping[str, str]] | None:
        """The page at a path; where there is none, somebody else may answer."""
        for pattern, page in self._routes.get(_first(path), ()):
            match = pattern.match(path)
            if match is not None:
                return page, match.groupdict()
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        found = self.find(scope["path"])
        if found is None:
            raise LookupError(scope["path"])
        page, path = found
        request = Request(scope, receive)
        ask = self._ask(request, page, path)
        try:
            answer = await self._answer(request, ask)
            response = answer if isinstance(answer, Response) else self._response(ask, answer)
        except Refusal as refusal:  # no thread was free, or no room for the form
            response = self._response(ask, refusals.refused(refusal).closing())
        except Exception:  # noqa: BLE001 - whatever it was: told to the log, not to the world
            _log.exception("failed", page=page.path, request=ask.request)
            response = self._response(ask, refusals.failed())
        seconds = time.perf_counter() - started
        name = f"{request.method} {page.path}"
        if self._runtime.logs:
            self._observe(name, response.status_code, seconds)
            _log.info(
                "request",
                endpoint=name,
                status=response.status_code,
                ms=round(seconds * 1000, 2),
                request=ask.request,
                client=ask.browser.network,
            )
        await response(scope, receive, send)

    def _ask(self, request: Request, page: Page, path: Mapping[str, str]) -> Ask:
        cookies = {name: request.cookies.get(self._cookie(name), "")[:200] for name in _COOKIES}
        spoken = languages.best(
            request.headers.get("accept-language", ""), otherwise=self._language
        )
        browser = Browser(
            request.client.host if request.client else "",
            request.headers.get("user-agent", ""),
            spoken,
        )
        return Ask(
            runtime=self._runtime,
            browser=browser,
            language=languages.of(spoken),
            request=f"page-{self._request_id()}",
            page=page,
            secret=cookies["session"],
            link=cookies["link"],
            form_key=cookies["form"],
            path=path,
            query=dict(request.query_params),
            is_partial=request.headers.get("hx-request") == "true",
        )

    async def _answer(self, request: Request, ask: Ask) -> Answer | Response:
        page = ask.page
        if request.method == "OPTIONS":
            return Answer(204, headers={"allow": ", ".join(page.methods)})
        if request.method not in page.methods:
            return refusals.wrong_method(page.methods)
        if request.method == "POST" and page.post is not None:
            return await self._posted(request, ask, page.post)
        if page.show is None:
            return refusals.wrong_method(page.methods)
        return await self._in_thread(self._handled, ask, page.show)

    async def _posted(self, request: Request, ask: Ask, handler: Handler) -> Answer | Response:
        page = ask.page
        if page.upload:
            # Nothing so large is read from who may not be here.
            turned = await self._in_thread(self._stopped, ask)
            if turned is not None:
                return turned.closing()
        try:
            async with forms.read(request, page, self._bodies) as (ask.form, ask.upload):
                forms.check(ask, request.headers)
                async with self._let_in():
                    return await self._in_thread(self._handled, ask, handler)
        except forms.Broken as broken:
            _log.warning("form refused", page=page.path, status=broken.status, request=ask.request)
            return refusals.broken(broken.status)

    @asynccontextmanager
    async def _let_in(self) -> AsyncGenerator[None]:
        """Keeps threads free: only a few posts at once may wait for locks and hash passwords.

        Raises Unavailable.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._posts.acquire()
        except TimeoutError as error:
            raise Unavailable("The server is busy; try again in a moment.") from error
        try:
            yield
        finally:
            self._posts.release()

    def _stopped(self, ask: Ask) -> Answer | None:
        """What to answer at once, None for who may go on."""
        try:
            if ask.secret and not ask.page.is_plain:
                found = sessions.current(ask.runtime, ask.secret, ask.browser)
                # Nothing but the second factor's pages ever sees a session that lacks it.
                ask.signed = found if found is not None and found.is_whole else None
                ask.half = found if ask.signed is None else None
            return _turned_away(ask)
        except Refusal as refusal:
            return refusals.refused(refusal)

    def _handled(self, ask: Ask, handler: Handler) -> Response:
        """In one go: what a handler changed is told, however busy the server is by then."""
        try:
            answer = self._stopped(ask) or handler(ask)
        except Refusal as refusal:
            answer = refusals.refused(refusal)
        return self._response(ask, answer)

    def _response(self, ask: Ask, answer: Answer) -> Response:
        if ask.is_partial and answer.location:
            answer = _moved_by_script(answer)
        # A page that brings cookies has forms that come back with them.
        ask.secret, _ = answer.cookies.get("session", (ask.secret, None))
        ask.link, _ = answer.cookies.get("link", (ask.link, None))
        new_key = ""
        if answer.template and not ask.form_key:
            new_key = forms.new_key(self._runtime.random(0, forms.FORM_KEY_BYTES))
            ask.form_key = new_key
        body = answer.body
        if answer.template:
            shown = {
                "ask": ask,
                "catalog": self._runtime.catalog,
                "signed": ask.signed,
                "form_token": forms.token(ask),
                "errors": {},
                "typed": ask.form,
                **answer.shown,
            }
            body = rendering.render(answer.template, shown, language=ask.language.name)
        response = Response(body, answer.status, headers=self._headers(answer))
        for name, (value, seconds) in answer.cookies.items():
            self._set(response, name, value, seconds)
        if new_key:
            self._set(response, "form", new_key, None)
        return response

    def _headers(self, answer: Answer) -> dict[str, str]:
        headers = {**_HEADERS, **(_HSTS if self._is_https else {}), **answer.headers}
        if answer.location:
            headers["location"] = answer.location
        if answer.template:
            headers["content-type"] = "text/html; charset=utf-8"
        elif answer.content_type:
            headers["content-type"] = answer.content_type
        return headers

    def _cookie(self, name: str) -> str:
        """No neighbour on the domain, and no plain http, can set a `__Host-` cookie."""
        return f"__Host-guestlist-{name}" if self._is_https else f"guestlist-{name}"

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            self._cookie(name),
            value,
            max_age=seconds if value else 0,
            httponly=True,
            samesite="lax",
            secure=self._is_https,
        )


def _first(path: str) -> str:
    """The first part of a path; `*`, which OPTIONS may ask of a whole server, has none."""
    return path.partition("/")[2].partition("/")[0]


def _moved_by_script(answer: Answer) -> Answer:
    """A script would follow a redirect by itself and take the page it leads to for its answer."""
    headers = {**answer.headers, "hx-redirect": answer.location}
    return replace(answer, status=200, location="", headers=headers)


def _turned_away(ask: Ask) -> Answer | None:
    """Where to go first, None for who may see the page."""
    guard = ask.page.guard
    if guard is Guard.ANYBODY:
        return None
    if ask.half is not None:
        return None if guard is Guard.HALF else go("/sign-in/code")
    if ask.signed is None:
        # The cookie stays: it opens nothing, and a newer one may have come meanwhile.
        return go("/sign-in")
    if guard is Guard.HALF:
        return go("/account")
    owed = ask.signed.duty
    is_way_out = guard is Guard.WHOLE or (guard is Guard.ENROLLING and owed is Duty.FACTOR)
    return None if owed is None or is_way_out else go(f"/account/{owed}")
