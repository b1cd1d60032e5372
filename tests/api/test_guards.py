"""The guard of every endpoint there is: this file walks the table, so none can be forgotten."""

from typing import Any

import pytest

from guestlist.actions import webhooks
from guestlist.api.endpoints import Endpoint
from guestlist.api.public import PUBLIC
from guestlist.api.routes import ENDPOINTS
from guestlist.domain.webhooks import Shape
from tests.stand import SCOPES, Stand, Team, token_text

NEEDED = {
    "GET /v1/users": "users_read",
    "POST /v1/users": "users_full",
    "GET /v1/users/{user_id}": "users_read",
    "PUT /v1/users/{user_id}": "users_full",
    "DELETE /v1/users/{user_id}": "users_full",
    "GET /v1/invites": "users_read",
    "GET /v1/invites/{invite_id}": "users_read",
    "DELETE /v1/invites/{invite_id}": "users_full",
    "POST /v1/invites/{invite_id}/resend": "users_full",
    "GET /v1/domains": "domains_read",
    "GET /v1/domains/{domain_id}": "domains_read",
    "DELETE /v1/domains/{domain_id}": "domains_full",
    "GET /v1/templates": "templates_full",
    "GET /v1/templates/{template_id}": "templates_full",
    "DELETE /v1/templates/{template_id}": "templates_full",
    "GET /v1/token": "tokens_full",
    "POST /v1/token": "tokens_full",
    "GET /v1/token/{token_id}": "tokens_full",
    "PUT /v1/token/{token_id}": "tokens_full",
    "PUT /v1/token/{token_id}/settings": "tokens_full",
    "DELETE /v1/token/{token_id}": "tokens_full",
    "GET /v1/api-quota": "",
    "GET /guestlist/v1/catalog": "",
    "GET /guestlist/v1/users/{user_id}": "users_read",
    "POST /guestlist/v1/users/{user_id}/suspend": "users_full",
    "POST /guestlist/v1/users/{user_id}/reactivate": "users_full",
    "GET /guestlist/v1/invites": "users_read",
    "GET /guestlist/v1/invites/{invite_id}": "users_read",
    "PUT /guestlist/v1/invites/{invite_id}": "users_full",
    "POST /guestlist/v1/invites/{invite_id}/link": "users_full",
    "POST /guestlist/v1/invites/bulk": "users_full",
    "GET /guestlist/v1/audit": "audit_read",
    "POST /access/v1/evaluation": "users_read",
    "POST /access/v1/evaluations": "users_read",
    "POST /access/v1/search/subject": "users_read",
    "POST /access/v1/search/resource": "users_read",
    "POST /access/v1/search/action": "users_read",
    "GET /guestlist/v1/webhooks": "webhooks_full",
    "POST /guestlist/v1/webhooks": "webhooks_full",
    "GET /guestlist/v1/webhooks/{webhook_id}": "webhooks_full",
    "PUT /guestlist/v1/webhooks/{webhook_id}": "webhooks_full",
    "DELETE /guestlist/v1/webhooks/{webhook_id}": "webhooks_full",
    "POST /guestlist/v1/webhooks/{webhook_id}/secret": "webhooks_full",
    "POST /guestlist/v1/webhooks/{webhook_id}/test": "webhooks_full",
    "GET /guestlist/v1/webhooks/{webhook_id}/deliveries": "webhooks_full",
    "POST /guestlist/v1/webhooks/{webhook_id}/deliveries/retry": "webhooks_full",
}
GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.scope]
QUESTION = {
    "subject": {"type": "user", "id": "user000000000000"},
    "action": {"name": "manage-template"},
    "resource": {"type": "template", "id": "temp1ate00000000"},
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/users": {"email": "eve@example.test", "role": "Accountant"},
    "PUT /v1/users/{user_id}": {"role": "Accountant"},
    "PUT /guestlist/v1/invites/{invite_id}": {"role": "Accountant"},
    "POST /guestlist/v1/invites/bulk": {
        "invitations": [{"email": "eve@example.test", "role": "Accountant"}]
    },
    "POST /access/v1/evaluation": QUESTION,
    "POST /access/v1/evaluations": {"evaluations": [QUESTION]},
    "POST /access/v1/search/subject": QUESTION,
    "POST /access/v1/search/resource": QUESTION,
    "POST /access/v1/search/action": QUESTION,
    "POST /v1/token": {"name": "ci", "scopes": ["tokens_full"]},
    "PUT /v1/token/{token_id}": {"name": "renamed"},
    "PUT /v1/token/{token_id}/settings": {"status": "pause"},
    "POST /guestlist/v1/webhooks": {
        "name": "hook",
        "url": "https://example.test/in",
        "events": ["user.invited"],
    },
    "PUT /guestlist/v1/webhooks/{webhook_id}": {"name": "renamed"},
    "POST /guestlist/v1/webhooks/{webhook_id}/secret": {"overlap_hours": 1},
    "POST /guestlist/v1/webhooks/{webhook_id}/deliveries/retry": {"sequence": 1},
}
DEAD = {"owner": "ana@acme.test", "scopes": SCOPES}
# A name that no other account of these tests has, so that its data would be seen.
SECRET = "zanzibar"
OWNER = {"email": f"admin@{SECRET}.test", "name": SECRET, "role": "Admin"}
OTHER: dict[str, Any] = {
    "name": SECRET,
    "domains": [{"id": "d0ma1n0000000000", "name": f"{SECRET}.test"}],
    "templates": [{"id": "temp1ate00000000", "name": SECRET}],
    "users": [OWNER, {"id": "user000000000000", "email": f"u@{SECRET}.test", "role": "Designer"}],
    "invites": [{"id": "1nv1te0000000000", "email": f"i@{SECRET}.test", "role": "Designer"}],
}


