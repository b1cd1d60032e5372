"""The door: an ASGI application over the table of endpoints.

Bodies are read before a thread is taken; changes are let in four at a time per account.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from guestlist.actions.logs import Logger
from guestlist.actions.runtime import Runtime
from guestlist.api import refusals
from guestlist.api.allowance import Allowance, Fixed
from guestlist.api.dispatch import Admitted, Asked, Dispatch, Headers
from guestlist.api.documents import Answer
from guestlist.api.endpoints import Endpoint
from guestlist.api.public import PUBLIC, healthz
from guestlist.api.router import Router, methods
from guestlist.api.routes import ENDPOINTS
from guestlist.bodies import Bodies, Gone, Receive, TooLarge, TooSlow, discard
from guestlist.domain.audit import Cause
from guestlist.domain.ids import is_printable
from guestlist.domain.refusals import Unavailable

Scope: TypeAlias = MutableMapping[str, Any]
Result = TypeVar("Result")
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WAITING_PER_ACCOUNT = 4
PATIENCE_SECONDS = 5
# Of the id by which a client knows its request.
MAX_REQUEST_ID = 255
_CLOSE = {"connection": "close"}

# A request's id: which process, and its how-manieth. It is told to everybody and hides nothing.
_PROCESS = secrets.token_hex(4)
_numbers = itertools.count(1)
_log = Logger("guestlist.api")


def _nothing() -> None:
    pass


def _request_id() -> str:
    return f"{_PROCESS}{next(_numbers):08x}"


@dataclass(slots=True)
class _Gate:
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WAITING_PER_ACCOUNT))
    wanted_by: int = 0


class Door:
    """The ASGI application of one runtime; whoever shares its process reads by its `bodies`.

    `threads` is how many it uses at once, of its own or of an `executor` that it shares. Left out,
    the `allowance` has no limits. No two requests have one `request_id`.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        threads: int,
        executor: ThreadPoolExecutor | None = None,
        allowance: Allowance | None = None,
        request_id: Callable[[], str] = _request_id,
        on_start: Callable[[], None] = _nothing,
        on_stop: Callable[[], None] = _nothing,
    ) -> None:
        self._runtime = runtime
        self._dispatch = Dispatch(runtime, allowance or Fixed(runtime, None))
        self._router = Router(ENDPOINTS)
        self._threads = executor or ThreadPoolExecutor(threads, thread_name_prefix="guestlist")
        self._free = asyncio.Semaphore(threads)
        self._gates: dict[int, _Gate] = {}
        self.bodies = Bodies()
        self.request_id = request_id
        self._on_start, self._on_stop = on_start, on_stop

    def has(self, path: str) -> bool:
        return path in PUBLIC or bool(self._router.find(path)[0])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Starts and stops what runs beside the requests."""
        await receive()
        self._on_start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self._on_stop)
        self._threads.shutdown()
        self._runtime.database.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        client = scope["client"][0] if scope.get("client") else None
        cause = Cause(self.request_id(), client)
        found, wire_id = self._router.find(scope["path"])
        endpoint = found.get("GET" if scope["method"] == "HEAD" else scope["method"])
        name = "other" if endpoint is None else endpoint.name
        headers = self._dispatch.rate_headers(0) | {"x-request-id": cause.request}
        if endpoint is not None and endpoint.asks:
            headers["x-request-id"] = _own_id(scope) or cause.request
        try:
            if endpoint is None:
                answer = await self._unrouted(scope, receive, methods(found))
            else:
                answer, more = await self._routed(endpoint, wire_id, scope, receive, cause)
                headers |= more
        except Gone:
            return
        except Exception:  # noqa: BLE001 - whatever it was: told to the log, not to the world
            _log.exception("failed", endpoint=name, request=cause.request)
            answer = refusals.plain(500, refusals.SERVER_ERROR)
        seconds = time.perf_counter() - started
        if self._runtime.logs:
            _tell(name, answer.status, seconds, cause)
        await _send(send, scope["method"], answer, headers)

    async def _unrouted(self, scope: Scope, receive: Receive, allowed: list[str]) -> Answer:
        """Neither an unknown path nor an unknown method asks for a token."""
        with suppress(TooSlow):
            await discard(receive)
        page = PUBLIC.get(scope["path"])
        if page is not None:
            if scope["method"] in {"GET", "HEAD"}:
                return await self._shown(page)
            allowed = ["GET", "HEAD"]
        if allowed:
            return refusals.method_not_allowed(scope["method"], scope["path"], allowed)
        return refusals.NOT_FOUND

    async def _shown(self, page: Callable[[Runtime], Answer]) -> Answer:
        if page is healthz:
            return page(self._runtime)  # with all threads waiting it is alive nevertheless
        try:
            return await self._in_thread(time.monotonic() + PATIENCE_SECONDS, page, self._runtime)
        except Unavailable as refusal:
            return refusals.refused(refusal, is_change=False)

    async def _routed(
        self, endpoint: Endpoint, wire_id: str, scope: Scope, receive: Receive, cause: Cause
    ) -> tuple[Answer, Headers]:
        try:
            async with self.bodies.read(scope, receive) as body:
                return await self._asked(endpoint, wire_id, scope, body, cause)
        except TooSlow:
            return refusals.plain(408, refusals.TOO_SLOW), _CLOSE
        except TooLarge:
            return refusals.plain(413, refusals.TOO_LARGE), _CLOSE
        except Unavailable as refusal:
            return refusals.refused(refusal, is_change=False), _CLOSE

    async def _asked(
        self, endpoint: Endpoint, wire_id: str, scope: Scope, body: bytes, cause: Cause
    ) -> tuple[Answer, Headers]:
        until = time.monotonic() + PATIENCE_SECONDS
        asked = Asked(wire_id, scope["query_string"], body, dict(scope["headers"]), cause, until)
        headers: Headers = {}
        try:
            if not endpoint.changes:
                return await self._in_thread(until, self._dispatch.answer, endpoint, asked)
            admitted = await self._in_thread(until, self._dispatch.admit, endpoint, asked)
            headers = admitted.headers
            async with self._let_in(admitted, until):
                return await self._in_thread(
                    until, self._dispatch.perform, endpoint, asked, admitted
                )
        except Unavailable as refusal:
            return refusals.refused(refusal, is_change=False), headers

    @asynccontextmanager
    async def _let_in(self, admitted: Admitted, until: float) -> AsyncGenerator[None]:
        """Keeps threads free: only a few at once may wait for one account's lock.

        SQLite has one lock for all. Raises Unavailable.
        """
        account = admitted.account if not self._runtime.database.is_sqlite else 0
        gate = self._gates.setdefault(account, _Gate())
        gate.wanted_by += 1
        try:
            await _taken(gate.free, until, "account")
            try:
                yield
            finally:
                gate.free.release()
        finally:
            gate.wanted_by -= 1
            if not gate.wanted_by:
                del self._gates[account]

    async def in_thread(self, work: Callable[..., Result], *values: Any) -> Result:
        """For whoever shares these threads. Raises Unavailable where none is free in time."""
        return await self._in_thread(time.monotonic() + PATIENCE_SECONDS, work, *values)

    async def _in_thread(self, until: float, work: Callable[..., Result], *values: Any) -> Result:
        """Raises Unavailable where no thread is free in time."""
        await _taken(self._free, until, "server")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *values)
        finally:
            self._free.release()


async def _taken(free: asyncio.Semaphore, until: float, what: str) -> None:
    """Raises Unavailable where it is not free in time."""
    patience = until - time.monotonic() if free.locked() else None
    try:
        async with asyncio.timeout(patience):
            await free.acquire()
    except TimeoutError as error:
        raise Unavailable(f"The {what} is busy; try again in a moment.") from error


def _own_id(scope: Scope) -> str | None:
    """What the client calls its request, where that can be told again."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if is_printable(text, most=MAX_REQUEST_ID) else None
    return None


def _tell(endpoint: str, status: int, seconds: float, cause: Cause) -> None:
    """No path is told: an unknown one may hold a secret."""
    from guestlist.api import metrics  # noqa: PLC0415 - a twin waits for no library that counts

    metrics.observe(endpoint, status, seconds)
    _log.info(
        "request",
        endpoint=endpoint,
        status=status,
        ms=round(seconds * 1000, 2),
        request=cause.request,
        client=cause.origin,
    )


async def _send(send: Send, method: str, answer: Answer, headers: Headers) -> None:
    """Every answer says its exact type, and who may keep it: only its client, if nothing else."""
    said = {"cache-control": "no-cache, private"} | headers | dict(answer.headers)
    if answer.content_type is not None:
        said["content-type"] = answer.content_type
    if answer.status not in {204, 304}:
        said["content-length"] = str(len(answer.body))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in said.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
