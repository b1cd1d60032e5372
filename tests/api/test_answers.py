"""The answers of contract.md, section 4, byte by byte, and its headers, section 4b."""

import pytest

from guestlist.api.allowance import RateLimit
from tests.stand import ADMIN_TOKEN, Stand, Team, token_text

ANA = "/v1/users/user00000000ana"
UNKNOWN = "x7m2k9d4rpq1zv83"
NOT_FOUND = b'{\n    "message": "Resource not found."\n}'
DAY_OF_START = "2027-01-16T00:00:00Z"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {ADMIN_TOKEN}x",
        f"Basic {ADMIN_TOKEN}",
        f"Bearer{ADMIN_TOKEN}",
        "Bearer " + "é" * 10,
        "Bearer " + "m" * 4000,
        "Bearer mlsn.\x7f'; DROP TABLE tokens; --",
    ],
)
def test_who_brings_no_live_token_hears_one_thing(team: Team, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    answer = team.stand.http.get("/v1/users", headers=headers)
    assert answer.status_code == 401
    assert answer.content == b'{"message":"Unauthenticated."}'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-cache, private"
    assert not [name for name in answer.headers if name.startswith(("x-apiquota", "x-rate"))]
    assert "www-authenticate" not in answer.headers


def test_the_scheme_is_bearer_in_any_case(team: Team) -> None:
    token = team.tokens["ana"]
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"authorization": f"{scheme}  {token} "}
        assert team.stand.http.get("/v1/users", headers=headers).status_code == 200


def test_a_token_without_the_scope_is_told_so(team: Team) -> None:
    answer = team.get("/v1/users", by=team.minted("domains_full"))
    assert answer.status_code == 403
    assert answer.content == b'{"message":"This action is unauthorized. #MS40301"}'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-apiquota-remaining"] == "-1"


@pytest.mark.parametrize(
    ("path", "quota"),
    [
        (f"/v1/users/{UNKNOWN}", "-1"),
        (f"/guestlist/v1/users/{UNKNOWN}", "-1"),
        (f"/v1/invites/{UNKNOWN}", None),
        (f"/v1/token/{UNKNOWN}", None),
        (f"/v1/domains/{UNKNOWN}", None),
        (f"/v1/templates/{UNKNOWN}", None),
        ("/v1/nothing", None),
        ("/v1", None),
        ("/v1/users/", None),
        ("/v1/users//", None),
        (f"/v1/users/{UNKNOWN}/", None),
        ("/V1/users", None),
        ("/v1/users/{}", None),
        ("/v1/users/{user_id}", "-1"),
        ("/v1/invites//resend", None),
    ],
)
def test_what_is_not_there_is_told_in_pretty_json(team: Team, path: str, quota: str | None) -> None:
    answer = team.get(path)
    assert (answer.status_code, answer.content) == (404, NOT_FOUND)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-cache, private"
    assert answer.headers.get("x-apiquota-remaining") == quota
    assert answer.headers.get("x-apiquota-reset") == (DAY_OF_START if quota else None)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/v1/users", "GET, HEAD, POST"),
        ("DELETE", "/v1/users", "GET, HEAD, POST"),
        ("PATCH", ANA, "GET, HEAD, PUT, DELETE"),
        ("POST", "/v1/invites", "GET, HEAD"),
        ("PUT", "/v1/invites/abc", "GET, HEAD, DELETE"),
        ("GET", "/v1/invites/abc/resend", "POST"),
        ("OPTIONS", "/v1/token/abc/settings", "PUT"),
        ("BREW", "/v1/token", "GET, HEAD, POST"),
        ("POST", "/v1/api-quota", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
def test_an_unknown_method_hears_which_are_known(
    team: Team, method: str, path: str, allowed: str
) -> None:
    route = path.removeprefix("/")
    for token in ("ana", "nobody"):
        answer = team.ask(method, path, by=token)
        assert answer.status_code == 405
        assert answer.headers["allow"] == allowed
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {
            "message": f"The {method} method is not supported for route {route}."
            f" Supported methods: {allowed}."
        }


def test_the_405_of_the_contract_comes_byte_by_byte(team: Team) -> None:
    assert team.ask("PATCH", "/v1/users").content == (
        rb'{"message":"The PATCH method is not supported for route v1\/users.'
        rb' Supported methods: GET, HEAD, POST."}'
    )


def test_who_asks_too_often_waits_until_the_window_ends(shared_url: str) -> None:
    with Stand(shared_url, rate_limit=RateLimit(3, 60)) as stand:
        team, other = Team(stand), Team(stand)
        stand.clock.advance(seconds=18)  # START is the beginning of a minute
        for remaining, answer in (
            ("2", team.get("/v1/users")),
            ("1", team.post("/v1/users", {})),
            ("0", team.get(f"/v1/invites/{UNKNOWN}")),
        ):
            assert answer.status_code != 429
            assert answer.headers["x-ratelimit-limit"] == "3"
            assert answer.headers["x-ratelimit-remaining"] == remaining
            assert "retry-after" not in answer.headers
        for method, path in (("GET", "/v1/users"), ("DELETE", ANA), ("GET", "/v1/token/none")):
            answer = team.ask(method, path, by="bob")  # the account is counted, not the token
            assert answer.status_code == 429
            assert answer.content == (
                rb'{"message":"Your account reached its rate limit of 3 requests\/min.'
                rb' Please wait before trying again. #MS42903"}'
            )
            assert answer.headers["retry-after"] == "42"
            assert answer.headers["x-ratelimit-remaining"] == "0"
            assert answer.headers["content-type"] == "application/json"
        assert other.get("/v1/users").headers["x-ratelimit-remaining"] == "2"
        assert team.get("/v1/users", by="nobody").status_code == 401
        stand.clock.advance(seconds=42)
        assert team.get("/v1/users").headers["x-ratelimit-remaining"] == "2"


def test_a_rate_limit_over_other_windows_names_them(shared_url: str) -> None:
    with Stand(shared_url, rate_limit=RateLimit(1, 10)) as stand:
        team = Team(stand)
        team.get("/v1/users")
        assert team.get("/v1/users").json()["message"] == (
            "Your account reached its rate limit of 1 requests/10 s."
            " Please wait before trying again. #MS42903"
        )


def test_a_stranger_is_told_of_a_limit_without_using_it_up(shared_url: str) -> None:
    with Stand(shared_url, rate_limit=RateLimit(2, 60)) as stand:
        for _ in range(4):
            answer = stand.ask("GET", "/v1/users", token=token_text())
            assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (401, "2")


def test_without_a_limit_nothing_is_said_of_one(team: Team) -> None:
    for answer in (team.get("/v1/users"), team.post("/v1/users", {}), team.get("/v1/users/abc")):
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
        assert "retry-after" not in answer.headers


def test_a_rate_limit_is_told_where_there_is_no_endpoint_too(shared_url: str) -> None:
    with Stand(shared_url, rate_limit=RateLimit(2, 60)) as stand:
        for method, path in (("GET", "/v1/nowhere"), ("PATCH", "/v1/users"), ("GET", "/healthz")):
            assert stand.http.request(method, path).headers["x-ratelimit-limit"] == "2"