def by_name(endpoint: Endpoint) -> str:
    return endpoint.name


def asked(team: Team, endpoint: Endpoint, ids: dict[str, str], **more: Any) -> Any:
    body = BODIES.get(endpoint.name)
    path = endpoint.path.format(**ids)
    return team.ask(endpoint.method.value, path, json=body, **more)


def ids_of(team: Team, invite: str) -> dict[str, str]:
    webhook = webhook_of(team)
    kept = team.kept()
    return {
        "user_id": kept["users"][-1]["id"],
        "domain_id": kept["domains"][-1]["id"],
        "template_id": kept["templates"][-1]["id"],
        "token_id": kept["tokens"][-1]["id"],
        "invite_id": invite,
        "webhook_id": webhook,
    }


def webhook_of(team: Team) -> str:
    """One that something was sent to, named after the account's first domain."""
    host = team.kept()["domains"][0]["name"]
    shape = Shape(name=host, url=f"https://{host}/in", events=["user.invited"])
    made = webhooks.create(team.stand.runtime, team.operator, shape).webhook
    webhooks.send_test(team.stand.runtime, team.operator, made.id)
    return made.id


@pytest.fixture
def ids(team: Team) -> dict[str, str]:
    return ids_of(team, team.invited("fay@acme.test")["id"])


def test_every_endpoint_says_which_scope_it_needs() -> None:
    assert {endpoint.name: endpoint.scope for endpoint in ENDPOINTS} == NEEDED


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=by_name)
def test_without_a_live_token_nothing_is_told_or_done(
    team: Team, ids: dict[str, str], endpoint: Endpoint
) -> None:
    paused = {**DEAD, "token": token_text(), "status": "pause"}
    ended = {**DEAD, "token": token_text(), "expires_at": "2027-01-15T08:00:00Z"}
    dead = Team(team.stand, tokens=[paused, ended])
    method, path = endpoint.method.value, endpoint.path.format(**ids)
    with team.unchanged(), dead.unchanged():
        for authorization in (
            None,
            f"Basic {team.tokens['ana']}",
            team.tokens["ana"],
            f"Bearer {token_text()}",
            f"Bearer {paused['token']}",
            f"Bearer {ended['token']}",
        ):
            headers = {"authorization": authorization} if authorization else {}
            answer = team.stand.http.request(method, path + "?page=0", headers=headers)
            assert answer.status_code == 401
            assert answer.content == b'{"message":"Unauthenticated."}'


