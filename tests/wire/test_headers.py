"""Exactly these headers, and no other, come with each kind of answer."""

import re

import pytest

from tests.servers import LiveServer
from tests.wire.accounts import Account
from tests.wire.raw import Answer, Wire, ask, request

EVERY = {"date", "cache-control", "x-request-id"}
FRAMED = EVERY | {"content-length", "content-type"}
QUOTA = {"x-apiquota-remaining", "x-apiquota-reset"}
RATE = {"x-ratelimit-limit", "x-ratelimit-remaining"}
NOBODY = "0123456789abcdef"


def check(answer: Answer, status: int, headers: set[str]) -> None:
    assert answer.status == status
    assert answer.headers.keys() == headers
    assert answer.headers["cache-control"] == "no-cache, private"
    if "content-type" in headers and answer.body:
        assert answer.headers["content-type"] == "application/json"
    if headers >= QUOTA:
        assert answer.headers["x-apiquota-remaining"] == "-1"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", answer.headers["x-apiquota-reset"])


@pytest.mark.parametrize(
    ("line", "body", "status", "headers"),
    [
        ("GET /v1/users", None, 200, FRAMED | QUOTA | {"etag"}),
        ("GET /v1/token", None, 200, FRAMED | QUOTA),
        ("POST /v1/users", b'{"email":"new@acme.test","role":"Admin"}', 200, FRAMED | QUOTA),
        ("POST /v1/users", None, 422, FRAMED | QUOTA),
        (f"GET /v1/users/{NOBODY}", None, 404, FRAMED | QUOTA),
        (f"GET /v1/invites/{NOBODY}", None, 404, FRAMED),
        (f"DELETE /v1/token/{NOBODY}", None, 404, FRAMED),
        ("GET /v1/nowhere", None, 404, FRAMED),
        ("PATCH /v1/users", None, 405, FRAMED | {"allow"}),
    ],
)
def test_the_headers_of_an_answer(
    server: LiveServer,
    account: Account,
    line: str,
    body: bytes | None,
    status: int,
    headers: set[str],
) -> None:
    check(ask(server, request(line, token=account.token, body=body)), status, headers)


def test_a_stranger_is_told_nothing_of_quotas(server: LiveServer, account: Account) -> None:
    for token in (None, "mlsn.wrong", account.paused):
        check(ask(server, request("GET /v1/users", token=token)), 401, FRAMED)


def test_a_403_says_the_quota(server: LiveServer, account: Account) -> None:
    check(ask(server, request("GET /v1/users", token=account.quiet)), 403, FRAMED | QUOTA)


def test_a_204_has_neither_type_nor_length(server: LiveServer, account: Account) -> None:
    for path in (f"users/{account.custom}", f"invites/{account.invite}"):
        with Wire(server) as wire:
            gone = wire.ask(request(f"DELETE /v1/{path}", token=account.token))
            check(gone, 204, EVERY | QUOTA)
            # what follows at once is the next answer
            assert wire.ask(request("GET /v1/api-quota", token=account.token)).status == 200


@pytest.mark.parametrize("kind", ["templates", "token"])
def test_an_empty_200_is_html(server: LiveServer, account: Account, kind: str) -> None:
    thing = account.token_id if kind == "token" else account.templates[0]
    gone = ask(server, request(f"DELETE /v1/{kind}/{thing}", token=account.token))
    check(gone, 200, FRAMED | QUOTA)
    assert gone.headers["content-type"] == "text/html; charset=UTF-8"
    assert (gone.headers["content-length"], gone.body) == ("0", b"")


def test_what_has_not_changed_is_304_until_it_has(server: LiveServer, account: Account) -> None:
    with Wire(server) as wire:
        first = wire.ask(request("GET /v1/users", token=account.token))
        known = f"If-None-Match: {first.headers['etag']}"
        again = wire.ask(request("GET /v1/users", known, token=account.token))
        check(again, 304, EVERY | QUOTA | {"etag"})
        wire.ask(request(f"DELETE /v1/users/{account.custom}", token=account.token))
        changed = wire.ask(request("GET /v1/users", known, token=account.token))
        check(changed, 200, FRAMED | QUOTA | {"etag"})
        assert len(changed.document["data"]) == 2


def test_rate_headers_come_with_a_limit_only(strict_server: LiveServer, account: Account) -> None:
    with Wire(strict_server) as wire:
        first = wire.ask(request("GET /v1/api-quota", token=account.token))
        check(first, 200, FRAMED | QUOTA | RATE)
        second = wire.ask(request("GET /v1/users", token=account.token))
        check(second, 429, FRAMED | QUOTA | RATE | {"retry-after"})
        assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == (
            "1",
            "0",
        )
        check(wire.ask(request("GET /v1/users", token="wrong")), 401, FRAMED | RATE)


def test_each_answer_has_an_id_of_its_own(server: LiveServer, account: Account) -> None:
    with Wire(server) as wire:
        asked = request("GET /v1/users", "X-Request-Id: mine", token=account.token)
        ids = {wire.ask(asked).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert "mine" not in ids
