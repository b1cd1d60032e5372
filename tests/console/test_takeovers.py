"""What somebody with power in one account tries, to become somebody else: played out, it fails."""

from typing import Any

import pytest

from guestlist.actions import invitations, people, tokens
from guestlist.actions.runtime import Caller
from guestlist.domain.audit import Cause
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import OutOfReach, Unproven
from tests.console.arrivals import (
    ACCEPT,
    asked_change,
    audited,
    authenticator,
    code,
    confirmed,
    copied,
    copy,
    insist,
    invite_id,
    mailed,
    person,
    reset_link,
    settled,
    signed_in,
    users,
)
from tests.stand import WORLD, Stand, Team
from tests.visitors import Visitor

VICTIM = "victim@else.test"
THEIRS = "the attacker's own words"
OWN = "what only the victim knows"


def get_in(visitor: Visitor, link: str, **fields: str) -> bool:
    insist(visitor, link, **fields)
    return "<h1>You are in<" in visitor.text


def edit(team: Team, invite: str, role: str, *, by: str) -> Any:
    return team.put(f"/guestlist/v1/invites/{invite}", {"role": role}, by=by)


def test_a_manager_gets_nothing_of_an_admins_invitation(team: Team) -> None:
    link = mailed(team, VICTIM, "Admin")
    invite = invite_id(team, VICTIM)
    with team.unchanged():
        for answer in (
            copy(team, invite, by="bob"),
            edit(team, invite, "Manager", by="bob"),
            edit(team, invite, "Admin", by="bob"),
            team.post(f"/v1/invites/{invite}/resend", by="bob"),
            team.delete(f"/v1/invites/{invite}", by="bob"),
        ):
            assert answer.status_code == 403, answer.text
    with pytest.raises(OutOfReach):
        invitations.edit(team.stand.runtime, _caller(team, "bob"), invite, Draft(role="Accountant"))
    assert get_in(Visitor(team.stand), link)
    assert users(team)[VICTIM]["role"] == "Admin"


def _caller(team: Team, by: str) -> Caller:
    return tokens.authenticate(
        team.stand.runtime, team.tokens[by], cause=Cause("test"), scope="users_full"
    )


def test_nobody_gives_by_an_edit_what_they_do_not_hold(team: Team) -> None:
    mailed(team, VICTIM, by="bob")
    invite = invite_id(team, VICTIM)
    with team.unchanged():
        assert edit(team, invite, "Admin", by="bob").status_code == 403
    # What an Admin edits is the Admin's to give from then on, and beyond the Manager.
    assert edit(team, invite, "Admin", by="ana").is_success
    with team.unchanged():
        assert edit(team, invite, "Accountant", by="bob").status_code == 403
    assert team.delete("/v1/users/user00000000bob").is_success
    assert invite_id(team, VICTIM) == invite


def test_a_link_copied_of_a_small_grant_never_gives_a_larger_one(team: Team) -> None:
    team.invited(VICTIM, "Accountant")
    link = copied(team, VICTIM, by="bob")
    assert edit(team, invite_id(team, VICTIM), "Admin", by="ana").is_success
    with team.unchanged():
        assert not get_in(Visitor(team.stand), link)
    assert copy(team, invite_id(team, VICTIM), by="bob").status_code == 403


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_a_copied_link_ends_with_the_power_of_who_may_have_copied_it(team: Team, how: str) -> None:
    team.invited(VICTIM, "Accountant")
    link = copied(team, VICTIM, by="bob")
    kept = mailed(team, "fay@else.test")
    if how == "removed":
        assert team.delete("/v1/users/user00000000bob").is_success
    else:
        assert team.put("/v1/users/user00000000bob", {"role": "Designer"}).is_success
    assert len(audited(team, "invitation.end_copy")) == 1
    with team.unchanged():
        assert not get_in(Visitor(team.stand), link)
    assert get_in(Visitor(team.stand), kept)


@pytest.fixture
def played(stand: Stand) -> tuple[Team, Team, Visitor]:
    """An Admin copied the link of somebody else's address and made their person through it.

    They set up all there is; then another account invites that address.
    """
    mine = Team(stand)
    mine.invited(VICTIM)
    attacker = Visitor(stand, network="203.0.113.66")
    assert get_in(attacker, copied(mine, VICTIM), password=THEIRS)
    assert not person(stand, VICTIM).is_proven
    theirs = Team(stand, name="Target")
    stand.letters()
    theirs.invited(VICTIM, "Admin")
    return mine, theirs, attacker


