"""My passkeys. Making one needs the browser's script, all else works without."""

import json
from typing import Any

from guestlist.actions import enrolment
from guestlist.actions.parties import Party
from guestlist.console import words
from guestlist.console.account import wrong_password
from guestlist.console.answers import JSON, Answer, show
from guestlist.console.asks import Ask
from guestlist.console.factors import changed_to
from guestlist.console.words import _
from guestlist.domain.refusals import Invalid, NotFound, PasskeyRefused, SignInAgain, WrongSignIn

PAGE = "/account/passkeys"


def overview(ask: Ask) -> Answer:
    return _overview(ask)


def options(ask: Ask) -> Answer:
    """What the browser's script asks before it makes a passkey; a refusal in words to show."""
    try:
        made = enrolment.passkey_options(
            ask.runtime, ask.somebody, password=ask.typed("current"), browser=ask.browser
        )
    except WrongSignIn:
        return _refused(wrong_password(ask)["current"])
    except SignInAgain:
        return _refused(ask.say(_("Your sign-in is too old for this: sign out, and in again.")))
    except Invalid as invalid:
        return _refused(*words.faults(invalid.faults, ask.language).values())
    return Answer(body=made.encode(), content_type=JSON)


def add(ask: Ask) -> Answer:
    try:
        changed = enrolment.add_passkey(
            ask.runtime,
            ask.somebody,
            answer=ask.typed("credential"),
            name=ask.typed("name"),
            cause=ask.cause,
        )
    except PasskeyRefused:
        refused = ask.say(_("The passkey was not accepted. Try again."))
        return _overview(ask, status=422, errors={"credential": refused})
    except Invalid as invalid:
        errors = words.faults(invalid.faults, ask.language)
        return _overview(ask, status=422, errors=errors)
    return changed_to(changed, f"{PAGE}?saved=added")


def show_remove(ask: Ask) -> Answer:
    return _remove(ask)


def remove(ask: Ask) -> Answer:
    try:
        changed = enrolment.remove_passkey(
            ask.runtime,
            ask.somebody,
            ask.key,
            password=ask.typed("current"),
            browser=ask.browser,
            cause=ask.cause,
        )
    except WrongSignIn:
        return _remove(ask, status=422, errors=wrong_password(ask))
    return changed_to(changed, f"{PAGE}?saved=removed")


def _overview(ask: Ask, *, status: int = 200, **shown: Any) -> Answer:
    return show(
        "passkeys.html",
        status=status,
        passkeys=enrolment.listed(ask.runtime, ask.somebody),
        asks_password=enrolment.asks_password(ask.runtime, ask.somebody),
        may_ask=Party.of(ask.runtime.public_url).may_ask,
        saved=ask.query.get("saved", ""),
        **shown,
    )


def _remove(ask: Ask, *, status: int = 200, **shown: Any) -> Answer:
    for passkey in enrolment.listed(ask.runtime, ask.somebody):
        if passkey.key == ask.key:
            asks = enrolment.asks_password(ask.runtime, ask.somebody)
            return show(
                "passkey_remove.html", status=status, passkey=passkey, asks_password=asks, **shown
            )
    raise NotFound


def _refused(*sentences: str) -> Answer:
    body = json.dumps({"message": " ".join(sentences)}).encode()
    return Answer(422, body=body, content_type=JSON)
