"""The examples of docs/recording.md do what the page says."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from guestlist.testing import asking, differing, scripts
from tests.example_world import WORLD
from tests.testing.between import Passing
from tests.testing.recorder import SHORT, Recorder

PAGE = (Path(__file__).parents[2] / "docs/recording.md").read_text()


def block(name: str) -> str:
    [found] = re.findall(rf"^<!-- {name} -->\n```\w*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Recorder]:
    with Recorder(tmp_path, WORLD) as made:
        yield made


def without_pages(passing: Passing) -> Passing:
    """As MailerSend's users were recorded, in another program's words."""
    headers = {k: v for k, v in passing.headers.items() if k not in {"etag", "x-request-id"}}
    passing = replace(passing, headers=headers)
    if passing.target.startswith("/v1/users?") and passing.status == 200:
        return passing.saying({"data": passing.document["data"]})
    return passing


def test_a_difference_is_told_as_the_page_shows_it(acme: Recorder) -> None:
    def habits(passing: Passing) -> Passing:
        if passing.status == 404:
            return passing.saying({"message": "Not Found"})
        return replace(without_pages(passing), headers=passing.headers)

    acme.between.change = habits
    file = acme.record("--script", acme.script(*SHORT), name="mine.json")
    assert acme.run("diff", str(file)).stdout == block("planted")


def test_what_the_page_accepts_is_accepted(acme: Recorder) -> None:
    acme.between.change = without_pages
    file = acme.record("--script", acme.script(*SHORT), name="mine.json")
    assert acme.differences(file)
    accepted = acme.folder / "accepted.toml"
    accepted.write_text(block("accepted"))
    told = acme.diff(file, "--accept", str(accepted))
    assert (told["differences"], told["unused"]) == ([], [])


def test_the_script_of_the_page_is_one(acme: Recorder) -> None:
    script = acme.folder / "script.toml"
    script.write_text(block("script"))
    acme.record("--script", str(script), name="mine.json")
    assert [p.status for p in acme.between.passed] == [200, 200, 401]
    assert len(tomllib.loads(block("script"))["steps"]) == 3


def rows(heading: str) -> set[str]:
    """What stands first in the lines of a section's table."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_every_key_of_a_step_and_every_kind_is_described() -> None:
    assert rows("Scripts of your own") == {
        field.name for field in msgspec.structs.fields(scripts.Step)
    }
    assert rows("Comparing") == set(get_args(differing.Kind))


def test_the_page_counts_the_calls() -> None:
    assert f"{len(scripts.READ_ONLY.steps)} calls, at most {int(60 / asking.PACE)}" in PAGE
    assert f"It makes {len(scripts.READ_WRITE.steps)} calls" in PAGE
