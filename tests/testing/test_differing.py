"""Where two twins differ is found, each difference exactly."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from guestlist.domain.tokens import SCOPES
from guestlist.testing import scripts
from tests.example_world import WORLD
from tests.testing.between import Change, Passing
from tests.testing.recorder import SHORT, Recorder, said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    with Recorder(tmp_path_factory.mktemp("recordings"), WORLD) as made:
        yield made


@pytest.fixture
def acme(whole: Recorder) -> Recorder:
    """Two users, one invite, a domain, a template and a token; nothing is changed on the way."""
    whole.pass_as_it_is()
    return whole


@pytest.fixture(scope="module")
def plain(whole: Recorder) -> Path:
    """The short script as the twin itself answers it."""
    whole.pass_as_it_is()
    return whole.record("--script", whole.script(*SHORT), name="plain.json")


# The same makes no difference.


def crowd() -> dict[str, Any]:
    """So many that there are pages, and of every kind."""
    kinds: list[dict[str, Any]] = [
        {"role": "Admin", "avatar": "https://pictures.crowd.test/1.png"},
        {"role": "Custom User", "permissions": ["read-own-templates"], "templates": ["one"]},
        {"role": "Manager", "2fa": True, "permissions": ["read-activity"]},
    ]
    custom = {"role": "Custom User", "permissions": ["manage-domain"]}
    return {
        "name": "Crowd",
        "domains": [{"id": "mail", "name": "mail.crowd.test"}],
        "templates": [{"id": "one", "description": "Said"}, {"id": "two"}],
        "users": [kinds[n % 3] | {"email": f"user{n}@crowd.test", "name": "U"} for n in range(36)],
        "invites": [
            custom | {"email": f"invite{n}@crowd.test", "domains": ["mail"] if n % 2 else []}
            for n in range(130)
        ],
        "tokens": [
            {"name": "all", "scopes": sorted(SCOPES)},
            {"name": "asleep", "scopes": ["users_read"], "status": "pause", "domain": "mail"},
        ],
    }


@pytest.mark.parametrize("accounts", [[], [crowd()]], ids=["alone", "crowd"])
def test_a_twin_does_not_differ_from_another_of_the_same_version(
    accounts: list[dict[str, Any]], tmp_path: Path
) -> None:
    with Recorder(tmp_path, *accounts) as recorder:
        file = recorder.record("--read-write", name="recording.json")
        told = recorder.diff(file)
    assert told == {
        "steps": len(scripts.READ_WRITE.steps),
        "differences": [],
        "accepted": [],
        "unused": [],
    }


def test_nor_does_one_with_a_world_that_is_given(acme: Recorder) -> None:
    file = acme.record(name="read_only.json")
    world = acme.folder / "world.json"
    world.write_text(json.dumps({"accounts": [crowd()]}))
    found = acme.differences(file, "--world", str(world))
    # Values differ throughout; what is told is only that here somebody has what is null there.
    assert found
    for one in found:
        assert (one["kind"], "null" in one["recorded"] + one["here"]) == ("type", True), one


# A planted difference is found, and nothing else.


def on(target: str, *, change: Change, bears_a_token: bool = True) -> Change:
    def changed(passing: Passing) -> Passing:
        fits = passing.target == target and passing.bears_a_token == bears_a_token
        return change(passing) if fits else passing

    return changed


def in_first(change: Callable[[dict[str, Any]], object]) -> Change:
    """Changes the first entry of a list."""

    def changed(passing: Passing) -> Passing:
        document = passing.document
        change(document["data"][0])
        return passing.saying(document)

    return changed


def in_each(change: Callable[[dict[str, Any]], object]) -> Change:
    def changed(passing: Passing) -> Passing:
        document = passing.document
        for entry in document["data"]:
            change(entry)
        return passing.saying(document)

    return changed


def renamed(entry: dict[str, Any]) -> None:
    entry["surname"] = entry.pop("last_name")


def in_document(**more: Any) -> Change:
    return lambda passing: passing.saying(passing.document | more)


def without(name: str) -> Change:
    return lambda passing: passing.saying({k: v for k, v in passing.document.items() if k != name})


def header(name: str, value: str | None) -> Change:
    return lambda passing: passing.with_header(name, value)


LIST, ONE, FEW = "/v1/users?limit=100", "/v1/users/x7m2k9d4rpq1zv83", "/v1/users?limit=9"
NOBODY = f"/v1/users/{scripts.UNKNOWN_ID}"
TOO_FEW = "The limit must be at least 10."
PLANTED: dict[str, tuple[str, Change, list[tuple[str, str, str, str]]]] = {
    "a key is renamed": (
        LIST,
        in_each(renamed),
        [
            ("key", "data[].last_name", "there", "missing"),
            ("key", "data[].surname", "missing", "there"),
        ],
    ),
    "a key is sometimes missing": (
        LIST,
        in_first(lambda entry: entry.pop("2fa")),
        [("key", "data[].2fa", "there", "sometimes there")],
    ),
    "a number is a text": (
        LIST,
        in_first(lambda entry: entry.update({"2fa": "1"})),
        [("type", "data[].2fa", "boolean", "boolean or string")],
    ),
    "null is an empty text": (
        LIST,
        in_each(lambda entry: entry.update(avatar=entry["avatar"] or "")),
        [("type", "data[].avatar", "<url> or null", "<url> or string")],
    ),
    "what was never null is": (
        LIST,
        in_first(lambda entry: entry.update(last_name=None)),
        [("type", "data[].last_name", "string", "null or string")],
    ),
    "a list is an object": (
        LIST,
        in_each(lambda entry: entry.update(domains={})),
        [("type", "data[].domains", "list", "object")],
    ),
    "an instant is written otherwise": (
        ONE,
        lambda passing: replace(passing, body=passing.body.replace(b".000000Z", b"+00:00")),
        [
            ("type", where, "0000-00-00T00:00:00.000000Z", "0000-00-00T00:00:00+00:00")
            for where in (
                "data.created_at",
                "data.domains[].created_at",
                "data.domains[].updated_at",
                "data.templates[].created_at",
                "data.updated_at",
            )
        ],
    ),
    "another is answered for": (
        ONE,
        lambda p: replace(p, body=p.body.replace(b"x7m2k9d4rpq1zv83", b"y7m2k9d4rpq1zv83")),
        [("type", "data.id", "{user}", "<id>")],
    ),
    "the body is a list": (
        "/v1/api-quota",
        lambda passing: passing.saying([]),
        [("type", "", "object", "list")],
    ),
    "pages are left out": (LIST, without("links"), [("key", "links", "there", "missing")]),
    "how many a page has": (
        LIST,
        lambda passing: passing.saying(
            passing.document | {"meta": passing.document["meta"] | {"per_page": "100"}}
        ),
        [("type", "meta.per_page", "integer 100", "string")],
    ),
    "another status": (
        NOBODY,
        lambda passing: replace(passing, status=410),
        [("status", "", "404", "410")],
    ),
    "a header is dropped": (
        LIST,
        header("x-apiquota-remaining", None),
        [("header", "x-apiquota-remaining", "<number>", "missing")],
    ),
    "a header is there": (
        LIST,
        header("retry-after", "3"),
        [("header", "retry-after", "missing", "<number>")],
    ),
    "a charset": (
        LIST,
        header("content-type", "application/json; charset=UTF-8"),
        [("header", "content-type", "application/json", "application/json; charset=UTF-8")],
    ),
    "a header has another form": (
        LIST,
        header("x-apiquota-reset", "1767225600"),
        [("header", "x-apiquota-reset", "0000-00-00T00:00:00Z", "<number>")],
    ),
    "another message": (
        NOBODY,
        in_document(message="Not Found"),
        [("message", "message", "Resource not found.", "Not Found")],
    ),
    "another message of a field": (
        FEW,
        in_document(errors={"limit": ["The limit field must be at least 10."]}),
        [("message", "errors.limit", TOO_FEW, "The limit field must be at least 10.")],
    ),
    "another field": (
        FEW,
        in_document(errors={"size": [TOO_FEW]}),
        [
            ("message", "errors.limit", TOO_FEW, "missing"),
            ("message", "errors.size", "missing", TOO_FEW),
        ],
    ),
    "a message is no list": (
        FEW,
        in_document(errors={"limit": {"rule": TOO_FEW}}),
        [("message", "errors.limit", TOO_FEW, '{"rule":"The limit must be at least 10."}')],
    ),
    "a page of HTML": (
        NOBODY,
        lambda passing: replace(
            passing, body=b"<html>", headers=passing.headers | {"content-type": "text/html"}
        ),
        [
            ("header", "content-type", "application/json", "text/html"),
            ("body", "", "json", "html"),
        ],
    ),
    "no body": (
        NOBODY,
        lambda passing: replace(passing, body=b""),
        [("body", "", "json", "empty")],
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_told_and_nothing_else(acme: Recorder, plain: Path, name: str) -> None:
    target, change, expected = PLANTED[name]
    acme.between.change = on(target, change=change)
    found = acme.differences(plain, "--base-url", acme.between.url)
    assert [tuple(one[k] for k in ("kind", "where", "recorded", "here")) for one in found] == (
        expected
    )
    assert len({(one["number"], one["step"], one["request"]) for one in found}) == 1


def test_without_a_change_nothing_is_told(acme: Recorder, plain: Path) -> None:
    """What every case above would find as well if it were there."""
    assert acme.differences(plain, "--base-url", acme.between.url) == []
    assert acme.differences(plain) == []


def test_the_real_one_may_be_the_one_that_differs(acme: Recorder) -> None:
    """Recorded of a service with habits of its own, and told of this twin."""
    habits = in_each(renamed)
    acme.between.change = on("/v1/users?limit=100", change=habits)
    file = acme.record("--script", acme.script(*SHORT), name="habits.json")
    found = acme.differences(file)
    assert len(found) == 2, found
    [gone, come] = found
    assert (gone["where"], gone["recorded"], gone["here"]) == (
        "data[].last_name",
        "missing",
        "there",
    )
    assert (come["where"], come["recorded"], come["here"]) == ("data[].surname", "there", "missing")
    assert come["request"] == "GET /users?limit=100"


def test_a_call_that_could_not_be_made_here_is_told(acme: Recorder, plain: Path) -> None:
    empty = on(LIST, change=lambda passing: passing.saying(passing.document | {"data": []}))
    acme.between.change = empty
    found = acme.differences(plain, "--base-url", acme.between.url)
    assert [(one["kind"], one["recorded"], one["here"]) for one in found] == [
        ("step", "answered by 200", "not asked, for there is no user")
    ]


def test_differences_are_told_to_people_and_counted(acme: Recorder, plain: Path) -> None:
    acme.between.change = on(NOBODY, change=lambda passing: replace(passing, status=410))
    done = acme.run("diff", str(plain), "--base-url", acme.between.url)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "step\trequest\tkind\twhere\trecorded\there",
        "3 nobody\tGET /users/{unknown}\tstatus\t\t404\t410",
        "6 of 7 answers are alike: 1 difference.",
    ]
    acme.pass_as_it_is()
    done = acme.run("diff", str(plain))
    assert (done.exit_code, done.stdout) == (0, "7 of 7 answers are alike: 0 differences.\n")


# What is accepted.

ACCEPTED = """
[[accept]]
request = "GET /users?*"
where = "data[].surname"
reason = "We say surname."

