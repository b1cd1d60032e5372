"""Users are listed, shown, invited, changed and removed as through the API."""

import json
from datetime import datetime

import pytest

from tests.cli.terminal import Terminal

DAN = """{"accounts": [{"name": "Acme",
  "domains": [{"id": "d1", "name": "mail.acme.test"}, {"id": "d2", "name": "news.acme.test"}],
  "templates": [{"id": "t1", "name": "Receipt"}, {"id": "t2", "name": "Twin"},
                {"id": "t3", "name": "Twin"}],
  "users": [
    {"id": "ana", "email": "ana@acme.test", "name": "Ana", "last_name": "Kos", "role": "Admin"},
    {"id": "dan", "email": "Dan@acme.test", "role": "Custom User",
     "permissions": ["read-own-templates", "read-email"], "domains": ["d1"], "templates": ["t1"]}
  ]}]}"""


@pytest.fixture
def team(terminal: Terminal) -> Terminal:
    terminal.run("import", "-", given=DAN)
    return terminal


def test_a_list_has_pages_and_says_how_many(team: Terminal) -> None:
    listed = json.loads(team.run("users", "list", "--limit", "1", "--page", "2", "--json"))
    assert [user["id"] for user in listed["data"]] == ["dan"]
    assert listed["meta"] == {"current_page": 2, "last_page": 2, "per_page": 1, "total": 2}
    beyond = team.rows("users", "list", "--page", str(10**30))
    assert beyond == [["ID", "E-MAIL", "NAME", "ROLE", "STATE", "SINCE"]]
    assert [row[:4] for row in team.rows("users", "list")[1:]] == [
        ["ana", "ana@acme.test", "Ana Kos", "Admin"],
        ["dan", "Dan@acme.test", "", "Custom User"],
    ]


def test_a_user_is_shown_by_id_or_address_in_the_wires_words(team: Terminal) -> None:
    dan = team.json("users", "show", "dan")
    assert dan == team.json("users", "show", "dan@ACME.test")
    assert list(dan) == [
        *("id", "avatar", "email", "last_name", "name", "2fa", "created_at", "updated_at"),
        *("role", "permissions", "domains", "templates", "requires_periodic_password_change"),
        "suspended_at",
    ]
    assert [domain["name"] for domain in dan["domains"]] == ["mail.acme.test"]
    assert ["permissions", "read-own-templates, read-email"] in team.rows("users", "show", "dan")


def test_an_invite_goes_out_and_comes_back(team: Terminal) -> None:
    grant = ("--role", "custom user", "--permission", "read-own-templates")
    lists = ("--domain", "news.acme.test", "--domain", "d1", "--template", "Receipt")
    made = team.json("users", "invite", "bo@acme.test", *grant, *lists)
    assert made["data"] == {"domains": ["d2", "d1"], "templates": ["t1"]}
    assert (made["role"], made["permissions"]) == ("Custom User", ["read-own-templates"])
    assert not made["requires_periodic_password_change"]
    assert team.json("invites", "list") == [made]
    assert team.json("invites", "show", "BO@acme.test") == made
    assert team.json("invites", "resend", made["id"])["id"] == made["id"]
    assert team.run("invites", "cancel", "bo@acme.test") == "Cancelled the invite bo@acme.test.\n"
    assert team.json("invites", "list") == []
    said = team.refused("invites", "show", "bo@acme.test")
    assert said == "The account Acme has no invite bo@acme.test."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bo@acme.test",), "The role must be given."),
        (("bo", "--role", "Admin"), "The e-mail address is not an e-mail address."),
        (("ANA@acme.test", "--role", "Admin"), "The e-mail address is in use already."),
        (
            ("bo@acme.test", "--role", "boss"),
            "The role is not known; see: guestlist roles.",
        ),
        (
            ("bo@acme.test", "--role", "Custom User"),
            "The permissions must be given: a Custom User needs one or more.",
        ),
        (
            ("b@a.test", "--role", "Admin", "--permission", "read-email", "--permission", "x"),
            "Permission 2 is not known; see: guestlist permissions.",
        ),
        (
            ("b@a.test", "--role", "Custom User", "--permission", "read-email", "--template", "t1"),
            "The templates need the permission read-own-templates.",
        ),
        (("b@a.test", "--role", "Admin", "--domain", "x"), "The account Acme has no domain x."),
        (
            ("b@a.test", "--role", "Admin", "--template", "Twin"),
            "Several have the name Twin; give an id: t2, t3.",
        ),
    ],
)
def test_an_invite_that_breaks_a_rule_is_refused(
    team: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    assert team.refused("users", "invite", *arguments) == said
    assert team.json("invites", "list") == []


def test_an_update_keeps_what_is_not_given(team: Terminal) -> None:
    kept = team.json("users", "update", "dan", "--requires-periodic-password-change")
    assert [thing["id"] for thing in kept["domains"] + kept["templates"]] == ["d1", "t1"]
    assert kept["requires_periodic_password_change"]
    assert kept["permissions"] == ["read-own-templates", "read-email"]
    moved = team.json("users", "update", "dan", "--domain", "d2", "--no-templates")
    assert [thing["id"] for thing in moved["domains"] + moved["templates"]] == ["d2"]
    emptied = team.json("users", "update", "dan@acme.test", "--no-domains")
    assert emptied["domains"] == []


def test_another_role_begins_without_lists(team: Terminal) -> None:
    designer = team.json("users", "update", "dan", "--role", "designer")
    assert (designer["role"], designer["domains"], designer["templates"]) == ("Designer", [], [])


def test_the_last_admin_stays(team: Terminal) -> None:
    said = "An account keeps an Admin: this is its last one, so make somebody else Admin first."
    assert team.refused("users", "remove", "ana@acme.test") == said
    assert team.refused("users", "update", "ana", "--role", "Manager") == said
    team.run("users", "update", "dan", "--role", "Admin")
    assert team.run("users", "remove", "ana@acme.test") == (
        "Removed the user ana@acme.test from Acme.\n"
    )
    assert [user["id"] for user in team.json("users", "list")] == ["dan"]


@pytest.mark.parametrize("command", ["show", "update", "remove"])
def test_nobody_is_found_by_a_name_that_is_not_theirs(team: Terminal, command: str) -> None:
    for user in ("eve@acme.test", "nope", "@"):
        assert team.refused("users", command, user) == f"The account Acme has no user {user}."


def test_invitations_live_as_long_as_the_deployment_says(
    team: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_INVITATION_DAYS", "30")
    made = team.json("users", "invite", "bo@acme.test", "--role", "Manager")
    days = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert days.days == 30
    monkeypatch.setenv("GUESTLIST_INVITATION_DAYS", "soon")
    assert team.refused("users", "list").startswith("GUESTLIST_INVITATION_DAYS must be a number")
