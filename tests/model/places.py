"""What is done with users, their sessions and the account; each rule foretells the outcome."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from guestlist.domain.invitations import DAY
from guestlist.domain.refusals import (
    Invalid,
    LastAdmin,
    NotFound,
    OutOfReach,
    Unauthenticated,
    WrongSignIn,
)
from tests.model import ground, power
from tests.model.facts import first, of_user
from tests.model.machine import BY, GRANT, LAST, NOTHING, NUMBER, Machine, Wanted
from tests.model.offers import USERS, kept

KIND = st.sampled_from(["domains", "templates"])
PERMISSION = {"domains": "manage-domain", "templates": "manage-template"}


class Placing(Machine):
    """What is done with users by who may manage them."""

    @rule(by=BY, number=NUMBER, chosen=GRANT)
    def update(self, by: int, number: int, chosen: Wanted) -> None:
        user = self.user(number)
        wanted, draft = self.wanted(chosen)
        wanted = kept(wanted, draft, user.grant)
        who = self.who(by, USERS, user.grant, wanted)
        refused = first(
            (self.facts.is_faulty(wanted, listed=draft.permissions is not None), Invalid)
        ) or of_user(self.facts, who, user, wanted, goes=wanted.role != "Admin")
        most = self.facts.gives(who)
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.update(c, user.id, draft))
        if done:
            self.facts.tell("user.update", f"user:{user.id}")
            self.facts.take_away(user, wanted)
            user.grant, user.most = wanted, most

    @rule(by=BY, number=NUMBER)
    def remove(self, by: int, number: int) -> None:
        user = self.user(number)
        who = self.who(by, USERS, user.grant)
        refused = of_user(self.facts, who, user, goes=True)
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.remove(c, user.id))
        if done:
            self.facts.remove(user, "user.remove")

    @rule(by=BY, number=NUMBER)
    def suspend(self, by: int, number: int) -> None:
        user = self.user(number)
        who = self.who(by, USERS, user.grant)
        refused = of_user(self.facts, who, user, goes=True)
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.suspend(c, user.id))
        if done and not user.suspended:
            self.facts.kill_copies(user)
            user.suspended = True
            self.facts.tell("user.suspend", f"user:{user.id}")

    @rule(by=BY, number=NUMBER)
    def reactivate(self, by: int, number: int) -> None:
        user = self.user(number)
        who = self.who(by, USERS, user.grant)
        refused = of_user(self.facts, who, user, goes=False)
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.reactivate(c, user.id))
        if done and user.suspended:
            user.suspended = False
            self.facts.tell("user.reactivate", f"user:{user.id}")

    @rule(number=NUMBER)
    def leave(self, number: int) -> None:
        session = self.session(number)
        user = self.facts.place(session.person)
        self.actor = f"user:{user.id}" if user else ""
        refused = first(
            (not self.facts.is_live(session), Unauthenticated),
            (user is None, NotFound),
            (user is not None and self.facts.is_last_admin(user), LastAdmin),
        )
        done, _ = self.outcome(refused, lambda: self.doors.leave(session.secret))
        if done and user is not None:
            self.facts.remove(user, "user.leave")


class Arriving(Machine):
    """What people do with their own sessions, and the operator with theirs."""

    @rule(number=NUMBER)
    def sign_in(self, number: int) -> None:
        email = self.somebody(number)
        person = self.facts.people.get(email)
        refused = first((person is None or not person.has_sign_in, WrongSignIn))
        self.outcome(refused, lambda: self.signed_in(email))

    @rule(number=NUMBER)
    def sign_out(self, number: int) -> None:
        session = self.session(number)
        refused = first((not self.facts.is_live(session), Unauthenticated))
        done, _ = self.outcome(refused, lambda: self.doors.sign_out(session.secret))
        if done:
            session.ended = True

    @rule(number=NUMBER)
    def sign_out_everywhere(self, number: int) -> None:
        email = self.somebody(number)
        person = self.facts.people.get(email)
        self.actor = "operator"
        refused = first((person is None, NotFound))
        done, _ = self.outcome(refused, lambda: self.doors.sign_out_everywhere(email))
        if done and person is not None:
            self.facts.end_sessions(person)
            for user in self.facts.users:
                if user.person is person:
                    self.facts.tell("person.sign_out", f"user:{user.id}")

    @rule(number=NUMBER)
    def look_here(self, number: int) -> None:
        session = self.session(number)
        refused = first(
            (not self.facts.is_live(session), Unauthenticated),
            (self.facts.place(session.person) is None, NotFound),
        )
        done, made = self.outcome(refused, lambda: self.doors.look_here(session.secret))
        if done and made is not None:
            session.dead.append(session.secret)
            session.secret = made

    def somebody(self, number: int) -> str:
        """One of the users, or of the others."""
        if number % 2:
            return self.address(number // 2)
        return self.user(number // 2).person.email


class Keeping(Machine):
    """What is done with the account itself, and time."""

    @rule(by=BY, kind=KIND, number=NUMBER)
    def add(self, by: int, kind: str, number: int) -> None:
        who = self.who(by, f"{kind}_full")
        name = f"added{number % 3}.test"
        is_taken = kind == "domains" and name in self.facts.domain_names.values()
        refused = first(
            (not power.holds_on_every(self.facts.holds(who), PERMISSION[kind]), OutOfReach),
            (is_taken, Invalid),
        )
        done, made = self.ask(who, f"{kind}_full", refused, lambda c: self.doors.add(c, kind, name))
        if done and made is not None:
            self.facts.things(kind).append(made)
            if kind == "domains":
                self.facts.domain_names[made] = name
            self.facts.tell(f"{kind[:-1]}.add", f"{kind[:-1]}:{made}")

    @rule(by=BY, kind=KIND, number=NUMBER)
    def drop(self, by: int, kind: str, number: int) -> None:
        known = self.facts.things(kind)
        if not known:
            self.add(by, kind, number)
            return
        thing = NOTHING if number == LAST else known[number % len(known)]
        who = self.who(by, f"{kind}_full")
        refused = first(
            (thing not in known, NotFound),
            (not power.holds_on(self.facts.holds(who), PERMISSION[kind], thing), OutOfReach),
        )
        done, _ = self.ask(who, f"{kind}_full", refused, lambda c: self.doors.drop(c, kind, thing))
        if done:
            known.remove(thing)
            self.facts.domain_names.pop(thing, None)
            self.facts.forget(thing)
            self.facts.tell(f"{kind[:-1]}.remove", f"{kind[:-1]}:{thing}")

    @rule(seats=st.sampled_from([None, 12, ground.SEATS, 6, 6, 1]))
    def set_seats(self, seats: int | None) -> None:
        self.actor = "operator"
        self.doors.seats(seats)
        self.facts.seats = seats
        self.facts.tell("account.update", f"account:{self.doors.account_id}")

    @rule(days=st.sampled_from([0.25, 1, 3, 7]))
    def wait(self, days: float) -> None:
        self.clock.advance(days=days)
        self.facts.now += int(days * DAY)
