"""Who is suspended sees nothing of the account, and nothing that they gave opens it."""

from typing import Any

import pytest

from guestlist.actions import erasing, outbox
from guestlist.domain.refusals import LastAdmin
from tests.console.arrivals import ACCEPT, copied, insist, mailed, person, settled, signed_in, users
from tests.stand import Stand, Team
from tests.visitors import Visitor

ANA, BOB, EVE = "ana@acme.test", "bob@acme.test", "eve@acme.test"
SUSPENDED = "You are suspended in 1 account."
NOWHERE = "You are not a user of any account."
JOINED = "<h1>You are in<"


def done(team: Team, verb: str, name: str = "bob") -> None:
    answer = team.post(f"/guestlist/v1/users/user00000000{name}/{verb}")
    assert answer.status_code == 200, answer.text


def suspend(team: Team, name: str = "bob") -> None:
    done(team, "suspend", name)


def reactivate(team: Team, name: str = "bob") -> None:
    done(team, "reactivate", name)


def test_a_session_sees_nothing_of_the_account_at_the_next_request(team: Team) -> None:
    bob = signed_in(team.stand, BOB)
    leave = f"/account/leave?account={team.id}"
    assert "Acme" in bob.get("/account").text
    assert bob.get(leave).status_code == 200
    suspend(team)
    for path in ("/account", "/accounts"):
        assert bob.get(path).status_code == 200
        assert "Acme" not in bob.text
        assert SUSPENDED in bob.text
        assert NOWHERE not in bob.text
    assert bob.get(leave).status_code == 404
    with team.unchanged():
        assert bob.post("/account/leave", account=team.id).status_code == 404
        assert bob.post("/accounts", account=team.id).status_code == 404
    reactivate(team)
    bob.get("/account")
    assert "Acme" in bob.text
    assert "suspended" not in bob.text


def test_signing_in_anew_brings_no_more(team: Team) -> None:
    settled(team.stand, BOB)
    suspend(team)
    bob = Visitor(team.stand)
    bob.sign_in(BOB)
    assert bob.page.url.path == "/account"
    assert "Acme" not in bob.text
    assert SUSPENDED in bob.text
    settled(team.stand, BOB)  # by a letter to a new password too
    bob.sign_in(BOB)
    assert SUSPENDED in bob.text


def test_another_account_is_chosen_as_if_it_were_the_only_one(team: Team) -> None:
    other = Team(team.stand, name="Other")
    bob = signed_in(team.stand, BOB)
    bob.get("/accounts")
    assert bob.post("/accounts", account=team.id).status_code == 200
    suspend(team)
    bob.get("/account")
    assert "Other" in bob.text
    assert "Acme" not in bob.text
    assert SUSPENDED in bob.text
    with team.unchanged():
        assert bob.post("/accounts", account=team.id).status_code == 404
    suspend(other)
    bob.get("/account")
    assert "You are suspended in 2 accounts." in bob.text


def test_what_the_account_asks_of_its_users_it_asks_again_afterwards(stand: Stand) -> None:
    team = Team(stand, requires_second_factor=True)
    settled(stand, BOB)
    suspend(team)
    bob = Visitor(stand)
    bob.sign_in(BOB)
    assert bob.page.url.path == "/account"
    reactivate(team)
    assert bob.get("/account").url.path != "/account"


@pytest.mark.parametrize("verb", ["suspend", "leave", "remove"])
def test_the_last_active_admin_stays_whatever_they_try(stand: Stand, verb: str) -> None:
    people: list[dict[str, Any]] = [
        {"id": "user00000000ana", "email": ANA, "role": "Admin"},
        {"id": "user00000000bob", "email": BOB, "role": "Admin"},
    ]
    team = Team(stand, users=people)
    ana = signed_in(stand, ANA)
    suspend(team)
    ana.get(f"/account/leave?account={team.id}")
    with team.unchanged():
        if verb == "leave":
            assert ana.post("/account/leave", account=team.id).status_code == 422
        elif verb == "suspend":
            path = "/guestlist/v1/users/user00000000ana/suspend"
            assert team.post(path).status_code == 422
        else:
            assert team.delete("/v1/users/user00000000ana").status_code == 422


