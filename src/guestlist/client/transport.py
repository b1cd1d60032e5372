"""What both clients tell httpx."""

import hashlib
import ssl
from collections.abc import Generator
from typing import Any

from guestlist.client.answers import Reply
from guestlist.client.asking import Lost
from guestlist.client.deadlines import KEPT_SECONDS, MOST_CONNECTIONS, Transport
from guestlist.client.libraries import httpcore, httpx

# An answer to 1,000 questions is less than 1 MB.
MOST_BYTES = 8 * 1024 * 1024

TOO_LONG = Lost("its answer has no end")
TOO_LATE = Lost("no whole answer in time")


class Bearer(httpx.Auth):
    """Holds the token where no representation shows it."""

    def __init__(self, token: str) -> None:
        token = token.strip()  # files end with a line break
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("the token must be the one text that `guestlist token create` printed")
        self._header = f"Bearer {token}"
        self.fingerprint = hashlib.sha256(token.encode()).digest()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = self._header
        yield request


class Connection:
    """How a client connects; `proxy` is an address, and those of the environment are ignored.

    An environment that was made for other programs must not decide who gets to see the token. For
    the same reason redirects are not followed.
    """

    def __init__(
        self, url: str, bearer: Bearer, tls: ssl.SSLContext | None, proxy: str | None
    ) -> None:
        self._url = url
        self._bearer = bearer
        self._tls = tls
        self._proxy = None if proxy is None else httpx.Proxy(proxy)

    def blocking(self, transport: Transport) -> httpx.Client:
        return httpx.Client(transport=transport, **self._both())

    def transport(self) -> Transport:
        return Transport(self._context(), self._proxy)

    def coroutines(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._context(),
            proxy=self._proxy,
            limits=httpx.Limits(keepalive_expiry=KEPT_SECONDS, **MOST_CONNECTIONS),
            **self._both(),
        )

    def _both(self) -> dict[str, Any]:
        return {
            "base_url": self._url,
            "auth": self._bearer,
            "trust_env": False,
            "follow_redirects": False,
            "headers": {
                "accept": "application/json",
                # nothing that is small on the way and large here
                "accept-encoding": "identity",
                "content-type": "application/json",
                "user-agent": "guestlist-client",
            },
        }

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = self._usual_tls()  # once: it reads every authority there is
        return self._tls

    def _usual_tls(self) -> ssl.SSLContext:
        if self._url.startswith("http://"):  # it will not be used, but httpx wants one
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.create_ssl_context(trust_env=False)


def reply(response: httpx.Response, body: bytes) -> Reply:
    headers = response.headers
    return Reply(
        response.status_code,
        body,
        retry_after=headers.get("retry-after", ""),
        location=headers.get("location", ""),
    )


def lost(error: Exception) -> Lost:
    if isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        return TOO_LATE
    return Lost(f"{error}" or type(error).__name__)
