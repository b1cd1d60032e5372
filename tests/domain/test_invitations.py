"""Limits, keys and copies of invitations."""

from dataclasses import replace
from typing import Any

import pytest

from guestlist.domain import invitations as rules
from guestlist.domain.access import ADMIN, MANAGER, Actor, Grant
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import Caps, Invitation
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import (
    BrokenKey,
    Ended,
    OutOfReach,
    TooManyInvitations,
    TooManyLetters,
)

CAPS = Caps(invitations_per_day=2, letters_per_day=1)
BOB = Actor(Grant(MANAGER), user=2)
INVITATION = Invitation(
    key=1,
    id="k1q7w3zr9vp5xd8y",
    email="eve@acme.test",
    grant=Grant(MANAGER),
    expires_at=10,
    invited_by=None,
    created_at=0,
    updated_at=0,
)


def test_limits_hold_from_the_number_they_say() -> None:
    rules.check_day(invited=1, caps=CAPS)
    rules.check_letters(sent=0, caps=CAPS)
    with pytest.raises(TooManyInvitations, match="2"):
        rules.check_day(invited=2, caps=CAPS)
    with pytest.raises(TooManyLetters, match="1"):
        rules.check_letters(sent=1, caps=CAPS)


def test_a_link_is_copied_by_who_could_give_it_until_it_ends() -> None:
    rules.check_copy(MAILERSEND, by=BOB, invitation=INVITATION, now=9)
    with pytest.raises(Ended) as ended:
        rules.check_copy(MAILERSEND, by=BOB, invitation=INVITATION, now=10)
    assert ended.value.state == "expired"
    with pytest.raises(OutOfReach):
        rules.check_copy(
            MAILERSEND, by=BOB, invitation=replace(INVITATION, grant=Grant(ADMIN)), now=9
        )


def test_a_key_is_printable_ascii() -> None:
    for key in ("a", "monday 7", "~" * 255):
        assert rules.check_key(key) == key
    for broken in ("", " ", "a\n", "\n", "é", "a" * 256):
        with pytest.raises(BrokenKey):
            rules.check_key(broken)


def test_a_digest_tells_bodies_apart_whatever_is_in_them() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    bodies = [
        ("eve@acme.test", Draft(role="Admin")),
        ("fay@acme.test", Draft(role="Admin")),
        (None, Draft(role="Admin")),
        ("eve@acme.test", Draft(role="Admin", permissions=[])),
        ("eve@acme.test", Draft(role={"b": 1, "a": [True, 1.5, "\ud800"]})),
        ("eve@acme.test", Draft(role=deep)),
    ]
    assert len({rules.digest(*body) for body in bodies}) == len(bodies)
    assert rules.digest(*bodies[0]) == rules.digest("eve@acme.test", Draft(role="Admin"))
