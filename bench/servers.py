"""The servers that are measured: how each is started, pinned and watched."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bench.load import HOST

PEERS = Path(__file__).parent / "peers"
# Of roles and permissions: the one table, as the peers have it.
RULES = Path(__file__).parent / "decisions" / "rules.json"
START_SECONDS = 30.0
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
# The server that is measured has a core of its own; the load and the database have the others.
CORES = sorted(os.sched_getaffinity(0))
MEASURED = {CORES[0]}
OTHERS = set(CORES[1:]) or MEASURED


@contextmanager
def pinned(to: set[int]) -> Iterator[None]:
    """Start processes on these cores: a child inherits what its parent may run on."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, to)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """A server on a port of its own, running while it is entered."""

    name: str
    command: list[str]
    folder: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        own = {"PORT": str(self.port), "PUBLIC_URL": self.public_url, **self.environment}
        with pinned(MEASURED), self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **own}, stdout=log, stderr=log
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def public_url(self) -> str:
        """The address that its links begin with."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        text = self.log.read_text(encoding="utf-8", errors="replace")
        sys.exit(f"{self.name} did not start; the end of what it said:\n{text[-3000:]}")


def fastapi_orm(name: str, folder: Path, database: str, total: str) -> Server:
    """Answer the ordinary Python stack."""
    url = database.replace("postgresql:", "postgresql+psycopg:")
    environment = {"DATABASE_URL": url, "TOTAL": total}
    command = _uvicorn()
    return Server(name, command, PEERS / "fastapi_orm", folder / f"{name}.log", environment)


def fastify(name: str, folder: Path, database: str, total: str) -> Server:
    """Answer the ordinary Node stack."""
    # pg wants a host where libpq wants none; the socket's folder in the query wins.
    url = database.replace("@/", "@localhost/")
    environment = {
        "DATABASE_URL": url,
        "TOTAL": total,
        "RULES": str(RULES),
        "NODE_ENV": "production",
    }
    command = ["node", "server.js"]
    return Server(name, command, PEERS / "fastify", folder / f"{name}.log", environment)


def ceiling(name: str, folder: Path, body: bytes) -> Server:
    """Answer the server that only sends these bytes."""
    file = folder / "body.json"
    file.write_bytes(body)
    environment = {"BODY": str(file)}
    return Server(name, _uvicorn(), PEERS / "ceiling", folder / f"{name}.log", environment)


def guestlist(name: str, folder: Path, program: Path, database: str, key: str) -> Server:
    """Answer the server that this benchmark is for."""
    command = [str(program), "serve", "--database", database, "--host", HOST, "--port", "{port}"]
    environment = {
        "GUESTLIST_SECRET_KEY": key,
        "GUESTLIST_INVITATIONS_PER_DAY": "1000000000",
        "GUESTLIST_LETTERS_PER_DAY": "1000000000",
    }
    command += ["--workers", "1", "--log-level", "warning"]  # the peers write no access log either
    return Server(name, command, folder, folder / f"{name}.log", environment)


def cpu_seconds(root: int) -> float:
    """Answer the processor time of a process and its children, those ended included."""
    # Fields 14 to 17 of stat: user and system time, its own and that of ended children.
    return sum(sum(map(int, stat[11:15])) for _, stat in _tree(root)) / TICKS


def resident_bytes(root: int) -> int:
    """Answer the memory of a process and its children."""
    return sum(int(stat[21]) for _, stat in _tree(root)) * PAGE_SIZE


def _tree(root: int) -> list[tuple[int, list[str]]]:
    stats: dict[int, list[str]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it ended meanwhile
            # The name, in brackets, may hold anything; what follows it is plain.
            stats[int(folder.name)] = text.rpartition(") ")[2].split()
    found = {root} & stats.keys()
    while more := {pid for pid, stat in stats.items() if int(stat[1]) in found} - found:
        found |= more
    return [(pid, stats[pid]) for pid in found]


def _uvicorn() -> list[str]:
    return [
        sys.executable, "-m", "uvicorn", "app:app", "--host", HOST, "--port", "{port}",
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
