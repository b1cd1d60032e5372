"""What a signed-in person owes their accounts, and which factors must stay."""

from dataclasses import replace

import pytest

from guestlist.domain import people
from guestlist.domain.invitations import DAY
from guestlist.domain.people import Duty, Person, Place
from guestlist.domain.refusals import FactorRequired, LastSignIn, Refusal, Rule

NOW = 1_000 * DAY
ANA = Person(
    key=1,
    email="ana@acme.test",
    email_key="ana@acme.test",
    name="Ana",
    last_name="Ng",
    avatar=None,
    two_factor=False,
    password="a hash",
    password_changed_at=NOW - 90 * DAY,
    proven_at=NOW,
    has_totp=False,
    passkeys=0,
    must_set_factor=False,
    language=None,
    signed_in_at=None,
)
EASY = Place(
    account=1,
    account_id="acme",
    account_name="Acme",
    url=None,
    user=1,
    user_id="ana",
    role="Admin",
    requires_periodic_password_change=False,
    password_days=90,
    requires_second_factor=False,
    is_suspended=False,
)
STRICT = replace(EASY, requires_second_factor=True)
PERIODIC = replace(EASY, requires_periodic_password_change=True)
SUSPENDED = replace(STRICT, requires_periodic_password_change=True, is_suspended=True)
NEW_PASSWORD = replace(ANA, password_changed_at=NOW - 90 * DAY + 1)
WITHOUT_PASSWORD = replace(ANA, password=None, password_changed_at=None, passkeys=1)
RESET = replace(ANA, password_changed_at=0)
IMPORTED = replace(ANA, must_set_factor=True)
APP, PASSKEY = replace(ANA, has_totp=True), replace(ANA, passkeys=1)


@pytest.mark.parametrize(
    ("person", "places", "owed"),
    [
        (ANA, [], None),
        (ANA, [EASY], None),
        (ANA, [EASY, PERIODIC], Duty.PASSWORD),
        (ANA, [PERIODIC, STRICT], Duty.PASSWORD),
        (NEW_PASSWORD, [PERIODIC], None),
        (NEW_PASSWORD, [PERIODIC, STRICT], Duty.FACTOR),
        (WITHOUT_PASSWORD, [PERIODIC, STRICT], None),
        (RESET, [], Duty.PASSWORD),
        (RESET, [EASY, STRICT], Duty.PASSWORD),
        (replace(RESET, password=None), [EASY], None),
        (IMPORTED, [EASY], Duty.FACTOR),
        (replace(IMPORTED, has_totp=True), [STRICT], None),
        (PASSKEY, [STRICT], None),
        (ANA, [SUSPENDED], None),
        (ANA, [SUSPENDED, STRICT], Duty.FACTOR),
    ],
)
def test_the_password_is_owed_first_and_a_factor_where_one_is_required(
    person: Person, places: list[Place], owed: Duty | None
) -> None:
    assert people.duty(person, places, now=NOW) == owed


@pytest.mark.parametrize(
    ("person", "place", "totp", "passkey"),
    [
        (APP, EASY, None, None),
        (APP, STRICT, FactorRequired, None),
        (APP, SUSPENDED, None, None),
        (PASSKEY, EASY, None, None),
        (PASSKEY, STRICT, None, FactorRequired),
        (replace(APP, passkeys=1), STRICT, None, None),
        (replace(APP, passkeys=2), STRICT, None, None),
        (WITHOUT_PASSWORD, EASY, None, LastSignIn),
        (replace(WITHOUT_PASSWORD, has_totp=True), EASY, None, LastSignIn),
        (replace(WITHOUT_PASSWORD, passkeys=2), STRICT, None, None),
    ],
)
def test_a_factor_goes_unless_it_is_required_or_the_only_sign_in(
    person: Person, place: Place, totp: type[Refusal] | None, passkey: type[Refusal] | None
) -> None:
    for check, refusal in (
        (people.check_totp_goes, totp),
        (people.check_passkey_goes, passkey),
    ):
        if refusal is None:
            check(person, [place])
        else:
            with pytest.raises(refusal):
                check(person, [place])


@pytest.mark.parametrize(
    ("name", "last_name", "faults"),
    [
        ("Ana", "", []),
        (" ", "Ng", [("name", Rule.REQUIRED)]),
        ("a" * 256, "Ng", [("name", Rule.MAX_CHARACTERS)]),
        ("Ana", "N\u2028g", [("last_name", Rule.STRING)]),
        ("श\u200cर", "क\u200dष", []),
        ("Ana\u00a0Maria", "Ng\u00a0", []),
        ("\u200d\u00a0", "Ng", [("name", Rule.REQUIRED)]),
        *((f"A{c}na", "Ng", [("name", Rule.STRING)]) for c in "\u200b\u200e\u202e\u2066\ufeff\n\0"),
    ],
)
def test_a_person_has_a_name_of_one_line(
    name: str, last_name: str, faults: list[tuple[str, Rule]]
) -> None:
    found = people.name_faults(name, last_name)
    assert [(fault.field, fault.rule) for fault in found] == faults


def test_a_person_is_called_by_name_else_by_address() -> None:
    assert ANA.called == "Ana Ng"
    assert replace(ANA, name="", last_name="").called == "ana@acme.test"
    assert ANA.has_sign_in
    assert not replace(ANA, password=None).has_sign_in
    assert ANA.is_proven
    assert not replace(ANA, proven_at=None).is_proven
