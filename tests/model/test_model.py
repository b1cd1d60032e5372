"""Nobody can climb: random lives of an account, every outcome foretold, every invariant asked."""

from collections.abc import Callable

from guestlist.domain.access import Catalog
from tests.model import power
from tests.model.budget import FIRST_ROUND, SECONDS
from tests.model.rounds import EXAMPLES, STEPS, play_for

CATALOG: Catalog = power.CATALOG


def test_the_model_knows_every_word_of_the_vocabulary() -> None:
    assert CATALOG.names == power.ALL
    assert set(CATALOG.role_by_name) == set(power.ROLES)


def test_no_life_of_an_account_breaks_the_rules(
    record_property: Callable[[str, object], None],
) -> None:
    """As many examples as the time allows; its end is no failure."""
    rounds: list[int] = []
    played = play_for(SECONDS, FIRST_ROUND, tell=lambda number, _: rounds.append(number))
    record_property(
        "summary",
        f"Model: {played.examples} examples of {STEPS} steps, {played.steps} steps in all,"
        f" in {SECONDS:.0f} s (rounds {rounds[0]} to {rounds[-1]} of {EXAMPLES} examples;"
        " GUESTLIST_TEST_ROUND is the first)",
    )
    assert played.steps >= STEPS * played.examples > 0
