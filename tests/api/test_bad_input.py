"""Bad input gets a clear error in the wire's words, and nothing changed; never a 500."""

import json
from typing import Any

import pytest

from guestlist.bodies import MAX_BODY
from tests.stand import Team

USERS, CLEO = "/v1/users", "/v1/users/user00000000cleo"
NEW = {"email": "eve@acme.test", "role": "Designer"}
REQUIRED = {
    "email": ["The email field is required. #MS42209"],
    "role": ["The role field is required. #MS42209"],
}
# What clients really send, and what is no JSON object: all as good as empty.
EMPTY = [
    b"",
    b"null",
    b"null\n",
    b"[]",
    b"{}",
    b" \n ",
    b"true",
    b"7",
    b'"Admin"',
    b"{",
    b'{"role":"Admin",}',
    b"{'role':'Admin'}",
    b'{"role":"Admin"}}',
    b'{"role":Infinity}',
    b"email=eve%40acme.test&role=Admin",
    b"\xff\xfe{}",
    b"\xef\xbb\xbf" + json.dumps(NEW).encode(),
    b'{"email":"eve@acme.test\xe9","role":"Admin"}',
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b'{"role":"Admin","n":1e999}',
    b'{"role":"Admin","n":' + b"9" * 5_000 + b"}",
    # lone surrogates are no text
    rb'{"email":"eve\ud800@acme.test","role":"Admin"}',
    rb'{"email":"eve@acme.test","role":"Admin","x":"\udfff"}',
    b'{"email":"\xed\xa0\x80@acme.test","role":"Admin"}',
]
WRONG: list[Any] = [
    True,
    False,
    0,
    -1,
    1.5,
    2**80,
    1e300,
    "x",
    "\0",
    "Admin\0",
    [],
    [None],
    [[]],
    [{}],
    ["\0"],
    [0],
    {},
    {"0": "Admin"},
    {"a": {"b": ["c"]}},
    ["x"] * 10_000,
]
FLAG = "requires_periodic_password_change"
FIELDS = ("email", "role", "permissions", "templates", "domains", FLAG)


def brief(value: object) -> str:
    return f"{repr(value)[:40]} ({len(repr(value))})"


