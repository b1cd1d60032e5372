"""What is measured of the twin: its start, its memory, setting it back, accounts, a suite."""

import argparse
import http.client
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench import report
from bench.measure import Plan
from bench.prepare import say
from bench.servers import CORES, PEERS, pinned, resident_bytes
from tests.postgres import PostgresCluster

STARTS, TIMES, ACCOUNTS, TESTS = 15, 50, 100, 500
USERS = 1_000
TWIN, TWIN_POSTGRES, PEER = "guestlist twin", "guestlist twin, PostgreSQL", "Fastify, in memory"
INVITE = {"email": "eve@acme.test", "role": "Manager"}
SUITE = """\
import json
import urllib.request

import pytest


def ask(twin, account, method, body=None):
    request = urllib.request.Request(twin.base_url + "/users", json.dumps(body or {}).encode())
    request.method = method
    request.add_header("Authorization", f"Bearer {account.token}")
    request.add_header("Content-Type", "application/json")
    return json.load(urllib.request.urlopen(request))["data"]


@pytest.mark.parametrize("number", range(TESTS))
def test_who_is_invited_and_accepts_is_a_user(number, guestlist_twin, guestlist_account):
    invite = ask(guestlist_twin, guestlist_account, "POST", INVITE)
    guestlist_account.accept(invite["id"])
    assert len(ask(guestlist_twin, guestlist_account, "GET")) == 2
"""
NOTHING = """\
import pytest


@pytest.mark.parametrize("number", range(TESTS))
def test_nothing(number):
    assert number >= 0
"""


@dataclass
class Running:
    """A stand-in that has said where it is: how long it took, and how to ask it."""

    pid: int
    seconds: float
    connection: http.client.HTTPConnection
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Any:
        """One that must be answered with 200; nobody's token is meant where it is empty."""
        shown = self.token if token is None else token
        headers = {"authorization": f"Bearer {shown}"} if shown else {}
        text = None if body is None else json.dumps(body)
        if text is not None:
            headers["content-type"] = "application/json"
        self.connection.request(method, path, text, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content)


@dataclass
class _Ground:
    """What every start needs; `environment` lets Python keep its bytecode, as installed ones do."""

    folder: Path
    program: Path
    environment: dict[str, str]
    few: bool

    def times(self, most: int) -> int:
        return 3 if self.few else most

    def twin(self, *options: str) -> list[str]:
        return [str(self.program), "twin", "--port", "0", *options]


