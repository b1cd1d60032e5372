"""Between a client and a twin: a real proxy that passes everything on, but for what it is told."""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Passing:
    """One call and its answer, as it comes by; `status` 0: the connection is closed instead."""

    method: str
    target: str
    asked: Mapping[str, str]
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def bears_a_token(self) -> bool:
        return "0000000000" not in self.asked.get("authorization", "0000000000")

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def saying(self, document: Any) -> "Passing":
        return replace(self, body=json.dumps(document).encode())

    def with_header(self, name: str, value: str | None) -> "Passing":
        left = {k: v for k, v in self.headers.items() if k != name}
        return replace(self, headers=left if value is None else left | {name: value})


Change = Callable[[Passing], Passing]


class Between:
    """For as long as the block; `change` may be set at any time. `passed` is what came by."""

    def __init__(self, to: str, change: Change = lambda passing: passing) -> None:
        self.change = change
        self.passed: list[Passing] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(to))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self, to: str) -> type[BaseHTTPRequestHandler]:
        between = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    self.close_connection = True
                    between._pass(self, to)

        return Handler

    def _pass(self, handler: BaseHTTPRequestHandler, to: str) -> None:
        sent = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        asked = {name.lower(): value for name, value in handler.headers.items()}
        connection = http.client.HTTPConnection(urlsplit(to).netloc, timeout=30)
        connection.request(handler.command, handler.path, sent or None, asked)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        passing = Passing(
            handler.command, handler.path, asked, answer.status, headers, answer.read()
        )
        connection.close()
        self.passed.append(passing)
        self._deliver(handler, self.change(passing))

    def _deliver(self, handler: BaseHTTPRequestHandler, passing: Passing) -> None:
        if not passing.status:
            return
        handler.send_response_only(passing.status)
        for name, value in passing.headers.items():
            if name not in {"content-length", "transfer-encoding", "connection"}:
                handler.send_header(name, value)
        length = passing.headers.get("x-promised", str(len(passing.body)))
        if passing.body or passing.status != 204:
            handler.send_header("content-length", length)
        handler.end_headers()
        handler.wfile.write(passing.body)
