"""The ways a letter can leave, by the address a setting gives them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from guestlist.delivery.folder import Folder
from guestlist.delivery.messages import Stationery
from guestlist.delivery.smtp import Security, Server, Smtp
from guestlist.delivery.terminal import Terminal
from guestlist.domain.hosts import is_loopback
from guestlist.domain.letters import Letter
from guestlist.domain.refusals import Misconfigured

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_FORMS = (
    "Letters go to smtp://USER@HOST:587, smtps://USER@HOST:465, folder:PATH or terminal:"
    " (setting --mail)"
)


class Sender(Protocol):
    """Sends letters, on one thread; its text says where to.

    `overwrites`: the same letter again takes the place of the first one.
    """

    overwrites: bool

    def send(self, letter: Letter) -> object:
        """Returns where to. Raises Deferred, OSError, or Undeliverable for what never will."""

    def rest(self) -> None:
        """Called while there is nothing to send."""

    def close(self) -> None:
        """Gives back what is kept open."""


def opened(address: str, *, password: str | None, stationery: Stationery) -> Sender:
    """Raises Misconfigured."""
    scheme, _, rest = address.partition(":")
    if scheme == "folder" and rest:
        return Folder(Path(rest), stationery)
    if scheme == "terminal" and not rest:
        return Terminal(sys.stdout, stationery)
    if scheme in {"smtp", "smtps"}:
        return Smtp(server(address, password=password), stationery)
    raise Misconfigured(f"{_FORMS}; this is none of them.")


def server(address: str, *, password: str | None) -> Server:
    """Reads `smtp[s]://[USER@]HOST[:PORT][?tls=none]`. Raises Misconfigured."""
    parts, port = _split(address)
    host = parts.hostname or ""
    if not host or parts.path.strip("/") or parts.fragment:
        raise Misconfigured(f"{_FORMS}; the mail server's host is missing or more than a host.")
    if parts.password is not None:
        raise Misconfigured(
            "The mail server's password belongs in GUESTLIST_SMTP_PASSWORD: others can read an"
            " address."
        )
    security = _security(parts.scheme, parse_qs(parts.query, keep_blank_values=True))
    user = unquote(parts.username) if parts.username else None
    if user is not None and security is Security.NONE and not is_loopback(host):
        raise Misconfigured(
            "With tls=none the mail server's password would cross the network in the clear: leave"
            " out tls=none, or the user."
        )
    if user is not None and not password:
        raise Misconfigured(
            f"The mail server knows {user} by a password: set GUESTLIST_SMTP_PASSWORD."
        )
    return Server(
        host=host,
        port=port or _PORTS[security],
        security=security,
        user=user,
        password=password if user is not None else None,
    )


def _split(address: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Misconfigured(f"{_FORMS}; {error}.") from error
    return parts, port


def _security(scheme: str, query: Mapping[str, list[str]]) -> Security:
    if scheme == "smtps" and not query:
        return Security.TLS
    if scheme == "smtp" and not query:
        return Security.STARTTLS
    if scheme == "smtp" and query == {"tls": ["none"]}:
        return Security.NONE
    raise Misconfigured(
        "The mail server's address takes nothing after ? but tls=none, and that only with smtp://"
    )
