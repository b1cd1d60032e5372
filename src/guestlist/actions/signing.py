"""Signing in: by a password and a second factor, or the operator's link."""

from guestlist.actions import factors, sessions
from guestlist.actions.people import PersonUnit, alone, begin
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.actions.sessions import MOST_PASSWORD, Browser, Signed
from guestlist.domain import emails, links
from guestlist.domain.audit import Cause
from guestlist.domain.emails import MAX_CHARACTERS
from guestlist.domain.factors import read_recovery_code
from guestlist.domain.letters import Factor, Kind
from guestlist.domain.people import Person
from guestlist.domain.refusals import DeadLink, WrongCode, WrongSignIn
from guestlist.domain.sessions import MAX_AGENT, Stage
from guestlist.store import people, proofs
from guestlist.store import sessions as store
from guestlist.store.proofs import Proof


def sign_in(runtime: Runtime, *, email: str, password: str, browser: Browser) -> str:
    """The secret of a new session, half a one where a second factor is set up.

    Raises WrongSignIn, TooOften. Whether the address is known changes nothing of what this costs:
    one step of the limits, one statement, one Argon2 verification.
    """
    key = emails.key(email) or ""
    runtime.limits.hit("sign_in", address=key or email[:MAX_CHARACTERS], network=browser.network)
    person = people.find(runtime.database, key)
    known = None if person is None else person.password
    if not runtime.passwords.verified(known, password[:MOST_PASSWORD]) or person is None:
        raise WrongSignIn
    renewed = None
    if known is not None and runtime.passwords.needs_rehash(known):
        renewed = runtime.passwords.hashed(password)
    return opened(runtime, person, browser, renewed=renewed)


def opened(
    runtime: Runtime,
    person: Person,
    browser: Browser,
    *,
    renewed: str | None = None,
    link: Proof | None = None,
) -> str:
    """A session for who proved to be `person`, as they were then, but for a second factor.

    `renewed` is the same password's hash, at the costs of now; `link` is used up with it. Raises
    WrongSignIn where the password was changed meanwhile, DeadLink.
    """
    # Only what ends with the first sign-in do accounts see: nobody else waits for their locks.
    start = begin if _is_first(person) else alone
    with start(runtime, person.key, cause=Cause("sign-in", browser.network or None)) as unit:
        if unit.person.password != person.password:
            raise WrongSignIn
        if link is not None and not proofs.use(unit.transaction, link, now=unit.now):
            raise DeadLink
        if renewed is not None:
            people.change(unit.transaction, person.key, password=renewed)
        if _is_first(person):
            first_time(unit)
        stage = Stage.HALF if unit.person.has_factor else Stage.WHOLE
        if stage == Stage.WHOLE:
            arrived(unit, browser)
        return sessions.add(unit, browser, stage, account=None)


def _is_first(person: Person) -> bool:
    """A second factor is said to be there that is not: it was set up elsewhere."""
    return person.two_factor and not person.has_factor


def first_time(unit: PersonUnit) -> None:
    """A second factor that was only imported ends here: it must be set up anew."""
    if _is_first(unit.person):
        unit.change(two_factor=False, must_set_factor=True)
        unit.record("person.factor_ends", before={"2fa": True}, after={"2fa": False})


def arrived(unit: PersonUnit, browser: Browser) -> None:
    """Somebody is signed in now; told by letter where they never were before."""
    agent = browser.agent[:MAX_AGENT]
    known = store.is_known(unit.transaction, unit.person.key, network=browser.network, agent=agent)
    language = browser.language if known else unit.person.language or browser.language
    people.change(unit.transaction, unit.person.key, signed_in_at=unit.now, language=language)
    # The letter is in the language it was always in, not in that of who may have broken in.
    if unit.person.signed_in_at is not None and not known:
        unit.tell(Kind.SIGN_IN_NEW, network=browser.network, agent=agent, at=unit.now)


def second_factor(runtime: Runtime, half: Signed, code: str, browser: Browser) -> str:
    """The whole session's new secret. Raises WrongCode, TooOften, Unauthenticated."""
    runtime.limits.hit("code", person=str(half.person.key), network=browser.network)
    # A recovery code that is gone is a change of the person, told and audited.
    is_recovery = read_recovery_code(code) is not None
    start = begin if is_recovery else alone
    with start(runtime, half.person.key, cause=Cause("sign-in", browser.network or None)) as unit:
        if not factors.check_code(unit.transaction, runtime.keys, half.person.key, code, unit.now):
            raise WrongCode
        if is_recovery:
            unit.record("person.use_recovery_code")
            unit.tell(Kind.FACTOR_CHANGED, what=Factor.CODE_USED)
        return completed(unit, half, browser)


def by_link(runtime: Runtime, secret: str, browser: Browser) -> str:
    """By the operator's one-time link. Raises DeadLink."""
    link = proofs.find(runtime.database, links.digest(secret))
    if link is None or link.kind != "sign_in" or not link.is_good(runtime.now(NO_ACCOUNT)):
        raise DeadLink
    person = people.get(runtime.database, link.person)
    if person is None:
        raise DeadLink
    return opened(runtime, person, browser, link=link)


def completed(unit: PersonUnit, half: Signed, browser: Browser) -> str:
    """Half a session made a whole one: its new secret."""
    arrived(unit, browser)
    return sessions.completed(unit, half.session)
