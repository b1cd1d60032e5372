"""Contract, section 1: which refusal comes first where a request deserves several."""

from typing import Any

import pytest

from tests.stand import Team

UNKNOWN = "x7m2k9d4rpq1zv83"
ADMIN = "/v1/users/user00000000ana"
BAD: dict[str, Any] = {"role": "member"}
GOOD: dict[str, Any] = {"role": "Designer"}
NO_SCOPE = "no scopes"

# Each row breaks what the rows before it break no longer, and all that comes later.
USERS = [
    ("PUT", f"/v1/users/{UNKNOWN}", "nobody", BAD, 401),
    ("PUT", f"/v1/users/{UNKNOWN}", NO_SCOPE, BAD, 403),
    ("PUT", f"/v1/users/{UNKNOWN}", "dan", BAD, 403),
    ("PUT", f"/v1/users/{UNKNOWN}", "bob", BAD, 422),
    ("PUT", f"/v1/users/{UNKNOWN}", "bob", GOOD, 404),
    ("PUT", ADMIN, "bob", BAD, 422),
    ("PUT", ADMIN, "bob", GOOD, 403),
    ("PUT", ADMIN, "ana", GOOD, 422),
    ("DELETE", f"/v1/users/{UNKNOWN}", "nobody", None, 401),
    ("DELETE", f"/v1/users/{UNKNOWN}", NO_SCOPE, None, 403),
    ("DELETE", f"/v1/users/{UNKNOWN}", "bob", None, 404),
    ("DELETE", ADMIN, "bob", None, 403),
    ("DELETE", ADMIN, "ana", None, 422),
    ("POST", "/v1/users", "nobody", BAD, 401),
    ("POST", "/v1/users", NO_SCOPE, BAD, 403),
    ("POST", "/v1/users", "bob", {"email": "eve", "role": "Admin"}, 422),
    ("POST", "/v1/users", "bob", {"email": "eve@acme.test", "role": "Admin"}, 403),
    ("GET", f"/v1/users/{UNKNOWN}", NO_SCOPE, None, 403),
    ("GET", "/v1/users?limit=9", NO_SCOPE, None, 403),
    ("GET", "/v1/users?limit=9", "ana", None, 422),
]
BOUND = [
    ("PUT", f"/v1/token/{UNKNOWN}", "nobody", {"name": 7}, 401),
    ("PUT", f"/v1/token/{UNKNOWN}", NO_SCOPE, {"name": 7}, 404),
    ("PUT", f"/v1/token/{UNKNOWN}", "ana", {"name": 7}, 404),
    ("PUT", "/v1/token/{token}", NO_SCOPE, {"name": 7}, 403),
    ("PUT", "/v1/token/{token}", "bob", {"name": 7}, 422),
    ("PUT", "/v1/token/{token}", "bob", {"name": "ours"}, 403),
    ("PUT", f"/v1/token/{UNKNOWN}/settings", NO_SCOPE, {}, 404),
    ("PUT", "/v1/token/{token}/settings", NO_SCOPE, {}, 403),
    ("PUT", "/v1/token/{token}/settings", "bob", {}, 422),
    ("PUT", "/v1/token/{token}/settings", "bob", {"status": "pause"}, 403),
    ("DELETE", f"/v1/token/{UNKNOWN}", NO_SCOPE, None, 404),
    ("DELETE", "/v1/token/{token}", NO_SCOPE, None, 403),
    ("DELETE", "/v1/token/{token}", "bob", None, 403),
    ("POST", f"/v1/invites/{UNKNOWN}/resend", "nobody", None, 401),
    ("POST", f"/v1/invites/{UNKNOWN}/resend", NO_SCOPE, None, 404),
    ("POST", "/v1/invites/{invite}/resend", NO_SCOPE, None, 403),
    ("POST", "/v1/invites/{invite}/resend", "bob", None, 403),
    ("GET", f"/v1/invites/{UNKNOWN}", NO_SCOPE, None, 404),
    ("GET", "/v1/invites/{invite}", NO_SCOPE, None, 403),
    ("DELETE", "/v1/invites/{invite}", "bob", None, 403),
    ("GET", f"/v1/domains/{UNKNOWN}", NO_SCOPE, None, 404),
    ("GET", "/v1/domains/d0ma1n000000one", NO_SCOPE, None, 403),
    ("GET", "/v1/domains/d0ma1n000000one", "dan", None, 403),
    ("DELETE", "/v1/domains/d0ma1n000000one", "dan", None, 403),
    ("GET", f"/v1/templates/{UNKNOWN}", NO_SCOPE, None, 404),
    ("GET", "/v1/templates/temp1ate0000two", NO_SCOPE, None, 403),
    ("GET", "/v1/templates/temp1ate0000two", "dan", None, 403),
]
# What each status looks like, and whether it carries the quota (contract, section 4b).
FORBIDDEN = {"message": "This action is unauthorized. #MS40301"}
MISSING = {"message": "Resource not found."}


@pytest.mark.parametrize(("method", "path", "by", "body", "status"), USERS)
def test_a_users_404_comes_after_validation(
    team: Team, method: str, path: str, by: str, body: Any, status: int
) -> None:
    with team.unchanged():
        answer = team.ask(method, path, by=by, json=body)
    assert answer.status_code == status, answer.text
    assert ("x-apiquota-remaining" in answer.headers) == (status != 401)
    if status in {403, 404}:
        assert answer.json() == (FORBIDDEN if status == 403 else MISSING)


@pytest.mark.parametrize(("method", "path", "by", "body", "status"), BOUND)
def test_a_bound_things_404_comes_before_the_scope(
    team: Team, method: str, path: str, by: str, body: Any, status: int
) -> None:
    ids = {
        "token": team.get("/v1/token").json()["data"][0]["id"],
        "invite": team.invited("eve@acme.test", "Admin")["id"],
    }
    with team.unchanged():
        answer = team.ask(method, path.format(**ids), by=by, json=body)
    assert answer.status_code == status, answer.text
    assert ("x-apiquota-remaining" in answer.headers) == (status in {403, 422})


def test_the_seat_is_looked_for_last(team: Team) -> None:
    full = Team(team.stand, seats=4)
    body = {"email": "eve@acme.test", "role": "Admin"}
    with full.unchanged():
        assert full.post("/v1/users", body, by="bob").status_code == 403
        answer = full.post("/v1/users", body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"email": ["The account has no free seat."]}
