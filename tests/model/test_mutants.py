"""The model has teeth: a copy of the source with one mistake does not pass it."""

from collections import Counter

import pytest

from tests.model.mutants import FEW, MUTANTS, Mutant
from tests.model.mutating import SOURCE, tried


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_the_mistake_has_its_place_in_the_source(mutant: Mutant) -> None:
    text = (SOURCE / mutant.file).read_text()
    assert mutant.broken(text) != text


def test_each_mutant_breaks_a_rule_of_its_own() -> None:
    assert Counter(mutant.rule for mutant in MUTANTS).most_common(1)[0][1] == 1


@pytest.mark.parametrize("mutant", FEW, ids=lambda mutant: mutant.rule)
def test_the_model_notices(mutant: Mutant) -> None:
    """The rest are tried by `make prove`."""
    assert tried(mutant).noticed
