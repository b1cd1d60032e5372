"""A deployment's own roles and permissions, at the terminal."""

import re
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

VARIABLE = "GUESTLIST_CATALOG"
PAGE = Path(__file__).parents[2] / "docs/reference/catalog.md"
BROKEN = """
base = "all"

[[roles]]
name = "Admin"
permissions = ["fly"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example of the reference, which every command has."""
    [example] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    made = tmp_path / "catalog.toml"
    made.write_text(example, "utf-8")
    monkeypatch.setenv(VARIABLE, str(made))
    return made


def test_a_file_is_checked(nothing: Terminal, file: Path) -> None:
    said = nothing.run("catalog", "check", str(file))
    assert said == f"{file} is right: 6 roles, 38 permissions, 4 types of resources.\n"


def test_every_fault_is_told_with_its_place(nothing: Terminal, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(BROKEN, "utf-8")
    assert nothing.refused("catalog", "check", str(broken)).splitlines() == [
        f"{broken} is no catalog of roles and permissions:",
        "base: must be one of: mailersend, none",
        "roles[0].name: is the same as a role of MailerSend's",
        "roles[0].permissions[0]: is not a known permission",
    ]


@pytest.mark.parametrize("content", [b"base = ", b"\xff", None])
def test_what_is_no_file_of_that_kind_is_said(
    nothing: Terminal, tmp_path: Path, content: bytes | None
) -> None:
    broken = tmp_path / "broken.toml"
    if content is None:
        assert nothing.refused("catalog", "check", str(broken)).startswith(
            f"{broken} cannot be read: "
        )
        broken.mkdir()
        assert nothing.refused("catalog", "check", str(broken)).startswith(
            f"{broken} cannot be read: "
        )
        return
    broken.write_bytes(content)
    assert nothing.refused("catalog", "check", str(broken)).startswith(f"{broken} is not TOML: ")


def test_no_command_goes_on_with_a_broken_one(
    acme: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing.toml"))
    for arguments in (("users", "list"), ("roles",), ("permissions",), ("export",)):
        assert "missing.toml cannot be read" in acme.refused(*arguments)


def test_the_lists_follow_the_file(nothing: Terminal, file: Path) -> None:
    del file
    [*_, lead] = nothing.json("roles")
    assert lead == {
        "name": "Domain Lead",
        "description": "Runs the mailboxes of the listed domains, and invites who helps there.",
        "permissions": ["read-activity", "read-mailbox", "empty-mailbox"],
    }
    assert nothing.rows("roles")[-1][0] == "Domain Lead"
    assert [row[1] for row in nothing.rows("permissions")[-2:]] == ["read-mailbox", "empty-mailbox"]


def test_own_roles_are_given_and_acted_with(acme: Terminal, file: Path) -> None:
    del file
    acme.run("domains", "add", "mail.acme.test")
    acme.run("domains", "add", "news.acme.test")
    world = """{"accounts": [{"name": "Leads", "domains": [{"id": "d1", "name": "a.test"},
      {"id": "d2", "name": "b.test"}], "users": [
      {"id": "ana", "email": "ana@acme.test", "role": "Admin"},
      {"id": "lea", "email": "lea@acme.test", "role": "domain lead", "domains": ["d1"]}]}]}"""
    acme.run("import", "-", given=world)
    account = next(a["id"] for a in acme.json("account", "list") if a["name"] == "Leads")
    at = ("--account", account)
    grant = ("--role", "Custom User", "--permission", "read-mailbox")
    lea = ("--as", "lea@acme.test")
    invited = acme.json(*lea, "users", "invite", "bo@a.test", *grant, "--domain", "d1", *at)
    assert invited["permissions"] == ["read-mailbox"]
    # Of what they do not see they know not even the name.
    said = acme.refused(*lea, "users", "invite", "cy@a.test", *grant, "--domain", "d2", *at)
    assert said == "The account Leads has no domain d2."
    for role in ("Admin", "Manager", "Designer"):
        said = acme.refused(*lea, "users", "invite", "cy@a.test", "--role", role, *at)
        assert said.startswith("This is out of reach of who asks")
    said = acme.refused(*lea, "users", "suspend", "ana", *at)
    assert said.startswith("This is out of reach of who asks")
    document = acme.run("export")
    assert '"Domain Lead"' in document
    said = acme.refused("users", "invite", "cy@a.test", "--role", "Lead", *at)
    assert said == "The role is not known; see: guestlist roles."


def test_without_the_file_its_words_are_not_known(
    acme: Terminal, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del file
    invite = ("users", "invite", "lea@acme.test", "--role", "Domain Lead")
    acme.run(*invite)
    monkeypatch.delenv(VARIABLE)
    assert acme.json("invites", "list")[0]["role"] == "Domain Lead"
    said = acme.refused("users", "invite", "bo@acme.test", "--role", "Domain Lead")
    assert said == "The role is not known; see: guestlist roles."
    acme.run("invites", "cancel", "lea@acme.test")
