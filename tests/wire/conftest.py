"""Live servers for the clients, and an account of its own for each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from guestlist.actions.runtime import Runtime
from guestlist.app import deployments
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS
from guestlist.domain.links import Keys
from guestlist.store.database import Database
from tests.servers import KEY, LiveServer
from tests.wire.accounts import Account, make_account

# A client that is told of a proxy uses it even for this machine.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


@pytest.fixture(scope="module")
def serve(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., LiveServer]]:
    """Starts a server on the module's database, with the options given."""
    started = []
    with ExitStack() as running:

        def start(*options: str) -> LiveServer:
            folder = tmp_path_factory.mktemp("server")
            started.append(LiveServer(module_database_url, folder, *options))
            return running.enter_context(started[-1])

        yield start
    for server in started:
        assert "Traceback" not in server.log
        assert "status=50" not in server.log


@pytest.fixture(scope="module")
def server(serve: Callable[..., LiveServer]) -> LiveServer:
    """One for each module and database."""
    return serve()


@pytest.fixture(scope="module")
def strict_server(serve: Callable[..., LiveServer]) -> LiveServer:
    """Answers an account once and never again."""
    return serve("--rate-limit", "1/1000000000")


@pytest.fixture(scope="module")
def new_account(module_database_url: str) -> Iterator[Callable[[], Account]]:
    database = Database(module_database_url)
    runtime = Runtime(
        database=database,
        keys=Keys((KEY.encode(),)),
        now=deployments.now,
        random=deployments.random,
        public_url="http://guestlist.test",
        invitation_life=DEFAULT_LIFE_DAYS * DAY,
    )
    yield lambda: make_account(runtime)
    database.close()


@pytest.fixture
def account(new_account: Callable[[], Account]) -> Account:
    return new_account()
