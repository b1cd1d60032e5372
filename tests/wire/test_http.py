"""HTTP itself: how requests may be framed, and which headers each answer has."""

import json
from collections.abc import Callable

import pytest

from tests.servers import LiveServer
from tests.wire.accounts import Account
from tests.wire.raw import H2C, Wire, ask, chunked, request

MIB = 1024 * 1024
NEW = json.dumps({"email": "new@acme.test", "role": "Admin"}).encode()
INVITE = "POST /v1/users"
QUOTA = "GET /v1/api-quota"
LENGTH = f"Content-Length: {len(NEW)}"
CHUNKED = "Transfer-Encoding: chunked"
TOO_LARGE = {"message": "The request body is larger than 1 MiB. Send less at once."}
HEAD_TOO_LARGE = {"message": "The request's address and headers are larger than 64 KiB."}


def at_once(head: bytes, body: bytes) -> list[bytes]:
    return [head + body]


def head_first(head: bytes, body: bytes) -> list[bytes]:
    return [head, body]


def in_pieces(head: bytes, body: bytes) -> list[bytes]:
    return [head[:60], head[60:-3], head[-3:-1], head[-1:] + body[:4], body[4:-1], body[-1:]]


def byte_by_byte(head: bytes, body: bytes) -> list[bytes]:
    whole = head + body
    return [whole[place : place + 1] for place in range(len(whole))]


@pytest.mark.parametrize("split", [at_once, head_first, in_pieces, byte_by_byte])
@pytest.mark.parametrize("framing", [LENGTH, CHUNKED])
@pytest.mark.parametrize("offer", [(), H2C, ("Connection: upgrade", "Upgrade: websocket")])
def test_a_body_arrives_however_it_is_framed_cut_and_offered(
    server: LiveServer,
    account: Account,
    split: Callable[[bytes, bytes], list[bytes]],
    framing: str,
    offer: tuple[str, ...],
) -> None:
    head = request(INVITE, framing, *offer, token=account.token)
    body = NEW if framing == LENGTH else chunked(NEW, size=10)
    with Wire(server) as wire:
        made = wire.ask(*split(head, body))
        assert (made.status, made.document["data"]["email"]) == (200, "new@acme.test")
        assert wire.ask(request(QUOTA, token=account.token)).status == 200


def test_requests_sent_together_are_answered_in_their_order(
    server: LiveServer, account: Account
) -> None:
    paths = [f"/v1/users/{user}" for user in (account.admin, account.manager, account.custom)]
    with Wire(server) as wire:
        wire.send(
            b"".join(
                [
                    request(f"GET {paths[0]}", token=account.token),
                    request(INVITE, *H2C, token=account.token, body=NEW),
                    request(f"GET {paths[1]}", *H2C, token=account.token),
                    request(f"DELETE {paths[2]}", token=account.token),
                    request(f"GET {paths[2]}", "Connection: close", token=account.token),
                ]
            )
        )
        answers = [wire.answer() for _ in range(5)]
        assert wire.is_at_its_end()
    assert [answer.status for answer in answers] == [200, 200, 200, 204, 404]
    assert answers[0].document["data"]["id"] == account.admin
    assert answers[2].document["data"]["id"] == account.manager


@pytest.mark.parametrize("offer", [(), H2C])
def test_a_connection_stays_open_unless_the_client_does_not_want_it(
    server: LiveServer, account: Account, offer: tuple[str, ...]
) -> None:
    with Wire(server) as wire:
        for _ in range(3):
            assert wire.ask(request(QUOTA, *offer, token=account.token)).status == 200
        close = ("Connection: close", *(line for line in offer if "Connection" not in line))
        assert wire.ask(request(QUOTA, *close, token=account.token)).status == 200
        assert wire.is_at_its_end()
    with Wire(server) as wire:
        old = wire.ask(request(QUOTA, *offer, token=account.token, version="1.0"))
        assert (old.status, old.headers["connection"]) == (200, "close")
        assert wire.is_at_its_end()


def test_a_client_that_waits_is_told_to_go_on(server: LiveServer, account: Account) -> None:
    with Wire(server) as wire:
        head = request(INVITE, LENGTH, "Expect: 100-continue", token=account.token)
        assert wire.ask(head).status == 100
        assert wire.ask(NEW).status == 200


