"""What letters say when they leave: links of their own, and nothing that no longer holds."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from guestlist.actions import outbox
from guestlist.actions.posting import RESET_LIFE
from guestlist.domain import links
from guestlist.domain.invitations import DAY
from guestlist.domain.letters import Kind, Letter, Undeliverable
from guestlist.domain.links import Keys
from guestlist.domain.refusals import NotFound
from guestlist.store import letters, people, proofs, schema
from tests.mail import secret
from tests.stand import PUBLIC_URL, Stand, Team
from tests.store.reading import everything, rows

NEW_KEY = b"another key that only these tests know of"


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url) as stand:
        yield Team(stand)


@pytest.fixture
def bob(team: Team) -> int:
    with team.stand.runtime.database.read() as transaction:
        found = people.find(transaction, "bob@acme.test")
    assert found is not None
    return found.key


def queue(team: Team, kind: Kind, **more: Any) -> None:
    with team.stand.runtime.database.change() as transaction:
        letters.queue(transaction, kind=kind, now=team.stand.clock.now, **more)


def prove(team: Team, person: int, kind: Kind, email: str, **more: Any) -> int:
    runtime, now = team.stand.runtime, team.stand.clock.now
    nonce = b"n" * 8 + kind.encode()
    text = runtime.keys.proof_secret(person, nonce, runtime.keys.fingerprint)
    with runtime.database.change() as transaction:
        return proofs.add(
            transaction,
            **{
                "person": person,
                "kind": kind.value,
                "nonce": nonce,
                "key_fingerprint": runtime.keys.fingerprint,
                "secret_sha256": links.digest(text),
                "now": now,
                "expires_at": now + RESET_LIFE,
                "email": email,
            }
            | more,
        )


def states(team: Team) -> list[str]:
    return [row["state"] for row in rows(team.stand, schema.letters)]


def proof_of(team: Team, letter: Letter) -> Any:
    """The one proof that the letter's link opens."""
    found = proofs.find(team.stand.runtime.database, links.digest(secret(letter)))
    assert found is not None
    return found


def failing(_: Letter) -> None:
    raise OSError("the line is dead")


def test_a_reset_goes_to_whoever_has_the_address_and_nobody_else(team: Team, bob: int) -> None:
    for key in ("bob@acme.test", "nobody@acme.test"):
        queue(team, Kind.RESET, email_key=key)
    [letter] = team.stand.letters()
    assert (letter.kind, letter.to) == (Kind.RESET, "bob@acme.test")
    assert letter.link.startswith(f"{PUBLIC_URL}/links/")
    proof = proof_of(team, letter)
    assert (proof.person, proof.kind, proof.used_at) == (bob, "reset", None)
    assert proof.expires_at == team.stand.clock.now + RESET_LIFE
    assert states(team) == ["sent", "dropped"]
    assert len(everything(team.stand)["proofs"]) == 1


def test_a_reset_brings_the_same_link_at_every_attempt(team: Team) -> None:
    queue(team, Kind.RESET, email_key="bob@acme.test")
    sent: list[Letter] = []

    def lost(letter: Letter) -> None:
        sent.append(letter)
        failing(letter)

    outbox.send_due(team.stand.runtime, lost)
    team.stand.clock.advance(seconds=10)
    outbox.send_due(team.stand.runtime, sent.append)
    first, second = sent
    assert first == second
    assert len(everything(team.stand)["proofs"]) == 1


def test_a_link_that_was_used_is_sent_no_more(team: Team) -> None:
    queue(team, Kind.RESET, email_key="bob@acme.test")
    kept: list[Letter] = []

    def lost(letter: Letter) -> None:
        kept.append(letter)
        failing(letter)

    outbox.send_due(team.stand.runtime, lost)
    runtime, now = team.stand.runtime, team.stand.clock.now
    with runtime.database.change() as transaction:
        assert proofs.use(transaction, proof_of(team, kept[0]), now=now)
    team.stand.clock.advance(seconds=10)
    outbox.send_due(runtime, failing)
    assert states(team) == ["dropped"]


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.EMAIL_OLD, Kind.EMAIL_NEW])
def test_a_link_lasts_however_late_its_letter_leaves(team: Team, bob: int, kind: Kind) -> None:
    if kind == Kind.RESET:
        queue(team, kind, email_key="bob@acme.test")
    else:
        queue(team, kind, person=bob, proof=prove(team, bob, kind, "Robert@acme.test"))
    outbox.send_due(team.stand.runtime, failing)
    team.stand.clock.advance(days=2)
    [letter] = team.stand.letters()
    proof = proof_of(team, letter)
    life = RESET_LIFE if kind == Kind.RESET else DAY
    assert proof.expires_at == letter.facts["expires_at"] == team.stand.clock.now + life
    assert states(team) == ["sent"]


