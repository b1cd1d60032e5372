"""Answering an invitation: what its link opens, saying yes, saying no, asking for another."""

from dataclasses import dataclass, field
from typing import Any

from guestlist.actions import credentials, sessions
from guestlist.actions.invitations import seats_taken
from guestlist.actions.people import PersonUnit
from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.actions.sessions import Browser, Signed
from guestlist.domain import joining as rules
from guestlist.domain import links
from guestlist.domain.access import ADMIN, CUSTOM_USER, Actor, Grant
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Cause
from guestlist.domain.invitations import DAY, EXPIRED, State, check_seat
from guestlist.domain.joining import Offer, Way
from guestlist.domain.people import MAX_NAME, Person, name_faults
from guestlist.domain.refusals import DeadLink, Ended, Invalid, NotFound, Owing, Unavailable
from guestlist.domain.sessions import Stage
from guestlist.store import invitations, letters, people, users
from guestlist.store import joining as store
from guestlist.store.database import Conflict, Transaction


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens for who sits at the browser."""

    offer: Offer
    state: str
    way: Way


@dataclass(frozen=True, slots=True)
class Answer:
    """What a new person says of themselves; empty where they are signed in."""

    name: str = ""
    last_name: str = ""
    password: str = field(default="", repr=False)


def open_link(runtime: Runtime, secret: str, signed: Signed | None) -> Opened:
    """Changes nothing, however often and by whatever it is asked. Raises DeadLink."""
    with runtime.database.read() as transaction:
        offer = store.find(transaction, links.digest(secret))
        if offer is None:
            raise DeadLink
        person = people.find(transaction, offer.email_key)
    way = rules.way(offer, person=person, signed_in=_key(signed))
    return Opened(offer, offer.shown_state(runtime.now(offer.account)), way)


def accept(
    runtime: Runtime,
    secret: str,
    answer: Answer,
    *,
    signed: Signed | None,
    browser: Browser,
    cause: Cause,
) -> str | None:
    """Joins the account; the secret of the session from now on, None where it stays as it is.

    A hundred at once make one user. Raises DeadLink, Ended, Withdrawn, Invalid, NoFreeSeat,
    WrongPerson, MustSignIn, MustProve, Owing, TooOften.
    """
    if signed is not None and not signed.is_whole:
        signed = None
    if signed is not None and signed.duty is not None:
        raise Owing(signed.duty)
    opened = open_link(runtime, secret, signed)
    offer = opened.offer
    if _did(offer, signed):
        return None
    rules.check_open(offer, now=runtime.now(offer.account))
    runtime.limits.hit("accept", invitation=offer.invitation.id, network=browser.network)
    rules.check_way(opened.way)
    password = None
    if opened.way in {Way.NEW, Way.CLAIM}:
        password = _checked(runtime, offer, answer)
    if opened.way == Way.CLAIM and password is not None:
        signed = _claimed(runtime, offer, answer, password, browser, cause)
    with begin(runtime, _invitee(offer, cause)) as unit:
        offer, person = _still_open(unit, secret, signed)
        if person is None:
            person = _made(unit, offer, answer, password, browser)
        _join(unit, offer, person)
        return _session(unit, person, signed, browser)


def decline(runtime: Runtime, secret: str, *, cause: Cause) -> None:
    """Raises DeadLink, Ended."""
    found = _found(runtime, secret)
    with begin(runtime, _invitee(found, cause)) as unit:
        offer = store.find(unit.transaction, links.digest(secret))
        if offer is None:
            raise DeadLink
        if offer.state == State.DECLINED:
            unit.change_nothing()
            return
        rules.check_open(offer, now=unit.now)
        _end(unit, offer, State.DECLINED)
        unit.record("invitation.decline", _subject(offer), before=_told(unit, offer))


def ask_again(runtime: Runtime, secret: str, browser: Browser) -> None:
    """Tells the inviter that the invitee asks for a new one, once a day at most.

    Raises DeadLink, Ended where it did not expire, TooOften.
    """
    offer = _found(runtime, secret)
    now = runtime.now(offer.account)
    if offer.shown_state(now) != EXPIRED:
        raise Ended(offer.shown_state(now))
    runtime.limits.hit(
        "ask_again",
        invitation=offer.invitation.id,
        account=offer.account_id,
        network=browser.network,
    )
    with runtime.database.change() as transaction:
        invitation = offer.invitation
        if not store.asked(transaction, invitation.key, now=now, before=now - DAY):
            return
        # Who offers it may be the operator, gone or suspended: then the Admin of longest standing.
        inviter = invitation.invited_by or 0
        person = store.person_of(transaction, offer.account, inviter)
        if person is None:
            admin = users.first_admin(transaction, offer.account)
            person = store.person_of(transaction, offer.account, admin or 0)
        letters.queue(
            transaction,
            kind="asked",
            now=now,
            account=offer.account,
            invitation=invitation.key,
            person=person,
        )


def _key(signed: Signed | None) -> int | None:
    return None if signed is None or not signed.is_whole else signed.person.key


def _did(offer: Offer, signed: Signed | None) -> bool:
    """The same person clicked before, and sees the same."""
    return offer.state == State.ACCEPTED and _key(signed) == offer.accepted_by is not None


def _found(runtime: Runtime, secret: str) -> Offer:
    offer = store.find(runtime.database, links.digest(secret))
    if offer is None:
        raise DeadLink
    return offer


def _invitee(offer: Offer, cause: Cause) -> Caller:
    """Whoever has the link: no user yet, and with no power but to answer."""
    called = f"invitee of {_subject(offer)}"
    return Caller(offer.account, Actor(Grant(CUSTOM_USER), user=0, called=called), cause)


def _subject(offer: Offer) -> str:
    return f"invitation:{offer.invitation.id}"


def _told(unit: Unit, offer: Offer) -> dict[str, Any]:
    return unit.told(offer.invitation.grant) | {"email": offer.invitation.email}


def _checked(runtime: Runtime, offer: Offer, answer: Answer) -> str:
    """The hash of a new person's password, made before anything is locked. Raises Invalid."""
    faults = name_faults(answer.name, answer.last_name)
    faults += credentials.password_faults(
        answer.password,
        email=offer.invitation.email,
        names=(answer.name[:MAX_NAME], answer.last_name[:MAX_NAME]),
        account=offer.account_name,
        has_factor=False,
    )
    if faults:
        raise Invalid(faults)
    return runtime.passwords.hashed(answer.password)


