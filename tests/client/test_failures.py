"""Whatever happens on the way, nothing but a clear yes is one, and it takes no longer than told."""

import gc
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from guestlist.client import (
    AsyncGuestlist,
    Forbidden,
    Guestlist,
    GuestlistError,
    Malformed,
    Unauthenticated,
    Unavailable,
)
from tests.client.conftest import TOKEN, Asking
from tests.client.peer import Peer, answer, decision

Make = Callable[..., Asking]
Start = Callable[..., Peer]

OK = b"HTTP/1.1 200 x\r\ncontent-length: 1000000\r\n\r\n"
YES = b'{"decision": true}'
# What is a yes only to who reads carelessly.
NO_ANSWERS = [
    answer(200, b"not json"),
    answer(200, b""),
    answer(200, b"[" * 100_000),
    answer(200, YES + b"x"),
    answer(200, [True]),
    answer(200, {"allowed": True}),
    *(answer(200, {"decision": it}) for it in (1, "true", None, [True], {"decision": True})),
    answer(201, YES),
    answer(204, b""),
    answer(404, YES),
    answer(418, YES),
    answer(500, YES),
    b"no http at all\r\n\r\n",
    b"HTTP/1.1 200 x\r\ncontent-length: 100\r\n\r\n" + YES,
    b"",
]


@pytest.mark.parametrize("given", NO_ANSWERS)
def test_only_a_clear_yes_is_one(client: Make, peer: Start, given: bytes) -> None:
    there = peer(given if b"content-length: 100\r" not in given else closing(given))
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        client(there.url, attempts=1).allowed()
    assert client(there.url, attempts=1, on_error="deny").allowed() is False


