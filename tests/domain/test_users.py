"""The rules of inviting, changing and removing: who may, and what must stay."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import invitations, users
from guestlist.domain.access import Actor, Grant
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import DAY, Invitation
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import (
    Fault,
    Invalid,
    LastAdmin,
    NoFreeSeat,
    OutOfReach,
    Refusal,
    Rule,
)
from guestlist.domain.users import User

GRANTS = st.builds(
    Grant,
    role=st.sampled_from([role.name for role in MAILERSEND.roles]),
    permissions=st.lists(st.sampled_from(sorted(MAILERSEND.names)), max_size=3).map(tuple),
)
NOTHING: dict[str, Any] = {"catalog": MAILERSEND, "domains": {}, "templates": {}}


def user(grant: Grant, *, suspended: bool = False) -> User:
    """Whoever has a grant."""
    return User(
        key=2,
        id="u",
        email="u@acme.test",
        name="",
        last_name="",
        avatar=None,
        two_factor=False,
        grant=grant,
        created_at=0,
        updated_at=0,
        suspended_at=1 if suspended else None,
    )


def actor(grant: Grant) -> Actor:
    return Actor(grant, user=1)


def refusal(rule: Any, **facts: Any) -> type[Refusal] | None:
    try:
        rule(MAILERSEND, **facts)
    except Refusal as refused:
        return type(refused)
    return None


@given(GRANTS, GRANTS, GRANTS, st.integers(1, 3), st.booleans())
def test_a_change_is_within_reach_before_and_after_and_leaves_an_admin(
    asker: Grant, stored: Grant, wanted: Grant, admins: int, suspended: Any
) -> None:
    changed = user(stored, suspended=suspended)
    found = refusal(users.check_change, by=actor(asker), user=changed, wanted=wanted, admins=admins)
    touches_admin = "Admin" in (stored.role, wanted.role)
    if asker.role not in {"Admin", "Manager"} or (touches_admin and asker.role != "Admin"):
        assert found is OutOfReach
    elif changed.is_active_admin and wanted.role != "Admin" and admins == 1:
        assert found is LastAdmin
    else:
        assert found is None


@given(GRANTS, GRANTS, st.integers(1, 3), st.booleans())
def test_whoever_goes_is_within_reach_and_leaves_an_admin(
    asker: Grant, stored: Grant, admins: int, suspended: Any
) -> None:
    going = user(stored, suspended=suspended)
    found = refusal(users.check_going, by=actor(asker), user=going, admins=admins)
    if asker.role not in {"Admin", "Manager"} or (stored.role == "Admin" != asker.role):
        assert found is OutOfReach
    else:
        assert going.is_active_admin == (stored.role == "Admin" and not suspended)
        assert found is (LastAdmin if going.is_active_admin and admins == 1 else None)


@given(GRANTS, GRANTS, st.none() | st.integers(0, 5), st.integers(0, 6))
def test_an_invite_is_within_reach_and_has_a_seat(
    asker: Grant, grant: Grant, seats: int | None, taken: int
) -> None:
    found = refusal(
        invitations.check_invite, by=actor(asker), grant=grant, seats=seats, seats_taken=taken
    )
    if asker.role not in {"Admin", "Manager"} or (grant.role == "Admin" != asker.role):
        assert found is OutOfReach
    else:
        assert found is (NoFreeSeat if seats is not None and taken >= seats else None)


def test_a_changed_grant_tells_every_fault_even_of_a_user_that_is_not_there() -> None:
    draft = Draft(role="x", permissions=["x"])
    with pytest.raises(Invalid) as refused:
        users.changed_grant(draft, stored=None, **NOTHING)
    assert refused.value.faults == (
        Fault("role", Rule.SELECTED),
        Fault("permissions.0", Rule.SELECTED),
    )
    with pytest.raises(Invalid):
        users.changed_grant(Draft(role="Admin", domains=["d1"]), stored=None, **NOTHING)
    assert users.changed_grant(Draft(role="admin"), stored=None, **NOTHING) == Grant("Admin")


def test_an_invites_faults_begin_with_the_address() -> None:
    with pytest.raises(Invalid) as refused:
        invitations.examine("x", Draft(role="x", domains=["d"]), taken=True, **NOTHING)
    assert [fault.field for fault in refused.value.faults] == [
        "email",
        "email",
        "role",
        "domains.0",
    ]
    assert "email: must be an e-mail address" in str(refused.value)
    email, grant = invitations.examine("A@x.test", Draft(role="Admin"), taken=False, **NOTHING)
    assert (email.address, email.key, grant) == ("A@x.test", "a@x.test", Grant("Admin"))


@pytest.mark.parametrize(
    ("email", "rules"),
    [
        (None, [Rule.REQUIRED]),
        ([], [Rule.REQUIRED]),
        ({}, [Rule.REQUIRED]),
        (7, [Rule.STRING, Rule.EMAIL]),
        (False, [Rule.STRING, Rule.EMAIL]),
        ("x", [Rule.EMAIL]),
        ("x" * 321, [Rule.EMAIL, Rule.MAX_CHARACTERS]),
        ("x" * 314 + "@x.test", [Rule.MAX_CHARACTERS]),
        ("x" * 313 + "@x.test", []),
    ],
)
def test_every_rule_an_address_breaks_is_told(email: object, rules: list[Rule]) -> None:
    assert [fault.rule for fault in invitations.email_faults(email, taken=False)] == rules
    taken = [fault.rule for fault in invitations.email_faults(email, taken=True)]
    assert taken == (rules if Rule.REQUIRED in rules else [*rules, Rule.TAKEN])


def test_an_invitation_expires_at_its_very_instant() -> None:
    invitation = Invitation(1, "i", "a@x.test", Grant("Admin"), 7 * DAY, None, 0, 0)
    assert not invitation.is_expired(7 * DAY - 1)
    assert invitation.is_expired(7 * DAY)
    assert DAY == 24 * 3600 * 1_000_000
