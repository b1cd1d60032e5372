"""Worlds come in whole or not at all, and go out as they came in."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Terminal

TEXT = "mlsn." + "5" * 64
ANA = {"email": "ana@acme.test", "role": "Admin"}
WORLD: dict[str, Any] = {
    "accounts": [
        {
            "id": "acme",
            "name": "Acme",
            "users": [ANA],
            "tokens": [{"name": "fixed", "token": TEXT}, {"name": "made up"}],
        },
        {"id": "empty", "name": "Empty"},
    ]
}


def written(world: Any, name: str = "world.json") -> str:
    Path(name).write_text(json.dumps(world))
    return name


def test_an_import_says_what_it_made(terminal: Terminal) -> None:
    first, token, second = terminal.run("import", written(WORLD)).splitlines()
    made = "Imported Acme, id acme: 0 domains, 0 templates, 1 user, 0 invites, 2 tokens."
    assert first == made
    assert token.startswith("Token made up of ana@acme.test, shown this once: mlsn.")
    assert second.startswith("Imported Empty, id empty: 0 domains,")


def test_an_import_tells_programs_the_same(terminal: Terminal) -> None:
    acme, empty = terminal.json("import", written(WORLD))
    [minted] = acme.pop("minted")
    assert (minted["name"], minted["owner"]) == ("made up", "ana@acme.test")
    assert minted["accessToken"].startswith("mlsn.")
    counts = {"domains": 0, "templates": 0, "users": 1, "invites": 0, "tokens": 2}
    assert acme == {"id": "acme", "name": "Acme", **counts}
    assert empty["minted"] == []


def test_an_export_imports_elsewhere(terminal: Terminal) -> None:
    terminal.run("import", "-", given=json.dumps(WORLD))
    out = Path("out.json")
    assert terminal.run("export", "--output", str(out)) == ""
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert TEXT not in out.read_text()
    assert terminal.run("export") == out.read_text()
    [acme, empty] = json.loads(out.read_text())["accounts"]
    assert (acme["id"], len(acme["tokens"]), empty["users"]) == ("acme", 2, [])
    [only] = json.loads(terminal.run("export", "--account", "empty"))["accounts"]
    assert only == empty
    elsewhere = ("--database", "sqlite:///elsewhere.db")
    terminal.run("import", str(out), *elsewhere)
    assert terminal.run("export", *elsewhere) == out.read_text()
    # What a failed export leaves of the file that was there: all of it.
    terminal.refused("export", "--account", "nope", "--output", str(out))
    assert terminal.run("export") == out.read_text()
    assert sorted(path.name for path in Path().glob("*out*")) == ["out.json"]


def test_an_empty_deployment_exports_an_empty_world(terminal: Terminal) -> None:
    assert json.loads(terminal.run("export")) == {"accounts": []}
    assert terminal.run("import", "-", given=terminal.run("export")) == ""


def test_a_broken_file_is_refused_whole_with_every_fault(terminal: Terminal) -> None:
    user = {"email": "bo@acme.test", "role": "boss", "rôle": 1, "na\nme\x1b": 1}
    world = {"accounts": [WORLD["accounts"][0], {"name": "B", "users": [ANA, user]}]}
    assert terminal.refused("import", written(world)).splitlines() == [
        "Nothing was written, for there are 3 faults:",
        "accounts[1].users[1].rôle: is not a key that is known here",
        r"accounts[1].users[1].na\nme\x1b: is not a key that is known here",
        (
            "accounts[1].users[1].role: must be one of: Admin, Manager, Designer, Accountant,"
            " Custom User"
        ),
    ]
    assert terminal.json("account", "list") == []


def test_of_many_faults_the_first_fifty_are_shown(terminal: Terminal) -> None:
    world = {"accounts": [{"name": "Acme", "users": [{}] * 100}]}
    lines = terminal.refused("import", written(world)).splitlines()
    assert len(lines) == 52
    assert (lines[0], lines[-1]) == (
        "Nothing was written, for there are 200 faults:",
        "and 150 more",
    )


def test_what_is_there_already_is_not_imported_again(terminal: Terminal) -> None:
    terminal.run("import", written(WORLD))
    before = terminal.run("export")
    again = {"accounts": [{"name": "New"}, *WORLD["accounts"]]}
    assert terminal.refused("import", written(again)).splitlines()[1:] == [
        "accounts[1].id: is an account that exists already",
        "accounts[1].tokens[0]: is a token that exists already",
        "accounts[2].id: is an account that exists already",
    ]
    assert terminal.run("export") == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Standard input is empty."),
        (b"\xef\xbb\xbf \n", "Standard input is empty."),
        (b"{", "Standard input is not JSON: "),
        (b"{}}", "Standard input is not JSON: "),
        (b"\0", "Standard input is not JSON: "),
        (b'{"accounts":"\xff"}', "Standard input is not JSON: "),
        (b'{"accounts":[{"name":"\\ud800"}]}', "Standard input is not JSON: "),
        (b"[" * 100_000, "Standard input is nested too deeply."),
        (b'{"accounts":1e999}', "Standard input is not JSON: "),
        (b"[]", "Nothing was written, for there is a fault:\nIt must be an object: "),
        (b"null", "Nothing was written, for there is a fault:\nIt must be an object: "),
        (
            b'{"accounts":[{"name":"a\\u0000"}]}',
            "Nothing was written, for there is a fault:\naccounts[0].name: must be a string",
        ),
    ],
)
def test_what_is_no_world_is_refused_in_a_sentence(
    nothing: Terminal, content: bytes, said: str
) -> None:
    assert nothing.refused("import", "-", given=content).startswith(said)
    assert list(Path().iterdir()) == []  # no empty database is left behind


def test_a_file_that_cannot_be_read_is_named(nothing: Terminal) -> None:
    assert nothing.refused("import", "nope.json") == "nope.json: No such file or directory."
    assert nothing.refused("import", ".") == ".: Is a directory."


def test_an_import_makes_a_missing_sqlite_database(nothing: Terminal) -> None:
    nothing.run("import", written(WORLD))
    [acme, _] = nothing.json("account", "list")
    assert acme["id"] == "acme"
    assert stat.S_IMODE(Path("data").stat().st_mode) == 0o700
    for name in ("guestlist.db", "guestlist.db.key"):
        assert stat.S_IMODE(Path("data", name).stat().st_mode) == 0o600


def test_an_export_to_a_folder_that_is_not_there_says_so(acme: Terminal) -> None:
    said = acme.refused("export", "--output", "nowhere/out.json")
    assert said == "There is no folder nowhere to write to."
