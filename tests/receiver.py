"""A real HTTP server on this machine that webhooks are sent to, and which answers as it is told."""

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Any, Self

import msgspec

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Post:
    """A request as it came; `headers` by their names in lower case.

    `number` is of its connection, in the order they were accepted.
    """

    number: int
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def sequence(self) -> int:
        return int(self.document["sequence"])


class Handler(BaseHTTPRequestHandler):
    """What answers one request: the socket is its own."""

    server: "_Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        post = Post(self.server.numbers[self.client_address], self.path, headers, body)
        self.server.receiver.posts.put(post)
        self.server.receiver.answer(self, post)

    def say(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    receiver: "Receiver"

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Handler)
        self.numbers: dict[Any, int] = {}

    def get_request(self) -> Any:
        """Handlers race: what came first is known here."""
        connection, address = super().get_request()
        self.numbers[address] = len(self.numbers)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up is no error here."""


Answering = Callable[[Handler, Post], object]


def answers(status: int, **headers: str) -> Answering:
    return lambda handler, _: handler.say(status, **headers)


class Receiver:
    """`answer` is called for each request; until `rest` is set, those that hang do."""

    def __init__(
        self,
        answer: Answering | None = None,
        *,
        address: str = "127.0.0.1",
        certificate: Path | None = None,
    ) -> None:
        self.answer = answer or answers(200)
        self.posts: Queue[Post] = Queue()
        self.rest = threading.Event()
        # Hosts that were asked for in TLS, before anything was said.
        self.hosts: list[str | None] = []
        self._server = _Server((address, 0))
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            context.sni_callback = lambda _, host, __: self.hosts.append(host)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self.place}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rest.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, count: int = 1) -> list[Post]:
        """The next so many, in the order they came. Raises queue.Empty where they do not come."""
        taken = [self.posts.get(timeout=SECONDS) for _ in range(count)]
        return sorted(taken, key=lambda post: post.number)

    def taken(self) -> list[Post]:
        """What came and nobody took."""
        found = []
        while not self.posts.empty():
            found.append(self.posts.get())
        return found

    def hangs(self, handler: Handler, _: Post) -> None:
        """Says nothing until the test is over."""
        self.rest.wait(SECONDS)
        handler.close_connection = True

    def drips(self, handler: Handler, _: Post) -> None:
        """A byte of a header that never ends, again and again."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not self.rest.wait(0.05):
            handler.wfile.write(b"x")
