"""What `serve` is told is checked before anything starts; `demo` needs nothing at all."""

import ast
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.terminal import Terminal

TOKEN = re.compile(r"mlsn\.[0-9a-f]{64}")
LINK = re.compile(r"http://localhost:\d+/links/\S+")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", "::"), "Bound to ::, beyond this machine"),
        (("--public-url", "http://people.test"), "The public URL must be https"),
        (("--public-url", "people.test"), "The public URL must look like"),
        (("--public-url", "ftp://people.test"), "The public URL must look like"),
        (("--public-url", "https://people test"), "The public URL must look like"),
        (("--public-url", "https://people_test"), "The public URL must look like"),
        (("--public-url", "https://people.test:65536"), "The public URL must look like"),
        (("--public-url", "https://people.test:0"), "The public URL must look like"),
        (("--public-url", "https://[::1"), "The public URL must look like"),
        (("--public-url", "https://ana:x@people.test"), "The public URL must name no user"),
        (("--public-url", "https://people.test/guests"), "The public URL must end with its host"),
        (("--public-url", "https://people.test?"), "The public URL must end with its host"),
        (("--public-url", "https://people.test/#x"), "The public URL must end with its host"),
        (("--rate-limit", "60"), "A rate limit looks like 60/60"),
        (("--rate-limit", "0/60"), "A rate limit looks like 60/60"),
        (("--trusted-proxies", "1::/8,proxy"), "Trusted proxies are addresses or networks"),
        (("--trusted-proxies", "*"), "Trusted proxies are addresses or networks"),
    ],
)
def test_what_a_server_cannot_be_told_is_refused(
    nothing: Terminal, options: tuple[str, ...], said: str
) -> None:
    assert nothing.refused("serve", *options).startswith(said)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GUESTLIST_HOST", "::", "Bound to ::, beyond this machine"),
        ("GUESTLIST_PUBLIC_URL", "http://people.test", "The public URL must be https"),
        ("GUESTLIST_RATE_LIMIT", "many", "A rate limit looks like 60/60"),
        ("GUESTLIST_TRUSTED_PROXIES", "proxy", "Trusted proxies are addresses or networks"),
    ],
)
def test_variables_say_the_same(
    nothing: Terminal, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert nothing.refused("serve").startswith(said)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_said(nothing: Terminal, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = nothing.refused(command, "--port", port)
    assert port in said
    assert said.endswith("Choose another with --port.")


@contextmanager
def demo(port: int) -> Iterator[str]:
    """Runs the demo in this folder; yields what it said when it is ready."""
    log = Path("demo.log")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GUESTLIST_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "guestlist", "demo", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    try:
        wait_until_ready(process, port, log)
        yield log.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
    assert (code, "Traceback" in log.read_text()) == (0, False)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"the demo does not get ready:\n{log.read_text()}")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_a_demo_makes_its_world_once(nothing: Terminal, port: int) -> None:
    with demo(port) as said:
        [token, *more] = TOKEN.findall(said)
        assert set(more) == {token}
        assert python_example(said) == [
            "ana@acme.test",
            "bo@acme.test",
            "cleo@acme.test",
            "dan@acme.test",
        ]
        bearer = {"Authorization": f"Bearer {token}"}
        url = f"http://localhost:{port}/v1"
        # As curl -d sends it.
        form = bearer | {"Content-Type": "application/x-www-form-urlencoded"}
        [body] = re.findall(r"-d '(.*)'", said)
        assert httpx.post(f"{url}/users", headers=form, content=body).is_success
        [domain, _] = httpx.get(f"{url}/domains", headers=bearer).json()["data"]
        assert domain["name"] == "mail.acme.test"
        assert len(httpx.get(f"{url}/templates", headers=bearer).json()["data"]) == 2
        # The letter is beside the database.
        assert "Letters land in data/outbox." in said
        wait_for(lambda: list(Path("data").glob("outbox/*.eml")))
        [link] = LINK.findall(said)
        assert link.startswith(f"http://localhost:{port}/")
        assert httpx.get(link, follow_redirects=True).is_success
        [another] = re.findall(r"For another: guestlist (people link .+)", said)
        assert LINK.fullmatch(nothing.run(*another.split()).strip())
    with demo(port) as said:
        assert (TOKEN.findall(said), LINK.findall(said)) == ([], [])
        assert "guestlist token create" in said
        assert httpx.get(f"{url}/users", headers=bearer).is_success
    assert [invite["email"] for invite in nothing.json("invites", "list")] == ["eve@acme.test"]


def python_example(said: str) -> list[str]:
    """The addresses that the example for the Python SDK prints when it is run as it stands."""
    lines = said.partition("With the Python SDK")[2].splitlines()[2:5]
    example = "\n".join(line.removeprefix("  ") for line in lines)
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=True
    )
    return [user["email"] for user in ast.literal_eval(done.stdout)["data"]]


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
