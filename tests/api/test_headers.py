"""What stands above an answer (contract, sections 1 and 4b), and answers kept by their ETag."""

from typing import Any

import pytest

from tests.stand import START, Stand, Team

JSON = "application/json"
HTML = "text/html; charset=UTF-8"
NEW = {"email": "eve@acme.test", "role": "Designer"}
TOKEN = {"name": "ci", "scopes": ["users_read"]}
DOMAIN = "/v1/domains/d0ma1n000000one"
TEMPLATE = "/v1/templates/temp1ate0000one"
CLEO = "/v1/users/user00000000cleo"


def ids(team: Team) -> dict[str, str]:
    return {
        "invite": team.invited("fay@acme.test")["id"],
        "token": team.post("/v1/token", TOKEN).json()["data"]["id"],
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "content_type"),
    [
        ("GET", "/v1/users", None, 200, JSON),
        ("POST", "/v1/users", NEW, 200, JSON),
        ("GET", CLEO, None, 200, JSON),
        ("PUT", CLEO, {"role": "Accountant"}, 200, JSON),
        ("DELETE", CLEO, None, 204, None),
        ("GET", "/v1/invites", None, 200, JSON),
        ("GET", "/v1/invites/{invite}", None, 200, JSON),
        ("POST", "/v1/invites/{invite}/resend", None, 200, JSON),
        ("DELETE", "/v1/invites/{invite}", None, 204, None),
        ("GET", "/v1/domains", None, 200, JSON),
        ("GET", DOMAIN, None, 200, JSON),
        ("DELETE", DOMAIN, None, 204, None),
        ("GET", "/v1/templates", None, 200, JSON),
        ("GET", TEMPLATE, None, 200, JSON),
        ("DELETE", TEMPLATE, None, 200, HTML),
        ("GET", "/v1/token", None, 200, JSON),
        ("POST", "/v1/token", TOKEN, 200, JSON),
        ("GET", "/v1/token/{token}", None, 200, JSON),
        ("PUT", "/v1/token/{token}", {"name": "our ci"}, 200, JSON),
        ("PUT", "/v1/token/{token}/settings", {"status": "pause"}, 200, JSON),
        ("DELETE", "/v1/token/{token}", None, 200, HTML),
        ("GET", "/v1/api-quota", None, 200, JSON),
        ("GET", "/guestlist/v1/catalog", None, 200, JSON),
        ("GET", "/guestlist/v1/users/user00000000cleo", None, 200, JSON),
        ("POST", "/v1/users", {}, 422, JSON),
    ],
)
def test_every_answer_says_its_exact_type_and_its_quota(
    team: Team, method: str, path: str, body: Any, status: int, content_type: str | None
) -> None:
    answer = team.ask(method, path.format(**ids(team)), json=body)
    assert answer.status_code == status
    assert answer.headers.get("content-type") == content_type
    assert answer.headers["cache-control"] == "no-cache, private"
    assert answer.headers["x-apiquota-remaining"] == "-1"
    assert answer.headers["x-apiquota-reset"] == "2027-01-16T00:00:00Z"
    assert len(answer.headers["x-request-id"]) == 16
    if content_type != JSON:
        assert answer.content == b""
    assert answer.headers.get("content-length") == (
        None if status == 204 else str(len(answer.content))
    )


@pytest.mark.parametrize("accept", ["application/json", "text/html", "*/*", "image/png;q=0.1"])
def test_the_answer_is_json_whatever_is_accepted(team: Team, accept: str) -> None:
    answer = team.get("/v1/users", headers={"accept": accept})
    assert answer.headers["content-type"] == JSON


def test_the_quota_ends_at_the_next_midnight_of_utc(team: Team) -> None:
    assert START % 86_400_000_000 == 28_800_000_000  # eight in the morning
    team.stand.clock.advance(seconds=16 * 3600 - 1)
    assert team.get("/v1/api-quota").json()["reset"] == "2027-01-16T00:00:00Z"
    team.stand.clock.advance(seconds=1)
    answer = team.get("/v1/users")
    assert answer.headers["x-apiquota-reset"] == "2027-01-17T00:00:00Z"


@pytest.mark.parametrize("path", ["/v1/users", CLEO, "/v1/invites", "/v1/domains", "/healthz"])
def test_head_is_get_without_its_body(team: Team, path: str) -> None:
    got, head = team.get(path), team.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    same = set(got.headers) - {"x-request-id"}
    assert {name: head.headers[name] for name in same} == {name: got.headers[name] for name in same}


REMEMBERED = [
    "/v1/users",
    "/v1/users?page=1&limit=10",
    CLEO,
    "/guestlist/v1/users/user00000000cleo",
    "/v1/invites",
    "/v1/invites/{invite}",
]


