"""One HTTP request to where a webhook is: to an address that was judged, and to no other."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeAlias

import httpx2

from guestlist import __version__
from guestlist.domain.destinations import Allowed

# For the whole of it: a receiver that trickles holds nobody up.
SECONDS = 15
_PORTS = {"http": 80, "https": 443}
_SENT = "http11.send_request_body.complete"
_MICROSECONDS = 1_000_000

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]


class NotPosted(Exception):
    """There is no answer; the words say why, and nothing of what is inside the network."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`wait` is for how long the receiver wants to be left alone, in microseconds."""

    status: int
    wait: int


async def resolve(host: str, port: int) -> list[str]:
    """Raises OSError, UnicodeError.

    A lookup lasts as long as who answers for the name likes, and nothing ends it: each has a thread
    of its own, which no other lookup waits for, nor the end of the process.
    """
    looked_up: Future[list[Any]] = Future()
    looked_up.set_running_or_notify_cancel()  # who gives up waiting does not take it away

    def look_up() -> None:
        try:
            looked_up.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            looked_up.set_exception(error)

    Thread(target=look_up, name="guestlist-webhooks-lookup", daemon=True).start()
    found = await asyncio.wrap_future(looked_up)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Poster:
    """`allowed` is where it may go beside public addresses."""

    def __init__(
        self, allowed: Allowed, *, resolve: Resolve = resolve, seconds: float = SECONDS
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._seconds = seconds
        self._context = httpx2.create_ssl_context()

    async def post(
        self, url: str, headers: dict[str, str], body: bytes, *, on_sent: Callable[[], None]
    ) -> Answer:
        """The answer's body is not read. Calls `on_sent` once the request has left.

        Raises NotPosted.
        """
        try:
            async with asyncio.timeout(self._seconds):
                parts = httpx2.URL(url)
                addresses = await self._judged(parts)
                return await self._first_answer(parts, addresses, headers, body, on_sent)
        except TimeoutError as error:
            raise NotPosted(f"There was no answer within {self._seconds:g} s.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NotPosted(f"{type(error).__name__}: {error}".rstrip(": ")) from error

    async def _judged(self, url: httpx2.URL) -> list[str]:
        """All its addresses; one that is not fit refuses them all, for it may be meant."""
        host, port = url.raw_host.decode(), url.port or _PORTS[url.scheme]
        try:
            addresses = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise NotPosted("The host's name was not found.") from error
        is_https = url.scheme == "https"
        for address in addresses:
            if not self._allowed.permits(ip_address(address), port, is_https=is_https):
                raise NotPosted(
                    "The host's address is not public."
                    if is_https
                    else "The address may not be asked without https."
                )
        if not addresses:
            raise NotPosted("The host has no address.")
        return addresses

    async def _first_answer(
        self,
        url: httpx2.URL,
        addresses: list[str],
        headers: dict[str, str],
        body: bytes,
        on_sent: Callable[[], None],
    ) -> Answer:
        """Of the first address that can be connected to."""
        for address in addresses[:-1]:
            try:
                return await self._asked(url, address, headers, body, on_sent)
            except httpx2.ConnectError:
                continue
        return await self._asked(url, addresses[-1], headers, body, on_sent)

    async def _asked(
        self,
        url: httpx2.URL,
        address: str,
        headers: dict[str, str],
        body: bytes,
        on_sent: Callable[[], None],
    ) -> Answer:
        async def trace(name: str, _: dict[str, Any]) -> None:
            if name == _SENT:
                on_sent()

        # A client of its own each time: no connection is used again for another host, no cookie
        # is kept. Redirects, proxies and what is in ~/.netrc count for nothing.
        async with (
            httpx2.AsyncClient(
                verify=self._context, trust_env=False, follow_redirects=False, timeout=self._seconds
            ) as client,
            client.stream(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers={
                    **headers,
                    "host": url.netloc.decode(),
                    "content-type": "application/json",
                    "user-agent": f"Guestlist/{__version__}",
                    "accept-encoding": "identity",
                    "connection": "close",
                },
                extensions={
                    "trace": trace,
                    "sni_hostname": url.raw_host.decode().strip("[]"),
                },
            ) as response,
        ):
            return Answer(response.status_code, _wait(response.headers))


def _wait(headers: httpx2.Headers) -> int:
    """What Retry-After says, in seconds or as a date by the receiver's own clock."""
    told = headers.get("retry-after", "").strip()
    if told.isdecimal() and told.isascii():
        return int(told[:9]) * _MICROSECONDS
    try:
        then, now = parsedate_to_datetime(told), parsedate_to_datetime(headers.get("date", ""))
        return max(0, int((then - now).total_seconds())) * _MICROSECONDS
    except (ValueError, TypeError):
        return 0
