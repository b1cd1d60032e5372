"""A passkey signs its owner in, once for each challenge, and only where it was asked to."""

import hashlib
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url

from guestlist.actions import factors, passkeys
from guestlist.actions.parties import Party
from guestlist.domain.refusals import Invalid, PasskeyRefused
from guestlist.store import people, schema
from guestlist.store.statements import Statement
from tests.actions.authenticator import Authenticator
from tests.stand import START, Stand

PUBLIC_URL = "https://guests.acme.test"
CHALLENGES = Statement(select(schema.challenges.c.sha256))


@pytest.fixture
def stand(database_url: str) -> Iterator[Stand]:
    with Stand(database_url, public_url=PUBLIC_URL) as made:
        yield made


def new_person(stand: Stand, name: str) -> int:
    email = f"{name}@acme.test"
    with stand.runtime.database.change() as transaction:
        return people.add(
            transaction, email=email, email_key=email, name=name, last_name="", now=START
        )


def registration(stand: Stand, person: int) -> str:
    with stand.runtime.database.change() as transaction:
        return passkeys.registration_options(
            transaction,
            stand.runtime,
            person=person,
            email="ana@acme.test",
            name="Ana",
            now=stand.clock.now,
        )


def register(stand: Stand, person: int, answer: str, name: str = "Phone") -> int:
    with stand.runtime.database.change() as transaction:
        return passkeys.registered(
            transaction,
            stand.runtime,
            person=person,
            answer=answer,
            name=name,
            now=stand.clock.now,
        )


def nested(answer: str) -> str:
    """The same answer, whose attestation is a list in a list in a list."""
    said = json.loads(answer)
    said["response"]["attestationObject"] = bytes_to_base64url(b"\x81" * 40_000)
    return json.dumps(said)


def owned(stand: Stand, person: int, credential: bytes = b"one") -> Authenticator:
    """An authenticator with a passkey of the person."""
    made = Authenticator(PUBLIC_URL, credential)
    register(stand, person, made.create(registration(stand, person)))
    return made


def sign_in(stand: Stand, answer: str, person: int | None = None) -> int:
    with stand.runtime.database.change() as transaction:
        now = stand.clock.now
        if person is None:
            return passkeys.signed_in(transaction, stand.runtime, answer=answer, now=now)
        passkeys.check_second(transaction, stand.runtime, person=person, answer=answer, now=now)
        return person


def second(stand: Stand, person: int) -> str:
    with stand.runtime.database.change() as transaction:
        return passkeys.second_options(
            transaction, stand.runtime, person=person, now=stand.clock.now
        )


def two_factor(stand: Stand, person: int) -> bool:
    found = people.get(stand.runtime.database, person)
    assert found is not None
    return bool(found.two_factor)


def test_a_passkey_signs_its_owner_in_once_for_each_challenge(stand: Stand) -> None:
    ana, bo = new_person(stand, "ana"), new_person(stand, "bo")
    assert not two_factor(stand, ana)
    key = owned(stand, ana)
    owned(stand, bo, b"two")
    assert two_factor(stand, ana)
    options = passkeys.sign_in_options(stand.runtime)
    asked = json.loads(options)
    assert (asked["rpId"], asked["userVerification"]) == ("guests.acme.test", "required")
    assert asked["allowCredentials"] == []
    answer = key.get(options)
    assert passkeys.owner(stand.runtime, answer) == ana
    assert sign_in(stand, answer) == ana
    with pytest.raises(PasskeyRefused):
        sign_in(stand, answer)
    with pytest.raises(PasskeyRefused):
        sign_in(stand, key.get(options))
    with stand.runtime.database.read() as transaction:
        [kept] = passkeys.listed(transaction, ana)
    assert (kept.sign_count, kept.used_at, kept.name) == (1, START, "Phone")


def test_an_answer_holds_only_where_and_when_it_was_asked_for(stand: Stand) -> None:
    ana, bo = new_person(stand, "ana"), new_person(stand, "bo")
    key, strange = owned(stand, ana), Authenticator(PUBLIC_URL, b"strange")
    forged = Authenticator(PUBLIC_URL, b"one", count=9)
    made_up = json.dumps({"challenge": "AAAA", "rpId": "guests.acme.test"})
    options = passkeys.sign_in_options(stand.runtime)
    elsewhere = json.dumps(json.loads(options) | {"rpId": "evil.test"})
    for answer in (
        strange.get(options),
        forged.get(options),
        key.get(made_up),
        key.get(elsewhere),
        key.get(options, origin="https://evil.test"),
        key.get(options, type="webauthn.create"),
        key.get(second(stand, ana)),
        key.create(registration(stand, ana)),
        "",
        "null",
        "[]",
        "{" * 70_000,
        json.dumps({"id": "", "rawId": "", "type": "public-key", "response": {}}),
    ):
        with pytest.raises(PasskeyRefused):
            sign_in(stand, answer)
    with pytest.raises(PasskeyRefused):
        sign_in(stand, key.get(options), person=ana)
    with pytest.raises(PasskeyRefused):
        sign_in(stand, key.get(second(stand, bo)), person=bo)
    with pytest.raises(PasskeyRefused):
        passkeys.owner(stand.runtime, strange.get(options))
    assert sign_in(stand, key.get(options)) == ana
    late = passkeys.sign_in_options(stand.runtime)
    stand.clock.advance(seconds=300)
    with pytest.raises(PasskeyRefused):
        sign_in(stand, key.get(late))


