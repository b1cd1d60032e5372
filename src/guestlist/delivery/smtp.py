"""Letters by SMTP."""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from guestlist.delivery.messages import Envelope, Stationery
from guestlist.domain.letters import Deferred, Letter, Undeliverable

_PERMANENT = 500
# The server wants a login, or a better one: that is the deployment's trouble, not the letter's.
_LOGIN = frozenset({530, 534, 535, 538})
_CLOSING = 421
_PARTING_SECONDS = 1


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server and how long to wait for it, in seconds."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_seconds: float = 10
    command_seconds: float = 30
    letter_seconds: float = 50
    idle_seconds: float = 5
    trust: ssl.SSLContext | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Smtp:
    """Keeps one connection while letters follow one another. Of one thread, which also closes it.

    The clock is a monotonic one, in seconds.
    """

    overwrites = False

    def __init__(
        self,
        server: Server,
        stationery: Stationery,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._stationery = stationery
        self._clock = clock
        self._runner: asyncio.Runner | None = None
        self._client: SMTP | None = None
        self._used = 0.0

    def __str__(self) -> str:
        return f"the mail server {self._server}"

    def send(self, letter: Letter) -> str:
        """Raises Undeliverable for what the server refuses for good, Deferred for the rest."""
        envelope = self._stationery.envelope(letter)
        if self._runner is None:
            self._runner = asyncio.Runner()
        self._runner.run(self._send(envelope))
        self._used = self._clock()
        return str(self._server)

    def rest(self) -> None:
        """Called while there is nothing to send: an idle connection is given back."""
        if self._client is not None and self._clock() - self._used >= self._server.idle_seconds:
            self.close()

    def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.run(self._leave())
            runner.close()

    async def _send(self, envelope: Envelope) -> None:
        try:
            async with asyncio.timeout(self._server.letter_seconds):
                client = await self._ready()
                await _hand_over(client, envelope)
        except (SMTPRecipientsRefused, SMTPResponseException) as error:
            raise self._meaning(error) from error
        except TimeoutError as error:
            self._drop()
            raise Deferred(f"{self._server} took too long to answer.") from error
        except (OSError, SMTPException) as error:
            self._drop()
            raise Deferred(f"{self._server}: {error}") from error

    def _meaning(self, error: SMTPException) -> Exception:
        if isinstance(error, SMTPRecipientsRefused):
            error = error.recipients[0]
        code = error.code if isinstance(error, SMTPResponseException) else 0
        words = f"{code} {error.message}"
        of_letter = isinstance(error, SMTPSenderRefused | SMTPRecipientRefused | SMTPDataError)
        if of_letter and code >= _PERMANENT and code not in _LOGIN:
            return Undeliverable(words)
        if not of_letter or code == _CLOSING:
            self._drop()
        return Deferred(f"{self._server}: {words}")

    async def _ready(self) -> SMTP:
        """The connection that is there, if it still answers, or else a new one."""
        if self._client is not None:
            try:
                await self._client.rset()
            except (SMTPException, OSError):
                self._drop()
            else:
                return self._client
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            # Its own way of finding a name may wait for a name server.
            local_hostname=self._stationery.host,
            timeout=server.command_seconds,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=server.trust,
        )
        self._client = client
        await client.connect(timeout=server.connect_seconds)
        if client.is_ehlo_or_helo_needed:
            try:
                await client.ehlo()
            except SMTPHeloError:
                await client.helo()
        return client

    async def _leave(self) -> None:
        if self._client is not None:
            with suppress(SMTPException, OSError):
                await self._client.quit(timeout=_PARTING_SECONDS)
        self._drop()
        await asyncio.sleep(0)  # lets the connection close

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


async def _hand_over(client: SMTP, envelope: Envelope) -> None:
    options = ["SMTPUTF8"] if envelope.needs_utf8 else []
    if options and not client.supports_extension("smtputf8"):
        raise Undeliverable("The mail server takes no addresses beyond ASCII (SMTPUTF8).")
    await client.sendmail(
        envelope.sender, [envelope.recipient], envelope.bytes(), mail_options=options
    )
