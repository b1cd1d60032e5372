"""The click that no test can make: answering an invitation as its reader would."""

from guestlist.actions import joining, people, sessions
from guestlist.actions.joining import Answer
from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser, Signed
from guestlist.domain.audit import Cause
from guestlist.domain.joining import Way
from guestlist.domain.refusals import NotFound
from guestlist.domain.sessions import Stage
from guestlist.testing.letters import Sent
from guestlist.testing.realms import Realm

_CAUSE = Cause("twin")
_BROWSER = Browser("127.0.0.1", "the twin")
# Good enough for every rule about passwords; whoever needs another one uses the pages.
_PASSWORD = "violet harbour lantern of 1979"  # noqa: S105


def letter_of(realm: Realm, invite_id: str) -> Sent | None:
    """The newest one that brings the invite's link."""
    ours = f"-{invite_id}-"
    found = [sent for sent in realm.letters if ours in sent.letter.name and sent.secret]
    return found[-1] if found else None


def accept(realm: Realm, letter: Sent, *, name: str, last_name: str) -> str:
    """Clicks the letter's link as whoever reads it; the id of the user they are then.

    Who has no sign-in yet makes one with that name; others sign in first. Raises DeadLink, Ended,
    Withdrawn, Invalid, NoFreeSeat, MustProve, Owing.
    """
    runtime, secret = realm.runtime, letter.secret
    opened = joining.open_link(runtime, secret, None)
    signed = None
    if opened.way == Way.SIGN_IN:
        signed = _signed_in(runtime, letter.letter.to)
    answer = Answer(name, last_name, _PASSWORD)
    joining.accept(runtime, secret, answer, signed=signed, browser=_BROWSER, cause=_CAUSE)
    person = people.find(runtime, letter.letter.to)
    for place in people.places(runtime, person.key):
        if place.account == opened.offer.account:
            return place.user_id
    raise NotFound


def decline(realm: Realm, letter: Sent) -> None:
    """Raises DeadLink, Ended."""
    joining.decline(realm.runtime, letter.secret, cause=_CAUSE)


def _signed_in(runtime: Runtime, email: str) -> Signed | None:
    person = people.find(runtime, email)
    with people.alone(runtime, person.key) as unit:
        secret = sessions.add(unit, _BROWSER, Stage.WHOLE, account=None)
    return sessions.current(runtime, secret, _BROWSER)
