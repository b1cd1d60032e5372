"""Looking at an account at the moment of being removed from it, on PostgreSQL."""

from functools import partial

import pytest

from guestlist.domain.refusals import Refusal
from tests.faults.crowd import CLIENTS, at_once
from tests.model import ground, rows
from tests.stand import Clock


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_is_removed_while_choosing_the_account_looks_at_it_no_longer(database_url: str) -> None:
    runtime = ground.runtime(database_url, Clock(), connections=CLIENTS)
    for _ in range(10):
        doors, _, number = ground.account(runtime)
        email = ground.address("dan", number)
        sessions = [doors.sign_in(email) for _ in range(6)]
        remove = partial(doors.remove, doors.operator, doors.user_id(email))
        works = [partial(doors.look_here, session) for session in sessions]
        answers = at_once(*works[:3], remove, *works[3:])
        failed = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(answer, Refusal) for answer in failed), failed
        with runtime.database.read() as transaction:
            assert rows.read(transaction, doors.account).looking == set()
    runtime.database.close()
