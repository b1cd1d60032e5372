"""One mutant's trial, in a process of its own: rounds until the model notices it.

Started with the mutant's copy of the package in front on PYTHONPATH; tells JSON of what came of it.
"""

import json
import sys
from pathlib import Path
from traceback import extract_tb

import guestlist
from tests.model import ground
from tests.model.rounds import EXAMPLES, play


def main(package: str, rounds: str) -> None:
    assert Path(guestlist.__file__).parent == Path(package), "another copy is tried"
    with ground.folder() as where:
        file = ground.migrated(where)
        for number in range(1, int(rounds) + 1):
            try:
                play(number, file, where, shrink=False)
            except AssertionError as error:
                place = extract_tb(error.__traceback__)[-1]
                told = f"{Path(place.filename).name}: {place.line}"
                print(json.dumps({"noticed": True, "within": number * EXAMPLES, "by": told}))
                return
    print(json.dumps({"noticed": False, "within": int(rounds) * EXAMPLES, "by": ""}))


if __name__ == "__main__":
    main(*sys.argv[1:])