def test_who_made_somebody_elses_person_gets_into_no_other_account(
    played: tuple[Team, Team, Visitor],
) -> None:
    mine, theirs, attacker = played
    link = copied(theirs, VICTIM)
    strangers = Visitor(mine.stand)
    with theirs.unchanged(), mine.unchanged():
        for visitor in (attacker, strangers):
            visitor.get(link)
            assert ACCEPT not in visitor.text
            assert 'action="/forgotten"' in visitor.text
            assert not get_in(visitor, link, password=THEIRS)
        strangers.sign_in(VICTIM, THEIRS)
        assert not get_in(strangers, link)
    assert [place.account_name for place in places(theirs.stand)] == ["Acme"]


def test_the_owner_of_the_address_begins_the_person_anew(
    played: tuple[Team, Team, Visitor],
) -> None:
    mine, theirs, attacker = played
    stand = mine.stand
    [letter] = stand.letters()
    totp = authenticator(stand, VICTIM)
    attacker.get("/account")
    waiting = Visitor(stand, network="203.0.113.66")
    waiting.sign_in(VICTIM, THEIRS)
    assert waiting.page.url.path == "/sign-in/code"
    owner = Visitor(stand)
    assert get_in(owner, letter.link, password=OWN)
    assert users(theirs)[VICTIM]["role"] == "Admin"
    # The session, the half session, the password and the factor that were set before are gone.
    for visitor in (attacker, waiting):
        assert visitor.get("/account").url.path == "/sign-in"
    assert waiting.post("/sign-in/code", code=code(totp, stand)).url.path == "/sign-in"
    attacker.sign_in(VICTIM, THEIRS)
    assert attacker.page.status_code == 422
    assert users(mine)[VICTIM]["2fa"] is False
    again = Visitor(stand)
    again.sign_in(VICTIM, OWN)
    assert again.page.status_code == 200
    assert again.get("/account").url.path == "/account"
    assert len(audited(mine, "person.prove")) == 1


def test_a_reset_letter_begins_an_unproven_person_anew_too(
    played: tuple[Team, Team, Visitor],
) -> None:
    mine, theirs, attacker = played
    stand = mine.stand
    link = copied(theirs, VICTIM)
    authenticator(stand, VICTIM)
    settled(stand, VICTIM, OWN)
    assert attacker.get("/account").url.path == "/sign-in"
    attacker.sign_in(VICTIM, THEIRS)
    assert attacker.page.status_code == 422
    owner = Visitor(stand)
    owner.sign_in(VICTIM, OWN)
    assert owner.get("/account").url.path == "/account"
    assert not person(stand, VICTIM).has_factor
    owner.get(link)
    assert ACCEPT in owner.text
    owner.post("/invitations/accept")
    assert VICTIM in users(theirs)


def test_links_and_changes_begun_before_the_proof_end_with_it(
    played: tuple[Team, Team, Visitor],
) -> None:
    mine, theirs, attacker = played
    stand = mine.stand
    [invitation] = stand.letters()
    operators = people.sign_in_link(stand.runtime, person(stand, VICTIM).key, request="test")
    change = asked_change(stand, VICTIM, "evil@else.test", THEIRS)
    assert confirmed(attacker, change["email_new"]).status_code == 200
    assert person(stand, VICTIM).email == VICTIM
    assert get_in(Visitor(stand), invitation.link, password=OWN)
    for link in (operators, *change.values()):
        assert Visitor(stand).get(link).status_code == 404
    assert person(stand, VICTIM).email == VICTIM
    assert VICTIM in users(theirs)


def places(stand: Stand) -> list[Any]:
    return people.places(stand.runtime, person(stand, VICTIM).key)


