"""The operator reads the audit, proves it whole, asks who could, reviews and prunes."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from guestlist.store.database import Database
from guestlist.store.statements import Statement
from tests.cli.terminal import Terminal

FOREVER = "9999-01-01"


@pytest.fixture
def crew(acme: Terminal, tmp_path: Path) -> Terminal:
    """Beside Ana's account one with Bo, a Custom User on one domain, and a name that bites."""
    world = {
        "id": "other",
        "name": "Other <b>",
        "domains": [{"id": "d1", "name": "mail.other.test"}, {"id": "d2", "name": "two.test"}],
        "users": [
            {"id": "una", "email": "una@other.test", "role": "Admin", "name": "=cmd()"},
            {
                "id": "bo",
                "email": "+bo@other.test",
                "role": "Custom User",
                "permissions": ["control-sendings"],
                "domains": ["d1"],
                "name": "<script>alert(1)</script>",
                "last_name": "\u001b[2J",
            },
        ],
        "tokens": [{"owner": "una@other.test"}],
    }
    (tmp_path / "world.json").write_text(json.dumps({"accounts": [world]}))
    acme.run("import", "world.json")
    return acme


def audit(crew: Terminal, *arguments: str) -> Any:
    return crew.json("audit", *arguments, "--account", "other")


def access(crew: Terminal, *arguments: str, at: str = FOREVER) -> list[dict[str, Any]]:
    permission = ("--permission", "control-sendings")
    found: list[dict[str, Any]] = audit(crew, "access", "--at", at, *permission, *arguments)
    return found


def now() -> str:
    return datetime.now(UTC).isoformat()


def change(database_url: str, sql: str) -> None:
    database = Database(database_url)
    with database.change() as transaction:
        transaction.run(Statement(text(sql)))
    database.close()


def test_entries_are_shown_the_newest_first_and_found(crew: Terminal) -> None:
    crew.run("users", "update", "bo", "--role", "Manager", "--account", "other")
    newest, *rest = audit(crew, "show")
    assert (newest["action"], newest["subject"], newest["actor"]) == (
        "user.update",
        "user:bo",
        "operator",
    )
    assert newest["request"].startswith("cli-")
    assert rest[-1]["action"] == "account.import"
    assert [e["action"] for e in audit(crew, "show", "--subject", "user:bo")] == [
        "user.update",
        "user.import",
    ]
    assert audit(crew, "show", "--from", FOREVER) == []
    found = audit(crew, "show", "--after", str(newest["sequence"]), "--limit", "1")
    assert found == rest[:1]
    header, row, *_ = crew.rows("audit", "show", "--account", "other")
    assert header[:3] == ["NO", "AT", "WHO"]
    assert row[4:6] == ["user.update", "user:bo"]
    said = crew.refused("audit", "show", "--from", "may", "--account", "other")
    assert said.startswith("--from takes a date, as in 2026-05-03")
    assert audit(crew, "show", "--actor", "operator")[0] == newest
    for option, value in (("--subject", "bo"), ("--actor", "bo")):
        said = crew.refused("audit", "show", option, value, "--account", "other")
        assert said.startswith(f"{option} takes ")


