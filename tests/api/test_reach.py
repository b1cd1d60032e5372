"""Who reaches whom: a Manager neither touches an Admin nor gives Admin, on every verb."""

from typing import Any

import pytest

from guestlist.actions import invitations
from tests.stand import WORLD, Team

USERS = "/v1/users"
FORBIDDEN = b'{"message":"This action is unauthorized. #MS40301"}'
ANA, BOB, CLEO, EVE = (f"{USERS}/user00000000{name}" for name in ("ana", "bob", "cleo", "eve"))
# A second Admin, so that no refusal here is for the last one.
CREW = [*WORLD["users"], {"id": "user00000000eve", "email": "eve@acme.test", "role": "Admin"}]
VERBS: list[tuple[str, str, Any]] = [
    ("PUT", EVE, {"role": "Manager"}),
    ("PUT", EVE, {"role": "Admin"}),
    ("PUT", CLEO, {"role": "Admin"}),
    ("PUT", BOB, {"role": "Admin"}),
    ("DELETE", EVE, None),
    ("POST", USERS, {"email": "fay@acme.test", "role": "Admin"}),
    ("POST", "/v1/invites/{invite}/resend", None),
    ("DELETE", "/v1/invites/{invite}", None),
    ("PUT", "/v1/token/{token}", {"name": "mine"}),
    ("PUT", "/v1/token/{token}/settings", {"status": "pause"}),
    ("GET", "/v1/token/{token}", None),
    ("DELETE", "/v1/token/{token}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
def test_what_is_an_admins_is_out_of_a_managers_reach(
    team: Team, method: str, path: str, body: Any
) -> None:
    team = Team(team.stand, users=CREW)
    ids = {
        "invite": team.invited("gus@acme.test", "Admin")["id"],
        "token": team.get("/v1/token").json()["data"][0]["id"],
    }
    path = path.format(**ids)
    with team.unchanged():
        answer = team.ask(method, path, json=body, by="bob")
        assert (answer.status_code, answer.content) == (403, FORBIDDEN)
        assert answer.headers["x-apiquota-remaining"] == "-1"
    assert team.ask(method, path, json=body, by="eve").status_code in {200, 204}


@pytest.mark.parametrize("role", ["Manager", "Designer", "Accountant"])
def test_the_rest_is_within_it(team: Team, role: str) -> None:
    invite = team.invited("fay@acme.test", role, by="bob")
    path = f"/v1/invites/{invite['id']}"
    assert team.post(path + "/resend", by="bob").status_code == 200
    assert team.delete(path, by="bob").status_code == 204
    assert team.put(CLEO, {"role": role}, by="bob").status_code == 200
    assert team.delete(CLEO, by="bob").status_code == 204


def test_a_manager_sees_admins_and_their_invites(team: Team) -> None:
    invite = team.invited("gus@acme.test", "Admin")
    for path in (USERS, ANA, "/v1/invites", f"/v1/invites/{invite['id']}", "/guestlist" + ANA):
        assert team.get(path, by="bob").content == team.get(path).content


def test_a_manager_may_leave_and_step_down(team: Team) -> None:
    token = team.minted("users_full", by="bob")
    assert team.put(BOB, {"role": "Manager", "permissions": ["read-sms"]}, by=token).is_success
    assert team.delete(BOB, by=token).status_code == 204
    assert team.get(USERS, by=token).status_code == 401


def test_a_managers_invitation_to_what_an_admin_gave_is_the_admins(team: Team) -> None:
    """The reach is the target's, whoever offered it."""
    invite = team.invited("fay@acme.test", "Designer")
    assert team.delete(f"/v1/invites/{invite['id']}", by="bob").status_code == 204


@pytest.mark.parametrize("scope", ["users_read", "domains_full", "tokens_full"])
def test_a_scope_that_only_reads_changes_nothing(team: Team, scope: str) -> None:
    token = team.minted(scope)
    with team.unchanged():
        for method, path, body in (
            ("POST", USERS, {"email": "fay@acme.test", "role": "Designer"}),
            ("PUT", CLEO, {"role": "Accountant"}),
            ("DELETE", CLEO, None),
        ):
            answer = team.ask(method, path, json=body, by=token)
            assert (answer.status_code, answer.content) == (403, FORBIDDEN)
    assert team.get(USERS, by=token).status_code == (200 if scope == "users_read" else 403)


def test_full_includes_read(team: Team) -> None:
    token = team.minted("users_full")
    for path in (USERS, CLEO, "/v1/invites", "/guestlist" + CLEO):
        assert team.get(path, by=token).status_code == 200


def removed(team: Team, name: str) -> None:
    assert team.delete(f"{USERS}/user00000000{name}").status_code == 204


def test_who_sends_an_invite_again_is_who_gives_it(team: Team) -> None:
    """What was given ends with its giver, and with nobody else."""
    team = Team(team.stand, users=CREW)
    kept = team.invited("fay@acme.test", by="bob")["id"]
    taken = team.invited("gus@acme.test", by="eve")["id"]
    operators = team.invited("hal@acme.test", by="bob")["id"]
    assert team.post(f"/v1/invites/{kept}/resend", by="eve").is_success
    assert team.post(f"/v1/invites/{taken}/resend", by="bob").is_success
    invitations.resend(team.stand.runtime, team.operator, operators)
    givers = {
        invite["id"]: invite["invited_by"]
        for invite in team.get("/guestlist/v1/invites").json()["data"]
    }
    assert givers == {kept: "user00000000eve", taken: "user00000000bob", operators: None}
    removed(team, "bob")
    assert [invite["id"] for invite in team.get("/v1/invites").json()["data"]] == [kept, operators]
    removed(team, "eve")
    assert [invite["id"] for invite in team.get("/v1/invites").json()["data"]] == [operators]