@pytest.mark.parametrize(
    ("owned", "invited"),
    [
        ("strasse@else.test", "straße@else.test"),
        ("sam@else.test", "ſam@else.test"),  # noqa: RUF001 - the long s is the trap
        ("kim@else.test", "\u212aim@else.test"),
    ],
)
def test_a_letter_to_another_mailbox_of_the_same_key_proves_nothing(
    stand: Stand, owned: str, invited: str
) -> None:
    first = Team(stand, users=[*WORLD["users"], {"id": "o", "email": owned, "role": "Manager"}])
    second = Team(stand, name="Evil")
    link = mailed(second, invited)
    with first.unchanged(), second.unchanged():
        evil = Visitor(stand)
        evil.get(link)
        assert ACCEPT not in evil.text
        assert not get_in(evil, link, password=THEIRS)
    visitor = Visitor(stand)
    visitor.get(link)
    visitor.post("/forgotten", email=invited)
    assert [letter.to for letter in stand.letters()] == [owned]
    # In ASCII letters of another case, it is the same mailbox.
    assert second.delete(f"/v1/invites/{invite_id(second, invited)}").is_success
    assert get_in(Visitor(stand), mailed(second, owned.upper()))


def test_a_change_onto_somebodys_invited_address_is_no_way_in(stand: Stand) -> None:
    team, other = Team(stand), Team(stand, name="Other")
    link = mailed(team, VICTIM, "Admin")
    cleo = signed_in(stand, "cleo@acme.test")
    change = asked_change(stand, "cleo@acme.test", VICTIM)
    assert confirmed(Visitor(stand), change["email_old"]).status_code == 200
    with team.unchanged(), other.unchanged():
        cleo.get(link)
        assert ACCEPT not in cleo.text
        # Even whoever reads the mail of both: the address is invited where Cleo is already.
        assert confirmed(cleo, change["email_new"]).status_code == 422
    assert person(stand, "cleo@acme.test").email == "cleo@acme.test"
    assert get_in(Visitor(stand), link)
    assert users(team)[VICTIM]["role"] == "Admin"


def test_a_reset_letter_to_the_old_address_ends_with_the_address(stand: Stand) -> None:
    team = Team(stand)
    settled(stand, "cleo@acme.test")
    change = asked_change(stand, "cleo@acme.test", "new@acme.test")
    stolen = reset_link(stand, "cleo@acme.test")
    cleo = Visitor(stand)
    cleo.sign_in("cleo@acme.test")
    for link in change.values():
        assert confirmed(cleo, link).status_code == 200
    assert "new@acme.test" in users(team)
    thief = Visitor(stand)
    assert thief.get(stolen).status_code == 404


def test_whoever_got_in_cannot_end_the_owners_way_back(stand: Stand) -> None:
    Team(stand)
    settled(stand, "cleo@acme.test", THEIRS)
    link = reset_link(stand, "cleo@acme.test")
    asked_change(stand, "cleo@acme.test", "evil@else.test", THEIRS)
    thief = Visitor(stand)
    thief.sign_in("cleo@acme.test", THEIRS)
    thief.get("/account/password")
    thief.post("/account/password", current=THEIRS, password=f"{THEIRS} anew")
    assert thief.page.status_code == 200
    owner = Visitor(stand)
    owner.get(link)
    assert owner.post("/links", password=OWN).status_code == 200
    assert thief.get("/account").url.path == "/sign-in"


def test_a_removed_users_session_shows_nothing_of_the_account(stand: Stand) -> None:
    team, other = Team(stand, name="Secret Plans"), Team(stand, name="Other")
    bob = signed_in(stand, "bob@acme.test")
    bob.get("/accounts")
    assert "Secret Plans" in bob.text
    bob.post("/accounts", account=team.id)
    assert team.delete("/v1/users/user00000000bob").is_success
    for path in ("/accounts", "/account", "/"):
        bob.get(path)
        assert bob.page.status_code == 200
        assert "Secret Plans" not in bob.text
    with team.unchanged(), other.unchanged():
        assert bob.post("/accounts", account=team.id).status_code == 404


def test_the_operator_gives_no_place_to_who_never_proved_their_address(
    played: tuple[Team, Team, Visitor],
) -> None:
    mine, theirs, attacker = played
    place = {"id": "v", "email": VICTIM.upper(), "role": "Admin"}
    with mine.unchanged(), theirs.unchanged(), pytest.raises(Unproven, match=VICTIM):
        Team(mine.stand, name="Imported", users=[WORLD["users"][0], place])
    settled(mine.stand, VICTIM, OWN)
    Team(mine.stand, name="Imported", users=[WORLD["users"][0], place])
    assert attacker.get("/account").url.path == "/sign-in"
    assert [place.account_name for place in places(mine.stand)] == ["Acme", "Imported"]
