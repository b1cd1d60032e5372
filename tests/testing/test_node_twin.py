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
PAGE = (ROOT / "docs/testing-node.md").read_text()
TESTS = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))
SECONDS = 300

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
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", folder, PACKAGE],
        check=True,
        timeout=SECONDS,
    )
    [packed] = folder.glob("*.tgz")
    shutil.unpack_archive(packed, modules)
    (modules / "package").rename(modules / "guestlist-twin")
    return folder


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_the_package_with_the_official_sdk(
    file: Path, project: Path, subtests: pytest.Subtests
) -> None:
    shutil.copy(file, project)
    for test in run(file.name, project, SURROUNDINGS):
        with subtests.test(test["name"]):
            assert not test["skipped"], "a test that is not run says nothing"
            assert test["passed"], test["told"]


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_examples_on_its_page(project: Path) -> None:
    """Each is in the file that it is said to be in, and the page's commands run them."""
    *going_on, unmodified = blocks("javascript")
    files = {"invites.test.mjs": "\n".join(going_on), "unmodified.test.mjs": unmodified}
    commands = blocks("bash")
    for (name, text), command in zip(files.items(), commands, strict=True):
        assert f"`{name}`" in PAGE
        assert command.strip().endswith(f"node --test {name}")
        (project / name).write_text(text)
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=project,
            env=os.environ | SURROUNDINGS,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"pass {text.count('test(')}\n" in done.stdout


def test_the_journey_is_fifteen_lines_and_in_the_readme() -> None:
    journey = blocks("javascript")[0]
    assert len([line for line in journey.splitlines() if line.strip()]) <= 15
    readme = (PACKAGE / "README.md").read_text()
    assert blocks("javascript", readme) == [journey]


STARTS = """
import { start } from "guestlist-twin";
const twin = await start({ command: JSON.parse(process.env.TWIN_COMMAND) });
console.log(twin.url);
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
"""


@pytest.mark.parametrize("end", ["", "process.exit(3)", "throw Error('no')", "waits to be killed"])
def test_no_twin_outlives_the_process_that_started_it(project: Path, end: str) -> None:
    killed = end.startswith("waits")
    (project / "starts.mjs").write_text(STARTS + ("setInterval(() => {}, 1e6)" if killed else end))
    with subprocess.Popen(
        ["node", "starts.mjs"],
        cwd=project,
        env=os.environ | SURROUNDINGS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        at = urlsplit(process.stdout.readline().strip())
        with socket.create_connection((at.hostname, at.port), timeout=SECONDS) as connection:
            process.stdin.write("go on")
            process.stdin.flush()
            if killed:
                process.kill()
            assert connection.recv(1) == b""  # the twin has closed it
            assert (process.wait(SECONDS) == 0) == (end == "")
