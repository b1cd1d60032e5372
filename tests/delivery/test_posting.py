"""A webhook's request goes to the address that was judged, once, and waits for nobody for ever."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from guestlist.delivery import posting
from guestlist.delivery.posting import Answer, NotPosted, Poster
from guestlist.domain import destinations
from guestlist.domain.destinations import Allowed
from tests.certificates import certify
from tests.receiver import Handler, Post, Receiver, answers

HOST = "crew.acme.test"
BODY = b'{"type": "webhook.test"}'
SOON = 0.5
EVERYWHERE = destinations.read("127.0.0.0/8,::1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


class Names:
    """Resolves to `addresses`, or to what `answers` say one after the other; counts how often."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def post(
    url: str,
    *,
    allowed: Allowed = EVERYWHERE,
    names: Names | None = None,
    on_sent: Callable[[], None] = lambda: None,
) -> Answer:
    poster = Poster(allowed, resolve=names or posting.resolve, seconds=SOON)
    return asyncio.run(poster.post(url, {"webhook-id": "msg_a_1"}, BODY, on_sent=on_sent))


def test_the_body_and_headers_arrive_as_they_are(receiver: Receiver) -> None:
    sent: list[str] = []
    answer = post(f"{receiver.url}?a=b", on_sent=lambda: sent.append("sent"))
    assert (answer, sent) == (Answer(200, 0), ["sent"])
    [came] = receiver.take()
    assert (came.path, came.body) == ("/hook?a=b", BODY)
    assert came.headers["host"] == receiver.place
    assert came.headers["content-type"] == "application/json"
    assert came.headers["webhook-id"] == "msg_a_1"
    assert came.headers["user-agent"].startswith("Guestlist/")


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 308, 404, 410, 500, 503])
def test_the_answer_is_what_it_is_and_no_redirect_is_followed(
    receiver: Receiver, status: int
) -> None:
    with Receiver() as inside:
        receiver.answer = answers(status, location=inside.url)
        assert post(receiver.url, allowed=destinations.read(receiver.place)).status == status
        assert inside.posts.empty()
    receiver.take()
    assert receiver.posts.empty()


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fe80::1%1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
    ],
)
def test_a_name_that_leads_inside_is_not_asked(receiver: Receiver, addresses: list[str]) -> None:
    names = Names(addresses)
    with pytest.raises(NotPosted, match="not public"):
        post(f"https://{HOST}:{receiver.port}/in", allowed=Allowed(), names=names)
    assert names.asked == [(HOST, receiver.port)]
    assert receiver.posts.empty()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"],
)
def test_however_this_machine_is_spelled_it_is_not_asked(receiver: Receiver, host: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(NotPosted):
            post(f"{scheme}://{host}:{receiver.port}/in", allowed=Allowed())
    assert receiver.posts.empty()


def test_the_address_that_was_judged_is_the_one_that_is_asked(receiver: Receiver) -> None:
    """A name that answers otherwise the second time gains nothing: there is no second time."""
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    allowed = destinations.read(receiver.place)
    assert post(f"http://{HOST}:{receiver.port}/in", allowed=allowed, names=names).status == 200
    assert names.asked == [(HOST, receiver.port)]
    [came] = receiver.take()
    assert came.headers["host"] == f"{HOST}:{receiver.port}"
    # At the next attempt it is judged anew.
    with pytest.raises(NotPosted, match="without https"):
        post(f"http://{HOST}:{receiver.port}/in", allowed=allowed, names=names)


def test_only_the_allowed_may_be_asked_without_https(receiver: Receiver) -> None:
    for addresses in (["93.184.216.34"], ["127.0.0.1"]):
        with pytest.raises(NotPosted, match="without https"):
            post(f"http://{HOST}/in", allowed=Allowed(), names=Names(addresses))
    other = destinations.read(f"127.0.0.1:{receiver.port + 1}")
    with pytest.raises(NotPosted, match="without https"):
        post(receiver.url, allowed=other)
    assert receiver.posts.empty()


def test_where_the_first_address_is_deaf_the_next_is_asked(receiver: Receiver) -> None:
    names = Names(["127.0.0.9", "127.0.0.1"])
    assert post(f"http://{HOST}:{receiver.port}/in", names=names).status == 200


def hangs(receiver: Receiver) -> None:
    receiver.answer = receiver.hangs


def drips(receiver: Receiver) -> None:
    receiver.answer = receiver.drips


@pytest.mark.parametrize("slow", [hangs, drips])
def test_nobody_waits_longer_than_the_time_for_all_of_it(
    receiver: Receiver, slow: Callable[[Receiver], None]
) -> None:
    slow(receiver)
    with pytest.raises(NotPosted, match=r"no answer within 0\.5 s"):
        post(receiver.url)
    receiver.take()


def test_a_name_that_is_not_found_in_time_is_waited_for_no_longer() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return [host, str(port)]

    poster = Poster(EVERYWHERE, resolve=never, seconds=SOON)
    with pytest.raises(NotPosted, match="no answer"):
        asyncio.run(poster.post(f"https://{HOST}", {}, BODY, on_sent=lambda: None))


def test_a_long_answer_is_not_read(receiver: Receiver) -> None:
    def endless(handler: Handler, _: Post) -> None:
        handler.send_response(200)
        handler.send_header("content-length", str(10**12))
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(bytes(65_536))

    receiver.answer = endless
    assert post(receiver.url).status == 200


def closes(handler: Handler, _: Post) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def babbles(handler: Handler, _: Post) -> None:
    handler.wfile.write(b"what?\r\n\r\n")
    handler.close_connection = True


def swells(handler: Handler, _: Post) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: " + 200_000 * b"x" + b"\r\n\r\n")
    handler.close_connection = True


@pytest.mark.parametrize("answer", [closes, babbles, swells])
def test_what_is_no_answer_is_told_as_such(
    receiver: Receiver, answer: Callable[[Handler, Post], None]
) -> None:
    receiver.answer = answer
    with pytest.raises(NotPosted, match="ProtocolError"):
        post(receiver.url)


def test_nobody_at_home_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotPosted, match="ConnectError"):
        post(f"http://127.0.0.1:{port}/in")


