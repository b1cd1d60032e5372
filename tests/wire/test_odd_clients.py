"""What the clients of other languages send, byte for byte, and what they cannot do without."""

import json

import pytest

from tests.servers import LiveServer
from tests.wire.accounts import Account
from tests.wire.raw import H2C, Answer, Wire, ask, request

JSON = "Content-Type: application/json"
ACCEPT = "Accept: application/json"
NEW = json.dumps({"email": "new@acme.test", "role": "Admin"}).encode()

# Headers and body of a request that has nothing to say in its body.
IDLE: dict[str, tuple[tuple[str, ...], bytes | None]] = {
    "Python": ((JSON, ACCEPT), None),
    "Python DELETE": ((JSON, ACCEPT), b""),
    "Node": ((JSON, ACCEPT), b"{}"),
    "PHP": ((JSON,), b"[]"),
    "Java": ((JSON, *H2C), b"{}"),
    "Java DELETE": (H2C, None),
    "Go": ((JSON, ACCEPT), b"null\n"),
    "CLI, Ruby": ((ACCEPT,), None),
}
idle = pytest.mark.parametrize(("headers", "body"), IDLE.values(), ids=IDLE)

# Headers of a request that says something.
TALKING: dict[str, tuple[str, ...]] = {
    "JSON": (JSON, ACCEPT),
    "PHP": (JSON,),
    "Java": (JSON, *H2C),
    "no type": (),
    "curl -d": ("Content-Type: application/x-www-form-urlencoded", "Accept: */*"),
    "a browser's type": ("Content-Type: text/plain;charset=UTF-8", "Accept: text/html"),
}
talking = pytest.mark.parametrize("headers", TALKING.values(), ids=TALKING)


@idle
def test_whatever_comes_with_a_question_it_is_answered_in_json(
    server: LiveServer, account: Account, headers: tuple[str, ...], body: bytes | None
) -> None:
    for path in ("/v1/users?limit=25&page=1", f"/v1/users/{account.custom}", "/v1/token?limit=10"):
        answer = ask(server, request(f"GET {path}", *headers, token=account.token, body=body))
        assert (answer.status, "data" in answer.document) == (200, True)
    refused = ask(server, request("GET /v1/users", *headers, token="none", body=body))
    assert (refused.status, refused.document) == (401, {"message": "Unauthenticated."})


@idle
def test_an_invite_is_resent_and_cancelled_whatever_comes_with_it(
    server: LiveServer, account: Account, headers: tuple[str, ...], body: bytes | None
) -> None:
    invite = f"/v1/invites/{account.invite}"
    with Wire(server) as wire:
        resent = wire.ask(
            request(f"POST {invite}/resend", *headers, token=account.token, body=body)
        )
        assert resent.document["data"]["id"] == account.invite
        cancel = request(f"DELETE {invite}", *headers, token=account.token, body=body)
        cancelled = wire.ask(cancel)
        assert (cancelled.status, cancelled.body) == (204, b"")
        again = wire.ask(cancel)
        assert (again.status, again.document) == (404, {"message": "Resource not found."})


@talking
def test_a_body_is_json_whatever_its_type_says(
    server: LiveServer, account: Account, headers: tuple[str, ...]
) -> None:
    with Wire(server) as wire:
        invited = wire.ask(request("POST /v1/users", *headers, token=account.token, body=NEW))
        assert invited.document["data"]["email"] == "new@acme.test"
        change = b'{"role":"Accountant","email":"PHP sends it"}'
        changed = wire.ask(
            request(f"PUT /v1/users/{account.custom}", *headers, token=account.token, body=change)
        )
        assert changed.document["data"]["role"] == "Accountant"
        assert changed.document["data"]["email"] == "dan@acme.test"


@pytest.mark.parametrize(
    "body", [None, b"", b"null", b"[]", b"{}", b'{"email":', b'"text"', b"\xff"]
)
def test_a_body_that_says_nothing_is_422_with_what_is_required(
    server: LiveServer, account: Account, body: bytes | None
) -> None:
    answer = ask(server, request("POST /v1/users", JSON, token=account.token, body=body))
    required = {name: [f"The {name} field is required. #MS42209"] for name in ("email", "role")}
    assert answer.status == 422
    assert answer.document["errors"] == required


def test_links_are_the_public_url_s_whatever_the_client_calls_the_server(
    server: LiveServer, account: Account
) -> None:
    foreign = (
        "X-Forwarded-Host: evil.test",
        "X-Forwarded-Proto: https",
        "Forwarded: host=evil.test",
    )
    for host in ("api.mailersend.com", "evil.test:1", ""):
        asked = request("GET /v1/users", *foreign, token=account.token, host=host)
        page = ask(server, asked).document
        assert page["links"]["first"] == f"{server.public_url}/v1/users?page=1"
        assert page["meta"]["path"] == f"{server.public_url}/v1/users"
    asked = request("GET http://api.mailersend.com/v1/users", token=account.token)
    assert ask(server, asked).document["meta"]["path"] == f"{server.public_url}/v1/users"


def test_the_cli_sees_every_page(server: LiveServer, account: Account) -> None:
    """It goes on until `links.next` is empty, ten at a time, and calls every host by one name."""
    with Wire(server) as wire:
        for number in range(25):
            body = json.dumps({"email": f"new{number}@acme.test", "role": "Designer"}).encode()
            wire.ask(request("POST /v1/users", JSON, ACCEPT, token=account.token, body=body))
        seen: list[str] = []
        page, more = 1, True
        while more:
            path = f"/v1/invites?limit=10&page={page}"
            listed = wire.ask(request(f"GET {path}", ACCEPT, token=account.token)).document
            seen += [invite["email"] for invite in listed["data"]]
            page, more = page + 1, bool(listed["links"]["next"])
    assert seen == ["eve@acme.test", *(f"new{number}@acme.test" for number in range(25))]


def fields_of_an_error(answer: Answer) -> list[str]:
    """As PHP reads a 422 (both keys unguarded) and Java (a map of lists of strings)."""
    document = answer.document
    assert isinstance(document["message"], str)
    assert all(isinstance(line, str) for lines in document["errors"].values() for line in lines)
    return list(document["errors"])


@pytest.mark.parametrize(
    ("line", "body", "fields"),
    [
        ("GET /v1/users?limit=9&page=0", None, ["limit", "page"]),
        ("POST /v1/users", {"email": ["x"], "role": 1}, ["email", "role"]),
        ("POST /v1/token", {"name": "n" * 51, "scopes": ["x"]}, ["name", "scopes.0"]),
        ("PUT /v1/users/{custom}", {"role": "Custom User", "permissions": []}, ["permissions"]),
        ("DELETE /v1/users/{admin}", None, ["user"]),
    ],
)
def test_every_422_has_the_shape_that_clients_read_unguarded(
    server: LiveServer, account: Account, line: str, body: object, fields: list[str]
) -> None:
    line = line.format(custom=account.custom, admin=account.admin)
    raw = None if body is None else json.dumps(body).encode()
    answer = ask(server, request(line, JSON, token=account.token, body=raw))
    assert answer.status == 422
    assert fields_of_an_error(answer) == fields
