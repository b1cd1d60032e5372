"""The Token API (contract, section 6), and what a token is worth from one request to the next."""

from typing import Any

import pytest

from guestlist.domain.tokens import SCOPES as EVERY_SCOPE
from tests.stand import SCOPES, Team, token_text

TOKEN = "/v1/token"
DAN = "/v1/users/user00000000dan"
LISTED_KEYS = ["id", "name", "status", "created_at", "scopes", "domain"]
MINTED_KEYS = [
    "id",
    "accessToken",
    "name",
    "created_at",
    "scopes",
    "has_full",
    "domain",
    "preview",
    "expires_at",
]


def made(team: Team, by: str = "ana", **more: Any) -> dict[str, Any]:
    body = {"name": "ci", "scopes": ["users_read"], **more}
    answer = team.post(TOKEN, body, by=by)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def path(token: dict[str, Any]) -> str:
    return f"{TOKEN}/{token['id']}"


def works(team: Team, text: str) -> bool:
    return bool(team.get("/v1/api-quota", by=text).status_code == 200)


def test_a_new_token_is_told_once(team: Team) -> None:
    token = made(team, scopes=["users_read", "domains_full", "users_read"])
    assert list(token) == MINTED_KEYS
    text = token["accessToken"]
    assert (len(text), text[:5]) == (69, "mlsn.")
    assert set(text[5:]) | set(token["id"]) <= set("0123456789abcdef")
    assert len(token["id"]) == 80
    assert token["preview"] == text[:11]
    assert token | {"id": "", "accessToken": "", "preview": ""} == {
        "id": "",
        "accessToken": "",
        "name": "ci",
        "created_at": "2027-01-15T08:00:00.000000Z",
        "scopes": ["users_read", "domains_full"],
        "has_full": False,
        "domain": None,
        "preview": "",
        "expires_at": None,
    }
    assert team.get("/v1/users", by=text).status_code == 200
    shown = team.get(path(token))
    assert list(shown.json()["data"]) == LISTED_KEYS
    assert text not in shown.text + team.get(TOKEN).text


def test_a_listed_token_has_the_recorded_keys(team: Team) -> None:
    token = made(team)
    listed = team.get(TOKEN).json()
    assert [entry["name"] for entry in listed["data"]][-1] == "ci"
    assert (
        listed["data"][-1]
        == team.get(path(token)).json()["data"]
        == {
            "id": token["id"],
            "name": "ci",
            "status": "unpause",
            "created_at": "2027-01-15T08:00:00.000000Z",
            "scopes": ["users_read"],
            "domain": None,
        }
    )


def test_a_domain_is_a_label_in_full_when_made_and_in_short_when_listed(team: Team) -> None:
    token = made(team, domain_id="d0ma1n000000two")
    assert token["domain"] == team.get("/v1/domains/d0ma1n000000two").json()["data"]
    assert team.get(path(token)).json()["data"]["domain"] == {
        "id": "d0ma1n000000two",
        "name": "news.acme.test",
        "created_at": "2027-01-15T08:00:00.000000Z",
        "updated_at": "2027-01-15T08:00:00.000000Z",
    }
    assert len(team.get("/v1/users", by=token["accessToken"]).json()["data"]) == 4
    team.delete("/v1/domains/d0ma1n000000two")
    assert team.get(path(token)).json()["data"]["domain"] is None
    assert works(team, token["accessToken"])


@pytest.mark.parametrize(
    "domain_id",
    ["x7m2k9d4rpq1zv83", "temp1ate0000one", "", "nul\0", "é" * 9, 7, ["d0ma1n000000two"], {}],
    ids=repr,
)
def test_an_unknown_domain_is_null(team: Team, domain_id: object) -> None:
    assert made(team, domain_id=domain_id)["domain"] is None


def test_every_known_scope_can_be_given_by_who_has_it(team: Team) -> None:
    every = sorted(EVERY_SCOPE)
    text = token_text()
    token = {"token": text, "scopes": every, "owner": "ana@acme.test"}
    team = Team(team.stand, tokens=[token])
    assert made(team, by=text, scopes=every)["has_full"] is True
    without = [scope for scope in every if scope != "sms_full"]
    assert made(team, by=text, scopes=without)["has_full"] is False
    # the contract's 30, what one client each has beside them
    assert len(set(every) - {"ifttt", "whatsapp_read", "audit_read"}) == 30


def test_nobody_gives_a_scope_they_lack(team: Team) -> None:
    text = made(team, scopes=["tokens_full", "users_read", "domains_full"])["accessToken"]
    given = made(team, by=text, scopes=["domains_read", "users_read"])
    assert given["scopes"] == ["domains_read", "users_read"]
    with team.unchanged():
        answer = team.post(
            TOKEN, {"name": "more", "scopes": ["users_read", "users_full", "sms_read"]}, by=text
        )
        assert answer.json()["errors"] == {
            "scopes.1": ["The selected scopes.1 is invalid."],
            "scopes.2": ["The selected scopes.2 is invalid."],
        }


def test_a_new_token_belongs_to_the_owner_of_the_one_it_came_through(team: Team) -> None:
    token = made(team, by="dan", scopes=["tokens_full"])
    assert team.get(path(token), by="dan").status_code == 200
    assert team.get("/v1/users", by=token["accessToken"]).status_code == 403
    assert team.delete(DAN).status_code == 204
    assert not works(team, token["accessToken"])
    assert team.get(path(token)).status_code == 404


