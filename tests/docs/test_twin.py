"""Every control and every option of the twin has its place on its page."""

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from guestlist.cli.main import app
from guestlist.testing.controls.routes import CONTROLS

PAGE = (Path(__file__).parents[2] / "docs/twin.md").read_text()


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
