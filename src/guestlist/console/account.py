"""My account: who I am, and the password and address I sign in with."""

from typing import Any

from guestlist.actions import credentials, joining, people, profiles, sessions
from guestlist.console import words
from guestlist.console.answers import Answer, go, show, signed_in
from guestlist.console.asks import Ask
from guestlist.console.signing import SESSION_SECONDS
from guestlist.console.words import _
from guestlist.domain.invitations import State
from guestlist.domain.people import Duty
from guestlist.domain.refusals import DeadLink, Invalid, WrongSignIn

WRONG_PASSWORD = _("This is not your password. Check that no other keyboard or Caps Lock is on.")
_SAVED = {
    "": _("Your name is saved."),
    "picture": _("Your picture is saved."),
    "no-picture": _("Your picture is removed."),
    "password": _("Your password is changed. Every other session of yours is ended."),
    "factor": _("Your second factor is changed. Every other session of yours is ended."),
    "left": _("You left the account."),
}


def home(_ask: Ask) -> Answer:
    return go("/account")


def overview(ask: Ask) -> Answer:
    return _overview(ask)


def rename(ask: Ask) -> Answer:
    try:
        people.rename(
            ask.runtime,
            ask.somebody.person.key,
            name=ask.typed("name"),
            last_name=ask.typed("last_name"),
            cause=ask.cause,
        )
    except Invalid as invalid:
        return _overview(ask, invalid, typed=ask.form)
    return go("/account?saved")


def set_avatar(ask: Ask) -> Answer:
    try:
        profiles.set_avatar(ask.runtime, ask.somebody, ask.upload, cause=ask.cause)
    except Invalid as invalid:
        return _overview(ask, invalid)
    return go("/account?saved=picture")


def remove_avatar(ask: Ask) -> Answer:
    profiles.remove_avatar(ask.runtime, ask.somebody, cause=ask.cause)
    return go("/account?saved=no-picture")


def show_password(ask: Ask) -> Answer:
    return _password(ask)


def change_password(ask: Ask) -> Answer:
    try:
        secret = credentials.change_password(
            ask.runtime,
            ask.somebody,
            current=ask.typed("current"),
            new=ask.typed("password"),
            browser=ask.browser,
            cause=ask.cause,
        )
    except WrongSignIn:
        return _password(ask, status=422, errors=wrong_password(ask))
    except Invalid as invalid:
        errors = words.faults(invalid.faults, ask.language)
        return _password(ask, status=422, errors=errors)
    return signed_in("/account?saved=password", secret, seconds=SESSION_SECONDS)


def show_email(ask: Ask) -> Answer:
    return show("email.html", asked="asked" in ask.query)


def ask_email(ask: Ask) -> Answer:
    errors = {}
    try:
        credentials.ask_email_change(
            ask.runtime,
            ask.somebody,
            email=ask.typed("email"),
            password=ask.typed("current"),
            browser=ask.browser,
            cause=ask.cause,
        )
    except WrongSignIn:
        errors = wrong_password(ask)
    except Invalid as invalid:
        errors = words.faults(invalid.faults, ask.language)
    if errors:
        typed = {"email": ask.typed("email")}
        return show("email.html", status=422, asked=False, errors=errors, typed=typed)
    return go("/account/email?asked")


def accounts(_ask: Ask) -> Answer:
    return show("accounts.html")


def choose(ask: Ask) -> Answer:
    secret = sessions.choose(ask.runtime, ask.somebody, ask.typed("account"))
    return signed_in("/account", secret, seconds=SESSION_SECONDS)


def wrong_password(ask: Ask) -> dict[str, str]:
    """The field that asks for the password of now is called `current` wherever it stands."""
    return {"current": ask.say(WRONG_PASSWORD)}


def _overview(ask: Ask, invalid: Invalid | None = None, **shown: Any) -> Answer:
    person = ask.somebody.person
    saved = ask.query.get("saved") if invalid is None else None
    about = {
        "profile": profiles.profile(ask.runtime, ask.somebody),
        "typed": {"name": person.name, "last_name": person.last_name},
        "errors": {} if invalid is None else words.faults(invalid.faults, ask.language),
        "saved": ask.say(_SAVED[saved]) if saved in _SAVED else "",
        "is_invited": _is_invited(ask),
    }
    return show("account.html", status=422 if invalid else 200, **{**about, **shown})


def _is_invited(ask: Ask) -> bool:
    """Whether an opened invitation waits: who had something to do first is led back to it."""
    try:
        opened = joining.open_link(ask.runtime, ask.link, ask.signed)
    except DeadLink:
        return False
    return opened.state == State.PENDING


def _password(ask: Ask, *, status: int = 200, **shown: Any) -> Answer:
    """Says why where it must be changed: a lost factor, or the strictest account's interval."""
    signed = ask.somebody
    is_due = signed.duty == Duty.PASSWORD
    asking = [place for place in signed.places if place.requires_periodic_password_change]
    strictest = min(asking, key=lambda place: place.password_days, default=None) if is_due else None
    return show("password.html", status=status, strictest=strictest, typed={}, **shown)
