"""Invites are added from a table, changed, and handed over by a copied link."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guestlist.cli.main import app
from tests.cli.terminal import Terminal

WORLD = """{"accounts": [{"name": "Acme",
  "domains": [{"id": "d1", "name": "mail.acme.test"}, {"id": "d2", "name": "news.acme.test"}],
  "templates": [{"id": "t1", "name": "Receipt, paid"}, {"id": "t2", "name": "Twin"},
                {"id": "t3", "name": "Twin"}],
  "users": [{"id": "ana", "email": "ana@acme.test", "role": "Admin"}],
  "invites": [{"id": "i1", "email": "imported@acme.test", "role": "Manager"}]}]}"""
TABLE = (
    "\ufeffEmail,role,permissions,domains,templates\r\n"
    'bo@acme.test,custom user,read-own-templates read-email,MAIL.acme.test;d2,"Receipt, paid"\r\n'
    "\r\n"
    "ANA@acme.test,Admin,,,\r\n"
    "eve@acme.test,boss,,,\r\n"
    "BO@acme.test,Designer,,,\r\n"
    "fay@acme.test,Designer,,,Twin\r\n"
    "gus@acme.test,Designer\r\n"
)
FATES = [
    ["1", "bo@acme.test", "ok"],
    ["2", "ANA@acme.test", "refused: The e-mail address is in use already."],
    [
        "3",
        "eve@acme.test",
        "refused: The role is not known; see: guestlist roles.",
    ],
    ["4", "BO@acme.test", "refused: The e-mail address is that of row 1 too."],
    ["5", "fay@acme.test", "refused: Template 1 is not known."],
    ["6", "gus@acme.test", "ok"],
]


@pytest.fixture
def team(terminal: Terminal) -> Terminal:
    terminal.run("import", "-", given=WORLD)
    return terminal


def added(*options: str, given: str = TABLE, code: int = 1) -> list[list[str]]:
    """The fates of a table's rows, as a pipe gets them."""
    done = CliRunner().invoke(app, ("invites", "add", "--csv", "-", *options), input=given)
    assert (done.exit_code, done.stderr) == (code, ""), done.output
    return [line.split("\t") for line in done.stdout.splitlines()][1:]


def fates(ok: str) -> list[list[str]]:
    return [[row, email, ok if told == "ok" else told] for row, email, told in FATES]


def test_a_table_is_tried_then_added_row_by_row(team: Terminal, tmp_path: Path) -> None:
    assert added("--dry-run") == fates("can be invited")
    assert [invite["id"] for invite in team.json("invites", "list")] == ["i1"]
    assert added("--key", "monday") == fates("invited")
    _, bo, gus = team.json("invites", "list")
    assert (bo["email"], bo["role"]) == ("bo@acme.test", "Custom User")
    assert bo["permissions"] == ["read-own-templates", "read-email"]
    assert bo["data"] == {"domains": ["d1", "d2"], "templates": ["t1"]}
    assert (bo["delivery"]["state"], bo["invited_by"], gus["data"]) == ("queued", None, None)
    assert added("--key", "monday") == fates("invited before, with this key")
    assert added()[0][2] == "refused: The e-mail address is in use already."
    file = tmp_path / "people.csv"
    file.write_text("email;role\nhal@acme.test;Designer\n")
    [told] = team.json("invites", "add", "--csv", str(file))
    assert (told["status"], told["invite"]["email"]) == ("invited", "hal@acme.test")


def test_the_operator_has_no_limits(team: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUESTLIST_INVITATIONS_PER_DAY", "1")
    monkeypatch.setenv("GUESTLIST_LETTERS_PER_DAY", "1")
    table = "email,role\na@a.test,Admin\nb@a.test,Admin\nc@a.test,Admin\n"
    assert [told for _, _, told in added(given=table, code=0)] == 3 * ["invited"]
    team.run("invites", "resend", "a@a.test")
    monkeypatch.setenv("GUESTLIST_LETTERS_PER_DAY", "none")
    said = team.refused("invites", "list")
    assert said == "GUESTLIST_LETTERS_PER_DAY must be a number above zero; got 'none'."


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "Standard input has no column email; its first line names the columns."),
        ("email\nbo@acme.test\n", "Standard input has no column role"),
        ("email,role,boss\n", "Standard input has a column 'boss' that is not known; there are"),
        ("email,role,role\n", "Standard input has a column twice."),
        ("email,role\na@b.test,Admin,x\n", "Standard input, line 2, has more cells"),
        ('email,role\n"a@b.test,Admin\n', "Standard input is not CSV"),
        (b"email,role\nb\xf6@b.test,Admin\n", "Standard input is not UTF-8"),
    ],
)
def test_what_is_no_table_changes_nothing(team: Terminal, table: Any, said: str) -> None:
    assert team.refused("invites", "add", "--csv", "-", given=table).startswith(said)
    assert len(team.json("invites", "list")) == 1


def test_a_missing_file_and_a_broken_key_are_told(team: Terminal) -> None:
    assert team.refused("invites", "add", "--csv", "no.csv") == "no.csv: No such file or directory."
    said = team.refused("invites", "add", "--csv", "-", "--key", "ü", given=TABLE)
    assert said == "A key is 1 to 255 printable ASCII characters."


def test_an_edit_keeps_what_is_not_given(team: Terminal) -> None:
    grant = ("--role", "Custom User", "--permission", "read-own-templates", "--domain", "d1")
    team.run("users", "invite", "bo@acme.test", *grant, "--template", "t1")
    edited = team.json("invites", "edit", "BO@acme.test", "--domain", "d2")
    assert edited["data"] == {"domains": ["d2"], "templates": ["t1"]}
    assert edited["permissions"] == ["read-own-templates"]
    edited = team.json("invites", "edit", "bo@acme.test", "--role", "Designer")
    assert (edited["role"], edited["data"]) == ("Designer", None)
    assert team.refused("invites", "edit", "nobody@acme.test", "--role", "Admin") == (
        "The account Acme has no invite nobody@acme.test."
    )


def test_a_link_is_printed_with_the_public_url(
    team: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team.run("invites", "link", "i1").startswith("http://localhost:8000/invitations/")
    monkeypatch.setenv("GUESTLIST_PUBLIC_URL", "https://people.acme.test/")
    link = team.json("invites", "link", "imported@acme.test")["link"]
    assert link.startswith("https://people.acme.test/invitations/")


def test_a_list_tells_how_letters_fare(team: Terminal) -> None:
    team.run("users", "invite", "bo@acme.test", "--role", "Manager")
    header, *told = team.rows("invites", "list")
    assert [row[header.index("LETTER")] for row in told] == ["none", "queued"]
    shown = json.loads(team.run("invites", "show", "bo@acme.test", "--json"))["data"]
    assert (shown["state"], shown["delivery"]["trouble"]) == ("pending", None)
