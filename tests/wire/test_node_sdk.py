"""The official Node SDK cannot tell Guestlist from the original; its tests are in `node/`."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.servers import LiveServer
from tests.wire.accounts import Account

FOLDER = Path(__file__).parent / "node"
FILES = sorted(file.name for file in FOLDER.glob("*.test.mjs"))
# At least as many as the tests of a file.
ACCOUNTS = 10
SECONDS = 60


INSTALLED = (FOLDER / "node_modules/mailersend").exists()


def lacking() -> str:
    """What this machine lacks."""
    if not shutil.which("node"):
        return "Node is not installed"
    if not INSTALLED and not shutil.which("npm"):
        return "npm is not installed, which would install the Node SDK"
    return ""


def run(file: str, surroundings: dict[str, str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", "--test", "--test-reporter=./reporter.mjs", file],
        cwd=FOLDER,
        env=os.environ | surroundings,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    tests = [json.loads(line) for line in done.stdout.splitlines()]
    assert tests, done.stderr.decode()
    return tests


@pytest.mark.parametrize("file", FILES)
@pytest.mark.skipif(bool(lacking()), reason=lacking())
def test_the_node_sdk(
    file: str,
    server: LiveServer,
    strict_server: LiveServer,
    new_account: Callable[[], Account],
    subtests: pytest.Subtests,
) -> None:
    assert INSTALLED, "run `npm ci` in tests/wire/node"
    accounts = [asdict(new_account()) for _ in range(ACCOUNTS)]
    surroundings = {
        "WIRE_URL": f"{server.base_url}/v1",
        "WIRE_STRICT_URL": f"{strict_server.base_url}/v1",
        "WIRE_PUBLIC_URL": server.public_url,
        "WIRE_ACCOUNTS": json.dumps(accounts),
    }
    for test in run(file, surroundings):
        with subtests.test(test["name"]):
            assert not test["skipped"], "a test that is not run says nothing"
            assert test["passed"], test["told"]
