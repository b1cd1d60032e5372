"""What a person shows to be themselves: a password, and a proven address."""

from collections.abc import Sequence

from guestlist.actions import avatars, factors, proving, sessions, signing
from guestlist.actions.passwords import is_common
from guestlist.actions.people import PersonUnit, begin
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.actions.sessions import Browser, Signed
from guestlist.domain import emails, links, passwords
from guestlist.domain.audit import Cause
from guestlist.domain.emails import Email
from guestlist.domain.invitations import DAY, check_letters, email_faults
from guestlist.domain.letters import Kind
from guestlist.domain.people import Person
from guestlist.domain.refusals import (
    DeadLink,
    Fault,
    Invalid,
    MustSignIn,
    Rule,
    TooManyLetters,
    Unavailable,
    WrongPerson,
)
from guestlist.domain.sessions import HOUR, Stage
from guestlist.store import letters, mailings, people, proofs
from guestlist.store import sessions as store_sessions
from guestlist.store.proofs import Proof

# Long enough to find the letter, also on another day.
EMAIL_LIFE = DAY
_MOVED = "Your sign-in was changed at this moment; try again."
_OTHER_SIDE = {Kind.EMAIL_OLD.value: Kind.EMAIL_NEW, Kind.EMAIL_NEW.value: Kind.EMAIL_OLD}


def password_faults(
    password: str, *, email: str, names: Sequence[str], account: str = "", has_factor: bool
) -> list[Fault]:
    name, last_name = names
    return passwords.faults(
        password,
        email=email,
        name=name,
        last_name=last_name,
        account=account,
        has_second_factor=has_factor,
        is_common=is_common,
    )


def claim(
    runtime: Runtime,
    person: int,
    *,
    name: str,
    last_name: str,
    password: str,
    browser: Browser,
    cause: Cause,
) -> str:
    """Begins a person anew who came by a letter; the secret of their session.

    `password` is a hash. Raises MustSignIn where somebody was faster.
    """
    with begin(runtime, person, cause=cause) as unit:
        if unit.person.is_proven and unit.person.has_sign_in:
            raise MustSignIn
        _prove(unit, password)
        signing.first_time(unit)
        unit.change(name=name, last_name=last_name)
        people.change(unit.transaction, person, language=browser.language, signed_in_at=unit.now)
        return sessions.add(unit, browser, Stage.WHOLE, account=None)


