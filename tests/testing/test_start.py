"""A twin is there at once, says where it is, is quiet, and ends without a trace."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.terminal import Terminal
from tests.testing.terminals import SECONDS, TWIN, around, loaded, started

# Each takes a while to load, and none is needed to answer a first request.
LATE = {
    *("alembic", "jinja2", "argon2", "webauthn", "rich"),
    *("PIL", "babel", "zxcvbn", "httpx2", "aiosmtplib", "cryptography", "limits", "multipart"),
    *("prometheus_client", "psycopg", "pydantic", "pyotp", "segno", "structlog"),
}
# Python tells on standard error what it loads.
TELLING = {"PYTHONPROFILEIMPORTTIME": "1"}
# Its input is what is typed at a terminal, and its output what is shown there.
AT_A_TERMINAL = """
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
"""


def asked(told: dict[str, Any], method: str, path: str, **more: Any) -> Any:
    """What a twin answers a program that read its line of JSON."""
    answer = httpx.request(
        method,
        told["url"] + path,
        headers={"authorization": f"Bearer {told['token']}"},
        timeout=SECONDS,
        trust_env=False,
        **more,
    )
    assert answer.is_success, answer.text
    return answer.json()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a twin's temporary files alone."""
    (made := tmp_path / "twin").mkdir()
    return made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "twin.log"


def test_a_twin_answers_before_it_loads_what_it_can_do_without(folder: Path, log: Path) -> None:
    with started(folder, environment=TELLING, log=log) as twin:
        assert asked(twin.told, "GET", "/_twin")["url"] == twin.told["url"]
        assert len(asked(twin.told, "GET", "/v1/users")["data"]) == 1
        invite = {"email": "eve@acme.test", "role": "Manager"}
        asked(twin.told, "POST", "/v1/users", json=invite)
        first = loaded(log.read_text())
        assert {"guestlist", "sqlalchemy", "uvicorn"} <= first
        assert first & LATE == set()
        [letter] = asked(twin.told, "GET", "/_twin/outbox")["data"]
        assert letter["to"] == invite["email"]
        link = letter["link"]
        page = httpx.get(link, follow_redirects=True, timeout=SECONDS, trust_env=False)
        assert page.status_code == 200
        assert {"jinja2", "babel"} <= loaded(log.read_text())


def test_it_has_the_same_options_without_the_other_commands() -> None:
    done = subprocess.run([*TWIN, "--help"], capture_output=True, text=True, check=True)
    beside = Terminal().run("twin", "--help")  # of another width
    assert done.stdout.splitlines()[0] == beside.splitlines()[0]
    named = re.findall(r"--[a-z-]+|GUESTLIST_\w+", done.stdout)
    assert named == re.findall(r"--[a-z-]+|GUESTLIST_\w+", beside)
    assert {"--port", "GUESTLIST_TWIN_PORT", "--help"} <= set(named)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--port", "65536", "less than or equal to 65535"),
        ("--port", "-1", "greater than or equal to 0"),
        ("--port", "x", "valid integer"),
        ("--invitation-days", "0", "greater than or equal to 1"),
        ("--log-level", "loud", "is not one of"),
        ("--nonsense", "1", "No such option"),
    ],
)
def test_what_cannot_be_an_option_is_refused(option: str, value: str, said: str) -> None:
    assert said in Terminal().refused("twin", option, value, code=2)


def test_programs_read_one_line_of_json(tmp_path: Path) -> None:
    with started(tmp_path, "--seed", "1") as twin:
        told = twin.told
        assert told.keys() == {"url", "token", "seed", "env"}
        assert told["seed"] == "1"
        assert told["env"] == {
            "GUESTLIST_TWIN_URL": told["url"],
            "MAILERSEND_API_BASE_URL": f"{told['url']}/v1",
            "MAILERSEND_API_KEY": told["token"],
            "MAILERSEND_API_TOKEN": told["token"],
        }
        assert asked(told, "GET", "/_twin")["seed"] == "1"


class AtATerminal:
    """A twin whose user types and reads."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", AT_A_TERMINAL, *TWIN, "--port", "0", *options],
            env=around(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )

    def read(self) -> str:
        """The next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().rstrip()

    def ended_by(self, key: bytes) -> int:
        with self.process as ending:
            assert ending.stdin is not None
            assert ending.stdout is not None
            ending.stdin.write(key)
            ending.stdout.read()
        return self.process.returncode


def test_people_read_what_to_set_what_to_try_and_how_to_stop(tmp_path: Path) -> None:
    terminal = AtATerminal(tmp_path, "--seed", "7")
    lines = [terminal.read()]
    while not lines[-1].startswith("  curl"):
        lines.append(terminal.read())
    told = dict(line.removeprefix("  export ").split("=") for line in lines if "export " in line)
    assert told.keys() == {"MAILERSEND_API_BASE_URL", "MAILERSEND_API_KEY"}
    url = told["MAILERSEND_API_BASE_URL"].removesuffix("/v1")
    assert lines[0] == f"A twin for your tests is at {url} (seed 7)."
    assert "Ctrl-C" in lines[1]
    done = subprocess.run(
        ["sh", "-c", lines[-1]], capture_output=True, env=around(tmp_path), text=True, check=True
    )
    assert len(json.loads(done.stdout)["data"]) == 1
    assert terminal.ended_by(b"\x03") == 0


def test_json_is_for_whoever_asks_for_it_at_a_terminal(tmp_path: Path) -> None:
    terminal = AtATerminal(tmp_path, "--json")
    assert json.loads(terminal.read())["env"]["GUESTLIST_TWIN_URL"].startswith("http://127.0.0.1:")
    assert terminal.ended_by(b"\x03") == 0


def test_trouble_is_told_on_standard_error_and_nothing_else_is(folder: Path, log: Path) -> None:
    with started(folder, "--seed", "1", log=log) as twin:
        hook = {"name": "crew", "url": "http://127.0.0.1:1/hook", "events": ["user.invited"]}
        asked(twin.told, "POST", "/guestlist/v1/webhooks", json=hook)
        asked(twin.told, "GET", "/v1/users")
        assert log.read_text() == ""
        asked(twin.told, "POST", "/v1/users", json={"email": "eve@acme.test", "role": "Manager"})
        asked(twin.told, "POST", "/_twin/clock/advance", json={"seconds": 1})
        [line] = log.read_text().splitlines()
        assert "event not delivered" in line


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    with started(tmp_path) as twin:
        account = asked(twin.told, "POST", "/_twin/accounts")
        assert len(asked(twin.told | account, "GET", "/v1/users")["data"]) == 1
        folders = {file.parent for file in open_files(twin.process.pid)}
        assert folders
        assert all(folder.is_dir() for folder in folders)
        twin.process.send_signal(getattr(signal, name))
        assert twin.process.wait(SECONDS) == 0
    assert not any(folder.exists() for folder in folders)


def open_files(process: int) -> list[Path]:
    """Those of a twin's that it has open."""
    found = []
    for one in Path(f"/proc/{process}/fd").iterdir():
        try:
            file = one.readlink()
        except FileNotFoundError:  # closed meanwhile, as a connection is
            continue
        if file.parent.name.startswith("guestlist-twin-"):
            found.append(file)
    return found