def closing(given: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(given)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Malformed),
        (401, Unauthenticated),
        (403, Forbidden),
        (413, Malformed),
        (422, Malformed),
    ],
)
def test_a_refusal_has_its_name_and_is_not_asked_again(
    client: Make, peer: Start, status: int, error: type[GuestlistError]
) -> None:
    there = peer(answer(status, {"message": "Why.", "decision": True}))
    with pytest.raises(error, match=r"Why\."):
        client(there.url).allowed()
    assert len(there.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_who_is_busy_is_asked_again(client: Make, peer: Start, status: int) -> None:
    there = peer(answer(status, {}, retry_after="0"), decision(allowed=True))
    assert client(there.url).allowed() is True
    assert len(there.asked) == 2


def test_asking_again_has_an_end(client: Make, peer: Start) -> None:
    there = peer(answer(503, {}, retry_after="0"))
    with pytest.raises(Unavailable, match="busy"):
        client(there.url, attempts=4).allowed()
    assert len(there.asked) == 4


def test_a_wait_that_is_longer_than_the_patience_is_told_at_once(client: Make, peer: Start) -> None:
    there = peer(answer(429, {}, retry_after="60"))
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        client(there.url, timeout=30).allowed()
    assert caught.value.retry_after == 60
    assert len(there.asked) == 1
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("told", ["-1", "soon", "1e3", "9" * 5000, "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_wait_that_makes_no_sense_is_ones_own(client: Make, peer: Start, told: str) -> None:
    there = peer(answer(503, {}, retry_after=told), decision(allowed=True))
    assert client(there.url).allowed() is True


def test_a_lost_connection_is_made_again(client: Make, peer: Start) -> None:
    there = peer(decision(allowed=True), b"", decision(allowed=True))
    ask = client(there.url)
    assert [ask.allowed(), ask.allowed()] == [True, True]
    assert (len(there.asked), there.connections) == (3, 2)


def test_a_connection_is_used_again(client: Make, peer: Start) -> None:
    there = peer(decision(allowed=True))
    ask = client(there.url)
    assert all(ask.allowed() for _ in range(5))
    assert there.connections == 1


def test_nobody_there_is_told_with_the_address(client: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(Unavailable, match=rf"{url} gives no answer.*See that it runs"):
        client(url).allowed()
    assert client(url, on_error="deny").allowed() is False


@pytest.mark.parametrize(
    "start",
    [
        None,
        OK,
        b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 x\r\n",
    ],
    ids=["silent", "slow body", "slow chunks", "slow headers"],
)
def test_an_answer_takes_no_longer_than_told(
    client: Make, peer: Start, start: bytes | None
) -> None:
    there = peer(decision(allowed=True))
    drop = {b"HTTP/1.1 200 x\r\n": b"x: y\r\n"}.get(start or b"", b"1\r\n \r\n")
    there.answers = [there.silence if start is None else there.drip(start, drop)]
    began = time.monotonic()
    with pytest.raises(Unavailable, match="in time"):
        client(there.url, timeout=0.4).allowed()
    assert time.monotonic() - began < 2


def test_an_answer_without_end_is_not_kept(client: Make, peer: Start) -> None:
    there = peer(decision(allowed=True))
    there.answers = [
        there.drip(b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n", chunk(2**20), 0)
    ]
    with pytest.raises(Unavailable, match="no end"):
        client(there.url, attempts=1, timeout=30).allowed()


def chunk(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b" " * size + b"\r\n"


def test_the_token_follows_no_redirect(client: Make, peer: Start) -> None:
    other = peer(decision(allowed=True))
    there = peer(answer(307, YES, location=f"{other.url}/access/v1/evaluation"))
    with pytest.raises(Unavailable, match=r"redirects to .*give the client the address"):
        client(there.url).allowed()
    assert other.asked == []


def test_proxies_of_the_environment_are_not_told_the_token(
    client: Make, peer: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, proxy = peer(decision(allowed=True)), peer(decision(allowed=False))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert client(there.url).allowed() is True
    assert proxy.asked == []
    assert client(there.url, proxy=proxy.url).allowed() is False
    assert proxy.asked[0].path.startswith(there.url)


@pytest.mark.parametrize("kind", [Guestlist, AsyncGuestlist])
def test_nothing_shows_the_token(kind: Any, peer: Start, caplog: pytest.LogCaptureFixture) -> None:
    there = peer(answer(401, {"message": "Unauthenticated."}))
    caplog.set_level(logging.DEBUG)
    guestlist = kind(there.url, TOKEN + "\n", on_error="deny")
    client = Guestlist(there.url, TOKEN, on_error="deny")
    assert client.allowed("ana", "read-activity") is False
    with pytest.raises(Unauthenticated) as caught:
        client.decide("ana", "read-activity")
    client.close()
    shown = [repr(guestlist), str(caught.value), caplog.text]
    shown += [repr(it) for it in vars(guestlist).values()]
    assert "Denied, because no decision was had" in caplog.text
    assert not any(TOKEN[:20] in text for text in shown)


@pytest.mark.parametrize("token", ["", " ", "two words", "a\nb", "grüße"])
def test_what_can_be_no_token_is_refused_unshown(token: str) -> None:
    with pytest.raises(ValueError, match="the token must be") as caught:
        Guestlist("http://127.0.0.1:9", token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("127.0.0.1:9", {}),
        ("ftp://127.0.0.1", {}),
        ("http://", {}),
        ("http://ana:pw@127.0.0.1", {}),
        ("http://127.0.0.1?x=y", {}),
        ("http://127.0.0.1", {"timeout": 0}),
        ("http://127.0.0.1", {"timeout": float("nan")}),
        ("http://127.0.0.1", {"attempts": 0}),
        ("http://127.0.0.1", {"on_error": "allow"}),
    ],
)
def test_a_client_that_could_not_work_is_not_made(
    client: Make, url: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="must"):
        client(url, **options)


def test_forgetting_to_await_is_no_yes() -> None:
    guestlist = AsyncGuestlist("http://127.0.0.1:9", TOKEN)
    with pytest.raises(TypeError, match="await"):
        assert guestlist.allowed("ana", "read-activity")
    with pytest.raises(TypeError, match="await"):
        assert not guestlist.decide("ana", "read-activity")
    gc.collect()