@pytest.mark.parametrize("body", EMPTY, ids=brief)
def test_what_is_no_json_object_is_an_empty_body(team: Team, body: bytes) -> None:
    with team.unchanged():
        for content_type in ("application/json", "text/plain", None):
            headers = {"content-type": content_type} if content_type else {}
            made = team.ask("POST", USERS, content=body, headers=headers)
            assert (made.status_code, made.json()["errors"]) == (422, REQUIRED)
        changed = team.ask("PUT", CLEO, content=body)
        assert changed.json()["errors"] == {"role": REQUIRED["role"]}
        minted = team.ask("POST", "/v1/token", content=body)
        assert list(minted.json()["errors"]) == ["name", "scopes"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_of_a_wrong_type_is_told_or_taken_and_never_a_500(team: Team, field: str) -> None:
    good = NEW | {"role": "Custom User", "permissions": ["read-own-templates"]}
    for wrong in WRONG:
        taken = field == FLAG and isinstance(wrong, bool | int) and wrong in (0, 1)
        taken = taken or (field in {"domains", "templates"} and wrong == [])
        if taken:
            assert team.put(CLEO, good | {field: wrong}).status_code == 200, wrong
            continue
        with team.unchanged():
            answers = [team.post(USERS, good | {field: wrong})]
            if field != "email":
                answers.append(team.put(CLEO, good | {field: wrong}))
        for answer in answers:
            assert answer.status_code == 422, wrong
            told = answer.json()["errors"]
            assert told
            assert all(name.partition(".")[0] == field for name in told)


@pytest.mark.parametrize("field", ["name", "scopes", "status", "domain_id"])
def test_a_token_of_wrong_values_is_told_or_taken_and_never_a_500(team: Team, field: str) -> None:
    good = {"name": "ci", "scopes": ["users_read"]}
    token = team.get("/v1/token").json()["data"][1]["id"]
    for wrong in WRONG:
        for answer in (
            team.post("/v1/token", good | {field: wrong}),
            team.put(f"/v1/token/{token}", {field: wrong}),
            team.put(f"/v1/token/{token}/settings", {"status": "unpause", field: wrong}),
        ):
            assert answer.status_code in {200, 422}, wrong


def test_ten_thousand_permissions_get_one_clear_answer(team: Team) -> None:
    with team.unchanged():
        for entries in (["fly"] * 10_000, ["read-sms"] * 10_000):
            answer = team.post(USERS, NEW | {"permissions": entries})
            assert answer.status_code == 422
            assert answer.json()["errors"] == {
                "permissions": ["The permissions must not have more than 1000 items."]
            }
        answer = team.post(USERS, NEW | {"domains": ["x7m2k9d4rpq1zv83"] * 10_000})
        assert len(answer.json()["errors"]) == 10_000
        assert answer.json()["message"].endswith("(and 9999 more errors)")


def test_of_keys_that_come_twice_the_last_counts(team: Team) -> None:
    body = b'{"role":"x","email":"eve@acme.test","role":"Admin","role":"Designer"}'
    assert team.ask("POST", USERS, content=body).json()["data"]["role"] == "Designer"


def test_unknown_keys_are_ignored_however_strange(team: Team) -> None:
    body = NEW | {
        "": 1,
        "id": "x",
        "account": 1,
        "__proto__": {"role": "Admin"},
        "role\0": "Admin",
        "nested": [[[[{"a": None}]]]],
    }
    made = team.post(USERS, body).json()["data"]
    assert (made["role"], made["email"]) == ("Designer", "eve@acme.test")


@pytest.mark.parametrize("host", ["api.mailersend.com", "evil.test", "[::1]:8000", "a b", ""])
def test_a_foreign_host_is_answered_as_any(team: Team, host: str) -> None:
    answer = team.get(USERS, headers={"host": host})
    assert (answer.status_code, len(answer.json()["data"])) == (200, 4)


@pytest.mark.parametrize(
    "body",
    [b'{"role":"Admin","x":"' + b"x" * MAX_BODY + b'"}', b" " * (MAX_BODY + 1)],
    ids=["long text", "blanks"],
)
def test_more_than_a_mebibyte_is_too_much(team: Team, body: bytes) -> None:
    with team.unchanged():
        for method, path in (("POST", USERS), ("PUT", CLEO), ("DELETE", CLEO)):
            answer = team.ask(method, path, content=body)
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/json"
            assert "1 MiB" in answer.json()["message"]
    fits = json.dumps(NEW).encode().ljust(MAX_BODY)
    assert team.ask("POST", USERS, content=fits).status_code == 200


IDS = [
    "x7m2k9d4rpq1zv83",
    "d0ma1n000000one",
    "user00000000ANA",
    "0",
    "-1",
    "..",
    "%00",
    "%2500",
    "%ff",
    "%F0%9F%92%8C",
    "a%00b",
    "%0d%0aX-Evil:1",
    "a%2Fb",
    "1;DROP TABLE users",
    "'",
    "%27%20OR%201=1--",
    "*",
    "a" * 81,
    "a" * 60_000,
    "user00000000ana%20",
    "{}",
    "null",
]


@pytest.mark.parametrize("wire_id", IDS, ids=brief)
def test_an_id_of_another_kind_is_not_found(team: Team, wire_id: str) -> None:
    with team.unchanged():
        for method, path in (
            ("GET", "/v1/users/"),
            ("PUT", "/v1/users/"),
            ("DELETE", "/v1/users/"),
            ("GET", "/guestlist/v1/users/"),
            ("GET", "/v1/invites/"),
            ("DELETE", "/v1/invites/"),
            ("GET", "/v1/token/"),
            ("PUT", "/v1/token/"),
            ("GET", "/v1/domains/" if wire_id[0] != "d" else "/v1/templates/"),
            ("DELETE", "/v1/templates/"),
        ):
            answer = team.ask(method, path + wire_id, json={"role": "Designer"})
            assert answer.status_code == 404, path
            assert answer.content == b'{\n    "message": "Resource not found."\n}'
            assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "page=%00",
        "limit=25%00",
        "page=1&page=2",
        "page[]=1",
        "&&&=&",
        "%",
        "%FF=%FF",
        "limit=25;page=2",
        "page=" + "1" * 60_000,
        "x=" + "y" * 60_000,
        "&".join(f"k{n}=v" for n in range(5_000)),
        "page=NaN",
        "page=1e3",
        "page=\uff11",
    ],
    ids=brief,
)
def test_a_strange_query_is_told_or_ignored(team: Team, query: str) -> None:
    for path in (USERS, "/v1/token"):
        answer = team.get(f"{path}?{query}")
        assert answer.status_code in {200, 422}
        if answer.status_code == 422:
            assert set(answer.json()["errors"]) <= {"page", "limit"}