def ask_reset(runtime: Runtime, email: str, browser: Browser) -> None:
    """A letter to whoever has the address, if anybody does, with a link to a new password.

    The same statements run whether or not somebody does: only the outbox finds out. Raises Invalid
    for what is no address, TooOften.
    """
    faults = email_faults(email, taken=False)
    if faults:
        raise Invalid(faults)
    key = emails.parse(email).key
    runtime.limits.hit("reset", address=key, network=browser.network)
    now = runtime.now(NO_ACCOUNT)
    with runtime.database.change() as transaction:
        # By themselves: a stranger's resets must not use up the invitations of a day.
        sent = mailings.count(transaction, mailings.reset(key, now % DAY // HOUR), now // DAY)
        try:
            check_letters(sent=sent - 1, caps=runtime.caps)
        except TooManyLetters:
            return  # as nobody may learn who gets letters, nobody learns who got enough
        letters.queue(transaction, kind=Kind.RESET, now=now, email_key=key)


def proof(runtime: Runtime, secret: str) -> Proof:
    """What a link proves. Raises DeadLink."""
    found = proofs.find(runtime.database, links.digest(secret))
    if found is None or not found.is_good(runtime.now(NO_ACCOUNT)):
        raise DeadLink
    return found


def reset(runtime: Runtime, secret: str, password: str, *, cause: Cause) -> None:
    """A new password by a mailed link; every session ends. Raises DeadLink, Invalid."""
    found = proof(runtime, secret)
    person = people.get(runtime.database, found.person)
    if found.kind != Kind.RESET or person is None:
        raise DeadLink
    # Factors of somebody unproven go, so they excuse no short password.
    has_factor = person.has_factor and person.is_proven
    hashed = _hashed(runtime, person, password, has_factor=has_factor)
    with begin(runtime, person.key, cause=cause) as unit:
        if has_factor and not unit.person.has_factor:
            raise Unavailable(_MOVED)
        if not proofs.use(unit.transaction, found, now=unit.now):
            raise DeadLink
        if unit.person.is_proven:
            _set_password(unit, hashed)
            proofs.end(unit.transaction, person.key, now=unit.now)
        else:
            _prove(unit, hashed)
        unit.record("person.reset_password")
        unit.tell(Kind.PASSWORD_CHANGED)


def change_password(
    runtime: Runtime,
    signed: Signed,
    *,
    current: str,
    new: str,
    browser: Browser,
    cause: Cause,
) -> str:
    """Ends every other session; this one's new secret.

    Raises WrongSignIn, SignInAgain, TooOften, Invalid.
    """
    sessions.confirm(runtime, signed, current, browser)
    if passwords.normal(new) == passwords.normal(current):
        raise Invalid([Fault(passwords.FIELD, Rule.PASSWORD_SAME)])
    hashed = _hashed(runtime, signed.person, new, has_factor=signed.person.has_factor)
    with begin(runtime, signed.person.key, cause=cause) as unit:
        if _shown(unit.person) != _shown(signed.person):
            raise Unavailable(_MOVED)
        _set_password(unit, hashed, but=signed.session.key)
        unit.record("person.change_password")
        unit.tell(Kind.PASSWORD_CHANGED)
        return sessions.rotated(unit, signed.session, account=signed.session.account)


def ask_email_change(
    runtime: Runtime,
    signed: Signed,
    *,
    email: str,
    password: str,
    browser: Browser,
    cause: Cause,
) -> None:
    """Letters to the old address and to the new; it changes once both said yes.

    Raises Invalid, WrongSignIn, SignInAgain, TooOften.
    """
    sessions.confirm(runtime, signed, password, browser)
    wanted = _wanted(email, signed.person)
    runtime.limits.hit("email", person=str(signed.person.key), network=browser.network)
    with begin(runtime, signed.person.key, cause=cause) as unit:
        proofs.end_changes(unit.transaction, signed.person.key, now=unit.now)
        for kind in _OTHER_SIDE.values():
            _ask_email(unit, kind, wanted)
        unit.record("person.ask_email_change")


def confirm_email(runtime: Runtime, secret: str, signed: Signed | None, *, cause: Cause) -> bool:
    """One of the two sides says yes; whether the address is changed now.

    At the new address only who asked for it may: else one click of a stranger would give theirs
    away. Raises DeadLink, MustSignIn, WrongPerson, Invalid where the address was taken meanwhile.
    """
    found = proof(runtime, secret)
    if found.kind not in _OTHER_SIDE or found.email is None:
        raise DeadLink
    if found.kind == Kind.EMAIL_NEW:
        if signed is None:
            raise MustSignIn
        if signed.person.key != found.person:
            raise WrongPerson
    with begin(runtime, found.person, cause=cause) as unit:
        if not proofs.use(unit.transaction, found, now=unit.now):
            raise DeadLink
        other = proofs.newest(unit.transaction, found.person, _OTHER_SIDE[found.kind])
        if other is None or other.email != found.email or other.used_at is None:
            return False
        _change_email(
            unit, emails.parse(found.email), but=0 if signed is None else signed.session.key
        )
        return True


def _shown(person: Person) -> tuple[str | None, bool]:
    """What a new password was judged by, before the person was locked."""
    return person.password, person.has_factor


def _hashed(runtime: Runtime, person: Person, password: str, *, has_factor: bool) -> str:
    """Made before anything is locked. Raises Invalid."""
    faults = password_faults(
        password,
        email=person.email,
        names=(person.name, person.last_name),
        has_factor=has_factor,
    )
    if faults:
        raise Invalid(faults)
    return runtime.passwords.hashed(password)


def _set_password(unit: PersonUnit, hashed: str, *, but: int = 0) -> None:
    people.change(unit.transaction, unit.person.key, password=hashed, password_changed_at=unit.now)
    store_sessions.end_others(unit.transaction, unit.person.key, but=but, now=unit.now)


def _prove(unit: PersonUnit, hashed: str) -> None:
    """Whoever set up a sign-in before the address was proven loses it."""
    factors.clear(unit.transaction, unit.person.key)
    proofs.end(unit.transaction, unit.person.key, now=unit.now)
    _set_password(unit, hashed)
    if (unit.person.avatar or "").startswith(avatars.PATH):
        avatars.remove(unit.transaction, unit.person.key)
    is_imported = unit.person.two_factor and not unit.person.has_factor
    # An imported one stands until the first sign-in, which asks for another.
    unit.change(proven_at=unit.now, two_factor=is_imported)
    unit.record(
        "person.prove",
        before={"2fa": unit.person.two_factor},
        after={"2fa": is_imported},
    )


def _wanted(email: str, person: Person) -> Email:
    faults = email_faults(email, taken=False)
    if not faults and emails.parse(email).address == person.email:
        faults = email_faults(email, taken=True)
    if faults:
        raise Invalid(faults)
    return emails.parse(email)


def _ask_email(unit: PersonUnit, kind: Kind, wanted: Email) -> None:
    made, _ = proving.add(
        unit.runtime,
        unit.transaction,
        unit.person.key,
        kind,
        now=unit.now,
        life=EMAIL_LIFE,
        email=wanted.address,
    )
    unit.tell(
        kind,
        proof=made,
        email=wanted.address if kind is Kind.EMAIL_NEW else unit.person.email,
        old=unit.person.email,
        new=wanted.address,
    )


def _change_email(unit: PersonUnit, wanted: Email, *, but: int) -> None:
    before = unit.person.email
    people.change_email(
        unit.transaction,
        unit.person.key,
        email=wanted.address,
        email_key=wanted.key,
        places=unit.places,
    )
    # Among them may be a link to a new password, mailed to the old address.
    proofs.end(unit.transaction, unit.person.key, now=unit.now)
    store_sessions.end_others(unit.transaction, unit.person.key, but=but, now=unit.now)
    unit.change(proven_at=unit.now)
    unit.record("person.change_email", before={"email": before}, after={"email": wanted.address})
    unit.tell(Kind.EMAIL_CHANGED, email=before, new_email=wanted.address)
