"""One request to the twin and its answer, held in the hand before it leaves."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_KEPT = 1024 * 1024


@dataclass(slots=True)
class Exchange:
    """`body` is what was read of the request's, up to a bound; `status` 0: there is no answer.

    `notes` are what is odd about the request.
    """

    scope: Scope
    at: int = 0
    body: bytearray = field(default_factory=bytearray)
    notes: list[str] = field(default_factory=list)
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)
    _ahead: deque[Message] = field(default_factory=deque)
    _is_read: bool = False

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True))

    def asked(self, name: str) -> str:
        """A header of the request, empty where it has none."""
        wanted = name.encode()
        for header, value in self.scope["headers"]:
            if header == wanted:
                return str(value.decode("latin-1"))
        return ""

    @property
    def token(self) -> str:
        scheme, _, text = self.asked("authorization").partition(" ")
        return text.strip() if scheme.lower() == "bearer" else ""

    async def read(self, receive: Receive) -> bool:
        """Takes the body before the realm does, which gets it all the same, up to a bound.

        Whether it came: else the client left.
        """
        while not self._is_read and len(self.body) < MAX_KEPT:
            message = await receive()
            self._ahead.append(message)
            self._note(message)
            if message["type"] == "http.disconnect":
                return False
            self._is_read = not message.get("more_body", False)
        return True

    async def outlasts(self, seconds: float, receive: Receive) -> bool:
        """Whether the client is still there so many seconds later; its body was read."""
        leaving = asyncio.create_task(self._left(receive))
        await asyncio.wait({leaving}, timeout=seconds)
        is_gone = leaving.done()
        leaving.cancel()
        return not is_gone

    async def _left(self, receive: Receive) -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()
            self._ahead.append(message)
            self._note(message)

    def receiving(self, receive: Receive) -> Receive:
        """The same, noting what comes by."""

        async def noted() -> Message:
            if self._ahead:
                return self._ahead.popleft()
            message = await receive()
            self._note(message)
            return message

        return noted

    def _note(self, message: Message) -> None:
        if message["type"] == "http.request" and len(self.body) < MAX_KEPT:
            self.body += message.get("body", b"")

    async def hold(self, message: Message) -> None:
        """Takes the answer in place of the client."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.answer += message.get("body", b"")

    async def ask(self, app: ASGIApp, receive: Receive) -> None:
        await app(self.scope, self.receiving(receive), self.hold)

    async def begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})

    async def deliver(self, send: Send) -> None:
        await self.begin(send)
        await send({"type": "http.response.body", "body": bytes(self.answer)})

    def replace(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Another answer than the one there is."""
        length = {} if status in {204, 304} else {"content-length": str(len(body))}
        said = length | dict(headers)
        self.status = status
        self.headers = [(k.encode(), v.encode("latin-1")) for k, v in said.items()]
        self.answer = bytearray(b"" if self.method == "HEAD" else body)

    def given_out(self) -> list[str]:
        """The secrets that the answer brings: cookies, and the text of a new API token."""
        found = [
            value.decode("latin-1").partition("=")[2].partition(";")[0]
            for name, value in self.headers
            if name == b"set-cookie"
        ]
        if self.method == "POST" and self.path == "/v1/token" and self.status == HTTPStatus.OK:
            found.append(msgspec.json.decode(self.answer)["data"]["accessToken"])
        return found

    def shown(self) -> list[str]:
        """Whatever a page's request shows that a realm gave out: parts of its path, cookies."""
        pairs: list[Any] = [c.partition("=")[2].strip() for c in self.asked("cookie").split(";")]
        return [part for part in self.path.split("/") if part] + pairs
