"""The examples of docs/testing-other-languages.md: those that it says are run, are run here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/testing-other-languages.md").read_text()
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
SECONDS = 300
RUN = {"sh", "bash", "java", "text"}

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(language: str, section: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", sections()[section], re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=folder,
        env=os.environ | {"PATH": PATH},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_journey_in_a_shell_prints_what_it_says(tmp_path: Path) -> None:
    section = "Test your invites in five minutes"
    journey, fault = blocks("sh", section)
    [command], [shown] = blocks("bash", section), blocks("text", section)
    (tmp_path / "journey.sh").write_text(journey + fault)
    told = run(command, tmp_path).splitlines(keepends=True)
    expected = re.escape(shown).replace("…", r"\w+")
    assert re.fullmatch(expected, "".join(told[:-1]))
    assert '"kind":"bad_gateway"' in told[-1]


def test_the_address_that_cannot_be_changed_is_the_twin(tmp_path: Path) -> None:
    [command] = blocks("bash", "Where a client finds it")
    assert '"email":"admin@twin.test"' in run(command, tmp_path)


@pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed")
def test_the_journey_in_java(tmp_path: Path) -> None:
    [program], [command] = blocks("java", "Java"), blocks("bash", "Java")
    (tmp_path / "Journey.java").write_text(program)
    refused, accepted = run(command, tmp_path).splitlines()
    assert "expired" in refused
    assert accepted == "true"


def test_what_is_not_run_says_so() -> None:
    for title, section in sections().items():
        languages = set(re.findall(r"^```(\w*)\n(?:.*?)^```", section, re.MULTILINE | re.DOTALL))
        if languages - RUN:
            assert "Guestlist's tests do not run this example." in section, title
