"""Every command helps, refuses in a sentence, and makes no database by mistake."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from guestlist.cli import refusals
from guestlist.cli.main import app
from guestlist.domain.refusals import AtBrowser, LastAdmin, Refusal, Repeated, Rule, Unproven
from tests.cli.terminal import Terminal

# Those that make what is missing, and those that need no database.
MAKERS = {"demo", "serve", "migrate", "account create", "import"}
WITHOUT = {"roles", "permissions", "version", "catalog check"}
WITHOUT |= {"twin run", "twin record", "twin diff"}
NEEDED = {
    "audit access": ("--at", "2026-05-03", "--permission", "manage-domain"),
    "audit prune": ("--before", "2026-05-03"),
    "account create": ("Acme", "--admin-email", "a@b.test"),
    "invites add": ("--csv", "people.csv"),
    "outbox retry": ("--all",),
    "token create": ("ci", "--scope", "users_full"),
    "token transfer": ("ci", "--to", "ana"),
    "webhooks retry": ("crew", "1"),
}
BROKEN = [
    ("mysql://a/b", "The database address must look like"),
    ("nonsense", "The database address must look like"),
    ("sqlite://", "The database address must look like"),
    ("sqlite:///:memory:", "The database address must look like"),
    ("sqlite:///x.txt", "x.txt is not an SQLite database."),
    ("sqlite:///.", "The database sqlite:///. cannot be reached"),
    ("postgresql://a:secret@127.0.0.1:1/x", "The database postgresql://a:***@127.0.0.1:1/x cannot"),
]


def commands(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        else:
            yield " ".join((*names, name)), command


COMMANDS = dict(commands(get_command(app)))


def words(name: str) -> tuple[str, ...]:
    """A command with what it cannot do without."""
    arguments = [p for p in COMMANDS[name].params if p.param_type_name == "argument"]
    return (*name.split(), *NEEDED.get(name, ("x",) * len(arguments)))


def test_the_commands_are_these() -> None:
    assert set(COMMANDS) == {
        *("serve", "demo", "migrate", "backup", "import", "export"),
        *("roles", "permissions", "version", "catalog check"),
        *(f"account {verb}" for verb in ("create", "list", "show", "set")),
        *(f"users {verb}" for verb in ("list", "show", "invite", "update", "remove")),
        *(f"users {verb}" for verb in ("suspend", "reactivate")),
        *(f"invites {v}" for v in ("list", "show", "add", "edit", "link", "resend", "cancel")),
        *(f"people {v}" for v in ("show", "link", "reset-factor", "sign-out", "erase")),
        *(f"audit {v}" for v in ("show", "export", "verify", "access", "review", "prune")),
        *(f"outbox {v}" for v in ("run", "list", "retry")),
        *(f"twin {v}" for v in ("run", "record", "diff")),
        *(f"webhooks {v}" for v in ("list", "show", "add", "update", "remove", "rotate")),
        *(f"webhooks {v}" for v in ("test", "deliveries", "retry")),
        *(f"token {v}" for v in ("create", "list", "pause", "unpause", "transfer", "revoke")),
        *(
            f"{noun} {verb}"
            for noun in ("domains", "templates")
            for verb in ("add", "list", "remove")
        ),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(nothing: Terminal, name: str) -> None:
    told = nothing.run(*name.split(), "--help")
    assert told.startswith(f"Usage: guestlist {name} ")
    arguments = [p for p in COMMANDS[name].params if p.param_type_name == "argument"]
    assert ("Example: guestlist" in told) or not (arguments or name in {"serve", "demo", "export"})


@pytest.mark.parametrize("name", ["serve", "demo"])
def test_every_option_of_a_server_has_a_variable(name: str) -> None:
    for option in COMMANDS[name].params:
        if option.name != "help":
            expected = "GUESTLIST_" + option.name.upper()
            assert option.envvar in (expected, [expected]), option.name


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - MAKERS - WITHOUT))
def test_a_missing_sqlite_file_is_said_and_not_made(nothing: Terminal, name: str) -> None:
    said = nothing.refused(*words(name))
    assert said.startswith("There is no database at data/guestlist.db. Make one with: guestlist")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["users list", "account create", "migrate", "serve", "demo"])
@pytest.mark.parametrize(("url", "said"), BROKEN)
def test_a_database_that_is_none_is_refused(
    nothing: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, url: str, said: str
) -> None:
    monkeypatch.setenv("GUESTLIST_SECRET_KEY", "x" * 32)
    Path("x.txt").write_text("no database, but long enough to be looked at as one" * 20)
    told = nothing.refused(*words(name), "--database", url)
    assert told.startswith(said)
    assert "secret" not in told


def test_a_postgresql_database_needs_its_key(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        monkeypatch.setenv("GUESTLIST_SECRET_KEY", "too short")
    else:
        monkeypatch.delenv("GUESTLIST_SECRET_KEY")
    for name in ("users list", "migrate", "account create", "serve"):
        said = terminal.refused(*words(name))
        assert "GUESTLIST_SECRET_KEY" in said
        assert "openssl rand -hex 32" in said


def test_another_key_than_the_databases_is_refused(
    acme: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_SECRET_KEY", "x" * 32)
    assert "another key" in acme.refused("users", "list")


def test_a_wrong_command_line_is_code_two(nothing: Terminal) -> None:
    for arguments in (
        ("nope",),
        ("users", "show"),
        ("users", "list", "--page", "0"),
        ("serve", "-x"),
    ):
        assert "Try 'guestlist" in nothing.refused(*arguments, code=2)


def test_the_version_is_the_packages(nothing: Terminal) -> None:
    told = f"guestlist {version('guestlist')}\n"
    assert nothing.run("version") == nothing.run("--version") == told
    assert nothing.run("version", "--json") == f'{{\n  "version": "{version("guestlist")}"\n}}\n'


def test_roles_and_permissions_are_told_without_a_database(nothing: Terminal) -> None:
    roles = {role["name"]: role["permissions"] for role in nothing.json("roles")}
    assert list(roles) == ["Admin", "Manager", "Designer", "Accountant", "Custom User"]
    permissions = [permission["name"] for permission in nothing.json("permissions")]
    assert len(permissions) == 36
    assert roles["Admin"] == roles["Manager"] == permissions
    assert roles["Accountant"] == ["update-plan", "read-invoice"]
    assert roles["Custom User"] is None
    assert nothing.rows("roles")[4][:2] == ["Accountant", "update-plan, read-invoice"]
    assert nothing.rows("permissions")[1] == [
        "Templates",
        "read-all-templates",
        "View all templates",
    ]


def test_every_refusal_and_rule_has_words() -> None:
    for kind in set(Refusal.__subclasses__()) - {AtBrowser}:
        given: Any = {Repeated: 0, LastAdmin: "Acme", Unproven: "eve@acme.test"}.get(kind, [])
        refusal = kind(given) if kind.__init__ is not Exception.__init__ else kind("Said.")
        assert refusals.worded(refusal)
    assert refusals.PREDICATES.keys() == set(Rule)


def test_names_from_strangers_move_no_cursor(acme: Terminal) -> None:
    name = "\x1b[2J\x1b]0;pwned\x07\u202eevil"
    acme.run("templates", "add", f"{name}\n")
    [_, row] = acme.rows("templates", "list")
    assert row[1] == r"\x1b[2J\x1b]0;pwned\x07\u202eevil\n"
    assert acme.json("templates", "list")[0]["name"] == f"{name}\n"


def test_bytes_that_are_no_text_are_refused(acme: Terminal) -> None:
    for arguments in (("users", "show"), ("templates", "add"), ("token", "revoke")):
        said = acme.refused(*arguments, "\udcff")
        assert said in {
            "What was given holds bytes that are no text.",
            r"The account Acme has no token \udcff.",
        }
