"""Leaving an account: first what ends with it, then the leaving."""

from guestlist.actions import leaving
from guestlist.console.answers import Answer, go, show
from guestlist.console.asks import Ask


def confirm(ask: Ask) -> Answer:
    account = ask.query.get("account", "")
    return show("leave.html", ends=leaving.what_ends(ask.runtime, ask.somebody, account))


def leave(ask: Ask) -> Answer:
    leaving.leave(ask.runtime, ask.somebody, ask.typed("account"), ask.cause)
    return go("/account?saved=left")
