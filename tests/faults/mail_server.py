"""A real SMTP server in a process of its own, which fails as the address at RCPT tells it.

`python -m tests.faults.mail_server FOLDER` prints its port, and where FOLDER holds `mail.pem` (a
certificate and its key) two more: one that wants STARTTLS and a login, and one of TLS. Each message
whose final dot it read is kept in FOLDER, answered or not.
"""

import asyncio
import itertools
import ssl
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG_SECONDS = 3_600
LOGIN = (b"eve@x.test", b"known to the mail server")


class Post:
    """What the part before the @ begins with says how it fails; how often is up to the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        how = self._how(address)
        if how.isdecimal():
            return f"{how} as I was told"
        if how == "hang":
            await asyncio.sleep(HANG_SECONDS)
        if how == "drop":
            _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        [address] = envelope.rcpt_tos
        how = self._how(address)
        if how.startswith("data"):
            quoted = (envelope.original_content or b"").decode("utf-8", "replace")
            link = quoted.partition("/invitations/")[2].partition("\n")[0].strip()
            return f"{how[4:]} no such words please: {link}"
        connection = id(session)
        name = f"{next(self._numbers):04}-{address.partition('@')[0]}-{connection}.eml"
        (self._folder / name).write_bytes(envelope.original_content or b"")
        if how == "lost":
            _hang_up(server)
        return "250 kept"

    def _how(self, address: str) -> str:
        """A file of this name in the folder means: no longer."""
        how = address.partition("-")[0]
        return "" if (self._folder / "mended").exists() else how


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class DropsInData(SMTP):
    """Goes away when the message is on its way."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        envelope: Any = self.envelope
        mended = (self.event_handler._folder / "mended").exists()  # noqa: SLF001 - it is ours
        if envelope.rcpt_tos[0].startswith("middata") and not mended:
            await self.push("354 go on")
            await self._reader.readline()
            _hang_up(self)
            return
        await super().smtp_DATA(arg)


def _knows(_server: object, _session: object, _envelope: object, how: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == LOGIN
    # Not handled: aiosmtpd itself words the refusal.
    return AuthResult(success=good and how in {"PLAIN", "LOGIN"}, handled=False)


async def main(folder: Path) -> None:
    post = Post(folder)
    loop = asyncio.get_running_loop()

    async def listen(tls: ssl.SSLContext | None = None, **options: Any) -> None:
        server = await loop.create_server(
            lambda: DropsInData(
                post, hostname="mail.test", enable_SMTPUTF8=True, loop=loop, **options
            ),
            host="127.0.0.1",
            port=0,
            ssl=tls,
        )
        ports.append(server.sockets[0].getsockname()[1])

    ports: list[int] = []
    await listen()
    certificate = folder / "mail.pem"
    if certificate.exists():
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        await listen(
            tls_context=context, require_starttls=True, auth_required=True, authenticator=_knows
        )
        await listen(context)
    print(*ports, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
