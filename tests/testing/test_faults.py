"""What a client sees of each fault, byte for byte, and what the server did, on both databases."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.testing.hands import Hands
from tests.testing.sockets import Live, nothing_more, request

JSON = "application/json"
PRIVATE = {"cache-control": "no-cache, private"}
QUOTA = {"x-apiquota-remaining": "-1", "x-apiquota-reset": "2026-01-02T00:00:00Z"}
_numbers = itertools.count(1)
WAIT = {"kind": "latency", "seconds": 3_600}


def refusal(message: str) -> bytes:
    return b'{"message":"%b"}' % message.replace("/", r"\/").encode()


def of_a_gateway(words: str) -> bytes:
    return (
        f"<html>\r\n<head><title>{words}</title></head>\r\n"
        f"<body>\r\n<center><h1>{words}</h1></center>\r\n"
        "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    ).encode()


# What is planned; then the status line, the headers and the body that a client gets.
ANSWERS: dict[str, tuple[dict[str, Any], bytes, dict[str, str], bytes]] = {
    "rate_limited": (
        {"kind": "rate_limited", "retry_after": 17},
        b"429 Too Many Requests",
        QUOTA | {"retry-after": "17", "x-ratelimit-limit": "60", "x-ratelimit-remaining": "0"},
        refusal(
            "Your account reached its rate limit of 60 requests/min."
            " Please wait before trying again. #MS42903"
        ),
    ),
    "quota": (
        {"kind": "quota"},
        b"429 Too Many Requests",
        QUOTA | {"x-apiquota-remaining": "0"},
        refusal("Your account reached its API daily quota limit. Upgrade to increase it. #MS42901"),
    ),
    "create_lock": (
        {"kind": "create_lock"},
        b"429 Too Many Requests",
        QUOTA,
        (
            b'{\n    "message": "You cannot create a resource at the moment.'
            b' Please wait a while before retrying."\n}'
        ),
    ),
    "unauthenticated": (
        {"kind": "unauthenticated"},
        b"401 Unauthorized",
        {},
        refusal("Unauthenticated."),
    ),
    "forbidden": (
        {"kind": "forbidden"},
        b"403 Forbidden",
        QUOTA,
        refusal("This action is unauthorized. #MS40301"),
    ),
    "server_error": (
        {"kind": "server_error"},
        b"500 Internal Server Error",
        {},
        refusal("Server Error"),
    ),
    "bad_gateway": (
        {"kind": "bad_gateway"},
        b"502 Bad Gateway",
        {"content-type": "text/html"},
        of_a_gateway("502 Bad Gateway"),
    ),
    "unavailable": (
        {"kind": "unavailable", "retry_after": 0},
        b"503 Service Unavailable",
        {"retry-after": "0"},
        refusal("The database cannot be reached; try again in a moment."),
    ),
    "timeout": (
        {"kind": "timeout"},
        b"504 Gateway Timeout",
        {"content-type": "text/html"},
        of_a_gateway("504 Gateway Timeout"),
    ),
    "a document": (
        {"status": 421, "body": {"message": "a/é"}, "headers": {"X-Of-My-Own": "yes"}},
        b"421 Misdirected Request",
        {"x-of-my-own": "yes"},
        rb'{"message":"a\/\u00e9"}',
    ),
    "a text": (
        {"status": 200, "body": "café", "headers": {"Content-Type": "text/plain"}},
        b"200 OK",
        {"content-type": "text/plain"},
        "café".encode(),
    ),
    "no body": ({"status": 204}, b"204 No Content", {}, b""),
}
answers = pytest.mark.parametrize(
    ("fault", "line", "headers", "body"), ANSWERS.values(), ids=ANSWERS
)
commits = pytest.mark.parametrize("commit", ["before", "after"])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest) -> Iterator[Live]:
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("twins_server")
    with Live(seed="1", database=database) as made:
        yield made


@pytest.fixture(scope="module")
def shared_account(live: Live) -> Hands:
    return live.whole.account()


@pytest.fixture
def account(live: Live, shared_account: Hands) -> Hands:
    """One for all: on PostgreSQL each is a database of its own."""
    for hands in (shared_account, live.whole):
        hands.told("POST", "/faults/clear")
        hands.told("POST", "/requests/clear")
    return shared_account


@pytest.fixture
def email() -> str:
    return f"eve{next(_numbers)}@acme.test"


def invite(account: Hands, email: str) -> bytes:
    body = json.dumps({"email": email, "role": "Accountant"}).encode()
    return request("POST /v1/users", str(account.token), body)


def invites(account: Hands, email: str) -> list[str]:
    """The ids of those of that address."""
    found = account.api("GET", "/v1/invites?limit=100").json()["data"]
    return [one["id"] for one in found if one["email"] == email]


def get(account: Hands, path: str = "/v1/users") -> bytes:
    return request(f"GET {path}", str(account.token))


def plan(hands: Hands, **fault: Any) -> None:
    hands.told("POST", "/faults", json=fault)


@commits
@answers
def test_an_answer_in_the_true_one_s_place(
    live: Live,
    account: Hands,
    email: str,
    *,
    commit: str,
    fault: dict[str, Any],
    line: bytes,
    headers: dict[str, str],
    body: bytes,
) -> None:
    plan(account, commit=commit, method="POST", path="/v1/users", **fault)
    seen = live.see(invite(account, email))
    assert seen.line == b"HTTP/1.1 " + line
    assert seen.body == body
    expected = PRIVATE | headers
    if body:
        expected = {"content-type": JSON, "content-length": str(len(body))} | expected
    assert seen.headers == expected
    assert len(invites(account, email)) == (commit == "after")
    again = live.see(invite(account, email))
    second = {"before": b"200 OK", "after": b"422 Unprocessable Entity"}
    assert again.line == b"HTTP/1.1 " + second[commit]


@commits
@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_connection(
    live: Live, account: Hands, email: str, *, commit: str, reset: bool
) -> None:
    plan(account, commit=commit, kind="dropped", reset=reset)
    seen = live.see(invite(account, email))
    assert (seen.whole, seen.was_reset) == (b"", reset)
    assert len(invites(account, email)) == (commit == "after")


@pytest.mark.parametrize("size", [0, 10, 10**6])
def test_a_body_that_is_cut_off(live: Live, account: Hands, email: str, size: int) -> None:
    """The headers promise all of it; a connection that could go on ends."""
    plan(account, kind="truncated", bytes=size, method="POST")
    seen = live.see(invite(account, email).replace(b"Connection: close\r\n", b""))
    assert seen.line == b"HTTP/1.1 200 OK"
    [made] = invites(account, email)
    true = live.see(get(account, f"/v1/invites/{made}"))
    assert seen.headers["content-length"] == str(len(true.body))
    assert seen.body == true.body[:size]


def test_a_body_that_drips(live: Live, account: Hands) -> None:
    whole = live.see(get(account))
    plan(account, kind="drip", bytes_per_second=1, times=1)
    plan(account, kind="drip", bytes_per_second=10**6, times=1)
    with live.connected(get(account)) as connection:
        seen = b""
        while not seen.partition(b"\r\n\r\n")[2]:
            seen += connection.recv(65_536)
        assert nothing_more(connection)
        assert whole.body.startswith(seen.partition(b"\r\n\r\n")[2])
        assert f"content-length: {len(whole.body)}".encode() in seen
    quick = live.see(get(account))
    assert (quick.line, quick.body) == (whole.line, whole.body)


def taken(account: Hands) -> None:
    """Returns once the whole plan was met."""
    while account.told("GET", "/faults")["faults"]:
        pass


def test_what_waits_holds_up_nobody(live: Live, account: Hands) -> None:
    plan(account, path="/v1/users", **WAIT)
    with live.connected(get(account)) as connection:
        taken(account)
        assert account.api("GET", "/v1/users").status_code == 200
        account.told("POST", "/snapshot")
        account.told("POST", "/reset")
        assert nothing_more(connection)


@commits
def test_who_waits_no_longer(live: Live, account: Hands, email: str, commit: str) -> None:
    """A client's own time-out: before the server had it, or after it was done."""
    plan(account, commit=commit, method="POST", **WAIT)
    with live.connected(invite(account, email)) as connection:
        taken(account)
        if commit == "after":
            [entry] = account.told("GET", "/requests?method=POST&wait=60")["data"]
            assert entry["answer"]["status"] == 200
        assert nothing_more(connection)
    assert len(invites(account, email)) == (commit == "after")
    assert len(account.told("GET", "/requests?method=POST")["data"]) == (commit == "after")


@commits
def test_after_the_wait_comes_the_true_answer(live: Live, account: Hands, commit: str) -> None:
    true = live.see(get(account))
    plan(account, kind="latency", seconds=0.001, commit=commit)
    late = live.see(get(account))
    assert (late.line, late.body) == (true.line, true.body)


def test_a_whole_twin_s_fault_is_for_strangers_too(live: Live, account: Hands) -> None:
    plan(live.whole, kind="server_error", path="/v1/api-quota", times=2)
    for token in (str(account.token), "nobody's"):
        seen = live.see(request("GET /v1/api-quota", token))
        assert seen.line == b"HTTP/1.1 500 Internal Server Error"
    assert live.see(request("GET /v1/api-quota", "nobody's")).line == b"HTTP/1.1 401 Unauthorized"


def test_a_head_has_no_body_though_it_says_how_long_it_is(live: Live, account: Hands) -> None:
    plan(account, kind="forbidden")
    seen = live.see(request("HEAD /v1/users", str(account.token)))
    assert (seen.line, seen.body) == (b"HTTP/1.1 403 Forbidden", b"")
    assert int(seen.headers["content-length"]) == len(ANSWERS["forbidden"][3])