def test_who_asked_nobody_for_a_pin_is_a_second_factor_only(stand: Stand) -> None:
    ana = new_person(stand, "ana")
    key = owned(stand, ana)
    key.verifies = False
    with pytest.raises(PasskeyRefused):
        sign_in(stand, key.get(passkeys.sign_in_options(stand.runtime)))
    options = second(stand, ana)
    assert json.loads(options)["userVerification"] == "preferred"
    assert [c["id"] for c in json.loads(options)["allowCredentials"]] == ["b25l"]
    assert sign_in(stand, key.get(options), person=ana) == ana


def test_a_count_that_went_back_is_of_a_copy_and_none_at_all_is_fine(stand: Stand) -> None:
    ana = new_person(stand, "ana")
    key = owned(stand, ana)
    key.count = 2**32 - 2
    assert sign_in(stand, key.get(passkeys.sign_in_options(stand.runtime))) == ana
    key.count = 6
    with pytest.raises(PasskeyRefused):
        sign_in(stand, key.get(passkeys.sign_in_options(stand.runtime)))
    uncounted = owned(stand, ana, b"two")
    for _ in range(2):
        uncounted.count = -1
        assert sign_in(stand, uncounted.get(passkeys.sign_in_options(stand.runtime))) == ana


def test_a_passkey_is_registered_by_whom_it_was_asked_of_and_once(stand: Stand) -> None:
    ana, bo = new_person(stand, "ana"), new_person(stand, "bo")
    options = registration(stand, ana)
    asked = json.loads(options)
    assert asked["attestation"] == "none"
    assert asked["user"]["name"] == "ana@acme.test"
    key = Authenticator(PUBLIC_URL, b"one")
    answer = key.create(options)
    refused = [
        (bo, answer),
        (ana, key.create(options, origin="http://guests.acme.test")),
        (ana, key.get(passkeys.sign_in_options(stand.runtime))),
        (ana, answer.replace("attestationObject", "attestation")),
        (ana, nested(answer)),
    ]
    for person, given in refused:
        with pytest.raises(PasskeyRefused):
            register(stand, person, given)
    with pytest.raises(Invalid):
        register(stand, ana, answer, name="x" * 81)
    assert register(stand, ana, answer, name=" ") > 0
    with pytest.raises(PasskeyRefused):
        register(stand, ana, answer)
    again = registration(stand, bo)
    with pytest.raises(PasskeyRefused):
        register(stand, bo, key.create(again))
    assert not two_factor(stand, bo)
    assert len(json.loads(registration(stand, ana))["excludeCredentials"]) == 1


def test_a_person_has_no_more_passkeys_than_they_can_tell_apart(stand: Stand) -> None:
    ana = new_person(stand, "ana")
    for number in range(passkeys.MOST):
        owned(stand, ana, bytes([number, 1]))
    with pytest.raises(Invalid):
        registration(stand, ana)


def test_the_last_passkey_takes_the_second_factor_and_the_recovery_codes_along(
    stand: Stand,
) -> None:
    ana, bo = new_person(stand, "ana"), new_person(stand, "bo")
    owned(stand, ana)
    database = stand.runtime.database
    with database.change() as transaction:
        factors.new_recovery_codes(transaction, ana, lambda n: stand.runtime.random(0, n))
        [key] = passkeys.listed(transaction, ana)
        assert not passkeys.remove(transaction, bo, key.key)
        assert factors.has_any(transaction, ana)
        assert passkeys.remove(transaction, ana, key.key)
        assert not factors.has_any(transaction, ana)
        assert factors.recovery_codes_left(transaction, ana) == 0
    assert not two_factor(stand, ana)


def test_challenges_are_kept_hashed_and_swept_away_when_late(stand: Stand) -> None:
    passkeys.sign_in_options(stand.runtime)
    stand.clock.advance(seconds=301)
    options = passkeys.sign_in_options(stand.runtime)
    challenge = base64url_to_bytes(json.loads(options)["challenge"])
    with stand.runtime.database.read() as transaction:
        kept = [bytes(row[0]) for row in transaction.all(CHALLENGES)]
    assert kept == [hashlib.sha256(challenge).digest()]


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        ("https://guests.acme.test", ("guests.acme.test", "https://guests.acme.test", True)),
        ("https://acme.test:8443", ("acme.test", "https://acme.test:8443", True)),
        (
            "https://xn--bcher-kva.test",
            ("xn--bcher-kva.test", "https://xn--bcher-kva.test", True),
        ),
        ("http://localhost:8080", ("localhost", "http://localhost:8080", True)),
        ("http://acme.test", ("acme.test", "http://acme.test", False)),
        ("https://127.0.0.1:8443", ("127.0.0.1", "https://127.0.0.1:8443", False)),
        ("https://[::1]:8443", ("::1", "https://[::1]:8443", False)),
    ],
)
def test_who_asks_is_what_the_public_url_says(
    public_url: str, expected: tuple[str, str, bool]
) -> None:
    asking = Party.of(public_url)
    assert (asking.id, asking.origin, asking.may_ask) == expected
