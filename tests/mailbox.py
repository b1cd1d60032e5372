"""A real mail server in a process of its own: what it takes is kept in a folder.

Started as a program it serves until its standard input ends.
"""

import asyncio
import re
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from subprocess import PIPE, Popen
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
READY_SECONDS = 20


class Keeping:
    """Keeps each message as it came, with the envelope's recipient in front."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self._number += 1
        draft = self._folder / f".{self._number:04}"
        draft.write_bytes(f"X-To: {envelope.rcpt_tos[0]}\r\n".encode() + envelope.content)
        draft.rename(self._folder / f"{self._number:04}.eml")
        return "250 OK"


class Mailbox:
    """The mail server, and what came to it so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        self._process = Popen(
            [sys.executable, "-m", "tests.mailbox", self.folder],
            stdin=PIPE,
            stdout=PIPE,
            cwd=Path(__file__).parents[1],
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    @property
    def url(self) -> str:
        """What the setting `--mail` takes."""
        return f"smtp://{HOST}:{self.port}?tls=none"

    def messages(self, to: str) -> list[EmailMessage]:
        """In the order they came."""
        read = [
            message_from_bytes(file.read_bytes(), policy=policy.default)
            for file in sorted(self.folder.glob("*.eml"))
        ]
        return [message for message in read if message["X-To"] == to]

    def link(self, to: str, path: str, number: int = 1) -> str:
        """In the how-manieth letter to an address that has such a link, as soon as it is there."""
        return self._found(to, rf"https?://\S+{path}\S+", number)

    def wait(self, to: str) -> str:
        """The words of the first letter to an address, as soon as it is there."""
        return self._found(to, r"(?s).+", 1)

    def _found(self, to: str, pattern: str, number: int) -> str:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            found = re.findall(pattern, self._texts(to))
            if len(found) >= number:
                return str(found[number - 1])
            time.sleep(0.05)
        raise TimeoutError(f"no letter {number} to {to} with {pattern}")

    def _texts(self, to: str) -> str:
        bodies = [message.get_body(("plain",)) for message in self.messages(to)]
        return "\n".join(body.get_content() for body in bodies if body is not None)


async def serve(folder: Path) -> None:
    loop = asyncio.get_running_loop()
    handler = Keeping(folder)
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True), HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
