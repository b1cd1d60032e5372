"""Passkeys (WebAuthn): as a sign-in of their own, and as a second factor.

But for `sign_in_options` and `owner`, these are parts of a change: whoever calls them locks the
person and records what changed. A refusal undoes that change, so a challenge stays open where an
answer did not hold, and is gone where one did.
"""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from guestlist.actions.parties import Party
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.domain.factors import ISSUER
from guestlist.domain.refusals import Fault, Invalid, PasskeyRefused, Rule
from guestlist.store import factors, passkeys
from guestlist.store.database import Transaction
from guestlist.store.passkeys import Passkey

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = 5 * 60_000_000
MOST = 20
MAX_NAME = 80
# Far above any authenticator's answer.
MAX_ANSWER = 64 * 1_024

_Read = TypeVar("_Read")


class Purpose(StrEnum):
    """What a challenge is asked for; it is good for nothing else."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND = "second"


def registration_options(
    transaction: Transaction, runtime: Runtime, *, person: int, email: str, name: str, now: int
) -> str:
    """JSON for `navigator.credentials.create`. Raises Invalid where there are `MOST` already."""
    known = passkeys.listed(transaction, person)
    _check_count(len(known))
    options = generate_registration_options(
        rp_id=Party.of(runtime.public_url).id,
        rp_name=ISSUER,
        user_id=runtime.keys.person_handle(person),
        user_name=email,
        user_display_name=name or email,
        challenge=_challenge(transaction, runtime, Purpose.REGISTER, person, now),
        timeout=CHALLENGE_LIFE // 1_000,
        # One that cannot be found without a name is still a second factor.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def registered(
    transaction: Transaction, runtime: Runtime, *, person: int, answer: str, name: str, now: int
) -> int:
    """Keeps a new passkey and returns its key; `answer` is the browser's JSON.

    Raises PasskeyRefused, and Invalid for too long a name or too many passkeys.
    """
    called = name.strip() or "Passkey"
    if len(called) > MAX_NAME:
        raise Invalid([Fault("name", Rule.MAX_CHARACTERS, MAX_NAME)])
    _check_count(passkeys.count(transaction, person))
    asking = Party.of(runtime.public_url)
    read = _read(lambda: parse_registration_credential_json(_bounded(answer)))
    challenge = _answered(
        transaction, read.response.client_data_json, Purpose.REGISTER, person, now
    )
    verified = _read(
        lambda: verify_registration_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=asking.id,
            expected_origin=asking.origin,
        )
    )
    key = passkeys.add(
        transaction,
        person=person,
        credential=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=called,
        now=now,
    )
    if key is None:
        raise PasskeyRefused
    factors.refresh_two_factor(transaction, person)
    return key


def sign_in_options(runtime: Runtime) -> str:
    """JSON for `navigator.credentials.get`, of whoever has a passkey for this deployment.

    The authenticator itself asks for a PIN or a finger: such a sign-in is of two factors.
    """
    now = runtime.now(NO_ACCOUNT)
    with runtime.database.change() as transaction:
        challenge = _challenge(transaction, runtime, Purpose.SIGN_IN, None, now)
    options = generate_authentication_options(
        rp_id=Party.of(runtime.public_url).id,
        challenge=challenge,
        timeout=CHALLENGE_LIFE // 1_000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def second_options(transaction: Transaction, runtime: Runtime, *, person: int, now: int) -> str:
    """JSON for `navigator.credentials.get`, of a person whose password was right."""
    options = generate_authentication_options(
        rp_id=Party.of(runtime.public_url).id,
        challenge=_challenge(transaction, runtime, Purpose.SECOND, person, now),
        timeout=CHALLENGE_LIFE // 1_000,
        allow_credentials=_described(passkeys.listed(transaction, person)),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def owner(runtime: Runtime, answer: str) -> int:
    """Whose passkey an answer names, which proves nothing yet: whom to lock before `signed_in`.

    Raises PasskeyRefused.
    """
    read = _read(lambda: parse_authentication_credential_json(_bounded(answer)))
    with runtime.database.read() as transaction:
        passkey = passkeys.find(transaction, read.raw_id)
    if passkey is None:
        raise PasskeyRefused
    return passkey.person


def signed_in(transaction: Transaction, runtime: Runtime, *, answer: str, now: int) -> int:
    """The person whose passkey answered `sign_in_options`. Raises PasskeyRefused."""
    return _shown(transaction, runtime, None, answer, now)


def check_second(
    transaction: Transaction, runtime: Runtime, *, person: int, answer: str, now: int
) -> None:
    """That one of the person's passkeys answered `second_options`. Raises PasskeyRefused."""
    _shown(transaction, runtime, person, answer, now)


def listed(transaction: Transaction, person: int) -> list[Passkey]:
    """The oldest first."""
    return passkeys.listed(transaction, person)


def remove(transaction: Transaction, person: int, key: int) -> bool:
    """Whether the person had it; recovery codes go with the last factor."""
    was_there = passkeys.remove(transaction, person, key)
    factors.refresh_two_factor(transaction, person)
    if not factors.has_any(transaction, person):
        factors.set_codes(transaction, person, [])
    return was_there


def _shown(
    transaction: Transaction, runtime: Runtime, person: int | None, answer: str, now: int
) -> int:
    """The owner of the passkey that answered, who has to be `person` where one is given.

    A credential's id is unique here, so the handle that comes with it has nothing to add.
    """
    purpose = Purpose.SIGN_IN if person is None else Purpose.SECOND
    read = _read(lambda: parse_authentication_credential_json(_bounded(answer)))
    challenge = _answered(transaction, read.response.client_data_json, purpose, person, now)
    passkey = passkeys.find(transaction, read.raw_id)
    if passkey is None or person not in {None, passkey.person}:
        raise PasskeyRefused
    asking = Party.of(runtime.public_url)
    verified = _read(
        lambda: verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=asking.id,
            expected_origin=asking.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=purpose is Purpose.SIGN_IN,
        )
    )
    if not passkeys.use(transaction, passkey.key, sign_count=verified.new_sign_count, now=now):
        raise PasskeyRefused
    return passkey.person


def _challenge(
    transaction: Transaction, runtime: Runtime, purpose: Purpose, person: int | None, now: int
) -> bytes:
    made = runtime.random(NO_ACCOUNT, CHALLENGE_BYTES)
    passkeys.challenge(
        transaction,
        sha256=hashlib.sha256(made).digest(),
        purpose=purpose,
        person=person,
        now=now,
        expires_at=now + CHALLENGE_LIFE,
    )
    return made


def _answered(
    transaction: Transaction, client_data: bytes, purpose: Purpose, person: int | None, now: int
) -> bytes:
    """The challenge in an answer, if it was asked; nobody can answer it again."""
    challenge = _read(lambda: parse_client_data_json(client_data)).challenge
    sha256 = hashlib.sha256(challenge).digest()
    if not passkeys.answer(transaction, sha256=sha256, purpose=purpose, person=person, now=now):
        raise PasskeyRefused
    return challenge


def _described(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential) for passkey in known]


def _check_count(count: int) -> None:
    if count >= MOST:
        raise Invalid([Fault("passkeys", Rule.MAX_ITEMS, MOST)])


def _bounded(answer: str) -> str:
    if len(answer) > MAX_ANSWER:
        raise ValueError("too long")
    return answer


def _read(step: Callable[[], _Read]) -> _Read:
    """What a step over a stranger's bytes gives; whatever it raises means that they do not hold."""
    try:
        return step()
    except Exception as error:
        raise PasskeyRefused from error
