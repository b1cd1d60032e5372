"""The operator acts as a user: with the power they have at that moment, and the audit says both."""

from typing import Any

import pytest
from sqlalchemy import select

from guestlist.store import schema
from guestlist.store.database import Database
from guestlist.store.statements import Statement
from tests.cli.terminal import Terminal

WORLD = """{"accounts": [{"name": "Acme",
  "domains": [{"id": "d1", "name": "mail.acme.test"}, {"id": "d2", "name": "news.acme.test"}],
  "templates": [{"id": "t1", "name": "Receipt"}],
  "users": [
    {"id": "ana", "email": "ana@acme.test", "role": "Admin"},
    {"id": "bob", "email": "bob@acme.test", "role": "Manager"},
    {"id": "cleo", "email": "cleo@acme.test", "role": "Designer"},
    {"id": "dan", "email": "dan@acme.test", "role": "Custom User",
     "permissions": ["manage-domain", "manage-api-token"], "domains": ["d2"]}
  ],
  "invites": [{"email": "eve@acme.test", "role": "Designer"}],
  "tokens": [{"name": "hers", "scopes": ["users_full"], "owner": "ana@acme.test"},
             {"name": "his", "scopes": ["users_full"], "owner": "bob@acme.test"}]
}]}"""
BOB, CLEO, DAN = (("--as", f"{name}@acme.test") for name in ("bob", "cleo", "dan"))
REACH = (
    "This is out of reach of who asks: nobody gives, changes or takes more than they hold"
    " themselves. Somebody who holds it must do it."
)


@pytest.fixture
def team(terminal: Terminal) -> Terminal:
    terminal.run("import", "-", given=WORLD)
    return terminal


def audited(url: str) -> list[tuple[Any, ...]]:
    database = Database(url)
    with database.read() as transaction:
        columns = (schema.audit.c.actor, schema.audit.c.action, schema.audit.c.subject)
        query = Statement(select(*columns).order_by(schema.audit.c.key))
        found = [tuple(row) for row in transaction.all(query)]
    database.close()
    return found


def test_what_is_done_is_theirs_and_the_operators(team: Terminal, database_url: str) -> None:
    before = len(audited(database_url))
    team.run("users", "suspend", "cleo")
    team.run(*BOB, "users", "reactivate", "cleo")
    team.run("--as", "bob", "users", "remove", "cleo")
    said = [(actor, action) for actor, action, _ in audited(database_url)[before:]]
    assert said == [
        ("operator", "user.suspend"),
        ("operator as user:bob", "user.reactivate"),
        ("operator as user:bob", "user.remove"),
    ]
    # What they give is theirs to give, and ends with them.
    team.run(*BOB, "users", "invite", "fay@acme.test", "--role", "Designer")
    team.run("users", "remove", "bob")
    assert [invite["email"] for invite in team.json("invites", "list")] == ["eve@acme.test"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "suspend", "ana"),
        ("users", "reactivate", "ana"),
        ("users", "remove", "ana"),
        ("users", "update", "cleo", "--role", "Admin"),
        ("users", "update", "bob", "--role", "Admin"),
        ("users", "invite", "gus@acme.test", "--role", "Admin"),
    ],
)
def test_their_power_ends_where_it_ends(
    team: Terminal, database_url: str, arguments: tuple[str, ...]
) -> None:
    before = audited(database_url)
    assert team.refused(*BOB, *arguments) == REACH
    assert audited(database_url) == before


@pytest.mark.parametrize(
    "arguments",
    [
        (*CLEO, "users", "list"),
        (*CLEO, "users", "remove", "dan"),
        (*CLEO, "invites", "list"),
        (*CLEO, "token", "list"),
        (*CLEO, "domains", "list"),
        (*DAN, "templates", "list"),
    ],
)
def test_what_their_role_does_not_give_is_said(team: Terminal, arguments: tuple[str, ...]) -> None:
    assert team.refused(*arguments) == (
        f"{arguments[1]} has no power for this in Acme; see: guestlist roles."
    )


