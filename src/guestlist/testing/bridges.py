"""From a test's loop or thread to the loop that the twin lives on, and back."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


def asgi(app: App, home: AbstractEventLoop) -> App:
    """The application, for any other loop. Its lifespan is not its callers' business."""

    async def bridge(scope: Message, receive: Receive, send: Send) -> None:
        here = asyncio.get_running_loop()

        async def received() -> Message:
            return await asyncio.wrap_future(_run(receive(), here))

        async def sent(message: Message) -> None:
            await asyncio.wrap_future(_run(send(message), here))

        if scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await asyncio.wrap_future(_run(app(scope, received, sent), home))

    return bridge


async def _live(receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def wsgi(
    app: App, home: AbstractEventLoop
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The application, for any thread but its own."""

    def bridge(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = _Asked(_body(environ))
        _run(asked.by(app, _scope(environ)), home).result()
        status = HTTPStatus(asked.status)
        start_response(f"{status.value} {status.phrase}", asked.headers)
        return asked.parts

    return bridge


def _run(work: Awaitable[Any], loop: AbstractEventLoop) -> Any:
    async def working() -> Any:
        return await work

    return asyncio.run_coroutine_threadsafe(working(), loop)


@dataclass(slots=True)
class _Asked:
    """One request, and what comes back."""

    body: bytes
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    async def by(self, app: App, scope: Message) -> None:
        """Raises ConnectionResetError where the answer never came."""
        over = asyncio.Event()
        unread = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            if unread:
                return unread.pop()
            await over.wait()
            return {"type": "http.disconnect"}

        try:
            await app(scope, receive, self._take)
        finally:
            over.set()
        if not self.status:
            raise ConnectionResetError("The connection was dropped without an answer.")

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message.get("headers", ())
            ]
        elif message["type"] == "http.response.body":
            self.parts.append(bytes(message.get("body", b"")))


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    return bytes(environ["wsgi.input"].read(*([int(length)] if length else [])))


def _scope(environ: dict[str, Any]) -> dict[str, Any]:
    path = environ.get("PATH_INFO", "").encode("latin-1")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "path": path.decode("utf-8", "replace"),
        "raw_path": quote(path).encode(),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": "",
        "headers": list(_headers(environ)),
        "client": (environ.get("REMOTE_ADDR") or "127.0.0.1", 0),
        "server": (environ.get("SERVER_NAME", ""), int(environ.get("SERVER_PORT") or 80)),
    }


def _headers(environ: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            name = name.removeprefix("HTTP_")  # noqa: PLW2901 - the same name, as HTTP writes it
        elif name not in {"CONTENT_TYPE", "CONTENT_LENGTH"} or not value:
            continue
        yield name.lower().replace("_", "-").encode("latin-1"), str(value).encode("latin-1")
