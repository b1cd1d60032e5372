"""An API is asked and its answers are kept, without anybody in them and nothing left behind."""

import json
import re
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec
import pytest

from guestlist.domain.tokens import SCOPES
from guestlist.testing import asking, scripts
from guestlist.testing.asking import Pace
from tests.testing.between import Between, Change, Passing
from tests.testing.recorder import Recorder

SECRET = "mlsn.0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ6ZGVua2EifQ.c2lnbmF0dXJlLW9mLXpkZW5rYQ"
# Whatever of them is found in a recording was personal or secret.
PERSONAL = (
    "zdenka",
    "quirk",
    "brontosaur",
    "velociraptor",
    "k1q7w3zr9vp5xd8y",
    "2031",
    "192.0.2.77",
    SECRET[5:20],
    JWT[:20],
    JWT[-20:],
    "4242",
)
WORLD = {
    "name": "Quirkington Holding",
    "domains": [{"id": "brontosaurs", "name": "mail.brontosaur.test"}],
    "templates": [
        {"id": "k1q7w3zr9vp5xd8y", "name": "Quirk's", "description": "For Velociraptor"},
    ],
    "users": [
        {
            "id": "zdenkas",
            "email": "Zdenka.O'Quirk+news@brontosaur.test",
            "name": "Zdenka",
            "last_name": "Quirkington",
            "avatar": "https://pictures.brontosaur.test/zdenka.png?key=4242424242",
            "role": "Admin",
            "created_at": "2031-03-04T05:06:07Z",
        }
    ],
    "invites": [{"id": "quirkier", "email": "velociraptor@brontosaur.test", "role": "Manager"}],
    "tokens": [{"name": "Zdenka's", "scopes": sorted(SCOPES)}],
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    with Recorder(tmp_path_factory.mktemp("recordings"), WORLD) as made:
        yield made


@pytest.fixture
def zdenkas(whole: Recorder) -> Iterator[Recorder]:
    """Her account is after each test what it was before."""
    whole.pass_as_it_is()
    before = whole.state()
    yield whole
    assert whole.state() == before


def steps_of(file: Path) -> list[Any]:
    steps: list[Any] = json.loads(file.read_bytes())["steps"]
    return steps


# Nobody is in it.


def planted(passing: Passing) -> Passing:
    """What no API should answer, in every place where there is room."""
    if passing.target.endswith("/users/no-id"):
        told = "Zdenka Quirkington <zdenka@quirk.test> at 192.0.2.77 may not, 2031-01-01T00:00:00Z"
        told = f"{told}: {SECRET}"
        return passing.saying({"message": told, "errors": {"zdenka@quirk.test": [told, JWT]}})
    if passing.target.endswith("/invites/no-id"):
        return replace(
            passing,
            body=b"<html>zdenka@quirk.test",
            headers=passing.headers
            | {"content-type": "text/html", "x-zdenka": "quirk", "set-cookie": SECRET},
        )
    if passing.target.endswith("/api-quota"):
        return passing.saying(
            passing.document
            | {
                "Zdenka Quirk": 4242,
                "zdenka@quirk.test": [JWT, 42.42],
                "role": "Velociraptor of the Quirks",
                "secret": "brontosaur",
                "next": f"https://quirk.test/join/{SECRET}",
                "until": "2031-03-04T05:06:07.000000Z",
            }
        )
    return passing.with_header("www-authenticate", f"Bearer {SECRET}")


def test_nothing_personal_or_secret_is_in_a_recording(zdenkas: Recorder) -> None:
    zdenkas.between.change = planted
    file = zdenkas.record("--read-write", name="recording.json")
    answers = [passing.body.decode().lower() for passing in zdenkas.between.passed]
    content = file.read_text()
    assert any("zdenka" in answer for answer in answers)
    assert [word for word in PERSONAL if word.lower() in content.lower()] == []
    assert zdenkas.token not in content
    assert zdenkas.token[5:15] not in content
    assert re.findall(r"[^\s\"<>]+@[^\s\"<>]+", content) == []
    # No id of the wire's, no digest, no instant, and no URL either.
    assert re.findall(r"\b(?!0{16}\b)[0-9dejgklmnopqrvwxyz]{16}\b|\b[0-9a-f]{32,}\b", content) == []
    assert set(re.findall(r"\d{4}-\d\d-\d\dT\d\d", content)) == {"0000-00-00T00"}
    assert "://" not in content


def test_what_is_one_stays_one(zdenkas: Recorder) -> None:
    steps = steps_of(zdenkas.record(name="recording.json"))
    by_name = {one["step"]["name"]: one for one in steps}
    [listed] = by_name["users: the first page"]["answer"]["body"]["data"]
    alone = by_name["users: one of them"]["answer"]["body"]["data"]
    assert listed == alone
    assert listed["id"] == by_name["users: the first page"]["saved"]["user"]
    [domain] = by_name["domains: the first page"]["answer"]["body"]["data"]
    assert alone["domains"][0]["id"] == domain["id"]
    placeholders = [alone["id"], alone["email"], alone["name"], alone["last_name"], domain["id"]]
    assert len(set(placeholders)) == len(placeholders)
    assert all(re.fullmatch(r"<[a-z]+:\d+>", placeholder) for placeholder in placeholders)
    assert alone["role"] == "Admin"
    assert alone["created_at"] == "0000-00-00T00:00:00.000000Z"


def test_messages_stay_readable(zdenkas: Recorder) -> None:
    told = "Quirkington (zdenka@quirk.test) has no user k1q7w3zr9vp5xd8y. #MS40301"
    zdenkas.between.change = lambda passing: passing.saying({"message": told})
    script = zdenkas.script({"name": "one", "path": "/users/{unknown}"})
    zdenkas.between.change = lambda passing: replace(passing.saying({"message": told}), status=404)
    [step] = steps_of(zdenkas.record("--script", script, name="recording.json"))
    said_then = step["answer"]["body"]["message"]
    assert said_then == "Quirkington (<email:1>) has no user <id:1>. #MS40301"


def test_a_script_of_ones_own_is_kept_without_addresses(zdenkas: Recorder) -> None:
    steps = (
        {"name": "for zdenka@quirk.test", "path": "/users", "query": {"q": "zdenka@quirk.com"}},
        {"name": "one", "path": "/users/k1q7w3zr9vp5xd8y"},
    )
    file = zdenkas.record("--script", zdenkas.script(*steps), name="recording.json")
    content = file.read_text()
    assert "quirk.com" not in content
    assert "k1q7w3zr9vp5xd8y" not in content
    assert zdenkas.asked("GET", "q=zdenka%40quirk.com")


def test_only_its_owner_can_read_it_and_nothing_is_written_over(zdenkas: Recorder) -> None:
    script = zdenkas.script({"name": "quota", "path": "/api-quota"})
    file = zdenkas.record("--script", script, name="recording.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    zdenkas.between.passed.clear()
    options = ("record", "--base-url", zdenkas.between.url, "--output", str(file))
    done = zdenkas.run(*options, "--script", script)
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert file.read_bytes() == before
    assert zdenkas.between.passed == []


def test_nor_is_what_came_meanwhile(zdenkas: Recorder) -> None:
    file = zdenkas.folder / "meanwhile.json"

    def come(passing: Passing) -> Passing:
        file.write_text("somebody's")
        return passing

    zdenkas.between.change = come
    script = zdenkas.script({"name": "quota", "path": "/api-quota"})
    options = ("record", "--base-url", zdenkas.between.url, "--output", str(file))
    done = zdenkas.run(*options, "--script", script)
    assert done.exit_code == 1
    assert file.read_text() == "somebody's"
    assert list(zdenkas.folder.glob(".meanwhile*")) == []


def test_without_a_file_it_goes_to_standard_output(zdenkas: Recorder) -> None:
    script = zdenkas.script({"name": "quota", "path": "/api-quota"})
    done = zdenkas.run("record", "--base-url", f"{zdenkas.between.url}/v1/", "--script", script)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["steps"][0]["answer"]["status"] == 200
    assert done.stderr == "1 of 1: GET /api-quota\n"


def test_the_built_in_script_asks_every_get_and_changes_nothing(zdenkas: Recorder) -> None:
    zdenkas.record(name="recording.json")
    asked = {(p.method, p.target.partition("?")[0]) for p in zdenkas.between.passed}
    for path in ("users", "invites", "token", "domains", "templates", "api-quota"):
        assert ("GET", f"/v1/{path}") in asked
    for path in ("users/zdenkas", "invites/quirkier", "domains/brontosaurs"):
        assert ("GET", f"/v1/{path}") in asked
    changing = [p for p in zdenkas.between.passed if p.method != "GET"]
    assert {p.method for p in changing} == {"POST", "PATCH"}
    assert not any(p.bears_a_token for p in changing)
    statuses = {p.status for p in zdenkas.between.passed}
    assert statuses == {200, 401, 404, 405, 422}


def test_a_script_may_be_toml(zdenkas: Recorder) -> None:
    file = zdenkas.folder / "script.toml"
    file.write_text(
        'name = "ours"\n[[steps]]\nname = "q"\npath = "/users"\nquery = {limit = "10"}\n'
    )
    zdenkas.record("--script", str(file), name="recording.json")
    [passing] = zdenkas.between.passed
    assert (passing.method, passing.target) == ("GET", "/v1/users?limit=10")


# What is changed is taken back.


def writes(zdenkas: Recorder) -> tuple[str, ...]:
    steps = [msgspec.to_builtins(step) for step in scripts.WRITES]
    return ("--read-write", "--script", zdenkas.script(*steps))


def test_one_is_invited_read_sent_again_and_cancelled(zdenkas: Recorder) -> None:
    address = "somebody@guestlist.test"
    zdenkas.record(*writes(zdenkas), "--address", address, name="recording.json")
    told = [
        (p.method, p.status)
        for p in zdenkas.between.passed
        if p.status in {200, 204} and p.method != "GET"
    ]
    assert told == [("POST", 200), ("POST", 200), ("DELETE", 204)]
    [invited, _] = [p for p in zdenkas.asked("POST", "/") if p.status == 200]
    assert invited.document["data"]["email"] == address


def test_who_is_invited_is_nobody_and_another_one_each_time(zdenkas: Recorder) -> None:
    found = set()
    for number in range(2):
        zdenkas.between.passed.clear()
        zdenkas.record(*writes(zdenkas), name=f"recording{number}.json")
        [invited, _] = [p for p in zdenkas.asked("POST", "/") if p.status == 200]
        found.add(invited.document["data"]["email"])
    assert len(found) == 2
    assert all(address.endswith("@example.com") for address in found)


def closed(passing: Passing) -> Passing:
    """Done, and never answered."""
    return replace(passing, status=0)


def unwell(passing: Passing) -> Passing:
    return replace(
        passing, status=502, headers={"content-type": "text/html"}, body=b"<h1>Bad Gateway</h1>"
    )


@pytest.mark.parametrize("trouble", [closed, unwell])
@pytest.mark.parametrize("number", range(len(scripts.WRITES)))
def test_nothing_is_left_after_a_failure_at_any_call(
    zdenkas: Recorder, number: int, trouble: Change
) -> None:
    """Also where the answer to what was done was lost; the fixture looks at what is left."""
    options = writes(zdenkas)
    # The first call looks whether the address is invited already.
    zdenkas.between.change = lambda passing: (
        trouble(passing) if len(zdenkas.between.passed) == number + 2 else passing
    )
    refused = zdenkas.refused(*options)
    assert "did not answer" in refused or "502" in refused
    assert any(p.method == "GET" for p in zdenkas.between.passed[number + 2 :])


@pytest.mark.usefixtures("signals_heard")
def test_an_interruption_is_no_exception(zdenkas: Recorder) -> None:
    """Ctrl-C while the program waits for an answer, as a terminal sends it."""
    options = writes(zdenkas)

    def interrupt(passing: Passing) -> Passing:
        if passing.method == "POST" and passing.status == 200:
            zdenkas.between.change = lambda passing: passing
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return passing

    zdenkas.between.change = interrupt
    file = zdenkas.folder / "none.json"
    options = ("record", "--base-url", zdenkas.between.url, "--output", str(file), *options)
    done = zdenkas.run(*options)
    assert done.exit_code != 0
    assert not file.exists()
    assert zdenkas.asked("DELETE", "/invites/")


def test_what_could_not_be_taken_back_is_told(whole: Recorder) -> None:
    whole.pass_as_it_is()
    gone = False

    def leave(passing: Passing) -> Passing:
        nonlocal gone
        gone = gone or (passing.method == "POST" and passing.status == 200)
        return closed(passing) if gone else passing

    whole.between.change = leave
    refused = whole.refused(*writes(whole), "--address", "left@guestlist.test")
    assert "left@guestlist.test may be left" in refused
    assert "by hand" in refused
    whole.pass_as_it_is()
    again = whole.refused(*writes(whole), "--address", "Left@guestlist.test")
    assert "already" in again
    [left] = [one for one in whole.state()["invites"] if one["email"] == "left@guestlist.test"]
    steps = [{"name": "x", "method": "DELETE", "path": f"/invites/{left['id']}"}]
    whole.record("--read-write", "--script", whole.script(*steps), name="by_hand.json")


@pytest.mark.parametrize(
    "address",
    [
        "zdenka@quirk.com",
        "example.com",
        "a@example.com.quirk.com",
        "a@notexample.com",
        "a b@x.test",
    ],
)
def test_nobody_is_invited_who_could_read_it(zdenkas: Recorder, address: str) -> None:
    assert "nobody's" in zdenkas.refused(*writes(zdenkas), "--address", address)
    assert zdenkas.between.passed == []


def test_nothing_is_changed_unless_told(zdenkas: Recorder) -> None:
    for method, path in (("POST", "/users"), ("DELETE", "/users/zdenkas"), ("PUT", "/users/x")):
        script = zdenkas.script(
            {"name": "quota", "path": "/api-quota"},
            {"name": "change", "method": method, "path": path},
        )
        assert "--read-write" in zdenkas.refused("--script", script)
    assert zdenkas.between.passed == []


# What is refused, and what is not worth recording.

QUOTA = {"name": "quota", "path": "/api-quota"}
BROKEN: dict[str, Any] = {
    "no list": {"name": "x", "steps": {}},
    "no steps": {"name": "x", "steps": []},
    "no name": {"steps": [QUOTA]},
    "an unknown key": {"name": "x", "steps": [QUOTA | {"headers": {}}]},
    "no path": {"name": "x", "steps": [{"name": "x"}]},
    "a path that is none": {"name": "x", "steps": [QUOTA | {"path": "users"}]},
    "a line feed": {"name": "x", "steps": [QUOTA | {"path": "/users\r\nx: y"}]},
    "a query in the path": {"name": "x", "steps": [QUOTA | {"path": "/users?page=1"}]},
    "a method that is none": {"name": "x", "steps": [QUOTA | {"method": "get"}]},
    "a word that nothing saves": {"name": "x", "steps": [QUOTA | {"path": "/users/{user}"}]},
    "a word that is taken": {"name": "x", "steps": [QUOTA | {"save": {"email": "data.id"}}]},
    "too many": {"name": "x", "steps": [QUOTA] * (scripts.MAX_STEPS + 1)},
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_script_is_refused(zdenkas: Recorder, name: str) -> None:
    file = zdenkas.folder / "broken.json"
    file.write_text(json.dumps(BROKEN[name]))
    assert "script" in zdenkas.refused("--script", str(file)).lower()
    assert zdenkas.between.passed == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_file_of_one_is_refused(zdenkas: Recorder, content: bytes) -> None:
    file = zdenkas.folder / "broken.json"
    file.write_bytes(content)
    assert "broken.json is" in zdenkas.refused("--script", str(file))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("127.0.0.1:8025", "http or https URL"),
        ("ftp://127.0.0.1/v1", "http or https URL"),
        ("http://", "http or https URL"),
        ("http://[::1", "no URL"),
        ("http://127.0.0.1:99999/v1", "no URL"),
        ("http://mine:secret@127.0.0.1/v1", "no user"),
        ("http://127.0.0.1/v1?x=1", "query"),
        ("http://127.0.0.1/v 1", "path"),
        # The token would be seen on the way.
        ("http://api.mailersend.com/v1", "use https"),
        ("http://127.0.0.1.quirk.test/v1", "use https"),
    ],
)
def test_where_no_token_may_go_none_goes(zdenkas: Recorder, url: str, told: str) -> None:
    refused = zdenkas.refused(base_url=url)
    assert told in refused
    assert "mine:secret" not in refused


def test_the_token_comes_from_the_environment(zdenkas: Recorder) -> None:
    script = ("--script", zdenkas.script(QUOTA))
    zdenkas.environment = {}
    assert "MAILERSEND_API_TOKEN or MAILERSEND_API_KEY" in zdenkas.refused(*script)
    for broken in (" ", "mlsn.a b", "mlsn.ü", "mlsn.a\nx: y"):
        zdenkas.environment = {"MAILERSEND_API_TOKEN": broken}
        refused = zdenkas.refused(*script)
        assert "token" in refused
        assert broken.strip() == "" or broken not in refused
    assert zdenkas.between.passed == []
    zdenkas.environment = {"MAILERSEND_API_KEY": zdenkas.token}
    zdenkas.record(*script, name="recording.json")


def test_a_token_that_is_not_accepted_is_told_at_once(zdenkas: Recorder) -> None:
    zdenkas.environment = {"MAILERSEND_API_TOKEN": SECRET}
    refused = zdenkas.refused()
    assert "is not accepted" in refused
    assert SECRET not in refused
    assert len(zdenkas.between.passed) == 1


def answered(status: int, kind: str, body: bytes, **more: str) -> Change:
    headers = {"content-type": kind} | {k.replace("_", "-"): v for k, v in more.items()}
    return lambda passing: replace(passing, status=status, headers=headers, body=body)


HTML = b"<html><body>Log in, Zdenka</body></html>"
UNWELL: dict[str, tuple[Change, str]] = {
    "a page": (answered(200, "text/html", HTML), "no JSON"),
    "a page that is not found": (answered(404, "text/html", HTML), "no JSON"),
    "what says it is JSON": (answered(200, "application/json", b'{"data":'), "no JSON"),
    "an empty answer": (answered(200, "application/json", b""), "no JSON"),
    "a gateway": (answered(502, "text/html", HTML), "502"),
    "elsewhere": (
        answered(302, "text/html", b"", location="https://quirk.test/login?k=4242"),
        "redirects to 'https://quirk.test/login'",
    ),
    "half of it": (
        answered(200, "application/json", b"{}", x_promised="5000"),
        "did not answer",
    ),
    "too much": (answered(200, "application/json", b" " * (asking.MAX_BYTES + 1)), "more than"),
    "nothing": (closed, "did not answer"),
}


@pytest.mark.parametrize("name", UNWELL)
def test_what_is_not_the_api_is_not_recorded(zdenkas: Recorder, name: str) -> None:
    change, told = UNWELL[name]
    zdenkas.between.change = change
    refused = zdenkas.refused()
    assert told in refused
    assert "Zdenka" not in refused
    assert "4242" not in refused
    assert len(zdenkas.between.passed) == 1


def test_nobody_there_is_told(zdenkas: Recorder) -> None:
    with Between(zdenkas.url) as left:
        url = left.url
    assert "127.0.0.1 did not answer" in zdenkas.refused(base_url=url)


@pytest.mark.parametrize("trickles", [False, True])
def test_who_never_ends_is_left(zdenkas: Recorder, *, trickles: bool) -> None:
    """Of a whole answer there is one limit, however often a byte comes."""
    done = Event()

    def hang() -> None:
        peer, _ = at.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
            while not done.wait(0.02):
                if trickles:
                    try:
                        peer.sendall(b" ")
                    except OSError:
                        return

    with socket.create_server(("127.0.0.1", 0)) as at:
        at.settimeout(30)
        thread = Thread(target=hang)
        thread.start()
        try:
            url = f"http://127.0.0.1:{at.getsockname()[1]}"
            refused = zdenkas.refused("--timeout", "0.5", base_url=url)
        finally:
            done.set()
            thread.join()
    assert "took longer than 0.5 seconds" in refused


def test_who_has_the_id_that_nobody_has_is_left_alone(zdenkas: Recorder) -> None:
    """Else a removal of nobody would be one of somebody."""
    one = f"/users/{scripts.UNKNOWN_ID}"
    zdenkas.between.change = lambda passing: (
        replace(passing, status=200) if passing.target.endswith(one) else passing
    )
    assert scripts.UNKNOWN_ID in zdenkas.refused("--read-write")
    assert [p for p in zdenkas.between.passed if p.method == "DELETE"] == []


def test_too_early_is_asked_again_later(zdenkas: Recorder) -> None:
    """The answer that said so is kept: it is part of the contract."""

    def once(passing: Passing) -> Passing:
        if len(zdenkas.between.passed) > 1:
            return passing
        early = answered(429, "application/json", b'{"message":"Too many."}', retry_after="0")
        return early(passing)

    zdenkas.between.change = once
    file = zdenkas.record("--script", zdenkas.script(QUOTA), name="recording.json")
    [step] = steps_of(file)
    assert step["answer"]["status"] == 200
    [early] = step["early"]
    assert (early["status"], early["body"]) == (429, {"message": "Too many."})
    assert early["headers"] == {"content-type": "application/json", "retry-after": "<number>"}


def test_but_not_for_ever(zdenkas: Recorder) -> None:
    zdenkas.between.change = answered(429, "application/json", b"{}", retry_after="0")
    assert "429" in zdenkas.refused("--script", zdenkas.script(QUOTA))
    assert len(zdenkas.between.passed) == 3


class Hands:
    """A clock that goes on while somebody sleeps, and by a second for every call."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def call(self, pace: Pace, *, takes: float) -> None:
        pace.wait()
        self.calls.append(self.now)
        self.now += takes


@pytest.mark.parametrize("takes", [0.01, 0.5, 3])
def test_elsewhere_there_are_never_60_calls_in_a_minute(takes: float) -> None:
    hands = Hands()
    at = asking.base("https://api.mailersend.com")
    pace = Pace(at.pace, now=lambda: hands.now, sleep=hands.sleep)
    for _ in range(200):
        hands.call(pace, takes=takes)
    for start in hands.calls:
        assert sum(1 for call in hands.calls if start <= call < start + 60) < 60
    assert asking.base("http://127.0.0.1:8025").pace == 0