async def _unknown(host: str, port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, f"{host}:{port}")


def test_a_name_nobody_has_is_told_as_such() -> None:
    poster = Poster(EVERYWHERE, resolve=_unknown, seconds=SOON)
    with pytest.raises(NotPosted, match="name was not found"):
        asyncio.run(poster.post(f"https://{HOST}", {}, BODY, on_sent=lambda: None))


def test_proxies_and_netrc_count_for_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ana password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.place}")
        assert post(receiver.url).status == 200
        assert proxy.posts.empty()
    [came] = receiver.take()
    assert "authorization" not in came.headers


def test_no_cookie_is_kept(receiver: Receiver) -> None:
    receiver.answer = answers(200, set_cookie="seen=1")

    async def twice() -> None:
        poster = Poster(EVERYWHERE, seconds=SOON)
        for _ in range(2):
            await poster.post(receiver.url, {}, BODY, on_sent=lambda: None)

    asyncio.run(twice())
    assert not [came for came in receiver.take(2) if "cookie" in came.headers]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "120"}, 120),
        ({"retry_after": "0"}, 0),
        ({"retry_after": "99999999999999999999"}, 999_999_999),
        ({"retry_after": "-5"}, 0),
        ({"retry_after": "soon"}, 0),
        ({"retry_after": "Sat, 01 Jan 2028 00:10:00 GMT"}, 600),
        ({"retry_after": "Fri, 31 Dec 2027 23:50:00 GMT"}, 0),
        ({}, 0),
    ],
)
def test_a_receiver_says_when_to_come_again(
    receiver: Receiver, headers: dict[str, str], seconds: int
) -> None:
    def answer(handler: Handler, _: Post) -> None:
        handler.send_response_only(503)
        handler.send_header("date", "Sat, 01 Jan 2028 00:00:00 GMT")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", "0")
        handler.end_headers()

    receiver.answer = answer
    assert post(receiver.url) == Answer(503, seconds * 1_000_000)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """For the host, and trusted."""
    file = tmp_path / "certificate.pem"
    certify(file, HOST)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def test_tls_asks_for_the_host_and_its_certificate(certificate: Path) -> None:
    names = Names(["127.0.0.1"])
    with Receiver(certificate=certificate) as sealed:
        assert post(f"https://{HOST}:{sealed.port}/in", names=names).status == 200
        [came] = sealed.take()
        assert came.headers["host"] == f"{HOST}:{sealed.port}"
        with pytest.raises(NotPosted, match="CERTIFICATE_VERIFY_FAILED"):
            post(f"https://other.acme.test:{sealed.port}/in", names=names)
        assert sealed.hosts == [HOST, "other.acme.test"]
        assert sealed.posts.empty()


def test_a_certificate_nobody_trusts_is_not_trusted(tmp_path: Path) -> None:
    certify(tmp_path / "own.pem", HOST)
    with Receiver(certificate=tmp_path / "own.pem") as sealed:
        url = f"https://{HOST}:{sealed.port}/in"
        with pytest.raises(NotPosted, match="CERTIFICATE_VERIFY_FAILED"):
            post(url, names=Names(["127.0.0.1"]))
        assert sealed.posts.empty()


def test_ipv6_addresses_are_asked_too() -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listening:
        port = listening.getsockname()[1]
        with pytest.raises(NotPosted, match="no answer"):
            post(f"http://[::1]:{port}/in")
        connection, _ = listening.accept()
        with connection:
            assert f"Host: [::1]:{port}".lower() in connection.recv(4_096).decode().lower()
