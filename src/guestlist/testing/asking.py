"""One HTTP call after the other to one base URL: paced, bounded, and nowhere else."""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urlsplit

from guestlist import __version__
from guestlist.domain.hosts import is_loopback
from guestlist.domain.refusals import Misconfigured

# For the whole of an answer, however it trickles.
SECONDS = 30
MAX_BYTES = 8 * 1024 * 1024
# MailerSend allows 60 requests a minute: 57 of them leave room for a clock that is not ours.
PACE = 1.05
_API = "/v1"
_REDIRECTS = range(300, 400)


class NoAnswer(Misconfigured):
    """Who is asked does not answer, or not as an API does; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base URL, taken apart; `path` has no slash at its end."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def is_here(self) -> bool:
        return is_loopback(self.host)

    @property
    def pace(self) -> float:
        """Seconds from one call to the next."""
        return 0 if self.is_here else PACE


def base(url: str) -> Base:
    """Of a URL without a path, that of its /v1. Raises Misconfigured."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Misconfigured(f"--base-url is no URL: {error}.") from error
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        raise Misconfigured(
            f"--base-url is an http or https URL, as in https://api.mailersend.com/v1; got {url!r}."
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Misconfigured("--base-url has a host and a path, and no user, query or fragment.")
    if not (parts.path.isascii() and parts.path.isprintable()) or " " in parts.path:
        raise Misconfigured(f"--base-url has a path that is none: {parts.path!r}.")
    if parts.scheme == "http" and not is_loopback(host):
        raise Misconfigured(
            f"The token would go to {host} for everybody on the way to read: use https."
        )
    return Base(parts.scheme, host, port, parts.path.rstrip("/") or _API)


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Pace:
    """At most one call in so many seconds."""

    def __init__(
        self,
        seconds: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._now = now
        self.sleep = sleep
        self._next = now()

    def wait(self) -> None:
        early = self._next - self._now()
        if early > 0:
            self.sleep(early)
        self._next = self._now() + self._seconds


class Peer:
    """Who is asked. Each call has a connection of its own: none waits for another's leftovers."""

    def __init__(self, at: Base, *, pace: Pace | None = None, seconds: float = SECONDS) -> None:
        self.base = at
        self.pace = pace or Pace(at.pace)
        self._seconds = seconds

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """`target` follows the base URL's path. Raises NoAnswer."""
        self.pace.wait()
        connection = self._connection()
        cut = False

        def end() -> None:
            nonlocal cut
            cut = True
            # http.client lets go of it once it has read the headers, and reads on
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

        timer = Timer(self._seconds, end)
        timer.daemon = True
        try:
            connection.connect()
            opened = connection.sock
            timer.start()
            connection.request(method, self.base.path + target, body, self._headers(headers))
            with connection.getresponse() as response:
                answer = _read(response)
        except (OSError, ValueError, AttributeError, http.client.HTTPException) as error:
            if cut or isinstance(error, TimeoutError):
                raise self._no_answer(f"took longer than {self._seconds:g} seconds") from error
            raise self._no_answer(f"did not answer: {_why(error)}") from error
        finally:
            timer.cancel()
            connection.close()
        if cut:  # what was read until then looks whole to a reader that waits for the end
            raise self._no_answer(f"took longer than {self._seconds:g} seconds")
        return self._checked(answer)

    def _connection(self) -> http.client.HTTPConnection:
        at = self.base
        if at.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                at.host, at.port, timeout=self._seconds, context=context
            )
        return http.client.HTTPConnection(at.host, at.port, timeout=self._seconds)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        agent = f"guestlist-twin/{__version__}"
        return {"accept": "application/json", "user-agent": agent, "connection": "close", **more}

    def _checked(self, answer: Answer) -> Answer:
        """Raises NoAnswer."""
        if answer.status in _REDIRECTS:
            to = answer.headers.get("location", "elsewhere").partition("?")[0]
            raise self._no_answer(
                f"redirects to {to!r}, and a token is not carried on to where it was not meant"
                " for. Give that as --base-url, if it is the API"
            )
        if len(answer.body) > MAX_BYTES:
            raise self._no_answer(f"answered more than {MAX_BYTES:,} bytes")
        return answer

    def _no_answer(self, why: str) -> NoAnswer:
        return NoAnswer(f"{self.base.host} {why}.")


def _read(response: http.client.HTTPResponse) -> Answer:
    body = response.read(MAX_BYTES + 1)
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    length = response.length  # what was promised and has not come
    if length and len(body) <= MAX_BYTES:
        raise http.client.IncompleteRead(body, length)
    return Answer(response.status, headers, body)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