def test_a_link_whose_key_is_gone_is_made_anew(team: Team) -> None:
    queue(team, Kind.RESET, email_key="bob@acme.test")
    outbox.send_due(team.stand.runtime, failing)
    [before] = everything(team.stand)["proofs"]
    team.stand.clock.advance(seconds=10)
    other = replace(team.stand.runtime, keys=Keys((NEW_KEY,)))
    sent: list[Letter] = []
    outbox.send_due(other, sent.append)
    assert proof_of(team, sent[0]).key == before["key"]
    [after] = everything(team.stand)["proofs"]
    assert after["key_fingerprint"] == other.keys.fingerprint
    assert after["expires_at"] == before["expires_at"]


def test_a_change_of_address_is_confirmed_at_both(team: Team, bob: int) -> None:
    for kind in (Kind.EMAIL_OLD, Kind.EMAIL_NEW):
        proof = prove(team, bob, kind, "Robert@acme.test")
        queue(team, kind, person=bob, proof=proof)
    old, new = team.stand.letters()
    assert (old.to, new.to) == ("bob@acme.test", "Robert@acme.test")
    assert [letter.facts["new_email"] for letter in (old, new)] == ["Robert@acme.test"] * 2
    assert [proof_of(team, letter).kind for letter in (old, new)] == ["email_old", "email_new"]


def test_a_note_goes_to_its_person_or_to_the_address_that_was_theirs(team: Team, bob: int) -> None:
    account = team.operator.account
    facts = {"role": "Designer", "before": "Manager"}
    queue(team, Kind.ROLE_CHANGED, person=bob, account=account, facts=facts)
    queue(team, Kind.EMAIL_CHANGED, person=bob, email="old@acme.test", facts={"new_email": "b@x"})
    changed, moved = team.stand.letters()
    assert (changed.to, changed.facts["name"]) == ("bob@acme.test", "Bob")
    assert changed.facts["account"] == "Acme"
    assert facts.items() <= changed.facts.items()
    assert (moved.to, moved.facts["new_email"]) == ("old@acme.test", "b@x")
    assert changed.link == moved.link == ""


def test_who_asks_for_a_new_invitation_asks_the_inviter(team: Team) -> None:
    team.invited("eve@acme.test", by="bob")
    team.stand.letters()
    [invitation] = everything(team.stand)["invitations"]
    team.stand.clock.advance(days=7)
    queue(team, Kind.ASKED, account=team.operator.account, invitation=invitation["key"])
    [letter] = team.stand.letters()
    assert (letter.to, letter.facts["email"]) == ("bob@acme.test", "eve@acme.test")
    assert letter.link == ""


@pytest.mark.parametrize("meanwhile", ["resent", "cancelled"])
def test_nobody_is_asked_for_what_was_done_meanwhile(team: Team, meanwhile: str) -> None:
    invite = team.invited("eve@acme.test", by="bob")
    team.stand.letters()
    [invitation] = everything(team.stand)["invitations"]
    team.stand.clock.advance(days=7)
    queue(team, Kind.ASKED, account=team.operator.account, invitation=invitation["key"])
    if meanwhile == "resent":
        team.post(f"/v1/invites/{invite['id']}/resend")
    else:
        team.delete(f"/v1/invites/{invite['id']}")
    assert Kind.ASKED not in [letter.kind for letter in team.stand.letters()]
    assert states(team)[1] == "dropped"


def test_letters_are_in_the_language_of_who_reads_them(team: Team, bob: int) -> None:
    with team.stand.runtime.database.change() as transaction:
        people.change(transaction, bob, language="de")
    other = Team(team.stand, users=[{"email": "ana@acme.test", "role": "Admin"}])
    other.invited("Bob@acme.test")
    other.invited("eve@acme.test")
    queue(team, Kind.RESET, email_key="bob@acme.test")
    assert [letter.language for letter in team.stand.letters()] == ["de", None, "de"]