def _claimed(
    runtime: Runtime, offer: Offer, answer: Answer, password: str, browser: Browser, cause: Cause
) -> Signed:
    """The mailed link proves who reads the address's mail: their sign-in begins anew with it."""
    # Else who cannot join would be begun anew for nothing.
    with read(runtime, _invitee(offer, cause)) as (transaction, account):
        _check_given(runtime, transaction, account, offer)
    person = people.find(runtime.database, offer.email_key)
    if person is None:
        raise Unavailable("The person was erased at this moment; try again.")
    secret = credentials.claim(
        runtime,
        person.key,
        name=answer.name.strip(),
        last_name=answer.last_name.strip(),
        password=password,
        browser=browser,
        cause=cause,
    )
    signed = sessions.current(runtime, secret, browser)
    if signed is None:
        raise Unavailable("The sign-in ended at this moment; try again.")
    return signed


def _still_open(unit: Unit, secret: str, signed: Signed | None) -> tuple[Offer, Person | None]:
    """The offer as it stands under the account's lock, and who has its address."""
    offer = store.find(unit.transaction, links.digest(secret))
    if offer is None:
        raise DeadLink
    rules.check_open(offer, now=unit.now)
    _check_given(unit.runtime, unit.transaction, unit.account, offer)
    person = people.lock_by_email(unit.transaction, offer.email_key)
    way = rules.way(offer, person=person, signed_in=_key(signed))
    rules.check_way(Way.SIGN_IN if way == Way.CLAIM else way)
    return offer, person


def _check_given(
    runtime: Runtime, transaction: Transaction, account: Account, offer: Offer
) -> None:
    """Is it still somebody's to give, and is there a seat? Raises Withdrawn, NoFreeSeat."""
    giver = store.giver(transaction, offer.account, offer.invitation.invited_by)
    rules.check_giver(runtime.catalog, offer, giver)
    # Its own seat is among those taken.
    taken = seats_taken(transaction, account, runtime.now(account.key))
    check_seat(seats=account.seats, seats_taken=taken - 1)


def _made(
    unit: Unit, offer: Offer, answer: Answer, password: str | None, browser: Browser
) -> Person:
    """A new person. Who came by a letter has proven the address."""
    if password is None:
        raise Unavailable("The person was erased at this moment; try again.")
    try:
        key = people.add(
            unit.transaction,
            email=offer.invitation.email,
            email_key=offer.email_key,
            name=answer.name.strip(),
            last_name=answer.last_name.strip(),
            now=unit.now,
        )
    except Conflict as conflict:
        # At this moment another account's invitation made them.
        raise Unavailable("The address was taken at this moment; try again.") from conflict
    people.change(
        unit.transaction,
        key,
        password=password,
        password_changed_at=unit.now,
        proven_at=None if offer.is_copy else unit.now,
        language=browser.language,
        signed_in_at=unit.now,
    )
    made = people.get(unit.transaction, key)
    if made is None:
        raise NotFound
    return made


def _join(unit: Unit, offer: Offer, person: Person) -> None:
    grant = offer.invitation.grant
    before = _told(unit, offer)
    _end(unit, offer, State.ACCEPTED)
    store.accepted(unit.transaction, offer.invitation.key, person.key)
    user_id = unit.new_id()
    row = {
        "account": offer.account,
        "id": user_id,
        "place": unit.account.next_user,
        "person": person.key,
        "email_key": person.email_key,
        **dict.fromkeys(("created_at", "updated_at"), unit.now),
    }
    users.add(unit.transaction, offer.account, [row], [grant])
    unit.count(users=1, next_user=1, admins=int(grant.role == ADMIN))
    after = before | {"user": user_id, "granted_by": offer.given_by}
    unit.record("invitation.accept", _subject(offer), before=before, after=after)


def _end(unit: Unit, offer: Offer, state: State) -> None:
    invitations.end(unit.transaction, offer.account, offer.invitation, state, now=unit.now)
    unit.count(invitations=-1)


def _session(unit: Unit, person: Person, signed: Signed | None, browser: Browser) -> str:
    """Signed in, and looking at the new account: another power, so another secret."""
    alone = PersonUnit(unit.runtime, unit.transaction, person, [], unit.cause, unit.now)
    if signed is None:
        return sessions.add(alone, browser, Stage.WHOLE, account=unit.account.key)
    return sessions.rotated(alone, signed.session, account=unit.account.key)
