"""One key, many at once: whoever comes second waits and is told what the first one made."""

from functools import partial

from guestlist.actions import bulk, invitations
from guestlist.actions.bulk import Row
from guestlist.actions.runtime import Runtime
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import KeyReused
from tests.faults.accounts import add_up, make_account, number
from tests.faults.crowd import at_once, caller

DESIGNER = Draft(role="Designer")
REPEATS = "SELECT count(*) FROM repeats WHERE account = :account"
LETTERS = "SELECT count(*) FROM letters WHERE account = :account"
ENTRIES = "SELECT count(*) FROM audit WHERE account = :account AND action = 'invitation.create'"


def test_calls_with_one_key_make_one_invite_and_all_tell_of_it(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)
    by = caller(crowd_runtime, account.token)
    for attempt in range(5):
        invite = partial(
            invitations.invite,
            crowd_runtime,
            by,
            email=f"eve.{attempt}@acme.test",
            draft=DESIGNER,
            key=f"key {attempt}",
        )
        answers = at_once(*(invite for _ in range(16)))
        ids = {answer.invitations[0].id for answer in answers}
        assert len(ids) == 1
        assert sorted(answer.repeated for answer in answers) == [False] + 15 * [True]
    with crowd_runtime.database.read() as transaction:
        for counted in (REPEATS, LETTERS, ENTRIES):
            assert number(transaction, counted, account=account.key) == 5
    add_up(crowd_runtime, [account])


def test_of_different_bodies_with_one_key_one_is_done(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)
    by = caller(crowd_runtime, account.token)
    invite = partial(invitations.invite, crowd_runtime, by, draft=DESIGNER, key="key")
    answers = at_once(*(partial(invite, email=f"eve.{n}@acme.test") for n in range(8)))
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert {type(refusal) for refusal in refused} == {KeyReused}
    assert len(refused) == 7
    add_up(crowd_runtime, [account])


def test_one_list_sent_twice_at_once_is_done_once(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)
    by = caller(crowd_runtime, account.token)
    rows = [Row(f"eve.{n}@acme.test", DESIGNER) for n in range(20)]

    def send() -> list[bulk.Fate]:
        return list(bulk.invite(crowd_runtime, by, rows, key="key"))

    first, second = at_once(send, send)
    for one, other in zip(first, second, strict=True):
        assert one.made.invitations == other.made.invitations
        assert one.made.repeated != other.made.repeated
    add_up(crowd_runtime, [account])
