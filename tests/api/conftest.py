import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audited import check_whole
from tests.postgres import PostgresCluster
from tests.stand import START, Stand, Team


@pytest.fixture(scope="session")
def sqlite_of_all(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path_factory.mktemp('wire'))}"


@pytest.fixture(scope="session")
def postgresql_of_all(postgres_server: PostgresCluster, migrated: str) -> str:
    return postgres_server.create_database("wire", migrated)


@pytest.fixture(scope="session")
def sqlite_stand(sqlite_of_all: str) -> Iterator[Stand]:
    with Stand(sqlite_of_all) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_stand(postgresql_of_all: str) -> Iterator[Stand]:
    with Stand(postgresql_of_all) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def shared_url(request: pytest.FixtureRequest, dialect: str) -> str:
    """One database of each dialect for all tests of the wire: each has accounts of its own."""
    url: str = request.getfixturevalue(f"{dialect}_of_all")
    return url


@pytest.fixture
def stand(request: pytest.FixtureRequest, dialect: str) -> Stand:
    """One for all these tests, too, with its clock set back."""
    made: Stand = request.getfixturevalue(f"{dialect}_stand")
    made.clock.now = START
    return made


@pytest.fixture
def team(stand: Stand) -> Iterator[Team]:
    """Ana is Admin, Bob Manager, Cleo Designer, and Dan has what is listed."""
    made = Team(stand)
    yield made
    # Whatever was done to it, each change left its entries in one chain.
    check_whole(made)
