"""Changing and removing users: what a PUT leaves, takes and refuses, and who must stay."""

from typing import Any

import pytest

from guestlist.domain.mailersend import PERMISSIONS, ROLES
from tests.stand import Team

ANA, BOB, CLEO, DAN = (f"/v1/users/user00000000{name}" for name in ("ana", "bob", "cleo", "dan"))
D1, D2 = "d0ma1n000000one", "d0ma1n000000two"
T1, T2 = "temp1ate0000one", "temp1ate0000two"
LAST_ADMIN = "The last admin of the account cannot be changed."


def listed(user: dict[str, Any], kind: str) -> list[str]:
    return [thing["id"] for thing in user[kind]]


@pytest.mark.parametrize("role", [role.name for role in ROLES])
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper, str.swapcase])
def test_roles_are_taken_in_any_case_and_told_in_theirs(
    team: Team, role: str, spelling: Any
) -> None:
    body = {"role": spelling(role), "permissions": ["read-sms"]}
    assert team.put(CLEO, body).json()["data"]["role"] == role
    assert team.invited("eve@acme.test", **body)["role"] == role


@pytest.mark.parametrize(
    "role",
    ["custom", "custom-user", "custom_user", "customuser", "member", "owner", "administrator"],
)
def test_other_names_are_no_roles(team: Team, role: str) -> None:
    with team.unchanged():
        answer = team.put(CLEO, {"role": role, "permissions": ["read-sms"]})
    assert answer.json()["errors"] == {"role": ["The selected role is invalid."]}


def test_all_36_permissions_are_taken_and_told_as_sent(team: Team) -> None:
    names = [permission.name for permission in reversed(PERMISSIONS)]
    assert len(names) == 36
    body = {"role": "Custom User", "permissions": names}
    assert team.put(CLEO, body).json()["data"]["permissions"] == names
    assert team.invited("eve@acme.test", **body)["permissions"] == names


def test_repeated_entries_count_once_in_the_order_sent(team: Team) -> None:
    body = {
        "role": "Custom User",
        "permissions": ["read-sms", "read-own-templates", "read-sms", "manage-sms", "read-sms"],
        "domains": [D2, D1, D2],
        "templates": [T2, T2, T1],
    }
    user = team.put(DAN, body).json()["data"]
    assert user["permissions"] == ["read-sms", "read-own-templates", "manage-sms"]
    assert listed(user, "domains") == [D2, D1]
    assert listed(user, "templates") == [T2, T1]
    assert team.get(DAN).json()["data"] == user


@pytest.mark.parametrize("lists", [{}, {"domains": None, "templates": None}, {"domains": []}])
def test_lists_left_out_are_empty_and_permissions_stay(team: Team, lists: dict[str, Any]) -> None:
    """A change of role never revives an old scope (contract, section 11)."""
    before = team.get(DAN).json()["data"]
    user = team.put(DAN, {"role": "Designer", **lists}).json()["data"]
    assert (user["domains"], user["templates"]) == ([], [])
    assert user["permissions"] == before["permissions"]
    again = team.put(DAN, {"role": "Custom User", "permissions": before["permissions"]})
    assert (again.json()["data"]["domains"], again.json()["data"]["templates"]) == ([], [])


@pytest.mark.parametrize("role", ["Admin", "Manager", "Designer", "Accountant"])
def test_permissions_of_other_roles_are_kept_and_told_and_give_nothing(
    team: Team, role: str
) -> None:
    body = {"role": role, "permissions": ["manage-api-token", "read-sms"], "domains": [D1]}
    user = team.put(CLEO, body).json()["data"]
    assert user["permissions"] == ["manage-api-token", "read-sms"]
    assert user["role"] == role
    assert team.put(CLEO, {"role": role}).json()["data"]["permissions"] == user["permissions"]
    emptied = team.put(CLEO, {"role": role, "permissions": []}).json()["data"]
    assert emptied["permissions"] == []


def test_an_admins_and_a_managers_lists_are_all_of_the_accounts(team: Team) -> None:
    user = team.put(CLEO, {"role": "Manager", "domains": [D2], "templates": []}).json()["data"]
    assert listed(user, "domains") == [D1, D2] == listed(team.get("/v1/domains").json(), "data")
    assert listed(user, "templates") == [T1, T2]
    designer = team.put(CLEO, {"role": "Designer", "domains": [D2]}).json()["data"]
    assert listed(designer, "domains") == [D2]


@pytest.mark.parametrize("sent", [True, 1, "1", False, 0, "0"], ids=repr)
def test_the_flag_is_taken_in_every_spelling_and_stays(team: Team, sent: object) -> None:
    flag, whole = "requires_periodic_password_change", "/guestlist" + CLEO
    kept = sent in (True, "1")
    for before in (not kept, kept):
        team.put(CLEO, {"role": "Designer", flag: before})
        assert team.get(whole).json()["data"][flag] is before
        team.put(CLEO, {"role": "Designer", flag: sent})
        assert team.get(whole).json()["data"][flag] is kept
        team.put(CLEO, {"role": "Accountant", flag: None})
        team.put(CLEO, {"role": "Accountant"})
        assert team.get(whole).json()["data"][flag] is kept
    assert team.invited("eve@acme.test", **{flag: sent})[flag] is kept


