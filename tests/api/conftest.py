from collections.abc import Iterator

import pytest

from guestlist.store.database import Database
from guestlist.store.migrations import migrate
from tests.postgres import PostgresCluster
from tests.stand import Stand, Team


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database of each kind for all tests of the wire: each has accounts of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('wire')}/guestlist.db"
        database = Database(url)
        migrate(database)
        database.close()
        return url
    server: PostgresCluster = request.getfixturevalue("postgres_server")
    return server.create_database("wire", request.getfixturevalue("migrated"))


@pytest.fixture
def stand(shared_url: str) -> Iterator[Stand]:
    with Stand(shared_url) as made:
        yield made


@pytest.fixture
def team(stand: Stand) -> Team:
    """Ana is Admin, Bob Manager, Cleo Designer, and Dan has what is listed."""
    return Team(stand)