@pytest.mark.parametrize("path", REMEMBERED)
def test_what_did_not_change_need_not_be_sent_again(team: Team, path: str) -> None:
    path = path.format(**ids(team))
    first = team.get(path)
    known = {"if-none-match": first.headers["etag"]}
    for by in ("ana", "bob"):  # whoever passes the guard sees the same
        again = team.get(path, headers=known, by=by)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == "no-cache, private"
        assert again.headers["x-apiquota-remaining"] == "-1"
        assert "content-type" not in again.headers
        assert team.get(path, by=by).content == first.content
    several = {"if-none-match": f'"other", W/{first.headers["etag"]}'}
    assert team.get(path, headers=several).status_code == 304
    assert team.get(path, headers={"if-none-match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", REMEMBERED)
def test_a_known_etag_opens_nothing(team: Team, path: str) -> None:
    """Neither without the scope, nor in another account, nor with a dead token."""
    path = path.format(**ids(team))
    known = {"if-none-match": team.get(path).headers["etag"]}
    other = Team(team.stand, users=[{"email": "zoe@other.test", "role": "Admin"}])
    assert team.get(path, headers=known, by="no scopes").status_code == 403
    assert team.get(path, headers=known, by="dan").status_code == 403
    assert team.get(path, headers=known, by="nobody").status_code == 401
    foreign = team.get(path, headers=known, by=other.tokens["zoe"])
    assert foreign.status_code in {200, 404}
    assert not any(name in foreign.content for name in (b"ana@", b"cleo@", b"fay@"))


@pytest.mark.parametrize("path", ["/v1/users", "/v1/invites"])
def test_the_same_path_in_two_accounts_has_two_answers(team: Team, path: str) -> None:
    other = Team(team.stand)
    mine, theirs = team.get(path), other.get(path)
    assert mine.headers["etag"] != theirs.headers["etag"]
    assert theirs.status_code == 200
    assert team.get(path, headers={"if-none-match": theirs.headers["etag"]}).status_code == 200


def test_the_same_ids_in_two_accounts_have_two_answers(team: Team) -> None:
    users = [
        {"id": "user00000000ana", "email": "ana@acme.test", "role": "Admin"},
        {"id": "user00000000cleo", "email": "cleo@other.test", "role": "Manager"},
    ]
    other = Team(team.stand, users=users)
    assert team.get(CLEO).json()["data"]["email"] == "cleo@acme.test"
    assert other.get(CLEO).json()["data"]["email"] == "cleo@other.test"
    assert team.get(CLEO).json()["data"]["role"] == "Designer"


def test_every_page_and_size_has_an_answer_of_its_own(team: Team) -> None:
    asked = ["?limit=10", "?limit=11", "?page=2", "?page=2&limit=10", ""]
    tags = {team.get(f"/v1/users{query}").headers["etag"] for query in asked}
    assert len(tags) == len(asked)
    assert team.get("/v1/users?limit=25&page=1&x=y").headers["etag"] in tags


def test_every_id_has_an_answer_of_its_own_however_often_asked(team: Team) -> None:
    for email in ("eve@acme.test", "fay@acme.test"):
        team.invited(email)
    for kind in ("users", "invites"):
        listed = team.get(f"/v1/{kind}").json()["data"]
        assert len(listed) >= 2
        for document in [*listed, *listed]:
            assert team.get(f"/v1/{kind}/{document['id']}").json()["data"] == document
    for document in [*team.get("/v1/users").json()["data"]] * 2:
        whole = team.get(f"/guestlist/v1/users/{document['id']}").json()["data"]
        assert whole["email"] == document["email"]


def test_paths_of_one_id_have_answers_of_their_own(team: Team) -> None:
    paths = [CLEO, "/guestlist" + CLEO, "/v1/users"]
    assert len({team.get(path).headers["etag"] for path in paths}) == len(paths)
    assert "requires_periodic_password_change" not in team.get(CLEO).json()["data"]


CHANGES = [
    ("POST", "/v1/users", NEW),
    ("PUT", CLEO, {"role": "Manager"}),
    ("DELETE", CLEO, None),
    ("DELETE", DOMAIN, None),
    ("DELETE", TEMPLATE, None),
    ("DELETE", "/v1/invites/{invite}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_change_shows_at_the_next_request_everywhere(
    team: Team, shared_url: str, method: str, path: str, body: Any
) -> None:
    made = ids(team)
    watched = [watched.format(**made) for watched in REMEMBERED]
    tags = {path: team.get(path).headers["etag"] for path in watched}
    answer = team.ask(method, path.format(**made), json=body)
    assert answer.status_code < 300
    with Stand(shared_url) as elsewhere:  # another process, as it were
        for watched_path, tag in tags.items():
            known = {"if-none-match": tag}
            here = team.get(watched_path, headers=known)
            there = elsewhere.ask("GET", watched_path, token=team.tokens["ana"], headers=known)
            assert here.status_code == there.status_code != 304
            assert here.content == there.content


def test_a_refused_change_leaves_every_etag(team: Team) -> None:
    tag = team.get("/v1/users").headers["etag"]
    team.post("/v1/users", {"email": "eve"})
    team.put("/v1/users/user00000000ana", {"role": "Designer"})
    team.delete(CLEO, by="no scopes")
    assert team.get("/v1/users").headers["etag"] == tag


def test_an_answer_with_links_to_elsewhere_is_another_answer(team: Team) -> None:
    known = team.get("/v1/users").headers["etag"]
    with Stand(str(team.stand.runtime.database.url), public_url="https://people.test") as moved:
        token, headers = team.tokens["ana"], {"if-none-match": known}
        answer = moved.ask("GET", "/v1/users", token=token, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["meta"]["path"] == "https://people.test/v1/users"