@pytest.mark.parametrize("path", ["/v1/users", "/v1/invites/none", "/healthz", "/nowhere"])
def test_head_is_get_without_the_body(server: LiveServer, account: Account, path: str) -> None:
    with Wire(server) as wire:
        whole = wire.ask(request(f"GET {path}", token=account.token))
        wire.send(request(f"HEAD {path}", token=account.token))
        bare = wire.answer(with_body=False)
        assert wire.ask(request(QUOTA, token=account.token)).status == 200
    assert bare.status == whole.status
    of_one = {"date", "x-request-id"}
    assert {k: v for k, v in bare.headers.items() if k not in of_one} == {
        k: v for k, v in whole.headers.items() if k not in of_one
    }


@pytest.mark.parametrize("size", [MIB + 1, 2 * MIB])
@pytest.mark.parametrize("framed", [False, True])
def test_a_body_over_1_mib_is_413_for_a_client_that_sends_it_whole(
    server: LiveServer, account: Account, size: int, *, framed: bool
) -> None:
    body = NEW[:-1] + b" " * (size - len(NEW)) + b"}"
    with Wire(server) as wire:
        if framed:
            head = request(INVITE, CHUNKED, token=account.token)
            refused = wire.ask(head, chunked(body, size=MIB))
        else:
            refused = wire.ask(request(INVITE, token=account.token, body=body))
        assert (refused.status, refused.document) == (413, TOO_LARGE)
        assert refused.headers["connection"] == "close"
    kept = ask(server, request("GET /v1/invites", token=account.token))
    assert kept.document["meta"]["total"] == 1


def test_a_body_of_1_mib_is_taken(server: LiveServer, account: Account) -> None:
    body = NEW[:-1] + b" " * (MIB - len(NEW)) + b"}"
    assert ask(server, request(INVITE, token=account.token, body=body)).status == 200


@pytest.mark.parametrize("line", ["POST /nowhere", "PATCH /v1/users"])
def test_a_body_is_read_even_where_nobody_wants_it(
    server: LiveServer, account: Account, line: str
) -> None:
    with Wire(server) as wire:
        assert wire.ask(request(line, body=b"x" * MIB)).status in {404, 405}
        assert wire.ask(request(QUOTA, token=account.token)).status == 200


@pytest.mark.parametrize(
    ("line", "header"),
    [(QUOTA, "a" * 70_000), (QUOTA, "a" * MIB), (f"{QUOTA}?{'a' * 70_000}", "")],
)
def test_a_head_over_64_kib_is_431(
    server: LiveServer, account: Account, line: str, header: str
) -> None:
    with Wire(server) as wire:
        answer = wire.ask(request(line, f"X-Long: {header}", token=account.token))
        assert (answer.status, answer.document) == (431, HEAD_TOO_LARGE)
    almost = request(QUOTA, f"X-Long: {'a' * 60_000}", token=account.token)
    assert ask(server, almost).status == 200


def test_a_head_that_never_ends_is_431(server: LiveServer) -> None:
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            wire.send(*([b"a" * 10_000] * 1_000))


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /v1/users/\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT mail.test:25 HTTP/1.1\r\nHost: mail.test\r\n\r\n",
        b"SNOOP /v1/users HTTP/1.1\r\nHost: x\r\n\r\n",
        request(INVITE, CHUNKED, body=b"0\r\n\r\n"),
        request(INVITE, LENGTH, body=NEW[1:]),
    ],
)
def test_what_is_no_request_is_400_in_json(server: LiveServer, sent: bytes) -> None:
    with Wire(server) as wire:
        answer = wire.ask(sent)
        assert (answer.status, answer.document) == (
            400,
            {"message": "The request is not HTTP/1.1."},
        )
        assert wire.is_at_its_end()


def test_paths_may_be_percent_encoded(server: LiveServer, account: Account) -> None:
    encoded = "".join(f"%{ord(letter):02x}" for letter in account.custom)
    with Wire(server) as wire:
        shown = wire.ask(request(f"GET /v1/%75sers/{encoded}", token=account.token))
        assert shown.document["data"]["id"] == account.custom
        for path in ("%00", "%ff", "%c3%28", "%2e%2e", "..", "%", "%zz", f"{account.custom}/"):
            missing = wire.ask(request(f"GET /v1/users/{path}", token=account.token))
            assert (missing.status, missing.document) == (404, {"message": "Resource not found."})


def test_what_is_asked_of_the_whole_server_is_answered_and_breaks_nothing(
    server: LiveServer,
) -> None:
    answer = ask(server, request("OPTIONS *", "Connection: close"))
    assert answer.status == 404
