"""A real server process over a real database, to be asked, stopped, killed and started again."""

import atexit
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

SERVE = [sys.executable, "-m", "guestlist", "serve"]
HOST = "127.0.0.1"
KEY = "a-key-that-only-live-servers-know-of-32-bytes-or-more"
READY_SECONDS = 60
STOP_SECONDS = 45
ATTEMPTS = 5


class LiveServer:
    """`guestlist serve` with `options`, on a free port; what it writes is kept in `folder`.

    Its letters go to `folder/outbox`. A port is kept over `restart`. `environment` is what the next
    start has beside, or in place of, its own.
    """

    def __init__(self, database_url: str, folder: Path, *options: str) -> None:
        self.database_url = database_url
        self.folder = folder
        self.port = 0
        self.environment: dict[str, str] = {}
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def public_url(self) -> str:
        """What links are built from where no option says otherwise."""
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> str:
        """Everything it has written so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server is not running"
        return self._process

    def start(self) -> None:
        """Returns once it is ready."""
        if self.port:
            self._launch()
        else:
            self._launch_on_a_free_port()

    def stop(self) -> int:
        """Asks it to end, as an operator does; its exit code."""
        process = self.process
        process.terminate()
        code = process.wait(STOP_SECONDS)
        self._process = None
        return code

    def kill(self) -> None:
        """`kill -9`, its workers included."""
        process = self.process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._process = None

    def restart(self) -> None:
        if self._process is not None:
            self.stop()
        self.start()

    def _launch_on_a_free_port(self) -> None:
        """A free port may be taken by somebody else before the server has it."""
        for attempt in range(1, ATTEMPTS + 1):
            with socket.create_server((HOST, 0)) as free:
                self.port = free.getsockname()[1]
            try:
                return self._launch()
            except ServerFailed as failed:
                if attempt == ATTEMPTS or "Cannot listen on" not in str(failed):
                    raise
        return None

    def _launch(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*SERVE, "--port", str(self.port), *self._options],
                cwd=self.folder,
                env=surroundings() | self._own_environment() | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # a group of its own, so that `kill` reaches the workers too
                start_new_session=True,
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            if self._process.poll() is None:
                self.kill()
            self._process = None
            raise

    def _own_environment(self) -> dict[str, str]:
        return {
            "GUESTLIST_DATABASE": self.database_url,
            "GUESTLIST_OUTBOX": str(self.folder / "outbox"),
            "GUESTLIST_SECRET_KEY": KEY,
            "GUESTLIST_INVITATIONS_PER_DAY": "1000000000",
            "GUESTLIST_LETTERS_PER_DAY": "1000000000",
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + READY_SECONDS
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < end:
                if process.poll() is not None:
                    raise ServerFailed(f"exit code {process.returncode}:\n{self.log}")
                try:
                    if client.get(f"{self.base_url}/readyz").is_success:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.02)
        raise ServerFailed(f"not ready in {READY_SECONDS} s:\n{self.log}")


class ServerFailed(Exception):
    pass


def surroundings() -> dict[str, str]:
    """Nothing of how Guestlist is set up around the tests."""
    kept = {name: it for name, it in os.environ.items() if not name.startswith("GUESTLIST_")}
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):  # else every start compiles everything
        kept["PYTHONPYCACHEPREFIX"] = _bytecode()
    return kept


@functools.cache
def _bytecode() -> str:
    folder = tempfile.mkdtemp(prefix="guestlist-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
