"""Accounts are made with an Admin; where there are several, a command says which it means."""

import pytest

from tests.cli.terminal import Terminal

CREATE = ("account", "create")
BY_ANA = ("--admin-email", "ana@acme.test")
FACTS = ("name", "seats", "url", "requires_second_factor", "password_days")


def test_an_account_begins_with_an_admin(terminal: Terminal) -> None:
    names = ("--admin-name", "Ana", "--admin-last-name", "Kos")
    made = terminal.json(*CREATE, "Acme", *BY_ANA, *names, "--seats", "3")
    assert [made[key] for key in ("name", "seats", "users", "admins", "invites")] == [
        "Acme",
        3,
        1,
        1,
        0,
    ]
    assert terminal.json("account", "list") == [made]
    assert terminal.rows("account", "list")[1][:5] == [made["id"], "Acme", "1", "0", "3"]
    [ana] = terminal.json("users", "list")
    assert (ana["email"], ana["name"], ana["last_name"], ana["role"]) == (
        "ana@acme.test",
        "Ana",
        "Kos",
        "Admin",
    )


def test_a_person_can_be_admin_of_two_accounts(acme: Terminal) -> None:
    acme.run(*CREATE, "Other", "--admin-email", "ANA@acme.test", "--admin-name", "Mallory")
    other = acme.json("account", "list")[1]["id"]
    assert [user["name"] for user in acme.json("users", "list", "--account", other)] == ["Ana"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("", *BY_ANA), "NAME: must be a string of 1 to 255"),
        (("Acme", "--admin-email", "ana"), "--admin-email: must be an e-mail address"),
        (("Acme", *BY_ANA, "--seats", "0"), "--seats: must be a whole number from 1"),
        (("Acme", *BY_ANA, "--admin-name", "a" * 256), "--admin-name: must be a string"),
    ],
)
def test_what_is_wrong_is_said_by_option(
    terminal: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    assert said in terminal.refused(*CREATE, *arguments)
    assert terminal.json("account", "list") == []


def test_without_an_account_a_command_says_how_to_make_one(terminal: Terminal) -> None:
    assert "guestlist account create NAME" in terminal.refused("users", "list")


def test_with_several_accounts_a_command_asks_which(acme: Terminal) -> None:
    made = acme.json(*CREATE, "Other", "--admin-email", "bo@other.test")
    said = acme.refused("users", "list")
    assert "choose one with --account" in said
    assert f"{made['id']} (Other)" in said
    [bo] = acme.json("users", "list", "--account", made["id"])
    assert bo["email"] == "bo@other.test"
    assert acme.refused("users", "list", "--account", "nope") == (
        "There is no account nope; see: guestlist account list."
    )
    # What belongs to one account does not exist in another.
    [first, _] = acme.json("account", "list")
    said = acme.refused("users", "show", bo["id"], "--account", first["id"])
    assert said == f"The account Acme has no user {bo['id']}."


def test_no_seat_is_left_where_all_are_taken(terminal: Terminal) -> None:
    terminal.run(*CREATE, "Acme", *BY_ANA, "--seats", "1")
    said = terminal.refused("users", "invite", "bo@acme.test", "--role", "Manager")
    assert said.startswith("Every seat of the account is taken: ")


def test_an_account_has_a_name(terminal: Terminal) -> None:
    said = terminal.refused("account", "create", " ", "--admin-email", "ana@acme.test")
    assert "NAME: must be a string of 1 to 255 characters" in said


def test_what_is_said_of_an_account_can_be_changed(acme: Terminal) -> None:
    made = acme.json("account", "show")
    assert [made[key] for key in FACTS] == ["Acme", None, None, False, 90]
    options = ("--name", "Acme Ltd", "--seats", "7", "--url", "https://app.acme.test")
    more = ("--require-second-factor", "--password-days", "30")
    changed = acme.json("account", "set", *options, *more)
    assert [changed[key] for key in FACTS] == ["Acme Ltd", 7, "https://app.acme.test", True, 30]
    back = acme.json("account", "set", "--no-url", "--no-seats", "--no-require-second-factor")
    assert [back[key] for key in FACTS] == ["Acme Ltd", None, None, False, 30]
    assert acme.json("account", "show") == back


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Nothing to change was given; see: guestlist account set --help"),
        (("--url", "http://app.acme.test"), "The URL is not an https URL."),
        (("--url", "app.acme.test"), "The URL is not an https URL."),
        (("--url", "https://ana:secret@acme.test"), "The URL is not an https URL."),
        (("--url", "javascript:alert(1)"), "The URL is not an https URL."),
        (("--name", " "), "The name must be given."),
        (("--seats", "0"), "The number of seats must be at least 1."),
        (("--password-days", "3651"), "The number of days must be at most 3650."),
    ],
)
def test_what_cannot_be_said_of_an_account_changes_nothing(
    acme: Terminal, options: tuple[str, ...], said: str
) -> None:
    before = acme.json("account", "show")
    assert acme.refused("account", "set", *options) == said
    assert acme.json("account", "show") == before
