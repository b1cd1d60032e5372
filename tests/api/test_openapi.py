"""GET /openapi.json tells what is served: every route, every answer, and examples that are true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from guestlist.api import examples, openapi
from guestlist.api.allowance import RateLimit
from guestlist.api.endpoints import Endpoint
from guestlist.api.public import PUBLIC
from guestlist.api.routes import ENDPOINTS
from tests.example_world import TOKEN, WORLD, Worlds
from tests.stand import PUBLIC_URL, Stand

DOCUMENT = openapi.document(PUBLIC_URL)
OPERATIONS = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for operation in path.values()
}
SERVICE = {"/healthz", "/readyz", "/metrics", "/.well-known/authzen-configuration"}
# What every answer of any server has, and what says how the connection goes on.
UNTOLD = {"cache-control", "content-type", "content-length", "connection"}

# What an endpoint is asked where it would tell more than its example.
QUERIES = {"listAudit": {"subject": f"user:{examples.BO.id}"}}
SECRET = {"secret": r"\w{32}", "standard_secret": r"whsec_[\w+/]{43}="}
# What chance decides, and what it may look like.
BY_CHANCE = {
    "inviteUser": {"id": r"[0-9a-z]{16}"},
    "copyInviteLink": {"link": r"http://guestlist\.test/invitations/[\w-]{43}"},
    "createToken": {
        "id": r"[0-9a-f]{80}",
        "accessToken": r"mlsn\.[0-9a-f]{64}",
        "preview": r"mlsn\.[0-9a-f]{6}",
    },
    "listAudit": {"hash": r"[0-9a-f]{64}", "request": r"[a-z0-9-]+"},
    "createWebhook": {"id": r"[0-9a-z]{16}", **SECRET},
    "rotateWebhookSecret": SECRET,
}

endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)

repeatable = pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.repeatable], ids=lambda endpoint: endpoint.operation
)
OF_EXPIRED = ["resendInvite", "copyInviteLink"]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(tmp_path_factory.mktemp("examples"))


@pytest.fixture
def stand(worlds: Worlds) -> Iterator[Stand]:
    with worlds.fresh() as made:
        yield made


def path_of(endpoint: Endpoint) -> str:
    return endpoint.path.format(**examples.IDS)


def asked(stand: Stand, endpoint: Endpoint, **more: Any) -> Any:
    """What the endpoint answers to its example, or to what is put in its place."""
    usual = {
        "token": TOKEN,
        "json": examples.BODIES.get(endpoint.operation),
        "params": QUERIES.get(endpoint.operation),
    }
    more = usual | more
    return stand.ask(endpoint.method, more.pop("path", path_of(endpoint)), **more)


def told(endpoint: Endpoint, status: int) -> Any:
    answer = OPERATIONS[endpoint.operation]["responses"][str(status)]
    return resolved(answer)


def resolved(thing: Any) -> Any:
    if "$ref" not in thing:
        return thing
    found = DOCUMENT
    for part in thing["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def assert_as_told(answer: Any, endpoint: Endpoint, status: int) -> None:
    """Status, headers and, where there is one, the example."""
    assert answer.status_code == status, answer.text
    expected = told(endpoint, status)
    headers = {name: resolved(header) for name, header in expected["headers"].items()}
    required = {name for name, header in headers.items() if header["required"]}
    assert required <= set(answer.headers) - UNTOLD <= set(headers)
    if "content" not in expected:
        assert answer.content == b""
        return
    content_type = answer.headers["content-type"].split(";")[0]
    content = expected["content"][content_type]
    assert content_type == "application/json" or len(expected["content"]) == 1
    if "example" in content:
        shown = with_chance(answer.json(), content["example"], endpoint.operation)
        # As text, because the order of keys is told too.
        assert json.dumps(shown, indent=1) == json.dumps(content["example"], indent=1)


def with_chance(shown: Any, example: Any, operation: str) -> Any:
    for name, pattern in BY_CHANCE.get(operation, {}).items():
        if "data" in shown:
            [one], [other] = (_listed(told["data"]) for told in (shown, example))
            assert re.fullmatch(pattern, one[name])
            assert re.fullmatch(pattern, other[name])
            one[name] = other[name]
    return shown


def _listed(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]


def test_it_is_served(stand: Stand) -> None:
    answer = stand.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(DOCUMENT))


def test_it_tells_every_route_and_no_other() -> None:
    told = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    served = {(endpoint.path, endpoint.method.lower()) for endpoint in ENDPOINTS}
    assert told == served | {(path, "get") for path in SERVICE}
    assert set(PUBLIC) >= SERVICE
    assert len(OPERATIONS) == len(told)


def test_a_document_is_for_one_public_url() -> None:
    other = json.dumps(openapi.document("https://people.example"))
    assert PUBLIC_URL not in other
    assert other.replace("https://people.example", PUBLIC_URL) == json.dumps(DOCUMENT)


@endpoints
def test_an_example_is_what_the_server_answers(stand: Stand, endpoint: Endpoint) -> None:
    assert_as_told(asked(stand, endpoint), endpoint, endpoint.answers)


@endpoints
def test_examples_match_their_schemas(endpoint: Endpoint) -> None:
    operation = OPERATIONS[endpoint.operation]
    contents = [resolved(answer).get("content", {}) for answer in operation["responses"].values()]
    contents.append(operation.get("requestBody", {}).get("content", {}))
    for content in contents:
        if "application/json" in content:
            assert_valid(**content["application/json"])


def assert_valid(schema: Any, example: Any) -> None:
    """Against schemas that take no key they do not name: an untold key would go unseen."""
    components = json.loads(json.dumps(DOCUMENT["components"]))
    for component in components["schemas"].values():
        component.setdefault("additionalProperties", False)
    whole = {**schema, "components": components}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(example)


def test_schemas_are_schemas() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


@endpoints
def test_401_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    assert_as_told(asked(stand, endpoint, token="mlsn.unknown"), endpoint, 401)


@endpoints
def test_403_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    other = "users_full" if endpoint.scope == "tokens_full" else "tokens_full"
    body = {"name": "Has another scope", "scopes": [other]}
    made = stand.ask("POST", "/v1/token", token=TOKEN, json=body).json()["data"]
    answer = asked(stand, endpoint, token=made["accessToken"])
    assert_as_told(answer, endpoint, 403 if endpoint.scope else endpoint.answers)


@endpoints
def test_404_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    path = re.sub(r"{\w+}", "k00000000000000k", endpoint.path)
    if path != endpoint.path:
        assert_as_told(asked(stand, endpoint, path=path), endpoint, 404)
    else:
        assert 404 not in endpoint.refuses


@endpoints
def test_413_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    if endpoint.changes or endpoint.asks:
        answer = asked(stand, endpoint, json=None, content=b" " * (1024 * 1024 + 1))
        assert_as_told(answer, endpoint, 413)


def test_429_is_as_told(worlds: Worlds) -> None:
    with worlds.fresh(rate_limit=RateLimit(60, 60)) as stand:
        for _ in range(60):
            assert_as_told(asked(stand, ENDPOINTS[0]), ENDPOINTS[0], 200)
        for endpoint in ENDPOINTS:
            assert_as_told(asked(stand, endpoint), endpoint, 429)


@endpoints
def test_304_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    etag = asked(stand, endpoint).headers.get("etag")
    assert (etag is not None) == endpoint.remembered
    if etag is not None:
        again = asked(stand, endpoint, headers={"if-none-match": etag})
        assert_as_told(again, endpoint, 304)


NO_ROLE = {"role": "member", "permissions": ["email_send"], "templates": []}
INVALID: dict[str, dict[str, Any]] = {
    "inviteUser": {"json": {"email": "eve@acme.test", **NO_ROLE}},
    "updateUser": {"json": NO_ROLE},
    "removeUser": {"path": f"/v1/users/{examples.ANA.id}"},
    "suspendUser": {"path": f"/guestlist/v1/users/{examples.ANA.id}/suspend"},
    "editInvite": {"json": NO_ROLE},
    "inviteMany": {"json": {"invitations": 501 * [{}]}},
    "createToken": {"json": {"name": "x", "scopes": ["users_all"]}},
    "changeToken": {"json": {"name": 51 * "x"}},
    "changeTokenStatus": {"json": {"status": "asleep"}},
    "listAudit": {"params": {"from": "yesterday"}},
    "createWebhook": {
        "json": {"name": "x", "url": "http://crew.acme.test", "events": ["user.seen"]}
    },
    "updateWebhook": {"json": {"url": "https://10.0.0.1/in"}},
    "rotateWebhookSecret": {"json": {"overlap_hours": 169}},
    "retryWebhookDelivery": {"json": {}},
}


@endpoints
def test_422_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    if endpoint.paged:
        assert_as_told(asked(stand, endpoint, params={"limit": 9}), endpoint, 422)
    elif endpoint.operation in INVALID:
        answer = asked(stand, endpoint, **INVALID[endpoint.operation])
        assert_as_told(answer, endpoint, 422)
    else:
        assert endpoint.operation in {*OF_EXPIRED, "testWebhook"} or 422 not in endpoint.refuses


@pytest.mark.parametrize("operation", OF_EXPIRED)
def test_422_of_an_expired_invite_without_a_seat_is_as_told(tmp_path: Path, operation: str) -> None:
    [expired] = [endpoint for endpoint in ENDPOINTS if endpoint.operation == operation]
    with Worlds(tmp_path, {**WORLD, "seats": 2}).fresh() as stand:
        stand.clock.advance(days=8)
        assert_as_told(asked(stand, expired), expired, 422)


@endpoints
def test_400_of_a_question_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    if endpoint.asks:
        assert_as_told(asked(stand, endpoint, json=None, content=b'{"subject":'), endpoint, 400)


def test_422_of_a_disabled_webhook_is_as_told(stand: Stand) -> None:
    update, test = (
        next(endpoint for endpoint in ENDPOINTS if endpoint.operation == operation)
        for operation in ("updateWebhook", "testWebhook")
    )
    assert asked(stand, update).json()["data"]["enabled"] is False
    assert_as_told(asked(stand, test), test, 422)


@repeatable
def test_a_repeated_request_is_as_told(stand: Stand, endpoint: Endpoint) -> None:
    headers = {"idempotency-key": examples.KEY}
    for _ in range(2):
        answer = asked(stand, endpoint, headers=headers)
        assert_as_told(answer, endpoint, 200)
    if endpoint.operation == "inviteUser":
        assert answer.headers["idempotency-replayed"] == "true"
        body = {"email": "eve@acme.test", "role": "Designer"}
        assert_as_told(asked(stand, endpoint, headers=headers, json=body), endpoint, 409)
    broken = asked(stand, endpoint, headers={"idempotency-key": 256 * "k"})
    assert_as_told(broken, endpoint, 400)
