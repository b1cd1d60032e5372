"""What the faults happen to."""

from collections.abc import Iterator

import pytest

from guestlist.actions.runtime import Runtime
from tests.faults.crowd import runtime


@pytest.fixture
def crowd_runtime(database_url: str) -> Iterator[Runtime]:
    """On an empty database, with a connection for each of a crowd."""
    made = runtime(database_url)
    yield made
    made.database.close()