@pytest.mark.parametrize("endpoint", GUARDED, ids=by_name)
def test_without_its_scope_an_endpoint_is_closed_and_with_it_alone_open(
    team: Team, ids: dict[str, str], endpoint: Endpoint
) -> None:
    others = {scope for scope in NEEDED.values() if scope} - {endpoint.scope}
    if endpoint.scope.endswith("_read"):
        others.discard(endpoint.scope.replace("_read", "_full"))
    texts = [token_text(), token_text()]
    scopes = [sorted(others), [endpoint.scope]]
    tokens = [
        {"token": text, "scopes": given, "owner": "ana@acme.test"}
        for text, given in zip(texts, scopes, strict=True)
    ]
    team = Team(team.stand, tokens=tokens, invites=OTHER["invites"])
    ids = ids_of(team, "1nv1te0000000000")
    with team.unchanged():
        assert asked(team, endpoint, ids, by=texts[0]).status_code == 403
    answer = asked(team, endpoint, ids, by=texts[1])
    assert answer.status_code == endpoint.answers, answer.text


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=by_name)
def test_another_accounts_things_do_not_exist(
    team: Team, ids: dict[str, str], endpoint: Endpoint
) -> None:
    """The tenant swap: every route with one account's ids and another's token, both ways."""
    other = Team(team.stand, **OTHER)
    other.tokens["ana"] = other.tokens["admin"]
    theirs = ids_of(other, "1nv1te0000000000")
    for asker, asker_ids, victim in ((team, theirs, other), (other, ids, team)):
        with victim.unchanged():
            if "{" in endpoint.path:
                with asker.unchanged():
                    answer = asked(asker, endpoint, asker_ids)
                    assert answer.status_code == 404
                    assert answer.content == b'{\n    "message": "Resource not found."\n}'
            else:
                answer = asked(asker, endpoint, asker_ids)
                assert answer.status_code == endpoint.answers
            assert (SECRET if asker is team else "acme") not in answer.text


@pytest.mark.parametrize("kind", ["domains", "templates"])
def test_another_accounts_things_cannot_be_given(team: Team, kind: str) -> None:
    other = Team(team.stand, **OTHER)
    thing = other.kept()[kind][0]["id"]
    body = {
        "email": "eve@acme.test",
        "role": "Custom User",
        "permissions": ["read-own-templates"],
        kind: [thing],
    }
    with team.unchanged():
        for answer in (
            team.post("/v1/users", body),
            team.put("/v1/users/user00000000cleo", body),
        ):
            errors = {f"{kind}.0": [f"The selected {kind}.0 is invalid."]}
            assert (answer.status_code, answer.json()["errors"]) == (422, errors)
    token = {"name": "ci", "scopes": ["users_read"], "domain_id": thing}
    assert team.post("/v1/token", token).json()["data"]["domain"] is None


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=by_name)
def test_head_is_guarded_like_get(team: Team, ids: dict[str, str], endpoint: Endpoint) -> None:
    path = endpoint.path.format(**ids)
    readable = endpoint.method.value == "GET" or endpoint.path in {e.path for e in reading()}
    stranger = team.ask("HEAD", path, by="nobody")
    assert stranger.status_code == (401 if readable else 405)
    if readable:
        scopeless = team.ask("HEAD", path, by="no scopes")
        assert scopeless.status_code == (403 if endpoint.scope else 200)
        assert team.ask("HEAD", path).status_code == 200


def reading() -> list[Endpoint]:
    return [endpoint for endpoint in ENDPOINTS if endpoint.method.value == "GET"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v2/users",
        "/v1/user",
        "/v1/users/a/b",
        "/v1/token/a/setting",
        "/admin",
        "/.env",
    ],
)
def test_unknown_paths_ask_for_no_token(stand: Stand, path: str) -> None:
    for method in ("GET", "POST", "PATCH"):
        assert stand.http.request(method, path).status_code == 404


def test_only_what_anybody_may_know_is_public(stand: Stand) -> None:
    assert {"/healthz", "/readyz", "/metrics"} <= set(PUBLIC)
    assert not [path for path in PUBLIC if path.startswith(("/v1", "/guestlist"))]
    for path in PUBLIC:
        assert stand.http.get(path).status_code == 200
