"""The model: random lives of one account, each step's outcome foretold, each invariant asked."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from guestlist.actions.runtime import Caller, Runtime
from guestlist.domain.audit import Link as Head
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import DeadLink, Refusal, Unauthenticated
from tests.model import ground, history, invariants, power, rows
from tests.model.facts import Facts, Invite, Link, Refused, Session, Token, User, Who
from tests.model.power import Grant
from tests.model.rows import Rows

T = TypeVar("T")
NOTHING = "0000000000000000"
# Steps between two times when every door is asked.
ASK_ALL = 30
LAST = 11
NUMBER = st.integers(0, LAST)
BY = st.integers(0, 59)

# Roles, permissions (None: left out), and which of the domains and templates, by their numbers.
Wanted = tuple[str, tuple[str, ...] | None, tuple[int, ...], tuple[int, ...]]
WANTED: tuple[Wanted, ...] = (
    ("Accountant", (), (), ()),
    ("Admin", (), (), ()),
    ("Manager", (), (), ()),
    ("Custom User", ("read-mailbox",), (0,), ()),
    ("Custom User", ("read-mailbox",), (1,), ()),
    ("Domain Lead", (), (0,), ()),
    ("Domain Lead", (), (1, 0), ()),
    ("Domain Lead", None, (), ()),
    ("Custom User", ("manage-domain", "manage-api-token"), (1,), ()),
    ("Custom User", ("read-sms", "manage-api-token"), (), ()),
    ("Custom User", ("read-own-templates", "manage-template"), (), (0,)),
    ("Custom User", ("read-all-templates",), (), ()),
    ("Team Lead", ("read-mailbox", "manage-domain", "manage-api-token"), (0,), ()),
    ("Team Lead", ("read-sms", "read-own-templates", "manage-api-token"), (), (0,)),
    ("Team Lead", ("read-mailbox", "read-invoice"), (1,), ()),
    ("Area Lead", (), (0,), (0,)),
    ("Area Lead", None, (), ()),
    ("Helper", None, (), ()),
    # What is listed beside these gives nothing, also where it stays from the role before.
    ("Accountant", None, (), ()),
    ("Accountant", ("manage-api-token", "manage-domain"), (0,), ()),
    ("Domain Lead", ("read-sms",), (1,), ()),
    ("Designer", (), (), (1,)),
    ("Manager", ("read-sms",), (0,), ()),
    ("Custom User", None, (), ()),
    ("Custom User", ("read-mailbox",), (), (0,)),
    ("Accountant", (), (7,), ()),
)
GRANT = st.sampled_from(WANTED)


class Machine(RuleBasedStateMachine):
    """What every rule needs; the rules are in the modules beside this one."""

    # Where it is played.
    runtime: Runtime

    def __init__(self) -> None:
        super().__init__()
        self.doors, self.facts, self.number = ground.account(self.runtime)
        self.clock: Any = self.runtime.now
        # What the audit must say of who changed something in this step.
        self.actor = ""
        # One is counted before the first step.
        self.steps = -1
        # What each token, session and link was foretold to be, when that was looked at last.
        self.answers: dict[object, object] = {}
        self.revision: int | None = None
        # How far the audit was followed.
        self.head = Head()
        for name in ("ana", "cleo", "dan"):
            self.signed_in(ground.address(name, self.number))

    # Choosing

    def who(self, number: int, scope: str, *grants: Grant) -> Who:
        """The operator, somebody's token or session, or the operator as somebody.

        Every other number is of one of those who may ask for `scope` and reach all of `grants`.
        """
        everybody = [
            *(Who(token=token) for token in self.facts.tokens if not token.ended),
            *(Who(session=s) for s in self.facts.sessions if self.facts.is_live(s)),
            *(Who(acting_as=user) for user in self.facts.users),
        ]
        place = number // 2
        if number % 2:
            return _pick([Who(), *(w for w in everybody if self.may(w, scope, grants))], place)
        ended = [Who(token=token) for token in self.facts.tokens if token.ended]
        over = [Who(session=s) for s in self.facts.sessions if not self.facts.is_live(s)]
        gone = [Who(acting_as=user) for user in self.facts.gone]
        return _pick([Who(), *everybody, *ended[-1:], *over[-1:], *gone[-1:]], place)

    def may(self, who: Who, scope: str, grants: Sequence[Grant]) -> bool:
        return self.facts.unheard(who, scope) is None and self.facts.reaches(who, *grants)

    def user(self, number: int) -> User:
        """One of the users, every other time of those who offer something; or the last gone."""
        if self.facts.gone and number == LAST:
            return self.facts.gone[-1]
        givers = [invite.giver for invite in self.facts.pending() if invite.giver is not None]
        return _pick(givers if givers and number % 2 else self.facts.users, number // 2)

    def token(self, number: int) -> Token:
        ended = [token for token in self.facts.tokens if token.ended]
        live = [token for token in self.facts.tokens if not token.ended]
        return ended[-1] if ended and (number == LAST or not live) else _pick(live, number)

    def session(self, number: int) -> Session:
        """Of somebody who is signed in, or the last that is over."""
        live = [session for session in self.facts.sessions if self.facts.is_live(session)]
        over = [session for session in self.facts.sessions if not self.facts.is_live(session)]
        if over and number == LAST:
            return over[-1]
        if not live:
            known = [person for person in self.facts.people.values() if person.has_sign_in]
            return self.signed_in(_pick(known, number).email)
        return _pick(live, number)

    def invite_at(self, number: int) -> Invite | None:
        """One of the pending, or the last that ended; None where another one is due."""
        pending = self.facts.pending()
        ended = [invite for invite in self.facts.invites if invite.state != "pending"]
        if ended and number == LAST:
            return ended[-1]
        return _pick(pending, number) if pending else None

    def link(self, number: int) -> Link | None:
        """One that opens an offer, first of those who may not give it now, or a dead one."""
        known = [link for link in self.facts.links if link.invite.state == "pending"]
        is_open = [link for link in known if not link.dead]
        dead = [link for link in self.facts.links if link not in is_open]
        if dead and number > LAST - 2:
            return _pick(dead[-3:], number)
        is_open.sort(key=lambda link: self.facts.is_given(link.invite))
        return _pick(is_open, number) if is_open else None

    def address(self, number: int) -> str:
        """Of a user, of somebody who might become one, or of nobody yet."""
        name = ("ivy", "gus", "hal", "kim", "dan", "hal", "cleo", "ana")[number % 8]
        return ground.address(name, self.number)

    def wanted(self, chosen: Wanted) -> tuple[Grant, Draft]:
        """As the model and as the program take it."""
        role, permissions, domains, templates = chosen
        grant = Grant(
            role,
            permissions or (),
            tuple(_thing(self.facts.domains, number) for number in domains),
            tuple(_thing(self.facts.templates, number) for number in templates),
        )
        draft = Draft(
            role=role,
            permissions=None if permissions is None else list(permissions),
            domains=list(grant.domains),
            templates=list(grant.templates),
        )
        return grant, draft

    # Asking

    def caller(self, who: Who, scope: str) -> Caller:
        if who.token is not None:
            return self.doors.by_token(who.token.text, scope)
        if who.session is not None:
            return self.doors.by_session(who.session.secret)
        if who.acting_as is not None:
            return self.doors.acting_as(who.acting_as.id, scope)
        return self.doors.operator

    def called(self, who: Who) -> str:
        """As the audit names them."""
        user = self.facts.user_of(who)
        if user is None:
            return "operator"
        if who.acting_as is not None:
            return f"operator as user:{user.id}"
        return f"user:{user.id}" + (f" token:{who.token.id}" if who.token else "")

    def ask(
        self, who: Who, scope: str, refused: Refused, act: Callable[[Caller], T]
    ) -> tuple[bool, T | None]:
        """Whether it is done, as was foretold, and what came of it."""
        self.actor = self.called(who)
        expected = self.facts.unheard(who, scope) or refused
        return self.outcome(expected, lambda: act(self.caller(who, scope)))

    def outcome(self, expected: Refused, act: Callable[[], T]) -> tuple[bool, T | None]:
        made, refusal = _tried(act)
        if refusal is None:
            assert expected is None, f"done, though it must be refused: {expected}"
        else:
            assert type(refusal) is expected, f"refused: {refusal!r}, not {expected}"
        return refusal is None, made

    def signed_in(self, email: str) -> Session:
        secret = self.doors.sign_in(email)
        made = Session(secret, self.facts.people[email], self.facts.now)
        self.facts.sessions.append(made)
        return made

    def mailed(self, invite: Invite) -> None:
        """The link that is in the newest letter."""
        with self.runtime.database.read() as transaction:
            nonce, key = rows.nonce(transaction, self.doors.account, invite.id)
        secret = self.runtime.keys.invitation_secret(self.doors.account, nonce, key)
        self.facts.links.append(Link(secret, invite))

    # Holding

    @invariant()
    def all_holds(self) -> None:
        with self.runtime.database.read() as transaction:
            found = rows.read(transaction, self.doors.account)
            entries = rows.entries(transaction, self.doors.account, self.head.sequence)
        invariants.check(found)
        self.rows_are_as_foretold(found)
        self.audit_tells_each_change_once(entries, found)
        no_power_is_above_its_givers(found, self.facts)
        self.doors_open_to_what_is_live()
        self.steps += 1

    def rows_are_as_foretold(self, found: Rows) -> None:
        facts = self.facts
        ids = {user.key: user.id for user in found.users}
        assert {u.id: (u.email, u.grant, u.suspended) for u in found.users} == {
            u.id: (u.person.email, u.grant, u.suspended) for u in facts.users
        }
        assert {u.email: (u.proven, u.has_password) for u in found.users} == {
            u.person.email: (u.person.proven, u.person.has_sign_in) for u in facts.users
        }
        assert {
            i.id: (i.email, i.grant, ids.get(i.giver or 0), i.expires_at) for i in found.invites
        } == {
            i.id: (i.email, i.grant, i.giver and i.giver.id, i.expires_at) for i in facts.pending()
        }
        assert {t.id: (ids[t.owner], t.scopes, t.paused, t.expires_at) for t in found.tokens} == {
            t.id: (t.owner.id, t.scopes, t.paused, t.expires_at)
            for t in facts.tokens
            if not t.ended
        }

    def audit_tells_each_change_once(
        self, entries: Sequence[tuple[str, str, str]], found: Rows
    ) -> None:
        told, self.facts.told = self.facts.told, []
        for action, subject in told:
            # A failing example's steps say what was chosen, and this what it came to.
            note(f"# {self.actor}: {action} {subject}")
        if self.steps >= 0:
            assert sorted((action, subject) for _, action, subject in entries) == sorted(told)
            assert {actor for actor, *_ in entries} <= {self.actor}
        # A revision is another one where something was changed, and only there.
        assert self.revision is None or (self.revision != found.revision) == bool(told)
        self.revision = found.revision
        self.head = history.followed(self.doors, self.head, found.head)
        if self.steps % ASK_ALL == 0:
            history.chain_is_whole(self.doors)
            history.leads_to(self.doors, found)

    def doors_open_to_what_is_live(self) -> None:
        """Each is asked when its answer must have changed, and anyway from time to time."""
        facts, every = self.facts, self.steps % ASK_ALL == 0
        for number, token in enumerate(facts.tokens):
            works = facts.works(token)
            if every or self.has_changed(token, works) or self.is_turn(number, facts.tokens):
                self.check_token(token, works=works)
        for number, session in enumerate(facts.sessions):
            told = facts.is_live(session), facts.place(session.person), session.secret
            if every or self.has_changed(session, told) or self.is_turn(number, facts.sessions):
                self.check_session(session)
        for number, link in enumerate(facts.links):
            state = facts.shown_state(link)
            if every or self.has_changed(link, state) or self.is_turn(number, facts.links):
                self.check_link(link, state)

    def is_turn(self, number: int, every: Sequence[object]) -> bool:
        return self.steps % len(every) == number

    def has_changed(self, asked: object, answer: object) -> bool:
        """Since it was looked at before."""
        before = self.answers.get(asked, self)
        self.answers[asked] = answer
        return before != answer

    def check_token(self, token: Token, *, works: bool) -> None:
        expected = None if works else Unauthenticated
        self.outcome(expected, lambda: self.doors.by_token(token.text, None))

    def check_session(self, session: Session) -> None:
        for secret in session.dead:
            assert self.doors.signed(secret) is None
        signed = self.doors.signed(session.secret)
        if not self.facts.is_live(session):
            assert signed is None
            return
        assert signed is not None
        place = self.facts.place(session.person)
        here = [p.user_id for p in signed.places]
        assert here == ([] if place is None else [place.id])

    def check_link(self, link: Link, state: str | None) -> None:
        expected = DeadLink if state is None else None
        _, opened = self.outcome(expected, lambda: self.doors.open(link.secret))
        assert opened is None or opened.state == state


def no_power_is_above_its_givers(found: Rows, facts: Facts) -> None:
    """What each holds is within what its giver held, when it was given."""
    most = {user.id: user.most for user in facts.users}
    most |= {invite.id: invite.most for invite in facts.pending()}
    held = {user.id: user.grant for user in found.users}
    held |= {invite.id: invite.grant for invite in found.invites}
    for holder, grant in held.items():
        assert power.within(power.power(grant), most[holder]), f"{holder} holds {grant}"
    scopes = {token.id: token.most for token in facts.tokens}
    for token in found.tokens:
        assert all(power.covers(scopes[token.id], scope) for scope in token.scopes), token


def _tried(act: Callable[[], T]) -> tuple[T | None, Refusal | None]:
    try:
        return act(), None
    except Refusal as refusal:
        return None, refusal
    except Exception as error:
        raise AssertionError(f"neither done nor refused: {error!r}") from error


def _pick(found: Sequence[T], number: int) -> T:
    return found[number % len(found)]


def _thing(known: list[str], number: int) -> str:
    """One that there is none of, where so many are gone."""
    return known[number] if number < len(known) else NOTHING
