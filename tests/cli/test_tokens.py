"""Tokens are made for an owner, shown once, and told apart by id, beginning or name."""

import pytest

from tests.cli.terminal import Terminal

WORLD = """{"accounts": [{"name": "Acme", "users": [
  {"id": "bo", "email": "bo@acme.test", "role": "Manager"},
  {"id": "ana", "email": "ana@acme.test", "role": "Admin"},
  {"id": "cleo", "email": "cleo@acme.test", "role": "Designer"}]}]}"""
CREATE = ("token", "create", "ci", "--scope", "users_full")


@pytest.fixture
def team(terminal: Terminal) -> Terminal:
    terminal.run("import", "-", given=WORLD)
    return terminal


def test_a_token_is_shown_once(team: Terminal) -> None:
    text = team.run(*CREATE, "--scope", "domains_read").strip()
    assert text.startswith("mlsn.")
    assert len(text) == 69
    [kept] = team.json("token", "list")
    assert (kept["name"], kept["owner"], kept["status"]) == ("ci", "ana", "unpause")
    assert kept["scopes"] == ["users_full", "domains_read"]
    assert text not in team.run("token", "list") + team.run("token", "list", "--json")
    [_, row] = team.rows("token", "list")
    assert row[:4] == [kept["id"][:12], "ci", f"{text[:11]}…", "unpause"]


def test_a_program_gets_the_text_beside_the_token(team: Terminal) -> None:
    options = ("--owner", "bo@acme.test", "--expires-at", "2099-01-31T00:00:00+01:00")
    made = team.json(*CREATE, *options)
    assert made.pop("accessToken").startswith(made["preview"])
    assert (made["owner"], made["expires_at"]) == ("bo", "2099-01-30T23:00:00.000000Z")
    assert team.json("token", "list") == [made]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--owner", "eve@acme.test"), "The account Acme has no user eve@acme.test."),
        (
            ("--owner", "cleo"),
            "The owner may not own API tokens: that needs the permission manage-api-token, and",
        ),
        (("--expires-at", "soon"), "--expires-at must be a date and time"),
        (("--scope", "all"), "Scope 2 is not known; there are activity_full,"),
    ],
)
def test_a_token_that_breaks_a_rule_is_refused(
    team: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    assert team.refused(*CREATE, *arguments).startswith(said)
    assert team.json("token", "list") == []


def test_a_token_has_a_name(team: Terminal) -> None:
    for name in ("", " "):
        said = team.refused("token", "create", name, "--scope", "users_full")
        assert said == "The name must be given."


def test_a_token_is_paused_handed_on_and_revoked(team: Terminal) -> None:
    made = team.json(*CREATE)
    assert team.json("token", "pause", made["id"])["status"] == "pause"
    assert team.json("token", "unpause", "ci")["status"] == "unpause"
    assert team.json("token", "transfer", made["id"][:6], "--to", "bo@acme.test")["owner"] == "bo"
    said = team.refused("token", "transfer", "ci", "--to", "cleo")
    assert said.startswith("The owner may not own API tokens")
    assert team.run("token", "revoke", "ci") == "Revoked the token ci.\n"
    assert team.json("token", "list") == []


@pytest.mark.parametrize("command", ["pause", "unpause", "revoke"])
def test_a_token_must_be_told_from_the_others(team: Terminal, command: str) -> None:
    ids = [team.json(*CREATE)["id"] for _ in range(2)]
    said = team.refused("token", command, "ci")
    assert said == f"Several have the name ci; give an id: {ids[0]}, {ids[1]}."
    assert team.refused("token", command, ids[0][:5]) == (
        f"The account Acme has no token {ids[0][:5]}."
    )
    team.run("token", command, ids[1])
