"""The outbox: a letter leaves once, late rather than never, and not at all if it means nothing."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guestlist.actions import invitations, outbox
from guestlist.actions.runtime import Runtime
from guestlist.domain import links
from guestlist.domain.grants import Draft
from guestlist.domain.letters import Kind, Letter
from guestlist.domain.links import Keys
from guestlist.store.schema import letters as table
from tests.mail import folder, rendered, secret
from tests.stand import KEYS, START, Stand, Team
from tests.store.reading import everything, rows

NEW_KEY = b"another key that only these tests know of"


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url) as stand:
        yield Team(stand)


class Mailbox(list[Letter]):
    """Where letters arrive; while `broken`, sending fails."""

    broken = False

    def send(self, letter: Letter) -> str:
        if self.broken:
            raise OSError("the line is dead")
        self.append(letter)
        return letter.name


def states(team: Team) -> list[str]:
    return [row["state"] for row in rows(team.stand, table)]


def opens(team: Team, letter: Letter) -> bool:
    """Whether the link in it is the one that is kept."""
    kept = [row["secret_sha256"] for row in everything(team.stand)["invitations"]]
    return links.digest(secret(letter)) in [bytes(digest) for digest in kept if digest]


def cancel(team: Team, invite: Any) -> None:
    team.delete(f"/v1/invites/{invite['id']}")


def resend(team: Team, invite: Any) -> None:
    team.post(f"/v1/invites/{invite['id']}/resend")


def test_a_letter_is_sent_once_with_the_link_that_opens(team: Team) -> None:
    invite = team.invited("Eve+x@Acme.test", "Designer")
    box = Mailbox()
    assert outbox.send_due(team.stand.runtime, box.send) == 1
    assert outbox.send_due(team.stand.runtime, box.send) == 0
    [letter] = box
    assert letter.to == "Eve+x@Acme.test"
    assert opens(team, letter)
    assert invite["id"] in letter.name
    [row] = rows(team.stand, table)
    assert (row["state"], row["sent_at"], row["attempts"]) == ("sent", team.stand.clock.now, 1)
    assert (row["trouble"], row["leased_until"]) == (None, None)


def test_a_letter_of_a_cancelled_invitation_is_dropped(team: Team) -> None:
    cancel(team, team.invited("eve@acme.test"))
    assert team.stand.letters() == []
    assert states(team) == ["dropped"]


def test_a_letter_of_an_expired_invitation_is_dropped_and_a_resend_sends_another(
    team: Team,
) -> None:
    invite = team.invited("eve@acme.test")
    team.stand.clock.advance(days=7)
    assert team.stand.letters() == []
    assert states(team) == ["dropped"]
    resend(team, invite)
    assert [letter.to for letter in team.stand.letters()] == ["eve@acme.test"]


def test_of_an_invitation_that_was_resent_only_the_last_letter_goes(team: Team) -> None:
    invite = team.invited("eve@acme.test")
    resend(team, invite)
    resend(team, invite)
    [letter] = team.stand.letters()
    assert opens(team, letter)
    assert states(team) == ["dropped", "dropped", "sent"]


def test_a_letter_of_who_was_removed_goes_with_their_invitation(team: Team) -> None:
    team.invited("eve@acme.test", by="bob")
    kept = team.invited("fay@acme.test")
    team.delete("/v1/users/user00000000bob")
    assert [letter.to for letter in team.stand.letters()] == [kept["email"]]


def test_a_letter_says_who_invites_and_to_what(team: Team) -> None:
    team.invited("eve@acme.test", "Custom User", permissions=["read-sms"], by="bob")
    draft = Draft(role="Admin")
    invitations.invite(team.stand.runtime, team.operator, email="fay@acme.test", draft=draft)
    by_bob, by_operator = team.stand.letters()
    assert "Bob invites you to join Acme as Custom User." in rendered(by_bob).text
    assert "You are invited to join Acme as Admin." in rendered(by_operator).text


def test_what_fails_is_tried_again_with_growing_patience_under_the_same_name(team: Team) -> None:
    team.invited("eve@acme.test")
    runtime, clock, box = team.stand.runtime, team.stand.clock, Mailbox()
    box.broken = True
    waits = []
    for _ in range(12):
        assert outbox.send_due(runtime, box.send) == 1
        [row] = rows(team.stand, table)
        assert (row["state"], row["trouble"]) == ("queued", "the line is dead")
        wait = (row["due_at"] - clock.now) // outbox.SECOND
        waits.append(wait)
        clock.advance(seconds=wait - 1)
        assert outbox.send_due(runtime, box.send) == 0
        clock.advance(seconds=2)
    most = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert all(0.79 * limit - 1 <= wait <= limit for wait, limit in zip(waits, most, strict=True))
    box.broken = False
    assert outbox.send_due(runtime, box.send) == 1
    [letter] = box
    [row] = rows(team.stand, table)
    assert letter.name.endswith(f"-{row['key']}")
    assert (row["state"], row["attempts"], row["trouble"]) == ("sent", 13, None)


def test_one_letter_that_fails_holds_no_other_up(team: Team) -> None:
    for name in ("eve", "fay", "gus"):
        team.invited(f"{name}@acme.test")
    sent: list[str] = []

    def send(letter: Letter) -> None:
        if letter.to.startswith("eve"):
            raise OSError("no such mailbox")
        sent.append(letter.to)

    assert outbox.send_due(team.stand.runtime, send) == 3
    assert sent == ["fay@acme.test", "gus@acme.test"]
    assert states(team) == ["queued", "sent", "sent"]


def test_what_there_was_no_time_for_stays_as_it_was(team: Team) -> None:
    for name in ("eve", "fay"):
        team.invited(f"{name}@acme.test")
    runtime, clock, box = team.stand.runtime, team.stand.clock, Mailbox()

    def slow(letter: Letter) -> None:
        clock.advance(seconds=outbox.LEASE // outbox.SECOND // 2)
        raise OSError(f"{letter.to}: too busy")

    def seen() -> list[tuple[Any, ...]]:
        found = rows(team.stand, table)
        return [(r["state"], r["attempts"], r["trouble"], r["leased_until"]) for r in found]

    outbox.send_due(runtime, slow)
    eve = ("queued", 1, "eve@acme.test: too busy", None)
    assert seen() == [eve, ("queued", 0, None, None)]
    clock.advance(seconds=-30)  # so that only the second is due
    outbox.send_due(runtime, slow)
    fay = ("queued", 1, "fay@acme.test: too busy", None)
    assert seen() == [eve, fay]
    clock.advance(seconds=600)
    outbox.send_due(runtime, slow)
    assert fay in seen()
    clock.advance(seconds=600)
    assert outbox.send_due(runtime, box.send) == 2
    assert {row[1] for row in seen()} == {2, 3}


def test_two_senders_never_send_the_same_letter(team: Team) -> None:
    """The second asks while the first is in the middle of sending."""
    for number in range(3):
        team.invited(f"u{number}@acme.test")
    runtime, box = team.stand.runtime, Mailbox()

    def slow(letter: Letter) -> None:
        assert outbox.send_due(runtime, box.send) == 0
        box.send(letter)

    assert outbox.send_due(runtime, slow) == 3
    assert sorted(letter.to for letter in box) == [f"u{n}@acme.test" for n in range(3)]


def test_a_sender_that_died_is_followed_when_its_lease_ends(team: Team) -> None:
    team.invited("eve@acme.test")
    runtime, clock, box = team.stand.runtime, team.stand.clock, Mailbox()

    def die(letter: Letter) -> None:
        box.send(letter)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.send_due(runtime, die)
    clock.advance(seconds=outbox.LEASE // outbox.SECOND - 1)
    assert outbox.send_due(runtime, box.send) == 0
    clock.advance(seconds=1)
    assert outbox.send_due(runtime, box.send) == 1
    first, second = box
    assert first == second  # the same name: who got it twice can tell


def test_what_was_cancelled_while_it_was_sent_stays_as_it_was_settled(team: Team) -> None:
    invite = team.invited("eve@acme.test")

    def send(_: Letter) -> None:
        resend(team, invite)

    assert outbox.send_due(team.stand.runtime, send) == 1
    assert states(team) == ["sent", "queued"]
    [letter] = team.stand.letters()
    assert opens(team, letter)


def with_keys(runtime: Runtime, *keys: bytes) -> Runtime:
    return replace(runtime, keys=Keys(keys))


def test_a_letter_whose_key_is_gone_is_renewed(team: Team) -> None:
    invite = team.invited("eve@acme.test")
    expires = everything(team.stand)["invitations"][0]["expires_at"]
    team.stand.clock.advance(days=1)
    other, box = with_keys(team.stand.runtime, NEW_KEY), Mailbox()
    while outbox.send_due(other, box.send):
        pass
    [letter] = box
    assert opens(team, letter)
    assert states(team) == ["dropped", "sent"]
    [row] = everything(team.stand)["invitations"]
    assert (row["id"], row["expires_at"]) == (invite["id"], expires)
    assert row["key_fingerprint"] == other.keys.fingerprint


def test_a_letter_under_an_older_key_is_sent_as_it_is(team: Team) -> None:
    team.invited("eve@acme.test")
    rotated, box = with_keys(team.stand.runtime, NEW_KEY, *KEYS.keys), Mailbox()
    assert outbox.send_due(rotated, box.send) == 1
    assert opens(team, box[0])
    assert states(team) == ["sent"]


def test_a_batch_ends_and_the_next_begins_where_it_did(team: Team) -> None:
    invites = [{"email": f"i{n}@acme.test", "role": "Designer"} for n in range(3)]
    team = Team(team.stand, invites=invites)
    assert team.stand.letters() == []  # imported: no link until it is resent
    resend(team, team.get("/v1/invites").json()["data"][0])
    [letter] = team.stand.letters()
    assert opens(team, letter)
    for number in range(outbox.BATCH + 1):
        team.invited(f"u{number}@acme.test")
    box = Mailbox()
    assert outbox.send_due(team.stand.runtime, box.send) == outbox.BATCH
    assert outbox.send_due(team.stand.runtime, box.send) == 1
    assert [letter.to for letter in box] == [f"u{n}@acme.test" for n in range(outbox.BATCH + 1)]


def note(**facts: str | int | None) -> Letter:
    return Letter("removed-1", Kind.REMOVED, "ève@acme.test", None, START, facts)


def test_letters_as_files_are_for_the_operators_eyes(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "outbox"
    target = folder(path).send(note(account="Grüße"))
    assert target == path / "removed-1.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "You are no longer a user of Grüße." in target.read_text("utf-8")
    assert folder(path).send(note(account="Again")) == target
    assert "of Again." in target.read_text("utf-8")
    assert list(path.iterdir()) == [target]


def test_a_folder_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="outbox"):
        folder(tmp_path / "outbox").send(note())
