from collections.abc import Iterator

import pytest

from tests.audited import check_whole
from tests.stand import Stand, Team


@pytest.fixture
def stand(database_url: str) -> Iterator[Stand]:
    """On a database of its own: people are the same in all accounts."""
    with Stand(database_url) as made:
        yield made


@pytest.fixture
def team(stand: Stand) -> Iterator[Team]:
    """Ana is Admin, Bob Manager, Cleo Designer; none of them ever signed in."""
    made = Team(stand)
    yield made
    # Whatever was done to it, each change left its entries in one chain.
    check_whole(made)
