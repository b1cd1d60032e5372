import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.postgres import PostgresCluster
from tests.servers import surroundings
from tests.testing.hands import Hands, Held


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def database(request: pytest.FixtureRequest, dialect: str) -> str | None:
    """What a twin on that dialect is started with."""
    if dialect == "sqlite":
        return None
    return str(request.getfixturevalue("twins_server"))


@pytest.fixture(scope="session")
def twins_server(postgres_server: PostgresCluster) -> str:
    """A database beside which twins make theirs."""
    return postgres_server.create_database("beside_twins")


@pytest.fixture
def signals_heard() -> Iterator[None]:
    """Whoever runs the tests by nohup, or behind a shell's `&`, has these ignored."""
    ours: dict[int, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGHUP: signal.SIG_DFL,
        signal.SIGQUIT: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in ours.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def held(database: str | None) -> Iterator[Held]:
    """A twin of the test's own, with a seed."""
    with Held(seed="1", database=database) as made:
        yield made


@pytest.fixture
def alone() -> Iterator[Held]:
    """A twin of the test's own, for what no database has a part in."""
    with Held(seed="1") as made:
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[Held]:
    """One of all tests of a module, on SQLite: each makes an account of its own."""
    with Held(seed="1") as made:
        yield made


@pytest.fixture
def account(shared: Held) -> Hands:
    return shared.whole.account()


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Where somebody else's tests are run, to whom every warning is an error."""
    for name in os.environ.keys() - surroundings().keys():
        monkeypatch.delenv(name)
    for name, value in surroundings().items():
        monkeypatch.setenv(name, value)
    options = "-p no:cacheprovider --strict-markers"
    pytester.makefile(".ini", pytest=f"[pytest]\nfilterwarnings = error\naddopts = {options}\n")
    return pytester
