"""Every control and every option of the twin has its place on its page."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.main import get_command

from guestlist.cli.main import app
from guestlist.testing.controls.routes import CONTROLS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/twin.md").read_text()
README = (ROOT / "README.md").read_text()


def twin() -> Any:
    group: Any = get_command(app)
    return group.commands["twin"]


def test_every_control_is_described_and_no_other_is() -> None:
    told = re.findall(r"^\| `(GET|POST) /_twin([^ `?]*)[^`]*`", PAGE, re.MULTILINE)
    assert sorted(set(told)) == sorted((control.method, control.path) for control in CONTROLS)


def test_every_parameter_of_a_control_is_named() -> None:
    for control in CONTROLS:
        for name, _ in control.query:
            assert f"{name}=" in PAGE, f"{control.path}: {name}"


def test_every_option_is_described_with_its_variable() -> None:
    rows = dict(re.findall(r"^\| `(--[a-z-]+)[^`]*` \| (.*?) \|", PAGE, re.MULTILINE))
    options = [option for option in twin().params if option.name != "help"]
    assert rows.keys() == {option.opts[0] for option in options}
    for option in options:
        variable = option.envvar
        assert rows[option.opts[0]] == (f"`{variable}`" if variable else ""), option.name


def test_what_the_readme_shows_of_a_twin_works() -> None:
    [block] = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    start, *asking = (shlex.split(line.removeprefix("$ ")) for line in block.splitlines())
    assert start[:2] == [".venv/bin/guestlist", "twin"]
    command = [sys.executable, "-m", "guestlist", *start[1:], "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as twin:
        try:
            assert twin.stdout is not None
            url = json.loads(twin.stdout.readline())["url"]
            said = []
            for line in asking:
                curl = [part.replace("http://127.0.0.1:8025", url) for part in line]
                done = subprocess.run([*curl, "-sS"], capture_output=True, check=True, timeout=60)
                said.append(json.loads(done.stdout))
        finally:
            twin.terminate()
    assert said[0]["token"].startswith("mlsn.")
    assert said[1]["now"] == "2026-01-09T00:00:00.000000Z"
    assert twin.returncode == 0
