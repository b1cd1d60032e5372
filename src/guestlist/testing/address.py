"""MailerSend's own address, as clients find it that cannot be given another."""

import asyncio
import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guestlist.testing import trust
from guestlist.testing.authority import HOST, Authority
from guestlist.testing.proxy import HEAD_SECONDS, Proxy

_PRELOAD = Path(__file__).with_name("preload.cjs")
# A connection that rests in a client's pool answers no farewell.
_FAREWELL_SECONDS = 0.5
_AT_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class _Files:
    folder: Path
    trust: trust.Trust
    context: ssl.SSLContext


class FixedAddress:
    """https://api.mailersend.com on this machine: at a port of its own, and behind a proxy.

    `at` and `proxy_at` are listening. The authority that vouches for it lives for as long as this
    is being made: nothing else is ever certified. `close` removes what clients were given.
    """

    def __init__(
        self, at: socket.socket, proxy_at: socket.socket, surroundings: Mapping[str, str]
    ) -> None:
        self._at = at
        self._proxy_at = proxy_at
        self._surroundings = surroundings
        self._proxy = Proxy(HOST, at.getsockname())
        self._files = _made(surroundings)

    async def start(self, connection: Callable[[], asyncio.Protocol]) -> asyncio.Server:
        """`connection` makes the protocol of a new one; the server over TLS is the caller's."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            connection,
            sock=self._at,
            ssl=self._files.context,
            ssl_handshake_timeout=HEAD_SECONDS,
            ssl_shutdown_timeout=_FAREWELL_SECONDS,
        )
        await self._proxy.start(self._proxy_at)
        return server

    async def stop(self) -> None:
        await self._proxy.stop()

    def close(self) -> None:
        self._at.close()
        self._proxy_at.close()
        shutil.rmtree(self._files.folder, ignore_errors=True)

    @property
    def told(self) -> dict[str, Any]:
        """For people, who can do without a proxy: `hosts` is a line for a hosts file."""
        return {
            "host": HOST,
            "url": f"https://{_written(self._at)}",
            "proxy": f"http://{_written(self._proxy_at)}",
            "authority": str(self._files.trust.authority),
            "hosts": f"{self._at.getsockname()[0]} {HOST}",
        }

    @property
    def env(self) -> dict[str, str]:
        """The variables by which each kind of client comes here and trusts what it finds."""
        files, told, around = self._files.trust, self.told, self._surroundings
        bundle = str(files.bundle)
        beside = _beside(around.get("no_proxy") or around.get("NO_PROXY", ""))
        return {
            "GUESTLIST_TWIN_TLS_URL": told["url"],
            "HTTPS_PROXY": told["proxy"],
            "https_proxy": told["proxy"],
            "NO_PROXY": beside,
            "no_proxy": beside,
            "SSL_CERT_FILE": bundle,
            "REQUESTS_CA_BUNDLE": bundle,
            "CURL_CA_BUNDLE": bundle,
            # Node adds them to its own; somebody may have named more.
            "NODE_EXTRA_CA_CERTS": (
                bundle if around.get("NODE_EXTRA_CA_CERTS") else str(files.authority)
            ),
            "NODE_USE_ENV_PROXY": "1",
            "NODE_OPTIONS": _with(around.get("NODE_OPTIONS"), f"--require={_quoted(_PRELOAD)}"),
            "JAVA_TOOL_OPTIONS": _with(around.get("JAVA_TOOL_OPTIONS"), *self._of_java()),
        }

    def _of_java(self) -> list[str]:
        host, port = self._proxy_at.getsockname()
        return [
            f"-Djavax.net.ssl.trustStore={_quoted(self._files.trust.java)}",
            "-Djavax.net.ssl.trustStoreType=PKCS12",
            f"-Dhttps.proxyHost={host}",
            f"-Dhttps.proxyPort={port}",
        ]


def _made(surroundings: Mapping[str, str]) -> _Files:
    folder = Path(tempfile.mkdtemp(prefix="guestlist-twin-tls-"))
    try:
        authority = Authority()
        files = trust.written(folder, authority.certificate, surroundings)
        return _Files(folder, files, authority.certify(HOST).context(folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _written(at: socket.socket) -> str:
    host, port = at.getsockname()
    return f"{host}:{port}"


def _with(before: str | None, *more: str) -> str:
    return " ".join([before, *more] if before else more)


def _quoted(file: Path) -> str:
    """As Node and Java read a path with spaces out of a variable."""
    path = str(file)
    return f'"{path}"' if " " in path else path


def _beside(before: str) -> str:
    """NO_PROXY: as it was, with this machine in it, and without whatever covers the host."""
    kept = [one.strip() for one in before.split(",") if one.strip() and not _covers(one.strip())]
    return ",".join([*kept, *(one for one in _AT_THIS_MACHINE if one not in kept)])


def _covers(entry: str) -> bool:
    domain = entry.lower().removesuffix(":443").lstrip("*.")
    return entry == "*" or f".{HOST}".endswith(f".{domain}")
