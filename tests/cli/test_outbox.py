"""Letters are sent by a process of their own, and the operator sees which wait or failed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guestlist.actions import outbox
from guestlist.cli import desk
from guestlist.domain.letters import Letter, Undeliverable
from tests.cli.terminal import Terminal

WORDS = "550 no such user"
PATIENCE_SECONDS = 60


def refuse(_: Letter) -> None:
    raise Undeliverable(WORDS)


@pytest.fixture
def invited(acme: Terminal, database_url: str) -> Terminal:
    """Two letters: one failed, one waits."""
    acme.run("users", "invite", "bo@acme.test", "--role", "Manager")
    with desk.deployment(database_url) as runtime:
        outbox.send_due(runtime, refuse)
    acme.run("users", "invite", "cleo@acme.test", "--role", "Manager")
    return acme


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "guestlist", "outbox", "run", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_letters_that_wait_or_failed_are_listed_with_the_servers_words(invited: Terminal) -> None:
    failed, waits = invited.json("outbox", "list")
    assert list(failed) == [
        *["id", "to", "kind", "state", "attempts", "next_attempt_at", "trouble"]
    ]
    assert (failed["to"], failed["state"], failed["trouble"]) == ("bo@acme.test", "failed", WORDS)
    assert (failed["attempts"], failed["next_attempt_at"]) == (1, None)
    assert (waits["to"], waits["state"], waits["trouble"]) == ("cleo@acme.test", "queued", None)
    assert waits["next_attempt_at"].endswith("Z")
    assert invited.json("outbox", "list", "--after", str(failed["id"])) == [waits]
    assert invited.json("outbox", "list", "--limit", "1") == [failed]
    assert [row[3] for row in invited.rows("outbox", "list")] == ["STATE", "failed", "queued"]


def test_a_letter_that_failed_is_sent_again_when_told(invited: Terminal) -> None:
    failed, waits = invited.json("outbox", "list")
    refused = f"No letter {waits['id']} has failed; see: guestlist outbox list."
    assert invited.refused("outbox", "retry", str(waits["id"])) == refused
    one = "Name one letter by its id, or all that failed with --all."
    assert invited.refused("outbox", "retry") == one
    assert invited.refused("outbox", "retry", "1", "--all") == one
    assert "1 letter will be sent again." in invited.run("outbox", "retry", str(failed["id"]))
    assert "0 letters will be sent again." in invited.run("outbox", "retry", "--all")
    assert [letter["state"] for letter in invited.json("outbox", "list")] == ["queued", "queued"]


def wait_for_letters(folder: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not list(folder.glob("*.eml")):
        assert time.monotonic() < end, "no letter came"
        time.sleep(0.05)


def test_an_outbox_of_its_own_sends_until_it_is_stopped(invited: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    public = ("--public-url", "https://people.acme.test", "--language", "fr")
    with running("--mail", f"folder:{folder}", *public) as process:
        wait_for_letters(folder)
    assert process.returncode == 0
    [letter] = folder.iterdir()
    text = letter.read_text()
    assert "\nTo: cleo@acme.test\n" in text
    assert "\nhttps://people.acme.test/invitations/" in text
    assert "\nLe lien est valable" in text
    assert [one["to"] for one in invited.json("outbox", "list")] == ["bo@acme.test"]


def test_no_reminder_comes_beside_an_invitation_of_three_days(
    acme: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_INVITATION_DAYS", "3")
    acme.run("users", "invite", "bo@acme.test", "--role", "Manager")
    folder = tmp_path / "letters"
    with running("--mail", f"folder:{folder}", "--reminders"):
        wait_for_letters(folder)
    assert len(list(folder.iterdir())) == 1
    assert acme.json("outbox", "list") == []


def test_no_letter_goes_out_with_links_that_open_here_only(
    acme: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = ("outbox", "run", "--mail", "smtp://mail.test")
    refused = acme.refused(*out)
    assert refused.startswith(
        "Letters sent by mail.test would bring links to http://localhost:8000,"
    )
    assert acme.refused("outbox", "run", "--mail", "smtps://10.0.0.1").startswith("Letters sent by")
    # With one of these it goes on to the next mistake.
    wrong = ("--mail-from", "nobody")
    for here in ("smtp://localhost", "smtp://[::1]:2525", "folder:letters"):
        assert acme.refused("outbox", "run", "--mail", here, *wrong).startswith("Letters are from")
    url = "https://people.acme.test"
    assert acme.refused(*out, *wrong, "--public-url", url).startswith("Letters are from")
    monkeypatch.setenv("GUESTLIST_PUBLIC_URL", url)
    assert acme.refused(*out, *wrong).startswith("Letters are from")


def test_what_is_wrong_with_the_settings_is_said_at_once(invited: Terminal) -> None:
    assert "only where standard output is one" in invited.refused(
        "outbox", "run", "--mail", "terminal:"
    )
    assert "set GUESTLIST_SMTP_PASSWORD" in invited.refused(
        "outbox", "run", "--mail", "smtp://ana@mail.test"
    )
