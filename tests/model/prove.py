"""The whole proof: 50,000 examples of the model, and every mutant. `make prove` runs it.

What is done is kept in .proof/, so that it goes on where it was interrupted; with another source it
begins anew. How far it is, standard error tells.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.model import ground
from tests.model.mutants import MUTANTS
from tests.model.mutating import PROJECT, SOURCE, Verdict, tried
from tests.model.rounds import play

Done = dict[str, Any]


def main() -> None:
    asked = _options()
    file = PROJECT / ".proof" / f"{_digest()}.jsonl"
    file.parent.mkdir(exist_ok=True)
    done = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    with (
        file.open("a") as kept,
        ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool,
    ):

        def keep(made: Done) -> None:
            done.append(made)
            print(json.dumps(made), file=kept, flush=True)

        _all_examples(pool, asked, done, keep)
        _all_mutants(pool, done, keep)
    sys.exit(_tell(done))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("--examples", type=int, default=50_000, help="of up to 60 steps")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    return parser.parse_args()


def _digest() -> str:
    """Of the source and of what proves it."""
    found = hashlib.sha256()
    for folder in (SOURCE, Path(__file__).parent):
        for file in sorted(folder.rglob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _all_examples(
    pool: ProcessPoolExecutor,
    asked: argparse.Namespace,
    done: list[Done],
    keep: Callable[[Done], None],
) -> None:
    begun, start = _examples(done), time.monotonic()
    played = {made["round"] for made in done if "round" in made}
    numbers = (number for number in count(1) if number not in played)
    running: set[Future[Done]] = set()
    while _examples(done) < asked.examples:
        while len(running) < asked.jobs:
            running.add(pool.submit(one_round, next(numbers)))
        ended, running = wait(running, return_when=FIRST_COMPLETED)
        for future in ended:
            keep(future.result())
        made = _examples(done)
        pace = (made - begun) / (time.monotonic() - start)
        left = max(0, asked.examples - made) / max(pace, 0.001) / 60
        _say(f"{made:,} of {asked.examples:,} examples; {left:.0f} minutes to go")
    # What was begun is heard too: it may have broken a rule.
    for future in running:
        keep(future.result())


def one_round(number: int) -> Done:
    with ground.folder() as where:
        played = play(number, ground.migrated(where), where)
    return {"round": number, "examples": played.examples, "steps": played.steps}


def _all_mutants(pool: ProcessPoolExecutor, done: list[Done], keep: Callable[[Done], None]) -> None:
    known = {made["mutant"] for made in done if "mutant" in made}
    left = [number for number, mutant in enumerate(MUTANTS) if mutant.rule not in known]
    for made in pool.map(one_mutant, left):
        keep(made)
        verdict = f"noticed within {made['within']} examples" if made["noticed"] else "NOT NOTICED"
        _say(f"{made['mutant']}: {verdict}")


def one_mutant(number: int) -> Done:
    try:
        verdict = tried(MUTANTS[number])
    except RuntimeError as error:  # that is no assertion of the model
        verdict = Verdict(noticed=False, within=0, by=str(error))
    return {
        "mutant": MUTANTS[number].rule,
        "noticed": verdict.noticed,
        "within": verdict.within,
        "by": verdict.by,
    }


def _examples(done: list[Done]) -> int:
    return sum(made.get("examples", 0) for made in done)


def _missed(done: list[Done]) -> Iterator[str]:
    return (made["mutant"] for made in done if made.get("noticed") is False)


def _tell(done: list[Done]) -> int:
    """The result, and the exit status it has."""
    steps = sum(made.get("steps", 0) for made in done)
    mutants, missed = sum("mutant" in made for made in done), list(_missed(done))
    print(f"{_examples(done):,} examples, {steps:,} steps: nothing broke a rule.")
    print(f"{mutants - len(missed)} of {mutants} mutants were noticed.")
    for rule in missed:
        print(f"Not noticed: {rule}")
    return 1 if missed else 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
