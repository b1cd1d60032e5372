"""A letter as an e-mail message."""

import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import urlsplit

from guestlist.delivery.rendering import render
from guestlist.domain import emails
from guestlist.domain.letters import Letter, Undeliverable
from guestlist.languages import SOURCE

_MICROSECONDS = 1_000_000
# What an encoded word begins with (RFC 2047). `email` decodes one wherever it meets it, and writes
# out what was in it, the end of a line too.
_ENCODED = "=?"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message, and the two addresses that the mail servers see."""

    message: EmailMessage
    sender: str
    recipient: str

    @property
    def needs_utf8(self) -> bool:
        """Whether every server on the way must know addresses beyond ASCII (RFC 6531)."""
        return not (self.sender + self.recipient).isascii()

    def bytes(self) -> bytes:
        return self.message.as_bytes()


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all letters of a deployment have in common."""

    sender: Address
    host: str
    language: str = SOURCE

    def envelope(self, letter: Letter, *, readable: bool = False) -> Envelope:
        """`readable` for eyes that see the message itself; else in seven bits and short lines.

        Raises Undeliverable.
        """
        if _ENCODED in letter.to:
            raise Undeliverable("The address holds =?, which mail programs take for an encoding.")
        rendered = render(letter, host=self.host, language=self.language)
        reader = _address(letter.to)
        is_ascii = (reader.addr_spec + self.sender.addr_spec).isascii()
        policy = email.policy.SMTP if is_ascii else email.policy.SMTPUTF8
        message = EmailMessage(policy=policy)
        message["From"] = self.sender
        message["To"] = reader
        message["Subject"] = rendered.subject.replace(_ENCODED, "= ?")
        message["Date"] = datetime.fromtimestamp(letter.at // _MICROSECONDS, UTC)
        message["Message-ID"] = f"<{letter.name}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        for body, kind in ((rendered.text, "plain"), (rendered.html, "html")):
            add = message.set_content if kind == "plain" else message.add_alternative
            add(body, subtype=kind, cte=_encoding(body) if readable else "quoted-printable")
        return Envelope(message, self.sender.addr_spec, reader.addr_spec)


def stationery(public_url: str, *, sender: str | None, language: str = SOURCE) -> Stationery:
    """`sender` is an address, or a name and an address as in `Acme <people@acme.test>`.

    Raises ValueError where it is none.
    """
    host = emails.host(urlsplit(public_url).hostname or "") or "localhost"
    if sender is None:
        return Stationery(Address("Guestlist", "no-reply", host), host, language)
    name, address = parseaddr(sender)
    if not sender.isprintable():
        raise ValueError(sender)
    return Stationery(_address(address, name), host, language)


def _address(address: str, name: str = "") -> Address:
    """The local part as it is, the domain in ASCII. Raises ValueError."""
    domain = emails.parse(address).key.rpartition("@")[2]
    local = address.rpartition("@")[0]
    if local.startswith('"'):
        # Address quotes it again where it must be.
        local = _unescaped(local[1:-1])
    return Address(name, local, domain)


def _unescaped(quoted: str) -> str:
    kept, is_escaped = [], False
    for character in quoted:
        is_escaped = character == "\\" and not is_escaped
        if not is_escaped:
            kept.append(character)
    return "".join(kept)


def _encoding(body: str) -> str:
    return "7bit" if body.isascii() else "8bit"
