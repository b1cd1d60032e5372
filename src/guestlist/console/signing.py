"""Signing in and out, and the links that letters and operators give to people."""

from collections.abc import Callable
from typing import Any

from guestlist.actions import credentials, passkey_signing, sessions, signing
from guestlist.actions.sessions import Signed
from guestlist.console import words
from guestlist.console.answers import JSON, Answer, go, show, signed_in
from guestlist.console.asks import Ask
from guestlist.console.words import _
from guestlist.domain import links
from guestlist.domain.refusals import (
    DeadLink,
    Invalid,
    MustSignIn,
    PasskeyRefused,
    WrongCode,
    WrongSignIn,
)
from guestlist.domain.sessions import LIFE

SESSION_SECONDS = LIFE // 1_000_000
LINK_SECONDS = 3_600
WRONG = _("The address and the password do not go together.")
WRONG_CODE = _("This code is not right, or was used already. Wait for the next one and try again.")
# Where a sign-in may lead; anything else leads to the account.
_AFTERWARDS = ("/invitations", "/links", "/account/sessions", "/accounts")


def show_sign_in(ask: Ask) -> Answer:
    if ask.signed is not None or ask.half is not None:
        then = ask.query.get("then", "")
        if ask.half is None:
            return go("/account")
        return go(f"/sign-in/code?then={then}" if then in _AFTERWARDS else "/sign-in/code")
    return _sign_in_form(ask, then=ask.query.get("then", ""))


def sign_in(ask: Ask) -> Answer:
    then = ask.typed("then")
    try:
        secret = signing.sign_in(
            ask.runtime,
            email=ask.typed("email"),
            password=ask.typed("password"),
            browser=ask.browser,
        )
    except WrongSignIn:
        return _sign_in_form(ask, then=then, status=422, wrong=ask.say(WRONG))
    return _signed_in(ask, secret, then)


def show_code(ask: Ask) -> Answer:
    return _code_form(ask, then=ask.query.get("then", ""))


def enter_code(ask: Ask) -> Answer:
    return _second(ask, lambda signed: _by_code(ask, signed), WRONG_CODE)


def passkey_options(ask: Ask) -> Answer:
    return Answer(
        body=passkey_signing.options(ask.runtime, ask.browser).encode(), content_type=JSON
    )


def by_passkey(ask: Ask) -> Answer:
    then = ask.typed("then")
    try:
        secret = passkey_signing.sign_in(ask.runtime, ask.typed("credential"), ask.browser)
    except PasskeyRefused:
        wrong = ask.say(_("The passkey was not accepted. Try again, or use your password."))
        return _sign_in_form(ask, then=then, status=422, wrong=wrong)
    return _signed_in(ask, secret, then)


def second_passkey_options(ask: Ask) -> Answer:
    options = passkey_signing.second_options(ask.runtime, ask.halfway)
    return Answer(body=options.encode(), content_type=JSON)


def second_by_passkey(ask: Ask) -> Answer:
    return _second(
        ask,
        lambda signed: passkey_signing.second_factor(
            ask.runtime, signed, ask.typed("credential"), ask.browser
        ),
        _("The passkey was not accepted. Try again, or use a code."),
    )


def sign_out(ask: Ask) -> Answer:
    """Says so even to whom was signed out already: the second click."""
    found = ask.signed or ask.half
    if found is not None:
        sessions.sign_out(ask.runtime, found)
    to = "/invitations" if ask.typed("then") == "/invitations" else "/sign-in"
    return go(to).carrying("session", "")


def show_forgotten(_ask: Ask) -> Answer:
    return show("forgotten.html", sent=False)


def forgotten(ask: Ask) -> Answer:
    """The same answer whether or not somebody has the address."""
    try:
        credentials.ask_reset(ask.runtime, ask.typed("email"), ask.browser)
    except Invalid as invalid:
        errors = words.faults(invalid.faults, ask.language)
        return show("forgotten.html", status=422, sent=False, errors=errors)
    return show("forgotten.html", sent=True)


def follow_link(ask: Ask) -> Answer:
    """Takes the secret out of the address bar."""
    secret = ask.path["secret"]
    if not links.is_secret(secret):
        raise DeadLink
    return go("/links").carrying("link", secret, seconds=LINK_SECONDS)


def show_link(ask: Ask) -> Answer:
    proof = credentials.proof(ask.runtime, ask.link)
    return show("link.html", kind=proof.kind, email=proof.email)


def use_link(ask: Ask) -> Answer:
    kind = credentials.proof(ask.runtime, ask.link).kind
    return _USES[kind](ask)


def _reset(ask: Ask) -> Answer:
    try:
        credentials.reset(ask.runtime, ask.link, ask.typed("password"), cause=ask.cause)
    except Invalid as invalid:
        errors = words.faults(invalid.faults, ask.language)
        return show("link.html", status=422, kind="reset", email=None, errors=errors)
    return show("reset_done.html").carrying("link", "").carrying("session", "")


def _sign_in(ask: Ask) -> Answer:
    secret = signing.by_link(ask.runtime, ask.link, ask.browser)
    return _signed_in(ask, secret, "").carrying("link", "")


def _email(ask: Ask) -> Answer:
    try:
        changed = credentials.confirm_email(ask.runtime, ask.link, ask.signed, cause=ask.cause)
    except MustSignIn:
        return go("/sign-in?then=/links")
    except Invalid:
        return show("email_taken.html", status=422)
    return show("email_confirmed.html", changed=changed).carrying("link", "")


_USES: dict[str, Callable[[Ask], Answer]] = {
    "reset": _reset,
    "sign_in": _sign_in,
    "email_old": _email,
    "email_new": _email,
}


def _by_code(ask: Ask, signed: Signed) -> str:
    return signing.second_factor(ask.runtime, signed, ask.typed("code"), ask.browser)


def _second(ask: Ask, finish: Callable[[Signed], str], message: str) -> Answer:
    try:
        secret = finish(ask.halfway)
    except (WrongCode, PasskeyRefused):
        wrong = ask.say(message)
        return _code_form(ask, then=ask.typed("then"), status=422, wrong=wrong)
    return _signed_in(ask, secret, ask.typed("then"))


def _code_form(ask: Ask, *, then: str, status: int = 200, wrong: str = "") -> Answer:
    person = ask.halfway.person
    return show("code.html", status=status, person=person, then=then, wrong=wrong)


def _sign_in_form(ask: Ask, *, then: str, status: int = 200, wrong: str = "") -> Answer:
    typed: dict[str, Any] = {"email": ask.typed("email")}
    return show("sign_in.html", status=status, then=then, wrong=wrong, typed=typed)


def _signed_in(ask: Ask, secret: str, then: str) -> Answer:
    """On to where it was wanted; the second factor and what is due come before by themselves."""
    found = sessions.current(ask.runtime, secret, ask.browser)
    if found is None:
        raise DeadLink
    if then not in _AFTERWARDS:
        then = "/accounts" if found.is_whole and len(found.places) > 1 else "/account"
    to = then if found.is_whole else f"/sign-in/code?then={then}"
    return signed_in(to, secret, seconds=SESSION_SECONDS)