def test_they_see_what_they_see(team: Terminal) -> None:
    assert [domain["id"] for domain in team.json(*DAN, "domains", "list")] == ["d2"]
    assert team.json(*DAN, "token", "list") == []
    assert [token["name"] for token in team.json(*BOB, "token", "list")] == ["his"]
    assert {token["name"] for token in team.json("token", "list")} == {"hers", "his"}
    assert team.refused(*BOB, "token", "revoke", "hers") == "The account Acme has no token hers."
    assert team.refused(*DAN, "domains", "add", "new.acme.test") == REACH
    assert team.refused(*DAN, "domains", "remove", "d1") == "The account Acme has no domain d1."
    team.run(*DAN, "domains", "remove", "d2")
    assert [template["id"] for template in team.json(*CLEO, "templates", "list")] == ["t1"]


@pytest.mark.parametrize("user", ["nobody@acme.test", "nobody", "eve@acme.test", "cleo"])
def test_only_an_active_user_is_acted_as(team: Terminal, user: str) -> None:
    team.run("users", "suspend", "cleo")
    said = team.refused("--as", user, "templates", "list")
    assert said == f"The account Acme has no active user {user} to act as."


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("account", "list"), "account"),
        (("people", "show", "ana@acme.test"), "people"),
        (("people", "erase", "ana@acme.test", "--yes"), "people"),
        (("export",), "export"),
        (("outbox", "list"), "outbox"),
        (("migrate",), "migrate"),
        (("roles",), "roles"),
    ],
)
def test_the_rest_is_the_operators(
    team: Terminal, database_url: str, arguments: tuple[str, ...], command: str
) -> None:
    before = audited(database_url)
    said = team.refused("--as", "ana@acme.test", *arguments)
    assert said == f"guestlist {command} is the operator's: leave out --as."
    assert audited(database_url) == before


def test_it_is_said_anew_with_each_command(team: Terminal) -> None:
    team.refused(*BOB, "users", "suspend", "ana")
    team.run("users", "suspend", "bob")
    assert "bob@acme.test" in team.run("users", "list")


def test_a_user_is_suspended_and_reactivated(team: Terminal) -> None:
    suspended = team.json("users", "suspend", "BOB@acme.test")
    assert suspended["suspended_at"] is not None
    assert team.json("users", "suspend", "bob") == suspended == team.json("users", "show", "bob")
    states = {row[1]: row[4] for row in team.rows("users", "list")[1:]}
    assert states == {
        "ana@acme.test": "active",
        "bob@acme.test": "suspended",
        "cleo@acme.test": "active",
        "dan@acme.test": "active",
    }
    [place] = team.json("people", "show", "bob@acme.test")["accounts"]
    assert place["suspended"] is True
    assert "user bob, suspended" in team.run("people", "show", "bob@acme.test")
    assert team.json("users", "reactivate", "bob")["suspended_at"] is None
    [place] = team.json("people", "show", "bob@acme.test")["accounts"]
    assert place["suspended"] is False


@pytest.mark.parametrize("verb", ["suspend", "reactivate"])
def test_nobody_unknown_is_suspended(team: Terminal, verb: str) -> None:
    said = team.refused("users", verb, "nobody@acme.test")
    assert said == "The account Acme has no user nobody@acme.test."


def test_the_last_active_admin_is_not_suspended(team: Terminal) -> None:
    assert "keeps an Admin" in team.refused("users", "suspend", "ana")
    team.run("users", "update", "bob", "--role", "Admin")
    team.run("users", "suspend", "bob")
    for arguments in (
        ("suspend", "ana"),
        ("remove", "ana"),
        ("update", "ana", "--role", "Manager"),
    ):
        assert "keeps an Admin" in team.refused("users", *arguments)


def test_a_suspended_user_gets_no_token(team: Terminal) -> None:
    team.run("users", "suspend", "bob")
    create = ("token", "create", "ci", "--scope", "users_full", "--owner", "bob")
    for arguments in (create, ("token", "transfer", "hers", "--to", "bob")):
        assert "nobody suspended has it" in team.refused(*arguments)
    # They go from one, so that production goes on.
    assert team.json("token", "transfer", "his", "--to", "ana")["owner"] == "ana"


def test_a_token_that_nobody_else_is_named_for_is_theirs(team: Terminal) -> None:
    create = ("token", "create", "ci", "--scope", "users_full")
    assert team.json(*create)["owner"] == "ana"  # the operator's are the first Admin's
    for user, by in (("bob", BOB), ("dan", DAN)):
        assert team.json(*by, *create)["owner"] == user
    assert team.refused(*BOB, *create, "--owner", "ana") == REACH
