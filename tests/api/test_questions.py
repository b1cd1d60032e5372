"""How a question must look, what is told of one that does not, and by what id it is known."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guestlist.api.decision_examples import BODIES
from guestlist.api.discovery import ENDPOINTS
from guestlist.api.routes import ENDPOINTS as ROUTES
from tests.stand import PUBLIC_URL, WORLD, Stand, Team

PATHS = {endpoint.operation: endpoint.path for endpoint in ROUTES if endpoint.asks}
ONE, MANY = PATHS["evaluate"], PATHS["evaluateMany"]
DAN = {"type": "user", "id": "dan@acme.test"}
DOMAIN = {"type": "domain", "id": WORLD["domains"][1]["id"]}
QUESTION: dict[str, Any] = {
    "subject": DAN,
    "action": {"name": "manage-domain"},
    "resource": DOMAIN,
}
asking = pytest.mark.parametrize("operation", list(PATHS))


def told(answer: Any) -> str:
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["message"]
    message: str = answer.json()["message"]
    return message


@pytest.mark.parametrize(
    ("place", "value", "wrong"),
    [
        ("subject", None, "got `null` - at `$.subject`"),
        ("subject", "dan@acme.test", "got `str` - at `$.subject`"),
        ("subject", [DAN], "got `array` - at `$.subject`"),
        ("subject", {"type": "user"}, "missing required field `id` - at `$.subject`"),
        ("subject", {"id": "dan@acme.test"}, "missing required field `type` - at `$.subject`"),
        ("subject", DAN | {"id": 7}, "Expected `str`, got `int` - at `$.subject.id`"),
        ("subject", DAN | {"id": None}, "got `null` - at `$.subject.id`"),
        ("subject", DAN | {"type": ["user"]}, "got `array` - at `$.subject.type`"),
        ("subject", DAN | {"properties": 7}, "got `int` - at `$.subject.properties`"),
        ("action", {}, "missing required field `name` - at `$.action`"),
        ("action", {"name": True}, "got `bool` - at `$.action.name`"),
        ("resource", {"type": "domain"}, "missing required field `id` - at `$.resource`"),
        ("resource", DOMAIN | {"id": 1.5}, "got `float` - at `$.resource.id`"),
        ("resource", DOMAIN | {"properties": []}, "got `array` - at `$.resource.properties`"),
        ("context", "now", "got `str` - at `$.context`"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    team: Team, place: str, value: Any, wrong: str
) -> None:
    with team.unchanged():
        assert wrong in told(team.post(ONE, QUESTION | {place: value}))


@pytest.mark.parametrize("missing", ["subject", "action", "resource"])
def test_nothing_that_is_needed_can_be_left_out(team: Team, missing: str) -> None:
    less = {name: value for name, value in QUESTION.items() if name != missing}
    assert f"missing required field `{missing}`" in told(team.post(ONE, less))
    assert f"`$.{missing}` is missing" in told(team.post(MANY, less))
    whole, several = {**QUESTION}, {"evaluations": [QUESTION, less]}
    assert f"`$.evaluations[1].{missing}` is missing" in told(team.post(MANY, several))
    assert team.post(MANY, whole | several).status_code == 200


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"evaluations": {}}, "got `object` - at `$.evaluations`"),
        ({"evaluations": [[]]}, "at `$.evaluations[0]`"),
        ({"evaluations": [{"action": {"name": 1}}]}, "at `$.evaluations[0].action.name`"),
        ({"options": []}, "got `array` - at `$.options`"),
        (
            {"options": {"evaluations_semantic": "any"}},
            "Invalid enum value 'any' - at `$.options.evaluations_semantic`",
        ),
    ],
)
def test_a_list_of_questions_has_its_form_too(
    team: Team, changed: dict[str, Any], wrong: str
) -> None:
    assert wrong in told(team.post(MANY, QUESTION | changed))


@asking
@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"null", "Expected `object`, got `null`"),
        (b"[]", "Expected `object`, got `array`"),
        (b'"' + 100_000 * b"x" + b'"', "Expected `object`, got `str`"),
        (b"subject=dan", "malformed"),
        (b'{"subject": "\xff"}', ""),
        (b'{"subject": {"type": "user", "id": "\\ud800"}}', ""),
        (b'{"x": ' + 100_000 * b"[" + 100_000 * b"]" + b"}", "nested too deeply"),
        (b'{"context": ' + 50_000 * b'{"a":' + b"1" + 50_000 * b"}" + b"}", "nested too deeply"),
    ],
    ids=range(10),
)
def test_what_is_no_json_object_is_refused(
    team: Team, operation: str, body: bytes, wrong: str
) -> None:
    message = told(team.ask("POST", PATHS[operation], content=body))
    assert wrong in message
    assert len(message) < 400


def test_what_is_long_is_told_short(team: Team) -> None:
    huge = "x" * 500_000
    for asked in (
        QUESTION | {"action": {"name": huge}},
        QUESTION | {"resource": DOMAIN | {"id": huge}},
        QUESTION | {"resource": {"type": huge, "id": "x"}},
        QUESTION | {"subject": {"type": huge, "id": "x"}},
        QUESTION | {"subject": {"type": "user", "id": huge}},
    ):
        answer = team.post(ONE, asked)
        assert (answer.status_code, answer.json()["decision"]) == (200, False)
        assert len(answer.content) < 1_000
        many = team.post(MANY, asked | {"evaluations": 1_000 * [{}]})
        assert len(many.content) < 1_000_000
    enum = {"options": {"evaluations_semantic": huge}}
    assert len(told(team.post(MANY, QUESTION | enum))) < 400


@pytest.mark.parametrize("odd", ["\0", "a\0@acme.test", "\x7f", "é", "@", "a@b@c", "%", "self"])
def test_ids_that_can_be_nobodys_are_nobodys(team: Team, odd: str) -> None:
    for place, value in (
        ("subject", {"type": "user", "id": odd}),
        ("resource", {"type": "domain", "id": odd}),
        ("resource", {"type": odd, "id": "self"}),
        ("action", {"name": odd}),
    ):
        answer = team.post(ONE, QUESTION | {place: value})
        assert (answer.status_code, answer.json()["decision"]) == (200, False)


def test_what_is_not_known_is_ignored(team: Team) -> None:
    more: dict[str, Any] = {
        "subject": DAN | {"properties": {"department": "Sales", "n": [1, {}]}, "x": None},
        "action": QUESTION["action"] | {"properties": {"method": "GET"}},
        "resource": DOMAIN | {"properties": {"domain": 7, "record": {"isbn": "978"}}},
        "context": {"time": "2026-10-26T01:22-07:00", "nested": {"a": [None]}},
        "evaluation": [],
        "page": 7,
    }
    assert team.post(ONE, more).json() == team.post(ONE, QUESTION).json()
    nulls = {"context": None, "subject": DAN | {"properties": None}}
    assert team.post(ONE, QUESTION | nulls).json()["decision"] is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ENTITIES = JSON | st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["user", "account", "domain", "template", "gate"]) | JSON,
        "id": st.sampled_from(["self", DAN["id"], DOMAIN["id"]]) | st.text() | JSON,
        "name": st.sampled_from(["manage-domain", "read-sms"]) | st.text() | JSON,
        "properties": JSON,
    },
)
PAGES = JSON | st.fixed_dictionaries({}, optional={"token": JSON, "limit": JSON | st.integers()})
BODY = {
    "subject": ENTITIES,
    "action": ENTITIES,
    "resource": ENTITIES,
    "context": JSON,
    "page": PAGES,
    "options": JSON | st.fixed_dictionaries({"evaluations_semantic": st.text() | JSON}),
}
QUESTIONS = st.fixed_dictionaries(
    {},
    optional=BODY
    | {"evaluations": JSON | st.lists(st.fixed_dictionaries({}, optional=BODY), max_size=4)},
)


@asking
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(JSON | QUESTIONS)
def test_whatever_is_asked_is_answered_or_refused(
    sqlite_stand: Stand, operation: str, asked: Any
) -> None:
    answer = team_of(sqlite_stand).ask("POST", PATHS[operation], content=json.dumps(asked))
    assert answer.status_code in {200, 400}
    assert "Traceback" not in answer.text


def team_of(stand: Stand) -> Team:
    """One for all examples."""
    if stand not in _TEAMS:
        _TEAMS[stand] = Team(stand)
    return _TEAMS[stand]


_TEAMS: dict[Stand, Team] = {}


@asking
def test_an_answer_has_the_id_that_the_question_came_with(team: Team, operation: str) -> None:
    path, body = PATHS[operation], BODIES[operation]
    for given_id in ("bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "a b", 255 * "x"):
        headers = {"x-request-id": given_id}
        for status, more in (
            (200, {"json": body}),
            (400, {"json": None}),
            (401, {"json": body, "by": "nobody"}),
            (403, {"json": body, "by": "no scopes"}),
        ):
            answer = team.ask("POST", path, headers=headers, **more)
            assert (answer.status_code, answer.headers["x-request-id"]) == (status, given_id)


def test_an_id_that_cannot_be_told_again_is_not(team: Team) -> None:
    given_ids = [256 * "x", "", "a\tb", b"caf\xe9"]
    for given_id in given_ids:
        answer = team.ask("POST", ONE, json=QUESTION, headers={"x-request-id": given_id})
        assert len(answer.headers["x-request-id"]) == 16
        assert answer.headers["x-request-id"].isalnum()
    own = team.get("/v1/users", headers={"x-request-id": "mine"})
    assert own.headers["x-request-id"] != "mine"


def test_anybody_finds_out_where_to_ask(team: Team) -> None:
    answer = team.stand.http.get("/.well-known/authzen-configuration")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {
        "policy_decision_point": PUBLIC_URL,
        **{name: PUBLIC_URL + path for name, path in ENDPOINTS.items()},
    }
    assert sorted(ENDPOINTS.values()) == sorted(PATHS.values())
    assert team.stand.http.post("/.well-known/authzen-configuration").status_code == 405


@asking
def test_a_question_is_posted(team: Team, operation: str) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = team.ask(method, PATHS[operation])
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert team.post(f"{PATHS[operation]}/x", QUESTION).status_code == 404
