"""The log of what was asked and answered, and what is odd about it; a strict twin refuses that."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from guestlist.testing.requests import MAX_BODY, MAX_BYTES, MAX_ENTRIES
from tests.testing.hands import Hands, Held

JSON = {"content-type": "application/json"}
USER = "/v1/users/0000000000000000"
INVITE = "/v1/invites/0000000000000000"
NEW = {"email": "eve@acme.test", "role": "Accountant"}


def logged(hands: Hands, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hands.told("GET", f"/requests{query}")["data"]
    return found


def test_every_request_is_there_with_its_answer(account: Hands) -> None:
    account.told("POST", "/clock/advance", json={"hours": 1})
    answer = account.api("POST", "/v1/users?x=1&x=2", json=NEW, headers={"x-mine": "a"})
    account.api("DELETE", INVITE)
    created, missing = logged(account)
    assert created["at"] == "2026-01-01T01:00:00.000000Z"
    assert [created["number"], missing["number"]] == [1, 2]
    assert (created["method"], created["path"]) == ("POST", "/v1/users")
    assert created["query"] == {"x": "2"}
    assert created["headers"]["x-mine"] == "a"
    assert (created["body"], created["body_is_cut"]) == (NEW, False)
    assert created["answer"] == {
        "status": 200,
        "headers": dict(answer.headers),
        "body": answer.json(),
        "body_is_cut": False,
    }
    assert (missing["method"], missing["answer"]["status"], missing["body"]) == (
        "DELETE",
        404,
        None,
    )
    assert created["fault"] is None


def test_the_log_can_be_asked_for_a_part_of_it(account: Hands) -> None:
    for path in ("/v1/users", USER, "/v1/invites", "/nothing"):
        account.api("GET", path)
    account.api("POST", "/v1/users", json=NEW)

    def numbers(query: str) -> list[int]:
        return [entry["number"] for entry in logged(account, query)]

    assert numbers("?method=post") == [5]
    assert numbers("?path=/v1/users") == [1, 5]
    assert numbers("?path=/v1/users/{id}") == [2]
    assert numbers("?path=/v1/*&after=1") == [2, 3, 5]
    assert numbers("?status=404") == [2, 4]
    assert numbers("?status=404&after=4") == []
    for wrong in ("?status=x", "?after=x", "?wait=x", "?method=FETCH", "?path=/v1/{no}", "?to=x"):
        assert account.control("GET", f"/requests{wrong}").status_code == 422
    assert account.told("POST", "/requests/clear") == {"data": []}
    assert logged(account) == []


def test_each_account_has_a_log_of_its_own(alone: Held) -> None:
    one, other = alone.whole.account(), alone.whole.account()
    one.api("GET", "/v1/users")
    other.api("GET", "/v1/invites")
    Hands(alone.whole.http, "nobody's").api("GET", "/v1/domains")
    assert [entry["path"] for entry in logged(one)] == ["/v1/users"]
    assert [entry["path"] for entry in logged(other)] == ["/v1/invites"]
    everything = ["/v1/domains", "/v1/users", "/v1/invites"]
    assert [entry["path"] for entry in logged(alone.whole)] == everything
    one.told("POST", "/reset")
    assert (logged(one), len(logged(alone.whole))) == ([], 2)


def test_restoring_forgets_no_request(account: Hands) -> None:
    account.told("POST", "/snapshot")
    account.invited("eve@acme.test")
    account.told("POST", "/restore")
    assert [entry["method"] for entry in logged(account)] == ["POST"]


def test_the_fault_that_was_met_is_told(account: Hands) -> None:
    account.told("POST", "/faults", json={"kind": "forbidden", "path": "/v1/users"})
    account.api("GET", "/v1/users")
    [entry] = logged(account)
    assert entry["fault"] == {"kind": "forbidden", "path": "/v1/users", "commit": "before"}
    assert entry["answer"]["status"] == 403


def test_secrets_are_shortened_wherever_they_stand(account: Hands) -> None:
    made = account.api("POST", "/v1/token", json={"name": "ci", "scopes": ["users_read"]})
    invite = account.invited("eve@acme.test")
    copied = account.api("POST", f"/guestlist/v1/invites/{invite}/link").json()["data"]
    [letter] = account.told("GET", "/outbox")["data"]
    account.http.get(letter["link"])
    account.http.post("/sign-in", data={"email": "a@b.test", "password": "not told"})
    account.api("GET", f"/v1/users?{account.token}={account.token}", headers={"x": account.token})
    token, text = str(account.token), made.json()["data"]["accessToken"]
    links = [letter["link"], next(it for it in copied.values() if "/invitations/" in str(it))]
    whole = json.dumps(logged(account)) + json.dumps(logged(Hands(account.http, None)))
    for secret in (token, text, "not told", "not+told", *(link.split("/")[-1] for link in links)):
        assert secret not in whole
    cookies = re.findall(r'"(?:set-)?cookie": "([^"]*)"', whole)
    assert cookies
    assert not re.search(r"=[\w-]{20}", " ".join(cookies))
    [entry] = logged(account, "?path=/v1/token")
    assert entry["headers"]["authorization"] == f"Bearer {token[:11]}\u2026"
    assert entry["answer"]["body"]["data"]["accessToken"] == f"{text[:11]}\u2026"


def test_the_log_is_bounded(alone: Held) -> None:
    first = alone.first
    note = "x" * (MAX_BODY + 1)
    first.api("POST", "/v1/users", json=NEW | {"note": note})
    [entry] = logged(first)
    assert (entry["body_is_cut"], len(entry["body"])) == (True, MAX_BODY)
    assert not entry["answer"]["body_is_cut"]
    for _ in range(MAX_BYTES // MAX_BODY + 1):
        first.api("POST", "/v1/users", content=note)
    entries = logged(first)
    assert entries[0]["number"] > 1
    assert sum(len(entry["body"]) for entry in entries) <= MAX_BYTES
    first.told("POST", "/requests/clear")
    for _ in range(MAX_ENTRIES + 1):
        first.api("GET", "/v1/nothing")
    assert len(logged(first)) == MAX_ENTRIES


# What is asked, and a word of each note about it.
ODD: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
    "an unknown field": ("POST", "/v1/users", {"json": NEW | {"rôle": 1, "x": 2}}, ["rôle", "x"]),
    "a field inside": (
        "POST",
        "/guestlist/v1/invites/bulk",
        {"json": {"invitations": [NEW, NEW | {"x": 1}], "dry_run": True}},
        ["invitations.1.x"],
    ),
    "an email, but in a change of an invite": (
        "PUT",
        "/guestlist/v1/invites/0000000000000000",
        {"json": NEW},
        ["email"],
    ),
    "an unknown parameter": ("GET", "/v1/users?pages=1", {}, ["pages: GET /v1/users takes page"]),
    "an empty one": ("GET", "/v1/users?pages=", {}, ["pages"]),
    "pages of one thing": ("GET", f"{USER}?page=1", {}, ["takes none"]),
    "a slash at the end": ("GET", "/v1/users/", {}, ["slash"]),
    "a body without its type": ("POST", "/v1/users", {"content": json.dumps(NEW)}, ["without"]),
    "a body of another type": ("POST", "/v1/users", {"data": NEW}, ["form", "not JSON"]),
    "no JSON": ("POST", "/v1/users", {"content": b'{"a', "headers": JSON}, ["not JSON"]),
    "no object": ("POST", "/v1/users", {"content": b"[1]", "headers": JSON}, ["no object"]),
    "a body with a question": ("GET", "/v1/users", {"json": {"page": 1}}, ["no body"]),
    "a body with a removal": ("DELETE", USER, {"json": {"id": 1}}, ["no body"]),
}
odd = pytest.mark.parametrize(("method", "path", "more", "words"), ODD.values(), ids=ODD)

# What clients do send: contract, sections 1 and 10.
USUAL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Python's list": ("GET", "/v1/users", {"headers": JSON}),
    "PHP's list": ("GET", "/v1/users?limit=25", {"content": b"[]", "headers": JSON}),
    "Java's list": ("GET", "/v1/token?page=1&limit=25", {}),
    "Go's removal": ("DELETE", USER, {"content": b"null\n", "headers": JSON}),
    "Node's resend": ("POST", f"{INVITE}/resend", {"content": b"{}", "headers": JSON}),
    "the CLI's resend": ("POST", f"{INVITE}/resend", {}),
    "the CLI's empty change": ("PUT", USER, {"content": b"{}", "headers": JSON}),
    "PHP's change": ("PUT", USER, {"json": NEW}),
    "an invitation": ("POST", "/v1/users", {"json": NEW | {"permissions": [], "domains": []}}),
    "a charset": (
        "POST",
        "/v1/token",
        {
            "content": b'{"name":"ci","scopes":["users_read"]}',
            "headers": {"content-type": "application/json; charset=utf-8"},
        },
    ),
    "what another API might have": ("GET", "/v1/emails?x=1", {}),
    "a page": ("GET", "/sign-in?then=x", {}),
    "AuthZEN": (
        "POST",
        "/access/v1/evaluation",
        {
            "json": {
                "subject": {"type": "user", "id": "x", "properties": {"y": 1}, "more": 1},
                "action": {"name": "read-recipient"},
                "resource": {"type": "account", "id": "self"},
            }
        },
    ),
}
usual = pytest.mark.parametrize(("method", "path", "more"), USUAL.values(), ids=USUAL)


@pytest.fixture(scope="module")
def strict() -> Iterator[Hands]:
    with Held(seed="1", is_strict=True) as held:
        yield held.whole.account()


@odd
def test_what_is_odd_is_noted_and_done(
    account: Hands, method: str, path: str, more: dict[str, Any], words: list[str]
) -> None:
    answer = account.api(method, path, **more)
    assert answer.status_code != 400
    [entry] = logged(account)
    assert len(entry["notes"]) == len(words)
    for note, word in zip(entry["notes"], words, strict=True):
        assert word in note


@odd
def test_a_strict_twin_does_nothing_odd(
    strict: Hands, method: str, path: str, more: dict[str, Any], words: list[str]
) -> None:
    before = strict.told("GET", "/world")
    answer = strict.api(method, path, **more)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    for word in words:
        assert word in answer.json()["message"]
    entry = logged(strict)[-1]
    assert entry["notes"]
    assert all(note in answer.json()["message"] for note in entry["notes"])
    assert entry["answer"]["status"] == 400
    assert strict.told("GET", "/world") == before


@usual
def test_what_clients_send_is_not_odd(
    account: Hands, method: str, path: str, more: dict[str, Any]
) -> None:
    account.api(method, path, **more)
    assert logged(account)[-1]["notes"] == []


@usual
def test_a_strict_twin_is_none_the_less_the_same(
    strict: Hands, account: Hands, method: str, path: str, more: dict[str, Any]
) -> None:
    same, answer = (hands.api(method, path, **more) for hands in (account, strict))
    assert answer.status_code == same.status_code
    assert answer.status_code != 400
    strict.told("POST", "/reset")


def test_a_strict_twin_meets_faults_too_but_none_for_what_it_refuses(strict: Hands) -> None:
    strict.told("POST", "/faults", json={"kind": "server_error"})
    assert strict.api("GET", "/v1/users?x=1").status_code == 400
    assert strict.api("POST", "/v1/users", json=NEW).status_code == 500
    assert strict.api("POST", "/v1/users", json=NEW).status_code == 200
    strict.told("POST", "/reset")
