"""My sessions: where I am signed in, and how to end that."""

from guestlist.actions import sessions
from guestlist.console import browsers
from guestlist.console.answers import Answer, go, show
from guestlist.console.asks import Ask

PAGE = "/account/sessions"


def overview(ask: Ask) -> Answer:
    here = ask.somebody.session.key
    found = sessions.listed(ask.runtime, ask.somebody)
    return show(
        "sessions.html",
        # Where one is now stands first.
        sessions=sorted(found, key=lambda session: session.key != here),
        here=here,
        called={session.key: browsers.name(session.agent, ask.language) for session in found},
        ended="ended" in ask.query,
    )


def end(ask: Ask) -> Answer:
    """One of one's own: another person's has no such key here, and stays."""
    sessions.end(ask.runtime, ask.somebody, ask.key)
    if ask.key == ask.somebody.session.key:
        return go("/sign-in").carrying("session", "")
    return show("session_ended.html") if ask.is_partial else go(f"{PAGE}?ended")


def end_others(ask: Ask) -> Answer:
    sessions.end_others(ask.runtime, ask.somebody)
    return go(f"{PAGE}?ended")
