"""The twin as an ASGI application: its controls, and everything else."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope, Send

from guestlist.domain.hosts import is_loopback
from guestlist.domain.refusals import BrokenFile, Invalid, Refusal, Unavailable
from guestlist.testing.controls.asks import Ask, Control, Refused
from guestlist.testing.controls.routes import CONTROLS
from guestlist.testing.exchanges import Exchange
from guestlist.testing.passage import Passage
from guestlist.testing.realms import Gone
from guestlist.testing.twins import Twin

PREFIX = "/_twin"
MAX_BODY = 64 * 1024 * 1024
_NOT_LOOPBACK = "The controls are for this machine alone: ask for them at 127.0.0.1 or localhost."
_NOBODYS = "Nobody has this token. Without one, the whole twin is meant."
_FROM_A_PAGE = "The controls are not for pages in a browser: no request with an Origin is let in."


class Served:
    """One twin, until the end of its lifespan."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._passage = Passage(twin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if path == PREFIX or path.startswith(f"{PREFIX}/"):
                await self._control(scope, receive, send)
            else:
                await self._passage(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self.twin.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope)
        try:
            _check_origin(exchange)
            body = await _read(receive)
            if body is None:
                return  # the client left before it had asked
            status, told = 200, await self._done(exchange, body)
        except Gone:
            status, told = 401, {"message": _NOBODYS}
        except Refused as refused:
            status, told = refused.status, {"message": str(refused)}
        except Unavailable as refusal:
            status, told = 503, {"message": str(refusal)}
        except Refusal as refusal:
            status, told = 422, {"message": _worded(refusal)}
        exchange.replace(status, _JSON, msgspec.json.encode(told))
        await exchange.deliver(send)

    async def _done(self, exchange: Exchange, body: bytes) -> Any:
        control, wire_id = _found(exchange)
        realm = None
        if exchange.token:
            realm = await asyncio.to_thread(self.twin.of, exchange.token)
            if realm is None:
                raise Refused(401, _NOBODYS)
        query = dict(parse_qsl(exchange.scope["query_string"].decode("latin-1")))
        fields = _fields(body)
        _check(control, fields, query)
        return await control.handler(Ask(self.twin, realm, wire_id, query, fields))


_JSON: Mapping[str, str] = {"content-type": "application/json", "cache-control": "no-store"}


async def _read(receive: Receive) -> bytes | None:
    """None where the client left. Raises Refused."""
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts += message.get("body", b"")
        if len(parts) > MAX_BODY:
            raise Refused(413, f"The body is larger than {MAX_BODY >> 20} MiB.")
        if not message.get("more_body", False):
            return bytes(parts)


def _check_origin(exchange: Exchange) -> None:
    """A page of somebody's, open in a browser on this machine, is not let in. Raises Refused."""
    if exchange.asked("origin"):
        raise Refused(403, _FROM_A_PAGE)
    host = exchange.asked("host")
    name = host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]
    if not is_loopback(name.casefold()):
        raise Refused(403, _NOT_LOOPBACK)


def _found(exchange: Exchange) -> tuple[Control, str]:
    """Raises Refused."""
    path = exchange.path.removeprefix(PREFIX).rstrip("/")
    allowed = []
    for control in CONTROLS:
        wire_id = _fits(control.path, path)
        if wire_id is not None:
            if control.method == exchange.method:
                return control, wire_id
            allowed.append(control.method)
    if allowed:
        raise Refused(405, f"This is asked by {' or '.join(allowed)}.")
    raise Refused(404, f"There is no control {exchange.path}: see GET {PREFIX}.")


def _fits(pattern: str, path: str) -> str | None:
    """The id in a path, empty where it has none; None where it is another path."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    found = ""
    for want, got in zip(wanted, given, strict=True):
        if want == "{id}" and got:
            found = got
        elif want != got:
            return None
    return found


def _fields(body: bytes) -> dict[str, Any]:
    """Raises Refused."""
    if not body.strip():
        return {}
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"The body is not JSON: {error}.") from error
    if not isinstance(decoded, dict):
        raise Refused(400, "The body must be a JSON object.")
    return decoded


def _check(control: Control, fields: dict[str, Any], query: Mapping[str, str]) -> None:
    """Raises Refused for what the control's table does not know."""
    unknown = query.keys() - {name for name, _ in control.query}
    if unknown:
        known = ", ".join(name for name, _ in control.query) or "none"
        raise Refused(422, f"There is no parameter {min(unknown)}; there are: {known}.")
    if control.body is None and fields:
        raise Refused(422, f"There is nothing to say here, and no field {min(fields)}.")
    if control.body is None:
        return
    try:
        msgspec.convert(fields, control.body)
    except msgspec.ValidationError as error:
        raise Refused(422, f"The body cannot be taken: {error}.") from error


def _worded(refusal: Refusal) -> str:
    if isinstance(refusal, BrokenFile):
        return "\n".join(f"{path}: {wrong}" for path, wrong in refusal.faults)
    if isinstance(refusal, Invalid):
        return "; ".join(f"{fault.field}: {fault.rule.value}" for fault in refusal.faults)
    return str(refusal) or type(refusal).__name__
