"""Many answer one invitation at once, while others take it back: on PostgreSQL, 32 connections."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyotp
import pytest

from guestlist.actions import (
    credentials,
    enrolment,
    invitations,
    joining,
    links,
    outbox,
    people,
    sessions,
    signing,
    users,
)
from guestlist.actions.joining import Answer
from guestlist.actions.limits import Limits
from guestlist.actions.runtime import Caller, Runtime
from guestlist.actions.sessions import Browser
from guestlist.domain.audit import Cause
from guestlist.domain.grants import Draft
from guestlist.domain.letters import Letter
from guestlist.domain.refusals import (
    DeadLink,
    Ended,
    MustSignIn,
    NotFound,
    Refusal,
    Unauthenticated,
    Unavailable,
)
from tests.faults.accounts import Account, add_up, make_account, number, rows
from tests.faults.crowd import at_once, caller
from tests.stand import QUICK, WORLD
from tests.visitors import PASSWORD

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ROUNDS = 200
BROWSER = Browser("192.0.2.1", "Tests/1")
NEW = Answer("Eve", "Ng", PASSWORD)
ACCOUNTANT = Draft(role="Accountant")


@pytest.fixture
def runtime(crowd_runtime: Runtime) -> Runtime:
    """Passwords cost nothing here, and nobody comes too often."""
    return replace(crowd_runtime, limits=Limits(scale=100_000), passwords=QUICK)


def sent(runtime: Runtime) -> dict[str, str]:
    """The secrets of the links that are due, by address."""
    letters: list[Letter] = []
    while outbox.send_due(runtime, letters.append):
        pass
    return {letter.to: secret(letter.link) for letter in letters if letter.link}


def secret(link: str) -> str:
    return link.rpartition("/")[2]


def invited(runtime: Runtime, by: Caller, email: str) -> str:
    return invitations.invite(runtime, by, email=email, draft=ACCOUNTANT).invitations[0].id


def accept(runtime: Runtime, link: str) -> Callable[[], Any]:
    return partial(
        joining.accept, runtime, link, NEW, signed=None, browser=BROWSER, cause=Cause("test")
    )


def joined(runtime: Runtime, account: Account) -> set[str]:
    """Who is a user because they accepted; asserts that for each there is one entry."""
    with runtime.database.read() as transaction:
        accepted = rows(
            transaction,
            "SELECT subject FROM audit WHERE account = :account AND action = 'invitation.accept'",
            account=account.key,
        )
        found = rows(
            transaction,
            "SELECT p.email_key, 'invitation:' || i.id, i.state FROM users u"
            " JOIN people p ON p.key = u.person"
            " JOIN invitations i ON i.account = u.account AND i.accepted_by = p.key"
            " WHERE u.account = :account",
            account=account.key,
        )
    assert sorted(accepted) == sorted((subject,) for _, subject, _ in found)
    assert {state for _, _, state in found} <= {"accepted"}
    return {email for email, _, _ in found}


@pytest.mark.parametrize("imported", [False, True])
def test_a_hundred_who_accept_at_once_are_one_user(runtime: Runtime, imported: bool) -> None:  # noqa: FBT001
    if imported:  # elsewhere, so that the letter claims a person who is there already
        make_account(
            runtime,
            users=[*WORLD["users"], {"id": "eve", "email": "eve0@else.test", "role": "Manager"}],
        )
    account = make_account(runtime)
    for attempt in range(3):
        email = f"eve{attempt}@else.test"
        invited(runtime, account.operator, email)
        answers = at_once(*[accept(runtime, sent(runtime)[email])] * 100)
        assert len([answer for answer in answers if isinstance(answer, str)]) == 1, answers
        refusals = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(refusals) == 99
        # Who meets a person just claimed is led to the page, which says that it was accepted.
        assert all(
            (isinstance(refusal, Ended) and refusal.state == "accepted")
            or (imported and attempt == 0 and isinstance(refusal, MustSignIn))
            for refusal in refusals
        ), refusals
        assert email in joined(runtime, account)
    with runtime.database.read() as transaction:
        assert number(transaction, "SELECT count(*) FROM people WHERE email_key LIKE 'eve%'") == 3
    add_up(runtime, [account])


def test_whoever_is_signed_in_and_joins_a_hundred_times_at_once_is_one_user(
    runtime: Runtime,
) -> None:
    first, second = make_account(runtime), make_account(runtime)
    email = "eve@else.test"
    invited(runtime, first.operator, email)
    session = accept(runtime, sent(runtime)[email])()
    invited(runtime, second.operator, email)
    link, signed = sent(runtime)[email], sessions.current(runtime, session, BROWSER)
    join = partial(
        joining.accept, runtime, link, Answer(), signed=signed, browser=BROWSER, cause=Cause("test")
    )
    answers = at_once(*[join] * 100)
    # The same person sees success (None), or that it was accepted; one of them is the session.
    assert len([answer for answer in answers if isinstance(answer, str)]) == 1
    refusals = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(r, Ended) and r.state == "accepted" for r in refusals), refusals
    assert joined(runtime, second) == {email}
    [made] = [answer for answer in answers if isinstance(answer, str)]
    assert sessions.current(runtime, made, BROWSER) is not None
    assert sessions.current(runtime, session, BROWSER) is None
    add_up(runtime, [first, second])


@pytest.mark.parametrize("against", [invitations.cancel, invitations.resend])
def test_who_accepts_while_it_is_taken_back_is_a_user_or_is_not(
    runtime: Runtime, against: Callable[..., Any]
) -> None:
    account = make_account(runtime)
    by = caller(runtime, account.token)
    emails = [f"eve{attempt}@else.test" for attempt in range(ROUNDS)]
    ids = [invited(runtime, by, email) for email in emails]
    secrets = sent(runtime)
    expected = set()
    for turn, (email, wire_id) in enumerate(zip(emails, ids, strict=True)):
        works = [accept(runtime, secrets[email]), partial(against, runtime, by, wire_id)]
        answers = at_once(*_turned(works, turn))
        came, taken_back = _turned(answers, turn)
        if isinstance(came, str):
            expected.add(email)
            assert isinstance(taken_back, NotFound)
        else:
            assert isinstance(came, Ended | DeadLink), came
            assert not isinstance(taken_back, Exception)
    assert joined(runtime, account) == expected
    add_up(runtime, [account])


def _turned(pair: Sequence[Any], turn: int) -> list[Any]:
    """Neither is always first at the line."""
    return list(pair) if turn % 2 else list(reversed(pair))


def removed(runtime: Runtime, by: Caller, user: str) -> None:
    users.remove(runtime, by, user)


def demoted(runtime: Runtime, by: Caller, user: str) -> None:
    users.update(runtime, by, user, Draft(role="Designer"))


@pytest.mark.parametrize("is_copied", [False, True])
def test_nobody_joins_by_an_inviter_after_their_end(runtime: Runtime, is_copied: bool) -> None:  # noqa: FBT001
    admins = [
        {"id": f"user{n}", "email": f"a{n}@acme.test", "role": "Admin"} for n in range(ROUNDS)
    ]
    account = make_account(runtime, users=[WORLD["users"][0], *admins])
    ana = caller(runtime, account.token)
    inviters = [caller(runtime, account.tokens[f"a{n}"]) for n in range(ROUNDS)]
    expected = set()
    for turn in range(ROUNDS):
        email = f"eve{turn}@else.test"
        wire_id = invited(runtime, ana if is_copied else inviters[turn], email)
        link = sent(runtime)[email]
        if is_copied:
            link = secret(links.copy_link(runtime, inviters[turn], wire_id))
        end = partial((removed, demoted)[turn // 2 % 2], runtime, ana, f"user{turn}")
        works = [accept(runtime, link), end]
        came, ended = _turned(at_once(*_turned(works, turn)), turn)
        assert not isinstance(ended, Exception), ended
        if isinstance(came, str):
            expected.add(email)
            assert _happened_before(runtime, account, wire_id, f"user{turn}")
        else:
            assert isinstance(came, DeadLink if is_copied else Ended), came
    assert joined(runtime, account) == expected
    add_up(runtime, [account])


def _happened_before(runtime: Runtime, account: Account, invite: str, user: str) -> bool:
    """They accepted while the inviter's power stood."""
    with runtime.database.read() as transaction:
        order = rows(
            transaction,
            "SELECT action FROM audit WHERE account = :account AND subject IN (:invite, :user)"
            " AND action IN ('invitation.accept', 'user.remove', 'user.update') ORDER BY key",
            account=account.key,
            invite=f"invitation:{invite}",
            user=f"user:{user}",
        )
    return order[0] == ("invitation.accept",) and len(order) == 2


