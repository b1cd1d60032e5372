"""What many do at once on PostgreSQL, over 32 connections: the account's lock decides."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from guestlist.actions import invitations, outbox, tokens, users
from guestlist.actions.runtime import Caller, Runtime
from guestlist.domain.grants import Draft
from guestlist.domain.letters import Letter
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Fault, Invalid, NotFound, Refusal, Rule, Unauthenticated
from guestlist.store import accounts as store_accounts
from tests.faults.accounts import Account, add_up, make_account, number, rows
from tests.faults.crowd import CLIENTS, at_once, caller

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ACCOUNTANT = Draft(role="Accountant")
TWO_ADMINS = [
    {"id": "user00000000ana", "email": "ana@acme.test", "role": "Admin"},
    {"id": "user00000000bob", "email": "bob@acme.test", "role": "Admin"},
]
Action = Callable[[Runtime, Caller, str], Any]


def demote(runtime: Runtime, by: Caller, user: str) -> None:
    users.update(runtime, by, user, Draft(role="Manager"))


def admins(runtime: Runtime, account: Account) -> int:
    with runtime.database.read() as transaction:
        return store_accounts.get(transaction, account.key).admins


def test_one_address_invited_by_a_hundred_at_once_is_invited_once(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)
    invite = partial(invitations.invite, crowd_runtime, draft=ACCOUNTANT)
    by = caller(crowd_runtime, account.token)
    for attempt in range(5):
        # The same address by its key, however it is typed.
        typed = [f"Eve.{attempt}@acme.test", f"eve.{attempt}@ACME.test"]
        answers = at_once(*(partial(invite, by, email=typed[n % 2]) for n in range(100)))
        refusals = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(refusals) == 99
        assert all(
            isinstance(refusal, Invalid) and list(refusal.faults) == [Fault("email", Rule.TAKEN)]
            for refusal in refusals
        )
    add_up(crowd_runtime, [account])


@pytest.mark.parametrize("take_away", [demote, users.remove])
def test_two_admins_who_act_on_each_other_at_once_leave_one(
    crowd_runtime: Runtime, take_away: Action
) -> None:
    for _ in range(20):
        account = make_account(crowd_runtime, users=TWO_ADMINS)
        ana, bob = (caller(crowd_runtime, account.tokens[name]) for name in ("ana", "bob"))
        answers = at_once(
            partial(take_away, crowd_runtime, ana, "user00000000bob"),
            partial(take_away, crowd_runtime, bob, "user00000000ana"),
        )
        assert sum(isinstance(answer, Refusal) for answer in answers) == 1, answers
        assert admins(crowd_runtime, account) == 1
        add_up(crowd_runtime, [account])


@pytest.mark.parametrize("take_away", [demote, users.remove])
def test_two_admins_who_both_go_at_once_leave_one(
    crowd_runtime: Runtime, take_away: Action
) -> None:
    for _ in range(20):
        account = make_account(crowd_runtime, users=TWO_ADMINS)
        ana, bob = (caller(crowd_runtime, account.tokens[name]) for name in ("ana", "bob"))
        answers = at_once(
            partial(take_away, crowd_runtime, ana, "user00000000ana"),
            partial(take_away, crowd_runtime, bob, "user00000000bob"),
        )
        assert sum(isinstance(answer, Refusal) for answer in answers) == 1, answers
        assert admins(crowd_runtime, account) == 1


def test_a_revoked_token_changes_nothing_that_was_not_begun_before(crowd_runtime: Runtime) -> None:
    for _ in range(5):
        account = make_account(crowd_runtime)
        by = caller(crowd_runtime, account.token)
        [token] = [
            token.id
            for token in tokens.list_tokens(crowd_runtime, by, Page()).tokens
            if token.id == by.actor.token_id
        ]
        invite = partial(invitations.invite, crowd_runtime, by, draft=ACCOUNTANT)
        revoke = partial(tokens.revoke, crowd_runtime, account.operator, token)
        # All were let in with the token; the lock decides who is before its end.
        works: list[Callable[[], Any]] = [
            partial(invite, email=f"eve{n}@acme.test") for n in range(2 * CLIENTS)
        ]
        works.insert(CLIENTS // 2, revoke)
        answers = at_once(*works)
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(answer, Unauthenticated) for answer in refused), refused
        with crowd_runtime.database.read() as transaction:
            order = rows(
                transaction,
                "SELECT action FROM audit WHERE account = :account ORDER BY key",
                account=account.key,
            )
        assert order[-1] == ("token.end",)
        done = [action for (action,) in order if not action.endswith(".import")]
        assert len(done) == len(works) - len(refused)


def test_a_resend_that_meets_a_cancel_sends_nothing_afterwards(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)
    by = caller(crowd_runtime, account.token)
    for attempt in range(20):
        made = invitations.invite(
            crowd_runtime, by, email=f"eve{attempt}@acme.test", draft=ACCOUNTANT
        )
        wire_id = made.invitations[0].id
        answers = at_once(
            *(
                partial(action, crowd_runtime, by, wire_id)
                for _ in range(4)
                for action in (invitations.resend, invitations.cancel)
            )
        )
        cancelled = answers[1::2]
        assert sum(not isinstance(answer, Exception) for answer in cancelled) == 1
        assert all(isinstance(a, NotFound) for a in answers if isinstance(a, Exception)), answers
    sent: list[Letter] = []
    while outbox.send_due(crowd_runtime, sent.append):
        pass
    assert sent == []
    add_up(crowd_runtime, [account])


def test_of_many_resends_only_the_last_link_is_sent(crowd_runtime: Runtime) -> None:
    account = make_account(crowd_runtime)
    by = caller(crowd_runtime, account.token)
    made = invitations.invite(crowd_runtime, by, email="eve@acme.test", draft=ACCOUNTANT)
    resend = partial(invitations.resend, crowd_runtime, by, made.invitations[0].id)
    assert not [answer for answer in at_once(*[resend] * CLIENTS) if isinstance(answer, Exception)]
    sent: list[Letter] = []
    while outbox.send_due(crowd_runtime, sent.append):
        pass
    assert len(sent) == 1
    with crowd_runtime.database.read() as transaction:
        dropped = number(transaction, "SELECT count(*) FROM letters WHERE state = 'dropped'")
    assert dropped == CLIENTS
    add_up(crowd_runtime, [account])