def test_all_of_it_is_exported_the_oldest_first(crew: Terminal, tmp_path: Path) -> None:
    shown = audit(crew, "show")
    lines = crew.run("audit", "export", "--account", "other").splitlines()
    assert [json.loads(line) for line in reversed(lines)] == shown
    file = ("--output", "audit.csv", "--action", "user.import")
    crew.run("audit", "export", "--format", "csv", *file, "--account", "other")
    written = (tmp_path / "audit.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    assert [row["subject"] for row in rows] == ["user:una", "user:bo"]


def test_a_whole_chain_has_a_head_to_note_and_a_broken_one_is_told(
    crew: Terminal, database_url: str
) -> None:
    verdict = audit(crew, "verify")
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", verdict["head"])
    said = crew.run("audit", "verify", "--account", "other", "--head", verdict["head"])
    assert f"Head: {verdict['head']}" in said
    assert said.startswith(f"Whole: {verdict['entries']} entries")
    other = verdict["head"][:-1] + ("0" if verdict["head"][-1] != "0" else "1")
    said = crew.refused("audit", "verify", "--account", "other", "--head", other)
    number = verdict["head"].partition(":")[0]
    assert said.startswith(f"Broken: entry {number} is not the end")
    for no_head in ("latest", f"0:{64 * '0'}", "7:xyz"):
        said = crew.refused("audit", "verify", "--account", "other", "--head", no_head)
        assert said == f"--head takes SEQUENCE:HASH as verify prints it; got {no_head!r}."
    change(database_url, "UPDATE audit SET actor = 'user:una' WHERE subject = 'user:bo'")
    said = crew.refused("audit", "verify", "--account", "other")
    assert said.startswith("Broken: entry 5 was changed")
    assert "Nothing was" not in crew.refused(
        "audit", "prune", "--before", now(), "--account", "other"
    )


def test_a_head_of_before_the_chain_can_be_given_again(crew: Terminal, database_url: str) -> None:
    """As every account has it after the update that brought the chain, until it is changed."""
    change(database_url, "UPDATE audit SET hash = NULL")
    change(database_url, "UPDATE accounts SET head = NULL")
    verdict = audit(crew, "verify")
    assert verdict["entries"] == verdict["unchained"] > 0
    assert audit(crew, "verify", "--head", verdict["head"]) == verdict
    crew.run("users", "update", "bo", "--role", "Manager", "--account", "other")
    assert audit(crew, "verify", "--head", verdict["head"])["unchained"] == verdict["entries"]


def test_who_could_is_told_with_since_when_and_by_whom(crew: Terminal) -> None:
    both = access(crew, "--domain", "mail.other.test")
    assert [one["user"] for one in both] == ["una", "bo"]
    assert {one["granted_by"] for one in both} == {"operator"}
    assert [one["email"] for one in both] == ["una@other.test", "+bo@other.test"]
    assert [one["user"] for one in access(crew, "--domain", "d2")] == ["una"]
    assert [one["user"] for one in access(crew)] == ["una"]
    crew.run("domains", "remove", "mail.other.test", "--account", "other")
    assert access(crew, "--domain", "mail.other.test") == []
    moment = both[1]["since"]
    assert [one["user"] for one in access(crew, "--domain", "d1", at=moment)] == ["una", "bo"]
    rows = crew.rows(
        *("audit", "access", "--at", moment, "--permission", "control-sendings"),
        *("--domain", "d1", "--account", "other"),
    )
    assert rows[0] == ["ID", "E-MAIL", "ROLE", "SINCE", "GRANTED", "BY"]
    assert rows[2][:3] == ["bo", "+bo@other.test", "Custom User"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--permission", "fly"), "There is no permission fly; see: guestlist permissions."),
        (
            ("--permission", "read-invoice", "--domain", "d1"),
            "read-invoice does not hold on a domain; leave out --domain.",
        ),
        (
            ("--permission", "read-invoice", "--domain", "d1", "--template", "t"),
            "Ask of a domain or of a template, not of both.",
        ),
        (
            ("--permission", "manage-domain", "--domain", "d9"),
            "The audit of Other <b> knows no domain d9.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(
    crew: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    asked = ("audit", "access", "--at", FOREVER, "--account", "other", *arguments)
    assert crew.refused(*asked) == said


def test_a_thing_that_was_not_there_yet_is_said_so(crew: Terminal) -> None:
    permission = ("--permission", "manage-domain", "--domain", "d1")
    said = crew.refused("audit", "access", "--at", "2001-01-01", *permission, "--account", "other")
    assert said == "The domain d1 was not there yet at 2001-01-01, so nobody could."


def test_a_review_tells_of_everybody_and_bites_nobody(crew: Terminal, tmp_path: Path) -> None:
    text_of_csv = crew.run("audit", "review", "--account", "other")
    una, bo = csv.DictReader(io.StringIO(text_of_csv, newline=""))
    assert (una["email"], una["name"], una["permissions"]) == ("una@other.test", "'=cmd()", "all")
    assert (una["API tokens"], una["change"], una["changed by"]) == ("1", "user.import", "operator")
    assert bo["email"] == "'+bo@other.test"
    assert (bo["permissions"], bo["domains"]) == ("control-sendings", "mail.other.test")
    assert (bo["state"], bo["second factor"], bo["last sign-in"]) == ("active", "no", "never")
    page = ("--format", "html", "--output", "review.html", "--account", "other")
    crew.run("audit", "review", *page)
    html = (tmp_path / "review.html").read_text()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<title>Users of Other &lt;b&gt;</title>" in html
    assert html.count("<tr>") == 3
    # Printed, it would clear the screen.
    assert "\x1b" not in text_of_csv + html
    assert bo["name"].endswith(r" \x1b[2J")


def test_what_is_old_is_pruned_and_what_is_so_stays_known(crew: Terminal) -> None:
    crew.run("users", "update", "bo", "--role", "Manager", "--account", "other")
    crew.run("users", "update", "bo", "--role", "Admin", "--account", "other")
    said = crew.run("audit", "prune", "--before", now(), "--account", "other")
    assert re.fullmatch(r"Deleted 2 entries; the chain goes on from entry \d+\.\n", said)
    assert [one["user"] for one in access(crew, "--domain", "d1")] == ["una", "bo"]
    assert all(one["since_is_latest"] for one in access(crew, "--domain", "d1"))
    assert [one["email"] for one in access(crew)] == ["una@other.test", "+bo@other.test"]
    audit(crew, "verify")
    asked = ("--permission", "control-sendings", "--account", "other")
    said = crew.refused("audit", "access", "--at", "2026-01-01", *asked)
    assert said.startswith("What was so then is not known any more: entries up to 20")
    said = crew.refused("audit", "verify", "--head", f"1:{64 * '0'}", "--account", "other")
    assert said.startswith("The entry of this head was pruned")
    said = crew.run("audit", "prune", "--before", "2001-01-01", "--account", "other")
    assert said == "Nothing was written before 2001-01-01 that is not needed.\n"
    said = crew.refused("audit", "prune", "--before", FOREVER, "--account", "other")
    assert said == f"--before takes a day that has been; {FOREVER} is to come."
