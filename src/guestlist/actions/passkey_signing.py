"""Signing in by a passkey, alone or as the second factor."""

from guestlist.actions import passkeys, sessions
from guestlist.actions.people import alone
from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser, Signed
from guestlist.actions.signing import arrived, completed
from guestlist.domain.refusals import PasskeyRefused
from guestlist.domain.sessions import Stage


def second_factor(runtime: Runtime, half: Signed, answer: str, browser: Browser) -> str:
    """Raises PasskeyRefused, TooOften, Unauthenticated."""
    runtime.limits.hit("code", person=str(half.person.key), network=browser.network)
    with alone(runtime, half.person.key) as unit:
        passkeys.check_second(
            unit.transaction, runtime, person=half.person.key, answer=answer, now=unit.now
        )
        return completed(unit, half, browser)


def sign_in(runtime: Runtime, answer: str, browser: Browser) -> str:
    """A whole session: a passkey that asked for its owner is two factors.

    Raises PasskeyRefused, TooOften.
    """
    runtime.limits.hit("passkey", network=browser.network)
    with alone(runtime, passkeys.owner(runtime, answer)) as unit:
        found = passkeys.signed_in(unit.transaction, runtime, answer=answer, now=unit.now)
        if found != unit.person.key:
            raise PasskeyRefused
        arrived(unit, browser)
        return sessions.add(unit, browser, Stage.WHOLE, account=None)


def options(runtime: Runtime, browser: Browser) -> str:
    """JSON for the browser's question to a passkey, of whoever has one. Raises TooOften."""
    runtime.limits.hit("passkey_options", network=browser.network)
    return passkeys.sign_in_options(runtime)


def second_options(runtime: Runtime, signed: Signed) -> str:
    """The same, of the person whose password was right."""
    with alone(runtime, signed.person.key) as unit:
        return passkeys.second_options(
            unit.transaction, runtime, person=signed.person.key, now=unit.now
        )
