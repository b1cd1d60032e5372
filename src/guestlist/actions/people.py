"""What one can do as a person, and what the operator can do for one.

A change that an account could see begins on the accounts the person is in, locked in the order of
their keys, and on the person last (design, section 2).
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from guestlist.actions import events, proving
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.domain import emails, sessions
from guestlist.domain import people as rules
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Cause, Told
from guestlist.domain.letters import Factor, Kind
from guestlist.domain.people import Person, Place
from guestlist.domain.refusals import Invalid, NotFound, Unavailable
from guestlist.store import accounts, audit, factors, letters, people, proofs
from guestlist.store import sessions as store_sessions
from guestlist.store.database import Transaction

OPERATOR = "operator"
LINK_LIFE = sessions.HOUR
_ATTEMPTS = 5
# Of a change that leaves no entry.
_UNTOLD = Cause("")


_Told: TypeAlias = tuple[str, dict[str, Any] | None, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What the operator may see of a person: `codes` are recovery codes left, `sessions` live."""

    person: Person
    places: list[Place]
    codes: int
    sessions: int


@dataclass(slots=True)
class PersonUnit:
    """One change of a person in the making; `by` is who asks, None where they do themselves."""

    runtime: Runtime
    transaction: Transaction
    person: Person
    places: list[Place]
    cause: Cause
    now: int
    by: str | None = None
    # The places' accounts, as they were locked.
    accounts: dict[int, Account] = field(default_factory=dict)
    _told: list[_Told] = field(default_factory=list)

    def random(self, size: int) -> bytes:
        return self.runtime.random(NO_ACCOUNT, size)

    def change(self, **values: Any) -> None:
        people.change(self.transaction, self.person.key, **values, updated_at=self.now)

    def record(
        self,
        action: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """One audit entry in each account the person is in; without any, one of the deployment."""
        self._told.append((action, before, after))

    def tell(
        self,
        kind: Kind,
        *,
        email: str | None = None,
        proof: int | None = None,
        **facts: str | int,
    ) -> None:
        """A letter to the person, at `email` where that is not their address of now."""
        letters.queue(
            self.transaction,
            kind=kind,
            now=self.now,
            person=self.person.key,
            email=email,
            proof=proof,
            facts=facts,
        )

    def settle(self) -> None:
        """What was recorded, an account could see: each gets a new revision."""
        if not self._told:
            return
        if not self.places:
            told = self._entries(f"person:{self.person.key}")
            audit.add_alone(self.transaction, told, random=self.random)
        for place in self.places:
            account = self.accounts[place.account]
            told = self._entries(f"user:{place.user_id}")
            link = audit.add(
                self.transaction, account, told, after=account.link, random=self.random
            )
            more = events.emit(self.transaction, account, told)
            revision = self.runtime.revision(account.key)
            accounts.touch(self.transaction, account.key, revision=revision, link=link, events=more)

    def _entries(self, subject: str) -> list[Told]:
        actor = self.by or subject
        return [
            Told(self.now, self.cause, actor, action, subject, before, after)
            for action, before, after in self._told
        ]


@contextmanager
def begin(
    runtime: Runtime, person: int, *, cause: Cause, by: str | None = None
) -> Generator[PersonUnit]:
    """One change of a person and of what accounts see of them. Raises NotFound, Unavailable."""
    for _ in range(_ATTEMPTS):
        with runtime.database.change() as transaction:
            known = people.places(transaction, person)
            locked = {place.account: accounts.lock(transaction, place.account) for place in known}
            found = people.lock(transaction, person)
            if found is None:
                raise NotFound
            places = people.places(transaction, person)
            # Who joined an account meanwhile is begun on again: a person is locked last.
            if {place.account for place in places} <= {place.account for place in known}:
                unit = PersonUnit(
                    *(runtime, transaction, found, places, cause, runtime.now(NO_ACCOUNT), by),
                    accounts=locked,
                )
                yield unit
                unit.settle()
                return
    raise Unavailable("The person is being changed; try again in a moment.")


@contextmanager
def alone(runtime: Runtime, person: int, *, cause: Cause = _UNTOLD) -> Generator[PersonUnit]:
    """A change of a person that no account sees. Raises NotFound, Unavailable."""
    with runtime.database.change() as transaction:
        found = people.lock(transaction, person)
        if found is None:
            raise NotFound
        yield PersonUnit(runtime, transaction, found, [], cause, runtime.now(NO_ACCOUNT))


def rename(runtime: Runtime, person: int, *, name: str, last_name: str, cause: Cause) -> None:
    """Raises Invalid."""
    faults = rules.name_faults(name, last_name)
    if faults:
        raise Invalid(faults)
    with begin(runtime, person, cause=cause) as unit:
        before = {"name": unit.person.name, "last_name": unit.person.last_name}
        after = {"name": name.strip(), "last_name": last_name.strip()}
        if before != after:
            unit.change(**after)
            unit.record("person.rename", before=before, after=after)


def places(runtime: Runtime, person: int) -> list[Place]:
    with runtime.database.read() as transaction:
        return people.places(transaction, person)


def find(runtime: Runtime, email: str) -> Person:
    """However the address is spelled. Raises NotFound."""
    found = people.find(runtime.database, emails.key(email) or "")
    if found is None:
        raise NotFound
    return found


def known(runtime: Runtime, email: str) -> Known:
    """Raises NotFound."""
    person = find(runtime, email)
    now = runtime.now(NO_ACCOUNT)
    with runtime.database.read() as transaction:
        found = store_sessions.of_person(transaction, person.key)
        return Known(
            person,
            people.places(transaction, person.key),
            codes=factors.codes(transaction, person.key),
            sessions=sum(session.is_live(now) for session in found),
        )


def sign_in_link(runtime: Runtime, person: int, *, request: str) -> str:
    """A link that signs the person in once, within an hour; for the operator to hand over."""
    with begin(runtime, person, cause=Cause(request), by=OPERATOR) as unit:
        _, secret = proving.add(
            runtime, unit.transaction, person, "sign_in", now=unit.now, life=LINK_LIFE
        )
        unit.record("person.link")
        return f"{runtime.public_url}/links/{secret}"


def reset_factor(runtime: Runtime, person: int, *, request: str) -> None:
    """Takes every second factor away, and ends all sessions: somebody may have the lost one.

    A password that was beside one must be changed at the next sign-in.
    """
    with begin(runtime, person, cause=Cause(request), by=OPERATOR) as unit:
        factors.clear(unit.transaction, person)
        unit.change(two_factor=False, must_set_factor=False)
        if unit.person.has_factor and unit.person.password is not None:
            # Nobody knows whether it is long enough to stand alone.
            unit.change(password_changed_at=rules.MUST_CHANGE)
        store_sessions.end_others(unit.transaction, person, now=unit.now)
        unit.record(
            "person.reset_factor",
            before={"2fa": unit.person.two_factor},
            after={"2fa": False},
        )
        unit.tell(Kind.FACTOR_CHANGED, what=Factor.RESET)


def sign_out(runtime: Runtime, person: int, *, request: str) -> int:
    """Ends every session; how many there were."""
    with begin(runtime, person, cause=Cause(request), by=OPERATOR) as unit:
        ended = store_sessions.end_others(unit.transaction, person, now=unit.now)
        proofs.end(unit.transaction, person, now=unit.now)
        unit.record("person.sign_out", after={"sessions": ended})
        return ended
