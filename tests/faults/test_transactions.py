"""A transaction is kept whole or not at all, and what it used is given back either way."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial

import pytest
from sqlalchemy import text

from guestlist.actions import things, tokens, users
from guestlist.actions.runtime import Runtime, begin
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Unavailable
from guestlist.store import accounts
from guestlist.store.database import Conflict, Database, Transaction
from guestlist.store.statements import Statement
from tests.faults.accounts import add_up, make_account, number, rows
from tests.faults.crowd import at_once, runtime
from tests.stand import WORLD

FIRST = "INSERT INTO deployment VALUES (1, 'first') RETURNING key_fingerprint"
SECOND = "INSERT INTO deployment VALUES (1, 'second') RETURNING key_fingerprint"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_postgresql_undid_is_not_called_kept(crowd_runtime: Runtime) -> None:
    database = crowd_runtime.database
    with database.change() as transaction:
        rows(transaction, FIRST)
    with pytest.raises(Unavailable), database.change() as transaction, suppress(Conflict):
        rows(transaction, SECOND)
    with database.change() as transaction:
        assert rows(transaction, "SELECT key_fingerprint FROM deployment") == [("first",)]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_whatever_ends_a_transaction_gives_its_connection_and_its_lock_back(
    database_url: str, error: type[BaseException]
) -> None:
    database = Database(database_url, connections=2)

    def fail(begun: Callable[[], AbstractContextManager[Transaction]]) -> None:
        with begun() as transaction:
            number(transaction, "SELECT count(*) FROM users")
            raise error

    for _ in range(5):
        for begun in (database.read, database.change):
            with pytest.raises(error):
                fail(begun)
    with database.change() as transaction:
        assert number(transaction, "SELECT count(*) FROM users") == 0
    database.close()


def test_an_error_that_nobody_waited_for_is_told_and_keeps_nothing(database_url: str) -> None:
    database = Database(database_url, connections=2)
    with database.change() as transaction:
        rows(transaction, FIRST)

    def fail(error: Exception | None) -> None:
        with database.change() as transaction:
            transaction.run(Statement(text(SECOND.partition(" RETURNING")[0])))
            if error is not None:
                raise error

    for _ in range(5):
        with pytest.raises(Conflict):
            fail(None)
        with pytest.raises((ZeroDivisionError, Conflict)):
            fail(ZeroDivisionError())
    with database.change() as transaction:
        assert rows(transaction, "SELECT key_fingerprint FROM deployment") == [("first",)]
    database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("waits", [True, False])
def test_a_connection_that_dies_in_a_transaction_is_told_and_replaced(
    database_url: str, *, waits: bool
) -> None:
    database = Database(database_url, connections=2)
    die = "SELECT pg_terminate_backend(pg_backend_pid())"

    def fail(begun: Callable[[], AbstractContextManager[Transaction]]) -> None:
        with begun() as transaction:
            if waits:
                rows(transaction, die)
            else:
                transaction.run(Statement(text(die)))

    for _ in range(5):
        for begun in (database.read, database.change):
            with pytest.raises(Unavailable):
                fail(begun)
            with begun() as transaction:
                assert number(transaction, "SELECT count(*) FROM users") == 0
    database.close()


def test_what_a_change_saw_before_it_was_undone_is_not_remembered(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)

    def fail() -> None:
        with begin(crowd_runtime, account.operator) as unit:
            rows(unit.transaction, "UPDATE domains SET name = 'undone-' || name RETURNING name")
            assert all(domain.name[:7] == "undone-" for domain in unit.things.domains.values())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    shown = things.list_things(crowd_runtime, account.operator, "domains")
    assert [domain.name for domain in shown] == [domain["name"] for domain in WORLD["domains"]]
    add_up(crowd_runtime, [account])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_change_that_waited_judges_what_it_finds_then(crowd_runtime: Runtime) -> None:
    """READ COMMITTED: a row that was waited for is the one that was committed meanwhile."""
    account = make_account(crowd_runtime)

    def revisions(_: int) -> tuple[int, int]:
        with begin(crowd_runtime, account.operator) as unit:
            unit.record("test", "account:test")
            seen = unit.account.revision
        with crowd_runtime.database.read() as transaction:
            return seen, accounts.get(transaction, account.key).revision

    answers = at_once(*(partial(revisions, n) for n in range(100)))
    assert len({seen for seen, _ in answers}) == len(answers)


def test_marks_of_use_from_two_processes_do_not_block_each_other(
    crowd_runtime: Runtime, database_url: str
) -> None:
    account = make_account(crowd_runtime)
    owner = users.list_users(crowd_runtime, account.operator, Page()).users[0].id
    for count in range(40):
        tokens.create(
            crowd_runtime,
            account.operator,
            name=f"token {count}",
            scopes=["users_read"],
            owner_id=owner,
        )
    with crowd_runtime.database.read() as transaction:
        keys = [key for (key,) in rows(transaction, 'SELECT "key" FROM tokens ORDER BY 1')]
    other = runtime(database_url)
    for now in range(20):
        crowd_runtime.marks.update(dict.fromkeys(keys, now))
        other.marks.update(dict.fromkeys(reversed(keys), now))
        works = (partial(tokens.flush_marks, each) for each in (crowd_runtime, other))
        assert at_once(*works) == [None, None]
        with crowd_runtime.database.read() as transaction:
            used = rows(transaction, "SELECT DISTINCT last_used_at FROM tokens")
        assert used == [(now,)]
    other.database.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_how_long_one_waits_is_nothing_to_the_next(database_url: str) -> None:
    one, other = Database(database_url, connections=1), Database(database_url)

    def patience() -> list[tuple[int]]:
        with one.read() as transaction:
            return rows(transaction, "PRAGMA busy_timeout")

    before = patience()
    with one.change(until=time.monotonic()):
        pass
    assert patience() == before
    with other.change(), pytest.raises(Unavailable), one.change(until=time.monotonic()):
        raise AssertionError
    assert patience() == before
    one.close()
    other.close()
