"""The README's commands, as a newcomer would type them."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.postgres import PostgresCluster

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
NODE = ROOT / "tests" / "wire" / "node"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
TOKEN = re.compile(r"mlsn\.[0-9a-f]{64}")
READY_SECONDS = 30


@dataclass
class Demo:
    """A running `guestlist demo` and what it said when it started."""

    process: subprocess.Popen[str]
    folder: Path
    url: str

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def run(command: list[str], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": PATH} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until_ready(url: str, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)


def start(command: str, folder: Path, **variables: str) -> subprocess.Popen[str]:
    with (folder / "said").open("w") as said:
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=folder,
            env=os.environ | {"PATH": PATH, "PYTHONUNBUFFERED": "1"} | variables,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What `make serve` runs once the environment is there."""
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    process = start(f"guestlist demo --port {port}", folder)
    url = f"http://localhost:{port}"
    try:
        wait_until_ready(url, process)
        yield Demo(process, folder, url)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def token(demo: Demo) -> str:
    found = TOKEN.search(demo.said)
    assert found is not None, demo.said
    return found.group()


def test_the_curl_commands_list_and_invite(demo: Demo, token: str) -> None:
    script = "\n".join(blocks("bash")).replace("http://localhost:8000", demo.url)
    shown = run(["bash", "-ec", script.replace("mlsn.…", token)], demo.folder)

    assert "ana@acme.test" in shown
    assert shown.count("eve@acme.test") == 2
    end = time.monotonic() + READY_SECONDS
    while not list(demo.folder.glob("data/outbox/*.txt")):
        assert time.monotonic() < end, "no letter came"
        time.sleep(0.05)


def test_the_python_example_invites_and_lists(demo: Demo, token: str) -> None:
    [example] = blocks("python")
    script = example.replace("http://localhost:8000", demo.url)
    shown = run([sys.executable, "-c", script], demo.folder, TOKEN=token)

    assert "finn@acme.test" in shown
    assert "ana@acme.test" in shown


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_node_example_lists_invites(demo: Demo, token: str) -> None:
    [example] = blocks("javascript")
    script = example.replace("http://localhost:8000", demo.url)
    run(["node", "--input-type=module", "-e", script], NODE, TOKEN=token)


def test_the_production_commands_serve_from_postgresql(
    postgres_server: PostgresCluster, tmp_path: Path
) -> None:
    [block] = blocks("sh")
    *preparing, serving = block.strip().splitlines()
    url = postgres_server.create_database("readme")
    variables = {"GUESTLIST_DATABASE": url, "GUESTLIST_SECRET_KEY": "k" * 64}
    commands = "\n".join(line for line in preparing if not line.startswith("export"))
    shown = run(["/bin/sh", "-ec", commands], tmp_path, **variables)
    made = TOKEN.search(shown)
    assert made is not None, shown

    port = free_port()
    process = start(f"{serving} --port {port}", tmp_path, **variables)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process)
        answer = httpx.get(
            f"http://127.0.0.1:{port}/v1/users",
            headers={"authorization": f"Bearer {made.group()}"},
            trust_env=False,
        )
    finally:
        process.terminate()
        process.wait()
    assert [user["email"] for user in answer.json()["data"]] == ["ana@acme.test"]
    assert answer.json()["meta"]["path"] == "https://people.acme.test/v1/users"


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_its_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
