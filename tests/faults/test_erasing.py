"""Letters leave for people who are erased at that moment: nobody waits for each other for ever."""

import time
from dataclasses import replace
from functools import partial

import pytest

from guestlist.actions import credentials, erasing, outbox, people
from guestlist.actions.limits import Limits
from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser
from guestlist.domain.letters import Letter
from guestlist.store.database import Database
from tests.faults.accounts import make_account, number
from tests.faults.crowd import at_once
from tests.stand import QUICK, WORLD

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

BROWSER = Browser("192.0.2.1", "Tests/1")
ROUNDS = 20
PEOPLE = 8
TOLD_SECONDS = 1
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def lost(_: Letter) -> None:
    raise OSError("the line is dead")


def test_whoever_is_erased_stops_no_letter_and_no_letter_stops_that(crowd_runtime: Runtime) -> None:
    runtime = replace(crowd_runtime, limits=Limits(scale=100_000), passwords=QUICK)
    for turn in range(ROUNDS):
        emails = [f"eve{turn}-{who}@else.test" for who in range(PEOPLE)]
        users = [{"email": email, "role": "Designer"} for email in emails]
        make_account(runtime, users=[*WORLD["users"][:1], *users])
        keys = [people.find(runtime, email).key for email in emails]
        erases = [partial(erasing.erase, runtime, key, request="test") for key in keys]
        for email in emails:
            credentials.ask_reset(runtime, email, BROWSER)
        send = partial(outbox.send_due, runtime, lost)
        results = at_once(*[work for erase in erases for work in (erase, send)])
        assert not [result for result in results if isinstance(result, Exception)]
    assert left(runtime) == 0
    assert deadlocks(runtime) == 0


def left(runtime: Runtime) -> int:
    with runtime.database.read() as transaction:
        return number(
            transaction,
            "SELECT (SELECT count(*) FROM letters WHERE email_key LIKE 'eve%')"
            " + (SELECT count(*) FROM proofs) + (SELECT count(*) FROM people) - 1",
        )


def deadlocks(runtime: Runtime) -> int:
    """As the server counts them, once every connection has told."""
    url = runtime.database.url.render_as_string(hide_password=False)
    runtime.database.close()
    database = Database(url)
    time.sleep(TOLD_SECONDS)
    with database.read() as transaction:
        found = number(transaction, DEADLOCKS)
    database.close()
    return found