def test_two_accounts_invitations_of_one_new_address_make_one_person(runtime: Runtime) -> None:
    accounts = [make_account(runtime), make_account(runtime)]
    for attempt in range(50):
        email = f"eve{attempt}@else.test"
        secrets = []
        for account in accounts:
            invited(runtime, account.operator, email)
            secrets.append(sent(runtime)[email])
        answers = at_once(*(accept(runtime, link) for link in secrets))
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(refused) == 1, answers
        assert isinstance(refused[0], MustSignIn | Unavailable), refused
        # Once more, signed in: nothing was half done.
        made = signing.sign_in(runtime, email=email, password=PASSWORD, browser=BROWSER)
        signed = sessions.current(runtime, made, BROWSER)
        late = secrets[answers.index(refused[0])]
        joining.accept(runtime, late, Answer(), signed=signed, browser=BROWSER, cause=Cause("test"))
        with runtime.database.read() as transaction:
            sql = "SELECT count(*) FROM people WHERE email_key = :email"
            assert number(transaction, sql, email=email) == 1
    assert all(len(joined(runtime, account)) == 50 for account in accounts)
    add_up(runtime, accounts)


@pytest.fixture
def unproven(runtime: Runtime) -> Iterator[tuple[str, sessions.Signed, str]]:
    """People whom somebody else made by copied links: address, session, and a seed set up."""
    account = make_account(runtime)

    def made() -> Iterator[tuple[str, sessions.Signed, str]]:
        for attempt in itertools.count():
            email = f"victim{attempt}@else.test"
            wire_id = invited(runtime, account.operator, email)
            link = secret(links.copy_link(runtime, account.operator, wire_id))
            session = accept(runtime, link)()
            signed = sessions.current(runtime, session, BROWSER)
            assert signed is not None
            enrolment.start(runtime, signed, password=PASSWORD, browser=BROWSER)
            signed = sessions.current(runtime, session, BROWSER)
            assert signed is not None
            setup = enrolment.setup(runtime, signed)
            assert setup is not None
            yield email, signed, setup.seed

    return made()


def test_nothing_set_up_by_somebody_else_survives_the_proof(
    runtime: Runtime, unproven: Iterator[tuple[str, sessions.Signed, str]]
) -> None:
    for turn, (email, signed, seed) in enumerate(itertools.islice(unproven, 50)):
        credentials.ask_reset(runtime, email, BROWSER)
        link = sent(runtime)[email]
        theirs: dict[str, Any] = {"browser": BROWSER, "cause": Cause("test")}
        works: list[Callable[[], Any]] = [
            partial(
                credentials.reset, runtime, link, "what only the owner knows", cause=Cause("test")
            ),
            partial(enrolment.finish, runtime, signed, code=pyotp.TOTP(seed).now(), **theirs),
            partial(
                credentials.change_password,
                runtime,
                signed,
                current=PASSWORD,
                new="what only the thief knows",
                **theirs,
            ),
        ]
        start = turn % len(works)
        answers = at_once(*works[start:], *works[:start])
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(refusal, Unauthenticated | Refusal) for refusal in refused), refused
        person = people.find(runtime, email)
        assert person.is_proven
        assert not person.has_factor
        assert QUICK.verified(person.password, "what only the owner knows")
        assert sessions.listed(runtime, signed) == []
