"""`guestlist twin` as somebody types it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import surroundings

TWIN = [sys.executable, "-m", "guestlist", "twin"]
SECONDS = 300
# How this machine reaches others, which is nothing to a test.
_OF_THE_MACHINE = {
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
}


@dataclass(frozen=True, slots=True)
class Started:
    """`told` is its line of JSON; `folder` is where its temporary files are."""

    told: dict[str, Any]
    folder: Path
    process: subprocess.Popen[str]


def around(folder: Path, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: it for name, it in surroundings().items() if name.upper() not in _OF_THE_MACHINE}
    return kept | {"TMPDIR": str(folder)} | dict(environment or {})


@contextmanager
def started(
    folder: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[Started]:
    """A twin, until the end of the block; then it must end in peace and leave nothing.

    What it says on standard error goes to `log`.
    """
    with (log or Path(os.devnull)).open("wb") as said:
        process = subprocess.Popen(
            [*TWIN, "--port", "0", *options],
            env=around(folder, environment),
            stdout=subprocess.PIPE,
            stderr=None if log is None else said,
            text=True,
        )
    with process:
        assert process.stdout is not None
        try:
            yield Started(json.loads(process.stdout.readline()), folder, process)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""
        assert process.wait(SECONDS) == 0
    assert list(folder.iterdir()) == []


def ran(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    given: str = "",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """`guestlist twin run` with these arguments, once it has ended and left nothing."""
    done = subprocess.run(
        [*TWIN, "run", *arguments],
        env=around(folder, environment),
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert list(folder.iterdir()) == [], "it left something"
    return done


def loaded(told: str) -> set[str]:
    """The packages that a process loaded which tells that on standard error, as Python lets it."""
    lines = [line for line in told.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
