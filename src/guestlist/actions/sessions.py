"""Being signed in: going on, looking at another account, signing out."""

import base64
from dataclasses import dataclass

from guestlist.actions.people import PersonUnit, alone, begin
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.domain import links
from guestlist.domain import people as rules
from guestlist.domain.audit import Cause
from guestlist.domain.people import Duty, Person, Place
from guestlist.domain.refusals import (
    NotFound,
    SignInAgain,
    Unauthenticated,
    WrongSignIn,
)
from guestlist.domain.sessions import MARK_EVERY, MAX_AGENT, MINUTE, SECRET_BYTES, Session, Stage
from guestlist.store import people
from guestlist.store import sessions as store

FRESH = 15 * MINUTE
MOST_PASSWORD = 4_096


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody asks from: the network's address and what the browser calls itself."""

    network: str
    agent: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, where they have places, and what they must do first.

    Of `places`, those where they are suspended are left out: they open nothing. `suspended` is how
    many these are.
    """

    session: Session
    person: Person
    places: list[Place]
    duty: Duty | None
    suspended: int

    @property
    def is_whole(self) -> bool:
        return self.session.stage == Stage.WHOLE

    @property
    def place(self) -> Place | None:
        """The account being looked at, or the only one there is."""
        for place in self.places:
            if place.account == self.session.account:
                return place
        return self.places[0] if len(self.places) == 1 else None


def current(runtime: Runtime, secret: str, browser: Browser) -> Signed | None:
    """Whose session a browser's secret is, None where it is nobody's (any more)."""
    found = store.standing(runtime.database, links.digest(secret))
    now = runtime.now(NO_ACCOUNT)
    if found is None or not found[0].is_live(now):
        return None
    session, person = found
    with runtime.database.read() as transaction:
        every = people.places(transaction, person.key)
    if now - session.seen_at >= MARK_EVERY:
        runtime.seen[session.key] = now, browser.network
    places = rules.active(every)
    duty = rules.duty(person, places, now=now)
    return Signed(session, person, places, duty, suspended=len(every) - len(places))


def flush_marks(runtime: Runtime) -> None:
    """Keeps when sessions were last used, and from where. Raises Unavailable."""
    marks = {key: runtime.seen.pop(key) for key in list(runtime.seen)}
    if marks:
        with runtime.database.change() as transaction:
            store.seen(transaction, marks)


def add(unit: PersonUnit, browser: Browser, stage: Stage, *, account: int | None) -> str:
    """A new session's secret."""
    secret = _secret(unit.runtime)
    store.add(
        unit.transaction,
        sha256=links.digest(secret),
        person=unit.person.key,
        account=account,
        stage=stage,
        network=browser.network,
        agent=browser.agent[:MAX_AGENT],
        now=unit.now,
    )
    return secret


def rotated(unit: PersonUnit, session: Session, *, account: int | None) -> str:
    """The whole session goes on under another secret. Raises Unauthenticated where it ended."""
    return _rotated(unit, session, Stage.WHOLE, account=account)


def completed(unit: PersonUnit, session: Session) -> str:
    """The half session is whole from now on, under another secret. Raises Unauthenticated."""
    return _rotated(unit, session, Stage.HALF, account=session.account)


def _rotated(unit: PersonUnit, session: Session, stage: Stage, *, account: int | None) -> str:
    """`stage` is what the session must be at: only a second factor makes a half one whole."""
    secret = _secret(unit.runtime)
    kept = store.rotate(
        unit.transaction,
        session,
        person=unit.person.key,
        stage=stage,
        sha256=links.digest(secret),
        account=account,
    )
    if not kept:
        raise Unauthenticated
    return secret


def choose(runtime: Runtime, signed: Signed, account_id: str) -> str:
    """Looks at another account, which is another power. Raises NotFound."""
    # Under the accounts' locks: else who is removed at this moment would look on.
    with begin(runtime, signed.person.key, cause=Cause("choose")) as unit:
        for place in unit.places:
            if place.account_id == account_id and not place.is_suspended:
                return rotated(unit, signed.session, account=place.account)
    raise NotFound


def sign_out(runtime: Runtime, signed: Signed) -> None:
    end(runtime, signed, signed.session.key)


def end(runtime: Runtime, signed: Signed, key: int) -> None:
    """Ends one of the person's own sessions; one that is gone is as good as ended."""
    with alone(runtime, signed.person.key) as unit:
        store.end(unit.transaction, signed.person.key, key, now=unit.now)


def end_others(runtime: Runtime, signed: Signed) -> int:
    with alone(runtime, signed.person.key) as unit:
        return store.end_others(
            unit.transaction, signed.person.key, but=signed.session.key, now=unit.now
        )


def listed(runtime: Runtime, signed: Signed) -> list[Session]:
    """The person's live sessions, the last used first."""
    now = runtime.now(NO_ACCOUNT)
    with runtime.database.read() as transaction:
        found = store.of_person(transaction, signed.person.key)
    return [session for session in found if session.is_live(now)]


def confirm(runtime: Runtime, signed: Signed, password: str, browser: Browser) -> None:
    """That it is still the person who asks for what could lock them out.

    By the password; without one, by a sign-in of the last minutes. Raises WrongSignIn, SignInAgain.
    """
    if signed.person.password is None:
        if runtime.now(NO_ACCOUNT) - signed.session.created_at > FRESH:
            raise SignInAgain
        return
    runtime.limits.hit("password", person=str(signed.person.key), network=browser.network)
    if not runtime.passwords.verified(signed.person.password, password[:MOST_PASSWORD]):
        raise WrongSignIn


def _secret(runtime: Runtime) -> str:
    random = runtime.random(NO_ACCOUNT, SECRET_BYTES)
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()
