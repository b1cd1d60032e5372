"""What an API token may be given, who may touch it, and when it opens anything."""

from typing import Any

import pytest

from guestlist.domain import tokens
from guestlist.domain.access import OPERATOR, Actor, Grant
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import Fault, Invalid, OutOfReach, Rule

ADMIN, MANAGER = Grant("Admin"), Grant("Manager")
OWNER = Grant("Custom User", ("manage-api-token",))
BY = Actor(ADMIN, 1, "u", "t", frozenset({"tokens_full", "users_full", "sms_read"}))


def faults(name: Any, scopes: Any, by: Actor = BY) -> list[Fault]:
    with pytest.raises(Invalid) as refused:
        tokens.examine_new(name, scopes, by=by)
    return list(refused.value.faults)


def test_a_new_tokens_scopes_count_once_in_their_order() -> None:
    found = tokens.examine_new("ci", ["users_read", "sms_read", "users_read"], by=BY)
    assert found == ("ci", ("users_read", "sms_read"))
    assert tokens.examine_new("n" * 50, ["whatsapp_full", "ifttt"], by=OPERATOR)[0] == "n" * 50


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (None, Fault("name", Rule.REQUIRED)),
        ([], Fault("name", Rule.REQUIRED)),
        ({}, Fault("name", Rule.REQUIRED)),
        ("", Fault("name", Rule.REQUIRED)),
        (" \t", Fault("name", Rule.REQUIRED)),
        (7, Fault("name", Rule.STRING)),
        ("a\0b", Fault("name", Rule.STRING)),
        ("n" * 51, Fault("name", Rule.MAX_CHARACTERS, 50)),
    ],
)
def test_a_name_is_needed_and_short(name: Any, rule: Fault) -> None:
    assert faults(name, ["users_read"]) == [rule]


@pytest.mark.parametrize(
    ("scopes", "rule"),
    [
        (None, Fault("scopes", Rule.REQUIRED)),
        ([], Fault("scopes", Rule.REQUIRED)),
        ("users_read", Fault("scopes", Rule.ARRAY)),
        (["users_read"] * 1_001, Fault("scopes", Rule.MAX_ITEMS, 1_000)),
        (["users_read", "sms_full"], Fault("scopes.1", Rule.SELECTED)),
        (["users_write"], Fault("scopes.0", Rule.SELECTED)),
        ([["users_read"]], Fault("scopes.0", Rule.SELECTED)),
    ],
)
def test_scopes_are_known_and_the_givers_own(scopes: Any, rule: Fault) -> None:
    assert faults("ci", scopes) == [rule]
    assert faults(None, scopes) == [Fault("name", Rule.REQUIRED), rule]


def test_the_operator_gives_known_scopes_only() -> None:
    assert faults("ci", ["users_write"], OPERATOR) == [Fault("scopes.0", Rule.SELECTED)]


@pytest.mark.parametrize(
    ("name", "status", "found"),
    [
        (None, None, (None, None)),
        ("ci", None, ("ci", None)),
        (None, "pause", (None, True)),
        ("ci", "unpause", ("ci", False)),
    ],
)
def test_a_change_names_what_it_changes(name: Any, status: Any, found: Any) -> None:
    assert tokens.examine_change(name, status, status_required=False) == found


@pytest.mark.parametrize("status", ["paused", True, ["pause"], {}])
def test_a_status_is_pause_or_unpause(status: Any) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.examine_change("n" * 51, status, status_required=True)
    assert refused.value.faults == (
        Fault("name", Rule.MAX_CHARACTERS, 50),
        Fault("status", Rule.SELECTED),
    )


@pytest.mark.parametrize("name", ["", " "])
def test_a_name_does_not_become_blank(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.examine_change(name, None, status_required=False)
    assert refused.value.faults == (Fault("name", Rule.REQUIRED),)


def test_a_status_may_be_required() -> None:
    with pytest.raises(Invalid) as refused:
        tokens.examine_change(None, None, status_required=True)
    assert refused.value.faults == (Fault("status", Rule.REQUIRED),)


def test_ones_own_tokens_are_always_in_reach_and_others_as_their_owners() -> None:
    for by, owner, role, allowed in (
        (Actor(OWNER, 1), 1, "Custom User", True),
        (Actor(OWNER, 1), 2, "Custom User", False),
        (Actor(MANAGER, 1), 1, "Admin", True),
        (Actor(MANAGER, 1), 2, "Admin", False),
        (Actor(MANAGER, 1), 2, "Manager", True),
        (Actor(ADMIN, 1), 2, "Admin", True),
        (OPERATOR, 2, "Admin", True),
    ):
        if allowed:
            tokens.check_reach(MAILERSEND, by=by, owner=owner, role=role)
        else:
            with pytest.raises(OutOfReach):
                tokens.check_reach(MAILERSEND, by=by, owner=owner, role=role)


def test_who_sees_the_tokens_of_which_roles() -> None:
    assert tokens.visible_roles(MAILERSEND, Actor(ADMIN, 1)) is None
    assert tokens.visible_roles(MAILERSEND, Actor(MANAGER, 1)) == [
        "Manager",
        "Designer",
        "Accountant",
        "Custom User",
    ]
    assert tokens.visible_roles(MAILERSEND, Actor(OWNER, 1)) == []


def test_a_token_opens_something_while_it_and_its_owner_may() -> None:
    alive: dict[str, Any] = {"paused": False, "suspended": False, "expires_at": None, "now": 10}
    assert tokens.is_usable(MAILERSEND, OWNER, **alive)
    assert tokens.is_usable(MAILERSEND, OWNER, **alive | {"expires_at": 11})
    assert not tokens.is_usable(MAILERSEND, OWNER, **alive | {"expires_at": 10})
    assert not tokens.is_usable(MAILERSEND, OWNER, **alive | {"paused": True})
    assert not tokens.is_usable(MAILERSEND, OWNER, **alive | {"suspended": True})
    assert not tokens.is_usable(MAILERSEND, Grant("Designer", ("manage-api-token",)), **alive)
