"""The package `guestlist-twin` for Node, as npm would publish it; its tests are in `node/`."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.node import INSTALLED, MODULES, lacking, run

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients/node-twin"
TESTS = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))
SECONDS = 60

pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())

COMMAND = json.dumps([sys.executable, "-m", "guestlist"])
SURROUNDINGS = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "TWIN_COMMAND": COMMAND,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which both packages are installed: ours as packed, the SDK as downloaded."""
    assert INSTALLED, "run `npm ci` in tests/wire/node"
    folder = tmp_path_factory.mktemp("project")
    modules = folder / "node_modules"
    modules.mkdir()
    (modules / "mailersend").symlink_to(MODULES / "mailersend")
    packed = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", folder, PACKAGE],
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    shutil.unpack_archive(folder / packed.stdout.strip(), modules)
    (modules / "package").rename(modules / "guestlist-twin")
    return folder


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_the_package_with_the_official_sdk(
    file: Path, project: Path, subtests: pytest.Subtests
) -> None:
    copied = shutil.copy(file, project)
    for test in run(copied, project, SURROUNDINGS):
        with subtests.test(test["name"]):
            assert not test["skipped"], "a test that is not run says nothing"
            assert test["passed"], test["told"]
