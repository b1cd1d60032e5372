"""The libraries that decide in process: each in one of its own, told by lines of JSON."""

import json
import math
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Self

from bench.decisions.world import THINGS
from bench.load import Outcome
from bench.servers import MEASURED, PEERS, RULES, pinned, resident_bytes


class Way(NamedTuple):
    """A way to decide by a library; `at_most`: with more users it is not tried."""

    title: str
    package: str
    imported: str
    module: str
    at_most: float = math.inf


WAYS = (
    Way("pycasbin", "pycasbin", "casbin", "by_casbin"),
    Way("cedarpy", "cedarpy", "cedarpy", "by_cedar"),
    # A million would take two minutes and 7 GB.
    Way("cedarpy, all parsed at once", "cedarpy", "cedarpy", "by_cedar_at_once", 200_000),
    Way("oso", "oso", "oso", "by_oso"),
)
FOLDER = PEERS / "libraries"


@dataclass
class Library:
    """A library with all users loaded, running while it is entered."""

    name: str
    module: str
    users: Path
    questions: Path
    process: subprocess.Popen[str] | None = None
    seconds: float = 0.0
    resident: int = 0

    def __enter__(self) -> Self:
        command = [sys.executable, "contest.py", self.module, str(self.users), str(self.questions)]
        own = {"RULES": str(RULES), "THINGS": str(THINGS)}
        with pinned(MEASURED):
            self.process = subprocess.Popen(
                command,
                cwd=FOLDER,
                env={**os.environ, **own},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        try:
            self.seconds = self._hear()["seconds"]
        except BaseException:
            self.__exit__()
            raise
        self.resident = resident_bytes(self.pid)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.communicate()

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def answers(self, of: str, batch: int) -> list[bool]:
        """Answer what it decides on a set of questions."""
        answers: list[bool] = self.tell(do="answer", of=of, batch=batch)
        return answers

    def tell(self, **command: object) -> Any:
        """Tell it to do something; answer what came of it."""
        assert self.process
        assert self.process.stdin
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self._hear()

    def _hear(self) -> Any:
        assert self.process
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended; what it said stands above.")
        return json.loads(line)


@dataclass
class Asking:
    """Asking a library a set of questions again and again."""

    library: Library
    of: str
    batch: int

    def run(self, seconds: float) -> Outcome:
        """Ask for this long."""
        told = self.library.tell(do="run", of=self.of, batch=self.batch, seconds=seconds)
        latencies = sorted(told["latencies"])
        return Outcome(told["seconds"], latencies, Counter({200: len(latencies)}), 0)


def is_installed(way: Way) -> bool:
    """Whether this Python has the library."""
    return find_spec(way.imported) is not None
