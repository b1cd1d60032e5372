"""`python contest.py MODULE USERS QUESTIONS`: one library in a process of its own.

It reads commands from standard input, a JSON document a line, and answers each with one line.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facts import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def main(module: str, users: str, questions: str) -> None:
    """Load, then do as told until standard input ends."""
    start = time.perf_counter()
    asker = importlib.import_module(module).Asker(Path(users))
    _say({"seconds": time.perf_counter() - start})
    # What was loaded stays: there is nothing to collect in it.
    gc.collect()
    gc.freeze()
    sets = {
        name: [Question(*one) for one in asked]
        for name, asked in json.loads(Path(questions).read_text(encoding="utf-8")).items()
    }
    streams: dict[str, Iterator[Any]] = {}
    for line in sys.stdin:
        command = json.loads(line)
        asked, batch = sets[command["of"]], command["batch"]
        if command["do"] == "answer":
            _say(_answers(asker, asked, batch))
            continue
        name = f"{command['of']} {batch}"
        if name not in streams:
            streams[name] = cycle(_portions(asked, batch))
        _say(_run(asker.one if batch == 1 else asker.many, streams[name], command["seconds"]))


def _answers(asker: Any, asked: list[Question], batch: int) -> list[bool]:
    if batch == 1:
        return [bool(asker.one(question)) for question in asked]
    return [bool(answer) for portion in _portions(asked, batch) for answer in asker.many(portion)]


def _portions(asked: list[Question], batch: int) -> list[Any]:
    if batch == 1:
        return list(asked)
    return [asked[place : place + batch] for place in range(0, len(asked), batch)]


def _run(
    answer: Callable[[Any], object], questions: Iterator[Any], seconds: float
) -> dict[str, object]:
    latencies = []
    gc.disable()
    start = end = time.perf_counter()
    while end < start + seconds:
        question = next(questions)
        begun = time.perf_counter()
        answer(question)
        end = time.perf_counter()
        latencies.append(end - begun)
    gc.enable()
    return {"seconds": end - start, "latencies": latencies}


def _say(document: object) -> None:
    print(json.dumps(document), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