def test_what_a_suspended_user_gave_cannot_be_accepted_until_they_return(team: Team) -> None:
    link = mailed(team, EVE, by="bob")
    suspend(team)
    eve = Visitor(team.stand)
    with team.unchanged():
        assert eve.accept(link).status_code == 410
        assert "no longer give what it offers" in eve.text
    reactivate(team)
    eve.accept(link)
    assert JOINED in eve.text
    assert users(team)[EVE]["role"] == "Accountant"


@pytest.mark.parametrize("verb", ["resend", "edit"])
def test_whoever_takes_it_over_gives_it(team: Team, verb: str) -> None:
    link = mailed(team, EVE, by="bob")
    suspend(team)
    invite = team.get("/v1/invites").json()["data"][0]["id"]
    if verb == "resend":
        assert team.post(f"/v1/invites/{invite}/resend").status_code == 200
        [letter] = team.stand.letters()
        link = letter.link
    else:
        path = f"/guestlist/v1/invites/{invite}"
        assert team.put(path, {"role": "Designer"}).status_code == 200
    eve = Visitor(team.stand)
    eve.accept(link)
    assert JOINED in eve.text


def test_links_that_were_copied_open_nothing_any_more(team: Team) -> None:
    """Who copied them is not kept."""
    mailed(team, EVE)
    link = copied(team, EVE, by="bob")
    suspend(team, "cleo")  # who copies none
    assert ACCEPT in Visitor(team.stand).get(link).text
    suspend(team)
    assert Visitor(team.stand).get(link).status_code == 404
    reactivate(team)
    assert Visitor(team.stand).get(link).status_code == 404


def test_another_invitation_is_asked_of_somebody_who_can_give_it(team: Team) -> None:
    link = mailed(team, EVE, by="bob")
    suspend(team)
    team.stand.clock.advance(days=8)
    eve = Visitor(team.stand)
    eve.get(link)
    assert eve.post("/invitations/again").status_code == 200
    [letter] = team.stand.letters()
    assert (letter.kind, letter.to) == ("asked", ANA)


def test_nobody_is_reminded_of_what_cannot_be_accepted(team: Team) -> None:
    mailed(team, EVE, by="bob")
    mailed(team, "fay@acme.test")
    suspend(team)
    team.stand.clock.advance(days=5)
    assert reminded(team.stand) == ["fay@acme.test"]
    reactivate(team)
    assert reminded(team.stand) == [EVE]


def reminded(stand: Stand) -> list[str]:
    outbox.remind_due(stand.runtime)
    return [letter.to for letter in stand.letters()]


def test_whoever_was_suspended_after_they_joined_is_not_told_that_they_are_in(team: Team) -> None:
    link = mailed(team, EVE)
    eve = Visitor(team.stand)
    eve.accept(link)
    assert JOINED in eve.text
    user = users(team)[EVE]["id"]
    assert team.post(f"/guestlist/v1/users/{user}/suspend").status_code == 200
    insist(eve, link)
    assert JOINED not in eve.text
    assert "This invitation was accepted already" in eve.text


def test_a_suspended_person_can_be_erased_and_the_last_active_admin_not(stand: Stand) -> None:
    people_: list[dict[str, Any]] = [
        {"id": "user00000000ana", "email": ANA, "role": "Admin"},
        {"id": "user00000000bob", "email": BOB, "role": "Admin"},
    ]
    team = Team(stand, users=people_)
    suspend(team)
    with team.unchanged(), pytest.raises(LastAdmin):
        erasing.erase(stand.runtime, person(stand, ANA).key, request="test")
    erasing.erase(stand.runtime, person(stand, BOB).key, request="test")
    assert list(users(team)) == [ANA]
    assert team.kept()["row"].admins == 1
