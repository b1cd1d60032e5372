"""My second factor: an authenticator app and recovery codes."""

from collections.abc import Callable
from typing import Any, TypeVar

from guestlist.actions import enrolment
from guestlist.actions.enrolment import Changed, Setup
from guestlist.console.account import wrong_password
from guestlist.console.answers import Answer, go, show
from guestlist.console.asks import Ask
from guestlist.console.signing import SESSION_SECONDS, WRONG_CODE
from guestlist.domain.people import owes_factor
from guestlist.domain.refusals import NotFound, WrongCode, WrongSignIn

PAGE = "/account/factor"

_Made = TypeVar("_Made")


def overview(ask: Ask) -> Answer:
    return _overview(ask)


def start(ask: Ask) -> Answer:
    try:
        enrolment.start(
            ask.runtime, ask.somebody, password=ask.typed("current"), browser=ask.browser
        )
    except WrongSignIn:
        return _overview(ask, status=422, errors=wrong_password(ask))
    return go(f"{PAGE}/setup")


def show_setup(ask: Ask) -> Answer:
    found = enrolment.setup(ask.runtime, ask.somebody)
    return go(PAGE) if found is None else _setup(found)


def finish(ask: Ask) -> Answer:
    """A wrong code asks for another one of the same seed."""
    signed = ask.somebody
    found = enrolment.setup(ask.runtime, signed)
    try:
        changed = enrolment.finish(
            ask.runtime, signed, code=ask.typed("code"), browser=ask.browser, cause=ask.cause
        )
    except NotFound:
        return go(PAGE)
    except WrongCode:
        errors = {"code": ask.say(WRONG_CODE)}
        return go(PAGE) if found is None else _setup(found, status=422, errors=errors)
    return changed_to(changed, PAGE)


def show_off(ask: Ask) -> Answer:
    return _confirm(ask, "off") if ask.somebody.person.has_totp else go(PAGE)


def turn_off(ask: Ask) -> Answer:
    def then(changed: Changed) -> Answer:
        return changed_to(changed, "/account?saved=factor")

    return _confirmed(ask, "off", enrolment.turn_off, then)


def show_codes(ask: Ask) -> Answer:
    return _confirm(ask, "codes") if ask.somebody.person.has_factor else go(PAGE)


def new_codes(ask: Ask) -> Answer:
    def then(codes: list[str]) -> Answer:
        return show("recovery_codes.html", codes=codes, anew=True)

    return _confirmed(ask, "codes", enrolment.new_codes, then)


def changed_to(changed: Changed, otherwise: str) -> Answer:
    """Recovery codes are shown this once, in the answer itself: nothing keeps them."""
    shown = show("recovery_codes.html", codes=changed.codes, anew=False)
    answer = shown if changed.codes else go(otherwise)
    return answer.carrying("session", changed.secret, seconds=SESSION_SECONDS)


def _overview(ask: Ask, *, status: int = 200, **shown: Any) -> Answer:
    signed = ask.somebody
    requiring = [place.account_name for place in signed.places if place.requires_second_factor]
    return show(
        "factor.html",
        status=status,
        requiring=requiring,
        must_stay=owes_factor(signed.person, signed.places) and not signed.person.passkeys,
        codes=enrolment.codes_left(ask.runtime, signed),
        asks_password=enrolment.asks_password(ask.runtime, signed),
        **shown,
    )


def _setup(found: Setup, *, status: int = 200, **shown: Any) -> Answer:
    seed = found.seed
    groups = " ".join(seed[place : place + 4] for place in range(0, len(seed), 4))
    picture = found.picture
    return show("factor_setup.html", status=status, seed=groups, picture=picture, **shown)


def _confirmed(
    ask: Ask, what: str, change: Callable[..., _Made], then: Callable[[_Made], Answer]
) -> Answer:
    """Makes a change that the form of `_confirm` asked for, and shows what it made."""
    try:
        made = change(
            ask.runtime,
            ask.somebody,
            password=ask.typed("current"),
            browser=ask.browser,
            cause=ask.cause,
        )
    except WrongSignIn:
        return _confirm(ask, what, status=422, errors=wrong_password(ask))
    except NotFound:
        return go(PAGE)
    return then(made)


def _confirm(ask: Ask, what: str, *, status: int = 200, **shown: Any) -> Answer:
    asks_password = enrolment.asks_password(ask.runtime, ask.somebody)
    return show(
        "factor_confirm.html", status=status, what=what, asks_password=asks_password, **shown
    )
