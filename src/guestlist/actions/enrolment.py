"""Setting up second factors and taking them away, as the person whose they are.

Every change is confirmed by the password, recorded, and told by letter; all but new recovery codes
end the person's other sessions.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from guestlist.actions import factors, passkeys, sessions
from guestlist.actions.people import PersonUnit, alone, begin
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.actions.sessions import FRESH, Browser, Signed
from guestlist.domain import passwords
from guestlist.domain import people as rules
from guestlist.domain.audit import Cause
from guestlist.domain.factors import ISSUER
from guestlist.domain.letters import Factor, Kind
from guestlist.domain.people import Duty
from guestlist.domain.refusals import Misconfigured, NotFound, WrongCode, WrongSignIn
from guestlist.store import sessions as store
from guestlist.store.passkeys import Passkey


@dataclass(frozen=True, slots=True)
class Setup:
    """An authenticator that is being set up: what it is given, typed or as a picture (SVG)."""

    seed: str = field(repr=False)
    picture: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Changed:
    """The session's new secret, and recovery codes to show this once, if any were made."""

    secret: str = field(repr=False)
    codes: list[str] = field(repr=False)


def asks_password(runtime: Runtime, signed: Signed) -> bool:
    """Whether a change must be confirmed by the password; who owes a factor gave it just now."""
    is_fresh = runtime.now(NO_ACCOUNT) - signed.session.created_at <= FRESH
    return signed.person.password is not None and not (signed.duty == Duty.FACTOR and is_fresh)


def confirm(runtime: Runtime, signed: Signed, password: str, browser: Browser) -> None:
    """Raises WrongSignIn, SignInAgain, TooOften."""
    if signed.person.password is None or asks_password(runtime, signed):
        sessions.confirm(runtime, signed, password, browser)


def start(runtime: Runtime, signed: Signed, *, password: str, browser: Browser) -> None:
    """A new seed, kept with the session until a code shows that an authenticator has it.

    Raises WrongSignIn, SignInAgain, TooOften.
    """
    confirm(runtime, signed, password, browser)
    with alone(runtime, signed.person.key) as unit:
        seed = factors.new_seed(unit.random)
        about = _about(signed)
        sealed = factors.seal_seed(runtime.keys, seed, about=about, random=unit.random)
        store.keep_seed(unit.transaction, signed.session, sealed)


def setup(runtime: Runtime, signed: Signed) -> Setup | None:
    """The one in course, None where there is none."""
    sealed = signed.session.totp_seed
    if sealed is None:
        return None
    try:
        seed = factors.unseal_seed(runtime.keys, sealed, about=_about(signed))
    except Misconfigured:  # the key is gone: it begins anew
        return None
    host = urlsplit(runtime.public_url).hostname
    uri = factors.uri(seed, email=signed.person.email, issuer=f"{ISSUER} {host}")
    return Setup(seed, factors.qr(uri))


def finish(
    runtime: Runtime, signed: Signed, *, code: str, browser: Browser, cause: Cause
) -> Changed:
    """Raises WrongCode, TooOften, NotFound where no set-up is in course, Unauthenticated."""
    found = setup(runtime, signed)
    if found is None:
        raise NotFound
    runtime.limits.hit("code", person=str(signed.person.key), network=browser.network)
    with begin(runtime, signed.person.key, cause=cause) as unit:
        step = factors.matching_step(found.seed, code, unit.now)
        if step is None:
            raise WrongCode
        if not store.take_seed(unit.transaction, signed.session):
            raise NotFound
        factors.set_totp(
            unit.transaction,
            runtime.keys,
            signed.person.key,
            found.seed,
            step=step,
            random=unit.random,
        )
        codes = factors.new_recovery_codes(unit.transaction, signed.person.key, unit.random)
        return Changed(_changed(unit, signed, Factor.AUTHENTICATOR_ADDED), codes)


def turn_off(
    runtime: Runtime, signed: Signed, *, password: str, browser: Browser, cause: Cause
) -> Changed:
    """Raises FactorRequired, ShortPassword, WrongSignIn, SignInAgain, TooOften, NotFound."""
    rules.check_totp_goes(signed.person, signed.places)
    confirm(runtime, signed, password, browser)
    with begin(runtime, signed.person.key, cause=cause) as unit:
        if not unit.person.has_totp:
            raise NotFound
        rules.check_totp_goes(unit.person, unit.places)
        factors.remove_totp(unit.transaction, signed.person.key)
        _check_password(unit, signed, password)
        return Changed(_changed(unit, signed, Factor.AUTHENTICATOR_REMOVED), [])


