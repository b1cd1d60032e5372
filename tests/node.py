"""Tests and examples that Node runs, with the official SDK."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "wire/node"
MODULES = FOLDER / "node_modules"
REPORTER = FOLDER / "reporter.mjs"
INSTALLED = (MODULES / "mailersend").exists()
# Nobody waits for so long but who hangs: a busy machine takes a minute for some.
SECONDS = 300


def lacking() -> str:
    """What this machine lacks."""
    if not shutil.which("node"):
        return "Node is not installed"
    if not INSTALLED and not shutil.which("npm"):
        return "npm is not installed, which would install the Node SDK"
    return ""


def run(file: str, folder: Path, surroundings: dict[str, str]) -> list[dict[str, Any]]:
    """Each test of the file: `name`, whether it `passed` or was `skipped`, what it `told`."""
    done = subprocess.run(
        ["node", "--test", f"--test-reporter={REPORTER.as_uri()}", file],
        cwd=folder,
        env=os.environ | surroundings,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    tests = [json.loads(line) for line in done.stdout.splitlines()]
    assert tests, done.stderr.decode()
    return tests
