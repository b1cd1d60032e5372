"""The examples of docs/testing-python.md, each run as a file of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import surroundings

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs/testing-python.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def examples(inner: pytest.Pytester) -> pytest.Pytester:
    inner.makepyfile(**{f"test_{number}": text for number, text in enumerate(EXAMPLES)})
    return inner


@pytest.fixture
def twin() -> Iterator[str]:
    """The URL of one in another process."""
    command = [sys.executable, "-m", "guestlist", "twin", "--port", "0", "--seed", "1"]
    with subprocess.Popen(command, env=surroundings(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


def test_the_whole_journey_takes_fifteen_lines() -> None:
    lines = [line for line in EXAMPLES[0].splitlines() if line]
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 100


def test_the_examples_do_what_they_say(examples: pytest.Pytester) -> None:
    examples.runpytest_subprocess().assert_outcomes(passed=len(EXAMPLES))


def test_they_do_so_on_a_twin_in_another_process(
    examples: pytest.Pytester, twin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_TWIN_URL", twin)
    result = examples.runpytest_subprocess()
    result.assert_outcomes(passed=len(EXAMPLES) - 1, failed=1)
    result.stdout.fnmatch_lines("E *Elsewhere: The twin at http* is another process*")


def test_unittest_runs_its_own(examples: pytest.Pytester) -> None:
    [number] = [n for n, text in enumerate(EXAMPLES) if "TestCase" in text]
    done = subprocess.run(
        [sys.executable, "-m", "unittest", f"test_{number}"],
        env=surroundings(),
        cwd=examples.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "OK", done.stderr


def test_the_fixtures_are_all_on_the_page(examples: pytest.Pytester) -> None:
    result = examples.runpytest_subprocess("--fixtures", "-p", "no:xdist")
    there = set(re.findall(r"^(guestlist\w*)\b.* -- ", result.stdout.str(), re.MULTILINE))
    told = set(re.findall(r"^\| `(guestlist\w*)` \|", PAGE, re.MULTILINE))
    assert there == told != set()