def test_a_put_changes_the_place_and_never_the_person(team: Team) -> None:
    before = team.get(CLEO).json()["data"]
    team.stand.clock.advance(seconds=90)
    body = {"role": "Accountant", "email": "eve@acme.test", "name": "Eve", "2fa": True, "id": "x"}
    after = team.put(CLEO, body).json()["data"]
    changed = {"role": "Accountant", "updated_at": "2027-01-15T08:01:30.000000Z"}
    assert after == before | changed
    assert team.get(CLEO).json()["data"] == after


def test_a_removed_user_is_gone_and_can_be_invited_again_without_what_they_had(team: Team) -> None:
    answer = team.delete(DAN)
    assert (answer.status_code, answer.content) == (204, b"")
    assert team.get(DAN).status_code == team.delete(DAN).status_code == 404
    assert team.put(DAN, {"role": "Designer"}).status_code == 404
    users = team.get("/v1/users").json()
    assert [user["email"][:3] for user in users["data"]] == ["ana", "bob", "cle"]
    assert users["meta"]["total"] == 3
    assert team.get("/v1/users", by="dan").status_code == 401
    invite = team.invited("dan@acme.test", "Designer")
    assert (invite["permissions"], invite["data"]) == ([], None)


def test_a_person_of_two_accounts_loses_one_place_and_nothing_else(team: Team) -> None:
    other = Team(team.stand)
    before = other.get(CLEO).json()["data"]
    assert team.put(CLEO, {"role": "Manager"}).status_code == 200
    assert team.delete(CLEO).status_code == 204
    assert other.get(CLEO).json()["data"] == before
    assert team.invited("cleo@acme.test")["role"] == "Accountant"


def test_the_last_admin_stays(team: Team) -> None:
    with team.unchanged():
        for body in ({"role": "Manager"}, {"role": "designer"}):
            answer = team.put(ANA, body)
            assert answer.status_code == 422
            assert answer.json() == {"message": LAST_ADMIN, "errors": {"role": [LAST_ADMIN]}}
        answer = team.delete(ANA)
        assert answer.status_code == 422
        assert answer.json() == {"message": LAST_ADMIN, "errors": {"user": [LAST_ADMIN]}}
    assert team.put(ANA, {"role": "Admin", "permissions": ["read-sms"]}).status_code == 200


def test_a_pending_admin_does_not_count_and_a_second_one_does(team: Team) -> None:
    team.invited("eve@acme.test", "Admin")
    assert team.delete(ANA).status_code == 422
    assert team.put(CLEO, {"role": "Admin"}).status_code == 200
    assert team.put(ANA, {"role": "Manager"}).status_code == 200
    # Ana's token lives on, with a Manager's power.
    with team.unchanged():
        assert team.delete(CLEO).status_code == 403
        assert team.put(CLEO, {"role": "Designer"}).status_code == 403
        assert team.put(ANA, {"role": "Admin"}).status_code == 403


def test_an_admin_may_leave_while_another_stays(team: Team) -> None:
    team.put(CLEO, {"role": "Admin"})
    assert team.delete(ANA).status_code == 204
    assert team.get("/v1/users").status_code == 401


def test_who_loses_power_loses_tokens_and_the_invitations_they_could_not_give(team: Team) -> None:
    kept = team.invited("fay@acme.test", "Designer", by="bob")
    second = team.put(CLEO, {"role": "Admin"}) and team.invited("gus@acme.test", "Admin")
    gone = team.invited("hal@acme.test", "Manager")

    assert team.put(ANA, {"role": "Manager"}).status_code == 200
    assert team.get(f"/v1/invites/{second['id']}", by="bob").status_code == 404
    assert team.get(f"/v1/invites/{gone['id']}", by="bob").status_code == 200

    assert team.put(ANA, {"role": "Accountant"}, by="bob").status_code == 200
    assert team.get("/v1/api-quota").status_code == 401
    assert team.get(f"/v1/invites/{gone['id']}", by="bob").status_code == 404
    assert team.get(f"/v1/invites/{kept['id']}", by="bob").status_code == 200
    assert [invite["email"] for invite in team.kept()["invites"]] == ["fay@acme.test"]

    # Their addresses are free again, and power that comes back brings nothing back.
    team.invited("gus@acme.test", by="bob")
    team.put(ANA, {"role": "Manager"}, by="bob")
    assert team.get("/v1/api-quota").status_code == 401


def test_a_change_of_oneself_holds_from_the_next_request(team: Team) -> None:
    assert team.put(BOB, {"role": "Designer"}, by="bob").status_code == 200
    assert team.get("/v1/users", by="bob").status_code == 401
    assert team.delete(DAN).status_code == 204
    assert team.get("/v1/api-quota", by="dan").status_code == 401
