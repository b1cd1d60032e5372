"""The way from an invitation's link into the account, for whoever opened it."""

import itertools
from typing import Any

import pytest

from guestlist.domain import joining
from guestlist.domain.access import Grant
from guestlist.domain.invitations import DAY, Invitation, State
from guestlist.domain.joining import Offer, Way
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.people import Person
from guestlist.domain.refusals import Ended, MustProve, MustSignIn, Withdrawn, WrongPerson

EVE = 5


def offer(*, email: str = "eve@else.test", **changed: Any) -> Offer:
    role = changed.pop("role", "Accountant")
    invitation = Invitation(
        key=1,
        id="i",
        email=email,
        grant=Grant(role),
        expires_at=DAY,
        invited_by=changed.pop("invited_by", 1),
        created_at=0,
        updated_at=0,
    )
    values: dict[str, Any] = {
        "state": State.PENDING,
        "email_key": "eve@else.test",
        "account": 1,
        "account_id": "a",
        "account_name": "Acme",
        "account_url": None,
        "inviter": "Ana",
        "inviter_id": "user00000000ana",
        "is_copy": False,
        "accepted_by": None,
    }
    return Offer(invitation=invitation, **(values | changed))


def person(*, proven: bool, password: bool, passkeys: int = 0) -> Person:
    return Person(
        key=EVE,
        email="eve@else.test",
        email_key="eve@else.test",
        name="",
        last_name="",
        avatar=None,
        two_factor=False,
        password="hash" if password else None,
        password_changed_at=None,
        proven_at=1 if proven else None,
        has_totp=False,
        passkeys=passkeys,
        must_set_factor=False,
        language=None,
        signed_in_at=None,
    )


def test_nobody_new_needs_more_than_the_link() -> None:
    for is_copy in (False, True):
        found = offer(is_copy=is_copy)
        assert joining.way(found, person=None, signed_in=None) == Way.NEW
        assert joining.way(found, person=None, signed_in=7) == Way.SWITCH


@pytest.mark.parametrize(
    ("is_copy", "proven", "password"), list(itertools.product((False, True), repeat=3))
)
def test_who_is_there_already_signs_in_or_is_proven_by_the_letter(
    is_copy: bool,  # noqa: FBT001 - all of them, by itertools
    proven: bool,  # noqa: FBT001
    password: bool,  # noqa: FBT001
) -> None:
    known = person(proven=proven, password=password)
    found = offer(is_copy=is_copy)
    way = joining.way(found, person=known, signed_in=None)
    own = joining.way(found, person=known, signed_in=EVE)
    if proven and password:
        assert (way, own) == (Way.SIGN_IN, Way.JOIN)
    else:
        assert way == own == (Way.PROVE if is_copy else Way.CLAIM)
    assert joining.way(found, person=known, signed_in=EVE + 1) == Way.SWITCH


def test_a_passkey_is_a_sign_in_and_another_mailbox_proves_nothing() -> None:
    known = person(proven=True, password=False, passkeys=1)
    assert joining.way(offer(), person=known, signed_in=None) == Way.SIGN_IN
    unproven = person(proven=False, password=True)
    other = offer(email="\u0117ve@else.test")
    assert joining.way(other, person=unproven, signed_in=None) == Way.PROVE
    same = offer(email="EVE@ELSE.test")
    assert joining.way(same, person=unproven, signed_in=None) == Way.CLAIM


def test_what_is_in_the_way_is_said() -> None:
    refused = {Way.SWITCH: WrongPerson, Way.SIGN_IN: MustSignIn, Way.PROVE: MustProve}
    for way in Way:
        if way in refused:
            with pytest.raises(refused[way]):
                joining.check_way(way)
        else:
            joining.check_way(way)


def test_only_a_pending_one_is_open_until_its_end() -> None:
    joining.check_open(offer(), now=DAY - 1)
    with pytest.raises(Ended, match="expired"):
        joining.check_open(offer(), now=DAY)
    for state in (State.ACCEPTED, State.DECLINED, State.CANCELLED):
        with pytest.raises(Ended, match=state.value):
            joining.check_open(offer(state=state), now=DAY)


def test_nobody_gives_when_it_is_accepted_what_they_no_longer_hold() -> None:
    joining.check_giver(MAILERSEND, offer(invited_by=None, role="Admin"), None)
    joining.check_giver(MAILERSEND, offer(), Grant("Manager"))
    joining.check_giver(MAILERSEND, offer(role="Admin"), Grant("Admin"))
    for giver in (None, Grant("Designer"), Grant("Accountant")):
        with pytest.raises(Withdrawn):
            joining.check_giver(MAILERSEND, offer(), giver)
    with pytest.raises(Withdrawn):
        joining.check_giver(MAILERSEND, offer(role="Admin"), Grant("Manager"))