def twin(options: argparse.Namespace, _: Plan) -> Iterator[str]:
    """Measure everything; answer the parts of the report."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guestlist-bench-")))
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        ground = _Ground(folder, options.guestlist, environment, options.quick)
        stack.enter_context(pinned(set(CORES)))
        yield from _starts(ground)
        postgres = stack.enter_context(PostgresCluster())
        yield from _set_back(ground, postgres.create_database("beside"))
        yield from _suites(ground)


def _starts(ground: _Ground) -> Iterator[str]:
    """Process start to the first answer of the API, in turn."""
    say("twin: starts")
    commands = {TWIN: ground.twin(), PEER: _peer()}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, list[int]] = {name: [] for name in commands}
    for name, command in commands.items():
        with _running(command, ground):
            pass  # bytecode and the system's own memory of files
        for _ in range(ground.times(STARTS)):
            with _running(command, ground) as running:
                seconds[name].append(running.seconds)
                memory[name].append(resident_bytes(running.pid))
    yield f"### Start: from the process to the first answer, medians of {ground.times(STARTS)}\n"
    yield report.row(["stand-in", "ms", "min-max", "RSS MB"])
    yield report.row(["---", "---:", "---:", "---:"])
    for name, taken in seconds.items():
        least, most = min(taken) * 1_000, max(taken) * 1_000
        cells = [name, _ms(taken), f"{least:,.0f}-{most:,.0f}", f"{max(memory[name]) / 1e6:,.0f}"]
        yield report.row(cells)
    yield ""


def _set_back(ground: _Ground, beside: str) -> Iterator[str]:
    world = ground.folder / "world.json"
    users = [{"email": f"u{n}@acme.test", "name": "U", "role": "Manager"} for n in range(USERS - 1)]
    admin = {"email": "admin@acme.test", "name": "Ada", "role": "Admin"}
    account = {"name": "Acme", "users": [admin, *users]}
    world.write_text(json.dumps({"accounts": [account]}))
    files = ["--world", str(world)]
    yield f"### {USERS:,} users: set back, kept, and another account, medians in ms\n"
    yield report.row(["stand-in", "reset", "snapshot", "restore", "account made", "and asked"])
    yield report.row(["---", *["---:"] * 5])
    for name, command in (
        (TWIN, ground.twin(*files)),
        (TWIN_POSTGRES, ground.twin(*files, "--database", beside)),
        (PEER, _peer()),
    ):
        say(f"twin: setting back, {name}")
        with _running(command, ground, users=USERS) as running:
            yield report.row([name, *_times(running, ground, is_peer=name == PEER)])
    yield ""


def _times(running: Running, ground: _Ground, *, is_peer: bool) -> Iterator[str]:
    """Each after a change, whose time does not count."""
    change = _changes(running)
    if is_peer:
        yield _ms(_timed(ground, TIMES, change, lambda: running.ask("POST", "/reset", {})))
        yield from ("-", "-", "-", "-")
        return
    for path in ("/_twin/reset", "/_twin/snapshot", "/_twin/restore"):

        def control(path: str = path) -> None:
            running.ask("POST", path, token="")

        yield _ms(_timed(ground, TIMES, change, control))
    made: list[float] = []
    asked: list[float] = []
    for _ in range(ground.times(ACCOUNTS)):
        start = time.perf_counter()
        token = running.ask("POST", "/_twin/accounts", {}, token="")["token"]
        made.append(time.perf_counter() - start)
        running.ask("POST", "/v1/users", INVITE, token=token)
        asked.append(time.perf_counter() - start)
    yield _ms(made)
    yield _ms(asked)


def _changes(running: Running) -> Callable[[], None]:
    numbers = iter(range(10**6))

    def change() -> None:
        body = {"email": f"new{next(numbers)}@acme.test", "role": "Manager"}
        running.ask("POST", "/v1/users", body)

    return change


def _timed(
    ground: _Ground, most: int, before: Callable[[], None], work: Callable[[], Any]
) -> list[float]:
    found = []
    for _ in range(ground.times(most)):
        before()
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


def _suites(ground: _Ground) -> Iterator[str]:
    """Tests that each have an account of their own, beside tests of nothing."""
    tests = 20 if ground.few else TESTS
    yield f"### {tests} tests, pytest-xdist -n 2, medians of {ground.times(3)}\n"
    yield report.row(["tests", "s", "min-max"])
    yield report.row(["---", "---:", "---:"])
    for name, text in (
        ("each with an account, an invitation accepted, users listed", SUITE),
        ("of nothing", NOTHING),
    ):
        say(f"twin: tests {name}")
        folder = Path(tempfile.mkdtemp(dir=ground.folder))
        written = text.replace("TESTS", str(tests)).replace("INVITE", repr(INVITE))
        (folder / "test_suite.py").write_text(written)
        taken = [_suite(ground, folder, tests) for _ in range(ground.times(3))]
        yield report.row([name, f"{median(taken):.1f}", f"{min(taken):.1f}-{max(taken):.1f}"])
    yield ""


def _suite(ground: _Ground, folder: Path, tests: int) -> float:
    python = ground.program.with_name("python")
    start = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "test_suite.py"],
        cwd=folder,
        env=ground.environment,
        capture_output=True,
        check=False,
        text=True,
    )
    taken = time.perf_counter() - start
    if f"{tests} passed" not in done.stdout:
        raise RuntimeError(f"the suite failed: {done.stdout[-2_000:]}")
    return taken


def _peer() -> list[str]:
    return ["node", str(PEERS / "fastify" / "stand_in.js")]


@contextmanager
def _running(command: list[str], ground: _Ground, *, users: int = 1) -> Iterator[Running]:
    """Until the end of the block; it has answered a first request."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**ground.environment, "USERS": str(users)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            at = urlsplit(told["url"])
            connection = http.client.HTTPConnection(at.hostname or "", at.port)
            running = Running(process.pid, 0, connection, told.get("token", ""))
            running.ask("GET", "/v1/users")
            running.seconds = time.perf_counter() - start
            yield running
            connection.close()
        finally:
            process.terminate()


def _ms(taken: list[float]) -> str:
    milliseconds = median(taken) * 1_000
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"