def new_codes(
    runtime: Runtime, signed: Signed, *, password: str, browser: Browser, cause: Cause
) -> list[str]:
    """In place of all there are. Raises WrongSignIn, SignInAgain, TooOften, NotFound."""
    confirm(runtime, signed, password, browser)
    with begin(runtime, signed.person.key, cause=cause) as unit:
        if not unit.person.has_factor:
            raise NotFound
        codes = factors.new_recovery_codes(unit.transaction, signed.person.key, unit.random)
        unit.record("person.new_codes")
        unit.tell(Kind.FACTOR_CHANGED, what=Factor.CODES_MADE)
        return codes


def codes_left(runtime: Runtime, signed: Signed) -> int:
    with runtime.database.read() as transaction:
        return factors.recovery_codes_left(transaction, signed.person.key)


def listed(runtime: Runtime, signed: Signed) -> list[Passkey]:
    """The person's passkeys, the oldest first."""
    with runtime.database.read() as transaction:
        return passkeys.listed(transaction, signed.person.key)


def passkey_options(runtime: Runtime, signed: Signed, *, password: str, browser: Browser) -> str:
    """JSON for the browser. Who answers it was confirmed: nobody else knows its challenge.

    Raises Invalid, WrongSignIn, SignInAgain, TooOften.
    """
    confirm(runtime, signed, password, browser)
    person = signed.person
    with alone(runtime, person.key) as unit:
        return passkeys.registration_options(
            unit.transaction,
            runtime,
            person=person.key,
            email=person.email,
            name=person.called,
            now=unit.now,
        )


def add_passkey(
    runtime: Runtime, signed: Signed, *, answer: str, name: str, cause: Cause
) -> Changed:
    """With recovery codes where the person has none yet. Raises PasskeyRefused, Invalid."""
    key = signed.person.key
    with begin(runtime, key, cause=cause) as unit:
        passkeys.registered(
            unit.transaction, runtime, person=key, answer=answer, name=name, now=unit.now
        )
        codes: list[str] = []
        if not factors.recovery_codes_left(unit.transaction, key):
            codes = factors.new_recovery_codes(unit.transaction, key, unit.random)
        return Changed(_changed(unit, signed, Factor.PASSKEY_ADDED), codes)


def remove_passkey(
    runtime: Runtime,
    signed: Signed,
    passkey: int,
    *,
    password: str,
    browser: Browser,
    cause: Cause,
) -> Changed:
    """Raises LastSignIn, and as `turn_off`."""
    confirm(runtime, signed, password, browser)
    with begin(runtime, signed.person.key, cause=cause) as unit:
        if not passkeys.remove(unit.transaction, signed.person.key, passkey):
            raise NotFound
        rules.check_passkey_goes(unit.person, unit.places)
        _check_password(unit, signed, password)
        return Changed(_changed(unit, signed, Factor.PASSKEY_REMOVED), [])


def _check_password(unit: PersonUnit, signed: Signed, password: str) -> None:
    """That the password, if there is one, may stand alone where the last factor just went.

    It was typed wherever there is one to sign in with, and only the one that was typed has a known
    length. Raises ShortPassword, WrongSignIn where it was changed meanwhile.
    """
    if unit.person.password is None or factors.has_any(unit.transaction, signed.person.key):
        return
    if unit.person.password != signed.person.password:
        raise WrongSignIn
    passwords.check_alone(password)


def _changed(unit: PersonUnit, signed: Signed, what: Factor) -> str:
    """Somebody else might have had the old factor, or a session without any."""
    unit.change()
    has_factor = factors.has_any(unit.transaction, signed.person.key)
    unit.record(
        "person.set_factor",
        before={"2fa": unit.person.two_factor},
        after={"2fa": has_factor, "what": what},
    )
    unit.tell(Kind.FACTOR_CHANGED, what=what)
    store.end_others(unit.transaction, signed.person.key, but=signed.session.key, now=unit.now)
    return sessions.rotated(unit, signed.session, account=signed.session.account)


def _about(signed: Signed) -> str:
    return f"session:{signed.session.key}"
