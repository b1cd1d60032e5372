"""A PostgreSQL that goes away and comes back: guestlist says so, and needs no restart."""

import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from guestlist.store.database import Database
from guestlist.store.migrations import migrate
from tests.faults.accounts import Account, make_account
from tests.faults.crowd import CLIENTS, Answer, ask, at_once, runtime
from tests.postgres import PostgresCluster, PostgresMissing
from tests.servers import KEY, SERVE, LiveServer, surroundings

SOON = 5
NEW = {"email": "eve@acme.test", "role": "Accountant"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """One that may be stopped."""
    try:
        made = PostgresCluster()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    with made:
        yield made


@pytest.fixture(scope="module")
def url(cluster: PostgresCluster) -> str:
    made = cluster.create_database("guestlist")
    database = Database(made)
    migrate(database)
    database.close()
    return made


@pytest.fixture(scope="module")
def server(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(url, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def account(url: str) -> Account:
    made = runtime(url)
    account = make_account(made)
    made.database.close()
    return account


def crowd(server: LiveServer, account: Account) -> list[Answer]:
    """Enough at once that every connection of the pool is used."""
    listing = partial(ask, server.base_url, account.token, "GET", "/v1/users")
    inviting = partial(ask, server.base_url, account.token, "POST", "/v1/users", NEW)
    return at_once(*[listing, inviting] * CLIENTS)


def all_work(server: LiveServer, account: Account) -> None:
    statuses = [answer.status for answer in crowd(server, account)]
    assert statuses[0::2] == [200] * CLIENTS, server.log
    assert set(statuses[1::2]) <= {200, 422}, server.log  # taken, from the second on


def test_while_it_is_away_guestlist_says_so_and_comes_back_with_it(
    cluster: PostgresCluster, server: LiveServer, account: Account
) -> None:
    for _ in range(2):
        all_work(server, account)
        cluster.stop()
        start = time.monotonic()
        for answer in crowd(server, account):
            assert answer.status == 503, answer
            assert answer.headers["content-type"] == "application/json"
            assert int(answer.headers["retry-after"]) > 0
            assert "cannot be reached" in answer.json()["message"]
            # where the database is concerns nobody who asks
            assert "postgresql" not in answer.json()["message"]
        assert ask(server.base_url, "", "GET", "/readyz").status == 503
        assert ask(server.base_url, "", "GET", "/healthz").status == 200
        assert time.monotonic() - start < SOON
        cluster.start()
        all_work(server, account)
        assert ask(server.base_url, "", "GET", "/readyz").status == 200


def test_connections_that_were_cut_are_replaced_unnoticed(
    url: str, server: LiveServer, account: Account
) -> None:
    for _ in range(3):
        all_work(server, account)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'guestlist'"
            )
        all_work(server, account)


def test_a_standby_answers_reads_and_says_that_it_cannot_write(
    url: str, server: LiveServer, account: Account
) -> None:
    read_only = "ALTER DATABASE guestlist SET default_transaction_read_only = {}"
    cut = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'guestlist'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(read_only.format("on"))
        connection.execute(cut)
        listed = ask(server.base_url, account.token, "GET", "/v1/users")
        assert listed.status == 200, server.log
        body = {"email": "new@acme.test", "role": "Accountant"}
        refused = ask(server.base_url, account.token, "POST", "/v1/users", body)
        assert refused.status == 503, refused
        assert int(refused.headers["retry-after"]) > 0
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(read_only.format("off"))
        connection.execute(cut)
    assert ask(server.base_url, account.token, "POST", "/v1/users", body).status == 200


def test_the_server_does_not_start_without_it(cluster: PostgresCluster, tmp_path: Path) -> None:
    done = subprocess.run(
        [*SERVE, "--database", cluster.url("nowhere")],
        cwd=tmp_path,
        env=surroundings() | {"GUESTLIST_SECRET_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert '"nowhere" does not exist' in done.stderr
    assert "Traceback" not in done.stderr
