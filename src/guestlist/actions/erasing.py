"""Erasing a person: what says who they were goes from every account, and they with it."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from guestlist.actions import events
from guestlist.actions import users as acting
from guestlist.actions.people import OPERATOR
from guestlist.actions.runtime import NO_ACCOUNT, Runtime, Unit
from guestlist.domain import access, emails
from guestlist.domain import users as rules
from guestlist.domain.audit import ERASED, Cause, Told
from guestlist.domain.people import Person, Place
from guestlist.domain.refusals import LastAdmin, NotFound, Unavailable
from guestlist.store import accounts, audit, invitations, people, users
from guestlist.store import erasing as store
from guestlist.store.database import Conflict, Transaction

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Trace:
    """What a person was known by: addresses, as typed and as keys, and their places, ended too.

    The audit was read for them through `last`.
    """

    person: Person
    places: list[Place]
    accepted: set[str]
    spelled: list[str]
    keys: list[str]
    subjects: set[tuple[int, str]]
    invited: list[tuple[int, int, str]]
    last: int


def erase(runtime: Runtime, person: int, *, request: str) -> None:
    """Ends every place as a removal does, cancels invitations to them, and forgets who they were.

    The audit's entries stay, without their name and address. Addresses that they had once and
    somebody else has today are that one's. Raises NotFound, LastAdmin with the account's name,
    Unavailable.
    """
    for _ in range(_ATTEMPTS):
        # The whole audit is read for traces, so before anything is locked.
        with runtime.database.read() as transaction:
            trace = _traced(transaction, person)
        # An import may use the person until the last moment: their row cannot go then.
        with suppress(Conflict), runtime.database.change() as transaction:
            if _is_erased(runtime, transaction, trace, request):
                return
    raise Unavailable("The person is being changed; try again in a moment.")


def _is_erased(runtime: Runtime, transaction: Transaction, trace: _Trace, request: str) -> bool:
    """False, and nothing done, where what was found of them is not all any more."""
    person = trace.person.key
    wanted = _concerned(transaction, trace.places, trace)
    locked = [accounts.lock(transaction, account) for account in sorted(wanted)]
    found = _found(people.lock(transaction, person))
    places = people.places(transaction, person)
    if (
        found.email_key != trace.person.email_key
        or _concerned(transaction, places, trace) - wanted
        or not _is_whole(transaction, trace, places)
    ):
        return False
    for account in locked:
        now = runtime.now(account.key)
        unit = Unit(runtime, transaction, account, access.OPERATOR, Cause(request), now)
        _erase_in(unit, places, trace)
        unit.settle()
    if not places:
        told = Told(
            runtime.now(NO_ACCOUNT), Cause(request), OPERATOR, "person.erase", f"person:{ERASED}"
        )
        audit.add_alone(transaction, [told], random=partial(runtime.random, NO_ACCOUNT))
    invited = [key for key, _, _ in trace.invited]
    store.blank_invitations(transaction, invited, trace.keys, trace.spelled, person=person)
    store.blank_audit(transaction, _subjects(trace), person=person)
    events.forget(transaction, _subjects(trace))
    people.erase(transaction, person)
    return True


def _is_whole(transaction: Transaction, trace: _Trace, places: list[Place]) -> bool:
    """Whether nothing more of them came, and nobody else to an address of theirs, since."""
    mentions, _ = store.mentions(transaction, after=trace.last)
    keys = set(trace.keys)
    return not (
        {(place.account, f"user:{place.user_id}") for place in places} - trace.subjects
        or {(of, subject) for of, subject, told in mentions if _keys(told) & keys} - trace.subjects
        or store.accepted(transaction, trace.person.key) - trace.accepted
        or set(store.invited(transaction, trace.keys)) - set(trace.invited)
        or store.held_by_others(transaction, trace.keys, but=trace.person.key)
    )


def _subjects(trace: _Trace) -> set[tuple[int, str]]:
    return trace.subjects | {(account, f"invitation:{key}") for _, account, key in trace.invited}


def _found(person: Person | None) -> Person:
    if person is None:
        raise NotFound
    return person


def _traced(transaction: Transaction, key: int) -> _Trace:
    person = _found(people.get(transaction, key))
    places = people.places(transaction, key)
    accepted = store.accepted(transaction, key)
    mentions, last = store.mentions(transaction)
    spelled = _own(transaction, person, {person.email} | accepted)
    keys = _keys(spelled)
    subjects = {(place.account, f"user:{place.user_id}") for place in places}
    subjects |= {(account, subject) for account, subject, told in mentions if _keys(told) & keys}
    # Who had the address before, and is somebody else's place today, stays in the audit.
    subjects -= store.users_of_others(transaction, {s for _, s in subjects}, but=key)
    for account, subject, told in mentions:
        if (account, subject) in subjects:
            spelled |= told
    spelled = _own(transaction, person, spelled)
    invited = store.invited(transaction, sorted(_keys(spelled)))
    return _Trace(
        *(
            person,
            places,
            accepted,
            sorted(spelled),
            sorted(_keys(spelled)),
            subjects,
            invited,
            last,
        )
    )


def _own(transaction: Transaction, person: Person, spelled: set[str]) -> set[str]:
    """Without the addresses that somebody else has today."""
    held = store.held_by_others(transaction, sorted(_keys(spelled)), but=person.key)
    return {email for email in spelled if emails.key(email) not in held}


def _keys(spelled: Iterable[str]) -> set[str]:
    return {key for key in map(emails.key, spelled) if key is not None}


def _concerned(transaction: Transaction, places: list[Place], trace: _Trace) -> set[int]:
    """The accounts that change."""
    return {place.account for place in places} | store.waiting(transaction, trace.keys)


def _erase_in(unit: Unit, places: list[Place], trace: _Trace) -> None:
    account = unit.account.key
    for place in places:
        user = users.find(unit.transaction, account, place.user_id)
        if place.account != account or user is None:
            continue
        try:
            rules.check_admin_stays(user, admins=unit.account.admins)
        except LastAdmin as last:
            raise LastAdmin(unit.account.name) from last
        acting.take_place(unit, user, "user.remove")
        unit.record("person.erase", f"user:{user.id}")
    for key in trace.keys:
        _, invitation = invitations.holder(unit.transaction, account, key)
        if invitation is not None:
            acting.cancel_invitation(unit, invitation)
