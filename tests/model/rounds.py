"""Rounds of examples: each from a seed of its own, so that any of them can be played again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model import ground
from tests.model.keys import Keys
from tests.model.offers import Answering
from tests.model.places import Arriving, Keeping, Placing

EXAMPLES = 50
STEPS = 60


@dataclass
class Played:
    """`examples` are those that came to their last step."""

    examples: int = 0
    steps: int = 0


class Story(Answering, Placing, Arriving, Keeping, Keys):
    """All that can happen."""


def play(
    number: int, file: Path, where: Path, *, examples: int = EXAMPLES, shrink: bool = True
) -> Played:
    """One round. Raises what the first example that fails raises, told as short as it can be."""
    played = Played()
    with ground.ground(file, where) as runtime:

        class Round(Story):
            def __init__(self) -> None:
                self.runtime = runtime
                super().__init__()

            def teardown(self) -> None:
                # Hypothesis leaves some before their end, where it saw enough.
                played.examples += self.steps >= STEPS
                played.steps += self.steps

        Round.__qualname__ = Round.__name__ = f"Round{number}"
        run_state_machine_as_test(
            seed(number)(Round),
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            ),
        )
    return played


def play_for(
    seconds: float,
    first: int,
    *,
    most: int | None = None,
    tell: Callable[[int, Played], None] | None = None,
) -> Played:
    """Rounds from the first on until the time is over, or so many are played."""
    end = time.monotonic() + seconds
    total, number = Played(), first
    with ground.folder() as where:
        file = ground.migrated(where)
        while time.monotonic() < end and (most is None or number < first + most):
            played = play(number, file, where)
            total.examples += played.examples
            total.steps += played.steps
            if tell is not None:
                tell(number, played)
            number += 1
    return total