[[accept]]
kind = "status"
where = ""
reason = "It never comes."
"""


def test_what_is_accepted_is_shown_with_its_reason(acme: Recorder, plain: Path) -> None:
    acme.between.change = on(LIST, change=in_each(renamed))
    file = acme.folder / "accepted.toml"
    file.write_text(ACCEPTED)
    told = acme.diff(plain, "--base-url", acme.between.url, "--accept", str(file))
    assert [one["where"] for one in told["differences"]] == ["data[].last_name"]
    [accepted] = told["accepted"]
    assert (accepted["where"], accepted["reason"]) == ("data[].surname", "We say surname.")
    assert [one["reason"] for one in told["unused"]] == ["It never comes."]
    file.write_text(ACCEPTED.replace("data[].surname", "data[].*name"))
    done = acme.run("diff", str(plain), "--base-url", acme.between.url, "--accept", str(file))
    assert done.exit_code == 0
    assert "7 of 7 answers are alike: 0 differences, and 2 accepted." in done.stdout
    assert done.stdout.count("We say surname.") == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("accept = 1", "Expected `array`"),
        ('[[accept]]\nwhere = "links"', "reason"),
        ('[[accept]]\nreason = " "\nwhere = "links"', "must say its reason"),
        ('[[accept]]\nreason = "It is so."', "accept everything"),
        ('[[accept]]\nreason = "It is so."\nwher = "links"', "wher"),
        ("[", "is not TOML"),
    ],
)
def test_what_is_no_list_of_accepted_differences_is_refused(
    acme: Recorder, plain: Path, content: str, told: str
) -> None:
    file = acme.folder / "accepted.toml"
    file.write_text(content)
    assert told in failed(acme, str(plain), "--accept", str(file))


def failed(acme: Recorder, *arguments: str) -> str:
    """What diff says where it cannot be done."""
    done = acme.run("diff", *arguments)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert "mistake in guestlist" not in done.stderr
    return said(done)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"format": 2}'])
def test_what_is_no_recording_cannot_be_compared(acme: Recorder, content: bytes) -> None:
    file = acme.folder / "broken.json"
    file.write_bytes(content)
    assert "no recording" in failed(acme, str(file))


def test_what_cannot_be_asked_cannot_be_compared(acme: Recorder, plain: Path) -> None:
    assert "No such file" in failed(acme, str(acme.folder / "nothing.json"))
    world = acme.folder / "none.json"
    world.write_text('{"accounts": [{}]}')
    assert "accounts[0].name" in failed(acme, str(plain), "--world", str(world))
    world.write_text('{"accounts": []}')
    assert "no account with a token" in failed(acme, str(plain), "--world", str(world))
    world.write_text("[]")
    assert "is no world" in failed(acme, str(plain), "--world", str(world))
    world.unlink()
    both = ("--base-url", acme.between.url, "--world", str(plain))
    assert "--world" in failed(acme, str(plain), *both)
    acme.environment = {}
    assert "MAILERSEND_API_TOKEN" in failed(acme, str(plain), "--base-url", acme.between.url)


def test_a_recording_with_changes_is_not_played_to_others_unless_told(acme: Recorder) -> None:
    steps = [msgspec.to_builtins(step) for step in scripts.WRITES]
    options = ("--script", acme.script(*steps), "--read-write")
    file = acme.record(*options, name="writes.json")
    before = len(acme.between.passed)
    assert "--read-write" in failed(acme, str(file), "--base-url", acme.between.url)
    assert len(acme.between.passed) == before
    assert acme.differences(file, "--base-url", acme.between.url, "--read-write") == []
    assert acme.differences(file) == []
