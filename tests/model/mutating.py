"""Trying mutants: a copy of the source with one mistake, and the model played against it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import guestlist
from tests.model.mutants import Mutant

PROJECT = Path(__file__).parents[2]
SOURCE = Path(guestlist.__file__).parent
# How many rounds of examples a mutant may outlive before it counts as not noticed.
ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """`by` is the model's line that noticed; `within` so many examples."""

    noticed: bool
    within: int
    by: str


def tried(mutant: Mutant, *, rounds: int = ROUNDS) -> Verdict:
    """Raises RuntimeError where something else than an assertion of the model ended it."""
    with tempfile.TemporaryDirectory(prefix="guestlist-mutant-") as folder:
        copy = Path(folder) / "guestlist"
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / mutant.file
        file.write_text(mutant.broken(file.read_text()))
        done = subprocess.run(
            [sys.executable, "-m", "tests.model.trial", copy, str(rounds)],
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join((folder, str(PROJECT)))},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{mutant.rule}: {done.stderr[-3_000:]}")
    return Verdict(**json.loads(done.stdout.splitlines()[-1]))
