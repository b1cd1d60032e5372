"""The official Node SDK cannot tell Guestlist from the original; its tests are in `node/`."""

import json
from collections.abc import Callable
from dataclasses import asdict

import pytest

from tests.node import FOLDER, INSTALLED, lacking, run
from tests.servers import LiveServer
from tests.wire.accounts import Account

FILES = sorted(file.name for file in FOLDER.glob("*.test.mjs"))
# At least as many as the tests of a file.
ACCOUNTS = 10


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
    for test in run(file, FOLDER, surroundings):
        with subtests.test(test["name"]):
            assert not test["skipped"], "a test that is not run says nothing"
            assert test["passed"], test["told"]
