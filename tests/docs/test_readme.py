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
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from tests.postgres import PostgresCluster

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
NODE = ROOT / "tests" / "wire" / "node"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
TOKEN = re.compile(r"mlsn\.[0-9a-f]{64}")
READY_SECONDS = 90


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
        timeout=180,
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
    assert '"decision":true' in shown
    end = time.monotonic() + READY_SECONDS
    while not list(demo.folder.glob("data/outbox/*.eml")):
        assert time.monotonic() < end, "no letter came"
        time.sleep(0.05)


@pytest.fixture
def api(demo: Demo, token: str) -> Iterator[httpx.Client]:
    bearer = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{demo.url}/v1", headers=bearer, trust_env=False) as client:
        yield client


def test_the_link_signs_in_and_the_letters_link_lets_in(demo: Demo, api: httpx.Client) -> None:
    found = re.search(rf"{demo.url}/links/\S+", demo.said)
    assert found is not None, demo.said
    with httpx.Client(follow_redirects=True, trust_env=False) as ana:
        page = ana.get(found.group())
        page = ana.post(f"{demo.url}/links", data={"form": form_token(page)})
        assert (page.url.path, "ana@acme.test" in page.text) == ("/account", True)

    invited = {"email": "gwen@acme.test", "role": "Manager"}
    assert api.post("/users", json=invited).is_success
    with httpx.Client(follow_redirects=True, trust_env=False) as gwen:
        page = gwen.get(letter_link(demo, "gwen@acme.test"))
        new = {"name": "Gwen", "password": "a password of hers", "form": form_token(page)}
        assert gwen.post(f"{demo.url}/invitations/accept", data=new).is_success
    users = api.get("/users").json()["data"]
    invites = api.get("/invites").json()["data"]
    assert "gwen@acme.test" in {user["email"] for user in users}
    assert "gwen@acme.test" not in {invite["email"] for invite in invites}


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def letter_link(demo: Demo, to: str) -> str:
    """The link in the letter that came into the folder the README names."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        for file in demo.folder.glob("data/outbox/invitation-*.eml"):
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            found = re.search(rf"{demo.url}/invitations/\S+", text_of(letter))
            if letter["to"] == to and found is not None:
                return found.group()
        time.sleep(0.05)
    raise TimeoutError(to)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_python_examples_invite_list_and_ask(demo: Demo, token: str) -> None:
    inviting, asking = blocks("python")
    script = f"{inviting}{asking}".replace("http://localhost:8000", demo.url)
    shown = run([sys.executable, "-c", script], demo.folder, TOKEN=token)

    assert "finn@acme.test" in shown
    assert "ana@acme.test" in shown
    assert "Admin gives update-plan" in shown


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