@pytest.mark.parametrize("suffix", ["", "/settings"])
def test_both_paths_pause_and_wake_a_token(team: Team, suffix: str) -> None:
    token = made(team)
    for status, alive in (("pause", False), ("pause", False), ("unpause", True)):
        answer = team.put(path(token) + suffix, {"status": status})
        assert answer.status_code == 200
        assert list(answer.json()["data"]) == LISTED_KEYS
        assert answer.json()["data"]["status"] == status
        assert works(team, token["accessToken"]) is alive
        assert team.get(path(token)).json() == answer.json()


def test_a_paused_token_is_nobody_and_another_wakes_it(team: Team) -> None:
    text = made(team, scopes=SCOPES)["accessToken"]
    [own] = [t for t in team.get(TOKEN, by=text).json()["data"] if t["name"] == "ci"]
    assert team.put(path(own), {"status": "pause"}, by=text).status_code == 200
    for method, where in (("GET", "/v1/users"), ("PUT", path(own)), ("GET", "/v1/token/none")):
        answer = team.ask(method, where, by=text, json={"status": "unpause"})
        assert (answer.status_code, answer.content) == (401, b'{"message":"Unauthenticated."}')
    assert team.put(path(own), {"status": "unpause"}).status_code == 200
    assert works(team, text)


def test_a_rename_leaves_the_rest(team: Team) -> None:
    token = made(team)
    renamed = team.put(path(token), {"name": "nightly"}).json()["data"]
    assert (renamed["name"], renamed["status"]) == ("nightly", "unpause")
    both = team.put(path(token), {"name": "n" * 50, "status": "pause"}).json()["data"]
    assert (both["name"], both["status"]) == ("n" * 50, "pause")
    assert team.put(path(token), {}).json()["data"] == both
    settings = team.put(path(token) + "/settings", {"status": "unpause"}).json()["data"]
    assert settings == both | {"status": "unpause"}


@pytest.mark.parametrize("status", ["paused", "PAUSE", True, 1, ["pause"], {"pause": 1}], ids=repr)
def test_a_status_is_one_of_two_words(team: Team, status: object) -> None:
    token = made(team)
    with team.unchanged():
        for suffix in ("", "/settings"):
            answer = team.put(path(token) + suffix, {"status": status})
            assert answer.status_code == 422
            assert answer.json()["errors"] == {"status": ["The selected status is invalid."]}
        missing = team.put(path(token) + "/settings", {})
        assert missing.json()["errors"] == {"status": ["The status field is required. #MS42209"]}


def test_a_deleted_token_is_nobody_and_nowhere(team: Team) -> None:
    token = made(team)
    answer = team.delete(path(token))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    assert not works(team, token["accessToken"])
    for method in ("GET", "PUT", "DELETE"):
        again = team.ask(method, path(token), json={})
        assert (again.status_code, "x-apiquota-remaining" in again.headers) == (404, False)


def test_a_token_may_delete_itself(team: Team) -> None:
    token = made(team, scopes=["tokens_full"])
    assert team.delete(path(token), by=token["accessToken"]).status_code == 200
    assert not works(team, token["accessToken"])


def test_an_expired_token_is_nobody_from_its_very_instant(team: Team) -> None:
    text = token_text()
    expiring = {
        "token": text,
        "scopes": SCOPES,
        "owner": "ana@acme.test",
        "expires_at": "2027-01-15T09:00:00Z",
    }
    team = Team(team.stand, tokens=[expiring])
    team.stand.clock.advance(seconds=3599.999999)
    assert works(team, text)
    team.stand.clock.advance(seconds=0.000001)
    assert not works(team, text)
    assert team.post("/v1/users", {"email": "e@acme.test", "role": "Admin"}, by=text).is_error


def test_a_demoted_owners_tokens_are_gone(team: Team) -> None:
    token = made(team, by="dan", scopes=["domains_full"])
    assert team.put(DAN, {"role": "Custom User", "permissions": ["read-sms"]}).is_success
    assert not works(team, token["accessToken"])
    assert team.get(path(token)).status_code == 404
    again = {"role": "Custom User", "permissions": ["manage-api-token"]}
    assert team.put(DAN, again).is_success
    assert not works(team, token["accessToken"])


def test_an_owners_change_cuts_their_tokens_at_once(team: Team) -> None:
    assert team.get("/v1/users", by="bob").status_code == 200
    demoted = {"role": "Custom User", "permissions": ["manage-api-token"]}
    assert team.put("/v1/users/user00000000bob", demoted).is_success
    assert works(team, team.tokens["bob"])
    assert team.get("/v1/users", by="bob").status_code == 403
    assert team.get(TOKEN, by="bob").status_code == 200


def test_who_sees_whose_tokens(team: Team) -> None:
    """An Admin all, a Manager not an Admin's, others their own; the totals agree."""
    names = {by: made(team, by=by, name=f"of {by}", scopes=["users_read"]) for by in ("ana", "bob")}
    names["dan"] = made(team, by="dan", name="of dan", scopes=["domains_read"])
    for by, seen in (("ana", "ana bob dan"), ("bob", "bob dan"), ("dan", "dan")):
        listed = team.get(TOKEN, by=by).json()
        found = [entry["name"][3:] for entry in listed["data"] if entry["name"][:3] == "of "]
        assert found == seen.split()
        assert listed["meta"]["total"] == len(listed["data"])
        for owner, token in names.items():
            status = 200 if owner in found else 403
            assert team.get(path(token), by=by).status_code == status
            assert team.put(path(token), {"name": token["name"]}, by=by).status_code == status
