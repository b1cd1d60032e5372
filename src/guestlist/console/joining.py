"""The pages behind an invitation's link. Opening them changes nothing: mail scanners do it too."""

from typing import Any

from guestlist.actions import joining, people
from guestlist.actions.joining import Opened
from guestlist.console import words
from guestlist.console.answers import Answer, go, show, signed_in
from guestlist.console.asks import Ask
from guestlist.console.signing import SESSION_SECONDS
from guestlist.domain import links
from guestlist.domain.invitations import State
from guestlist.domain.refusals import (
    DeadLink,
    Ended,
    Invalid,
    MustProve,
    MustSignIn,
    Owing,
    WrongPerson,
)

LINK_SECONDS = 3_600
PAGE = "/invitations"


def follow(ask: Ask) -> Answer:
    """Takes the secret out of the address bar, where history and screens would keep it."""
    secret = ask.path["secret"]
    if not links.is_secret(secret):
        raise DeadLink
    return go(PAGE).carrying("link", secret, seconds=LINK_SECONDS)


def show_invitation(ask: Ask) -> Answer:
    opened = joining.open_link(ask.runtime, ask.link, ask.signed)
    if opened.state == State.PENDING:
        return _form(opened)
    return _ended(ask, opened)


def accept(ask: Ask) -> Answer:
    answer = joining.Answer(*(ask.typed(name) for name in ("name", "last_name", "password")))
    try:
        secret = joining.accept(
            ask.runtime,
            ask.link,
            answer,
            signed=ask.signed,
            browser=ask.browser,
            cause=ask.cause,
        )
    except Invalid as invalid:
        opened = joining.open_link(ask.runtime, ask.link, ask.signed)
        errors = words.faults(invalid.faults, ask.language)
        return _form(opened, status=422, errors=errors, typed=_typed(ask))
    except Owing as owing:
        return go(f"/account/{owing.duty}")
    except (MustSignIn, MustProve, WrongPerson):
        return go(PAGE)  # which says the way
    except Ended:
        return _ended(ask, joining.open_link(ask.runtime, ask.link, ask.signed), status=410)
    return go(PAGE) if secret is None else signed_in(PAGE, secret, seconds=SESSION_SECONDS)


def decline(ask: Ask) -> Answer:
    try:
        joining.decline(ask.runtime, ask.link, cause=ask.cause)
    except Ended:
        return _ended(ask, joining.open_link(ask.runtime, ask.link, ask.signed), status=410)
    return go(PAGE)


def ask_again(ask: Ask) -> Answer:
    """Tells the inviter; asked twice, the second time says the same."""
    opened = joining.open_link(ask.runtime, ask.link, ask.signed)
    try:
        joining.ask_again(ask.runtime, ask.link, ask.browser)
    except Ended:
        return go(PAGE)
    return show("asked.html", offer=opened.offer)


def _form(opened: Opened, *, status: int = 200, **shown: Any) -> Answer:
    return show("invitation.html", status=status, opened=opened, offer=opened.offer, **shown)


def _ended(ask: Ask, opened: Opened, *, status: int = 200) -> Answer:
    """Whoever accepted is welcome again; everybody else learns what became of it."""
    signed = ask.signed
    accepted_by = opened.offer.accepted_by
    if signed is not None and signed.person.key == accepted_by:
        # As it is now: of two clicks at once, one was let in before the other began.
        places = people.places(ask.runtime, signed.person.key)
        if any(p.account == opened.offer.account and not p.is_suspended for p in places):
            return show("joined.html", offer=opened.offer)
    return show("ended.html", status=status, state=opened.state, offer=opened.offer)


def _typed(ask: Ask) -> dict[str, str]:
    """What stands in the form again: never the password."""
    return {name: ask.typed(name) for name in ("name", "last_name")}
