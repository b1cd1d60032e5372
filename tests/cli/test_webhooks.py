"""Webhooks are kept at the command line, and what was sent to them is seen there."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.receiver import Receiver

URL = "https://crew.acme.test/in"
SECRET = re.compile(r"\w{32}")


@pytest.fixture
def crew(acme: Terminal) -> Terminal:
    acme.run("webhooks", "add", "crew", URL, "--event", "user.removed", "--event", "user.invited")
    return acme


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(acme: Terminal) -> None:
    made = acme.json("webhooks", "add", "crew", URL, "--event", "user.removed")
    assert SECRET.fullmatch(made["secret"])
    assert made["standard_secret"].startswith("whsec_")
    assert (made["name"], made["url"], made["events"]) == ("crew", URL, ["user.removed"])
    for command in (("list",), ("show", "crew"), ("show", made["id"])):
        told = json.dumps(acme.json("webhooks", *command))
        assert made["id"] in told
        assert made["secret"] not in told
    every = acme.json("webhooks", "add", "all of it", URL)["events"]
    assert {"user.suspended", "invite.expired", "token.revoked"} <= set(every)
    assert [row[1] for row in acme.rows("webhooks", "list")] == ["NAME", "crew", "all of it"]


def test_what_is_left_out_of_an_update_stays(crew: Terminal) -> None:
    before = crew.json("webhooks", "show", "crew")
    after = crew.json("webhooks", "update", "crew", "--name", "staff", "--disable")
    assert after == {
        **before,
        "name": "staff",
        "enabled": False,
        "updated_at": after["updated_at"],
    }
    assert "enable it with" in crew.refused("webhooks", "test", "staff")
    assert crew.json("webhooks", "update", "staff", "--enable")["enabled"]
    assert crew.json("webhooks", "update", "staff", "--event", "user.updated")["events"] == [
        "user.updated"
    ]
    entries = crew.json("audit", "show")
    assert crew.json("webhooks", "update", "staff")["events"] == ["user.updated"]
    assert crew.json("webhooks", "update", "staff", "--name", "staff", "--enable")["enabled"]
    assert crew.json("audit", "show") == entries
    assert "Removed" in crew.run("webhooks", "remove", "staff")
    assert crew.json("webhooks", "list") == []


def test_a_rotated_secret_is_another_one(crew: Terminal) -> None:
    first = crew.json("webhooks", "rotate", "crew", "--overlap-hours", "2")
    second = crew.json("webhooks", "rotate", "crew", "--overlap-hours", "0")
    assert first["old_secret_until"] is not None
    assert second["old_secret_until"] is None
    assert first["secret"] != second["secret"]
    crew.refused("webhooks", "rotate", "crew", "--overlap-hours", "169", code=2)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("add", "x", "http://crew.acme.test/"), "The URL is not an https URL."),
        (("add", "x", "https://10.0.0.1/"), "--webhook-allow"),
        (("add", "x", URL, "--event", "user.seen"), "there are user.invited, "),
        (("show", "nothing"), "has no webhook nothing"),
        (("retry", "crew", "7"), "No event 7 was sent to crew"),
    ],
)
def test_what_cannot_be_done_is_said(crew: Terminal, command: tuple[str, ...], said: str) -> None:
    assert said in crew.refused("webhooks", *command)


def test_what_is_allowed_by_the_environment_is_allowed(
    acme: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_WEBHOOK_ALLOW", "10.0.0.0/8")
    assert acme.json("webhooks", "add", "inside", "http://10.0.0.1/in")["enabled"]
    monkeypatch.setenv("GUESTLIST_WEBHOOK_ALLOW", "inside")
    assert "as in 10.0.0.0/8" in acme.refused("webhooks", "list")


def test_deliveries_are_listed_and_sent_by_a_process_of_their_own(
    acme: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Receiver() as receiver:
        monkeypatch.setenv("GUESTLIST_WEBHOOK_ALLOW", receiver.place)
        acme.run("webhooks", "add", "crew", receiver.url, "--event", "user.invited")
        acme.run("users", "invite", "bo@acme.test", "--role", "Manager")
        acme.run("webhooks", "test", "crew")
        test, invited = acme.json("webhooks", "deliveries", "crew")
        assert (invited["type"], invited["state"], invited["attempts"]) == (
            *("user.invited", "queued"),
            [],
        )
        assert test["type"] == "webhook.test"
        assert acme.json("webhooks", "deliveries", "crew", "--limit", "1") == [test]
        command = [
            sys.executable,
            "-m",
            "guestlist",
            "outbox",
            "run",
            "--mail",
            f"folder:{tmp_path}",
        ]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            assert [post.sequence for post in receiver.take(2)] == [1, 2]
            acme.run("webhooks", "retry", "crew", "1")
            assert [post.sequence for post in receiver.take()] == [1]
        finally:
            process.terminate()
            process.wait(30)
    header, *rows = acme.rows("webhooks", "deliveries", "crew")
    assert header[-1] == "LAST ANSWER"
    assert [row[:3] + row[-2:] for row in rows] == [
        ["2", "webhook.test", "delivered", "1", "200"],
        ["1", "user.invited", "delivered", "2", "200"],
    ]


def test_a_place_that_is_none_ends_the_server(acme: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    assert "as in 10.0.0.0/8" in acme.refused("serve", "--port", port, "--webhook-allow", "inside")