def test_a_reminder_comes_once_three_days_before_the_end(team: Team) -> None:
    runtime, clock = team.stand.runtime, team.stand.clock
    invite = team.invited("eve@acme.test", by="bob")
    [first] = team.stand.letters()
    assert outbox.remind_due(runtime) == 0
    clock.advance(days=4)
    revision = team.kept()["row"].revision
    assert [outbox.remind_due(runtime) for _ in range(2)] == [1, 0]
    assert team.kept()["row"].revision == revision
    [reminder] = team.stand.letters()
    assert (reminder.kind, reminder.to) == (Kind.REMINDER, "eve@acme.test")
    assert reminder.link == first.link
    # A resend begins a new life, which has a reminder of its own.
    team.post(f"/v1/invites/{invite['id']}/resend")
    team.stand.letters()
    assert outbox.remind_due(runtime) == 0
    clock.advance(days=4)
    assert outbox.remind_due(runtime) == 1
    team.delete(f"/v1/invites/{invite['id']}")
    assert team.stand.letters() == []


def test_nobody_is_reminded_of_what_is_over_or_short(team: Team) -> None:
    team.invited("eve@acme.test")
    short = replace(team.stand.runtime, invitation_life=3 * DAY)
    team.stand.clock.advance(days=5)
    assert outbox.remind_due(short) == 0
    team.stand.clock.advance(days=2)
    assert outbox.remind_due(team.stand.runtime) == 0


def test_retry_is_for_letters_that_failed(team: Team) -> None:
    runtime = team.stand.runtime

    def refuse(letter: Letter) -> None:
        raise Undeliverable(f"550 no such user: {letter.link}\r\nsee https://mail.test")

    team.invited("eve@acme.test")
    team.invited("fay@acme.test")
    outbox.send_due(runtime, refuse)
    first, second = outbox.list_undelivered(runtime)
    assert (first.to, first.state, first.attempts) == ("eve@acme.test", "failed", 1)
    assert first.trouble == "Refused, in words that quote the letter's link."
    assert outbox.list_undelivered(runtime, after=first.key) == [second]
    assert outbox.retry(runtime, first.key) == 1
    with pytest.raises(NotFound):
        outbox.retry(runtime, first.key)
    assert outbox.retry(runtime, None) == 1
    assert len(team.stand.letters()) == 2
    assert outbox.retry(runtime, None) == 0


def test_words_of_a_server_are_one_short_line(team: Team) -> None:
    team.invited("eve@acme.test")

    def refuse(_: Letter) -> None:
        raise Undeliverable("550 no\r\nBcc: x\x00" + "y" * 1_000)

    outbox.send_due(team.stand.runtime, refuse)
    [failed] = outbox.list_undelivered(team.stand.runtime)
    assert (failed.trouble or "").startswith("550 no Bcc: x y")
    assert len(failed.trouble or "") == outbox.MAX_TROUBLE


def test_what_nobody_needs_any_more_is_deleted_and_all_else_stays(team: Team, bob: int) -> None:
    runtime, clock = team.stand.runtime, team.stand.clock
    team.invited("eve@acme.test")
    queue(team, Kind.RESET, email_key="bob@acme.test")
    team.stand.letters()
    clock.advance(days=6)
    prove(team, bob, Kind.EMAIL_NEW, "b@x.test")
    clock.advance(days=2)
    before = everything(team.stand)
    outbox.tidy(runtime)
    after = everything(team.stand)
    assert [proof["kind"] for proof in after["proofs"]] == ["email_new"]
    assert [letter["kind"] for letter in after["letters"]] == ["invitation"]
    others = before.keys() - {"proofs", "letters", "mailings"}
    assert {name: before[name] for name in others} == {name: after[name] for name in others}
    clock.advance(days=90)
    team.invited("fay@acme.test")
    outbox.tidy(runtime)
    after = everything(team.stand)
    assert (after["proofs"], len(after["letters"]), len(after["invitations"])) == ([], 1, 2)


def test_however_much_is_left_over_is_deleted_in_bounded_steps(team: Team) -> None:
    runtime, now = team.stand.runtime, team.stand.clock.now
    with runtime.database.change() as transaction:
        for number in range(outbox.SWEPT + 1):
            letters.queue(
                transaction, kind=Kind.REMOVED, now=now - 91 * DAY, email=f"eve{number}@acme.test"
            )
    while outbox.send_due(runtime, lambda _: None):
        pass
    assert outbox.tidy(runtime)
    assert len(states(team)) == 1
    assert not outbox.tidy(runtime)
    assert states(team) == []
