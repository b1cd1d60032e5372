"""What must be so: plain facts, changed as design.md, sections 4 and 5, says they change."""

from dataclasses import dataclass, field

from guestlist.domain.invitations import DAY
from guestlist.domain.refusals import (
    DeadLink,
    Ended,
    Invalid,
    LastAdmin,
    MissingScope,
    MustProve,
    MustSignIn,
    NoFreeSeat,
    NotFound,
    OutOfReach,
    Refusal,
    Unauthenticated,
    Withdrawn,
    WrongPerson,
)
from tests.model import power
from tests.model.power import Grant, Power

LIFE = 7 * DAY
# A browser that is not used for a week is signed out.
SESSION_LIFE = 7 * DAY
ALL_SCOPES = frozenset({"users_full", "tokens_full", "domains_full", "templates_full"})

Refused = type[Refusal] | None


@dataclass(eq=False)
class Person:
    email: str
    proven: bool
    has_sign_in: bool


@dataclass(eq=False)
class Session:
    """`dead` are its secrets of before."""

    secret: str
    person: Person
    made_at: int
    ended: bool = False
    dead: list[str] = field(default_factory=list)


@dataclass(eq=False)
class User:
    """`most` is the power of who gave the grant, as they held it then."""

    id: str
    person: Person
    grant: Grant
    most: Power
    suspended: bool = False


@dataclass(eq=False)
class Token:
    """`most` are the scopes of who made it, as they were then."""

    id: str
    text: str
    owner: User
    scopes: frozenset[str]
    most: frozenset[str]
    expires_at: int | None = None
    paused: bool = False
    ended: bool = False


@dataclass(eq=False)
class Invite:
    """`giver` is None where the operator gives it; `state` is pending also past the end."""

    id: str
    email: str
    grant: Grant
    giver: User | None
    most: Power
    expires_at: int
    state: str = "pending"
    accepted_by: Person | None = None


@dataclass(eq=False)
class Link:
    secret: str
    invite: Invite
    is_copy: bool = False
    dead: bool = False


@dataclass(frozen=True, eq=False)
class Who:
    """Who asks: nothing set is the operator; with `acting_as`, the operator as that user."""

    token: Token | None = None
    session: Session | None = None
    acting_as: User | None = None


@dataclass
class Facts:
    """One account, and the people about it. Ended things stay where old links and texts are."""

    now: int
    seats: int | None
    domains: list[str] = field(default_factory=list)
    domain_names: dict[str, str] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    gone: list[User] = field(default_factory=list)
    invites: list[Invite] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    # What was changed since this was last emptied, as the audit must tell it.
    told: list[tuple[str, str]] = field(default_factory=list)

    # Who asks

    def is_live(self, session: Session) -> bool:
        return not session.ended and self.now < session.made_at + SESSION_LIFE

    def place(self, person: Person) -> User | None:
        """Where a person has power: a suspended user has none."""
        found = next((user for user in self.users if user.person is person), None)
        return None if found is None or found.suspended else found

    def works(self, token: Token) -> bool:
        """Whether it opens anything at all."""
        is_over = token.expires_at is not None and self.now >= token.expires_at
        if token.ended or token.paused or is_over or token.owner.suspended:
            return False
        return token.owner in self.users and power.may_own_tokens(token.owner.grant)

    def user_of(self, who: Who) -> User | None:
        """Whose power it is, None for the operator's."""
        if who.token is not None:
            return who.token.owner
        return self.place(who.session.person) if who.session is not None else who.acting_as

    def holds(self, who: Who) -> Grant:
        user = self.user_of(who)
        return power.WHOLE if user is None else user.grant

    def unheard(self, who: Who, scope: str) -> Refused:
        """Why nothing of what they ask is looked at."""
        if who.token is not None:
            if not self.works(who.token):
                return Unauthenticated
            if not power.covers(who.token.scopes, scope):
                return MissingScope
        elif who.session is not None:
            is_in = self.is_live(who.session) and self.place(who.session.person) is not None
            return None if is_in else Unauthenticated
        elif who.acting_as is None:
            return None
        elif who.acting_as.suspended or who.acting_as not in self.users:
            return NotFound
        return None if power.may_ask(self.holds(who), scope) else MissingScope

    def reaches(self, who: Who, *grants: Grant | None) -> bool:
        held = self.holds(who)
        return all(power.reaches(held, grant) for grant in grants if grant is not None)

    def gives(self, who: Who) -> Power:
        return power.power(self.holds(who))

    # What there is

    def things(self, kind: str) -> list[str]:
        return self.domains if kind == "domains" else self.templates

    def pending(self) -> list[Invite]:
        return [invite for invite in self.invites if invite.state == "pending"]

    def is_expired(self, invite: Invite) -> bool:
        return self.now >= invite.expires_at

    def shown_state(self, link: Link) -> str | None:
        """What a link's page says of the invitation, None where it opens nothing."""
        if link.dead:
            return None
        is_over = link.invite.state == "pending" and self.is_expired(link.invite)
        return "expired" if is_over else link.invite.state

    def pending_to(self, email: str) -> Invite | None:
        return next((invite for invite in self.pending() if invite.email == email), None)

    def seats_taken(self) -> int:
        return len(self.users) + sum(not self.is_expired(invite) for invite in self.pending())

    def is_full(self, *, own: int = 0) -> bool:
        return self.seats is not None and self.seats_taken() - own >= self.seats

    def is_user(self, email: str) -> bool:
        return any(user.person.email == email for user in self.users)

    def is_last_admin(self, user: User) -> bool:
        admins = [u for u in self.users if u.grant.role == "Admin" and not u.suspended]
        return admins == [user]

    def is_faulty(self, wanted: Grant, *, listed: bool) -> bool:
        """Whether a draft breaks the wire's rules; `listed`: it has a list of permissions."""
        is_unknown = not (
            set(wanted.domains) <= set(self.domains)
            and set(wanted.templates) <= set(self.templates)
        )
        if wanted.role not in power.LISTED:
            return is_unknown
        lacks_own = bool(wanted.templates) and "read-own-templates" not in wanted.permissions
        return is_unknown or not (listed and wanted.permissions) or lacks_own

    # What is refused

    def refusal_to_invite(self, who: Who, email: str, wanted: Grant, *, listed: bool) -> Refused:
        before = self.pending_to(email)
        is_taken = before is not None and not self.is_expired(before)
        return first(
            (self.is_user(email) or is_taken or self.is_faulty(wanted, listed=listed), Invalid),
            (not self.reaches(who, wanted, before.grant if before else None), OutOfReach),
            (self.is_full(), NoFreeSeat),
        )

    def refusal_to_join(self, link: Link, session: Session | None) -> Refused:
        """Of what an open link offers, to who is signed in in a session."""
        invite = link.invite
        person = self.people.get(invite.email)
        signed = session.person if session is not None and self.is_live(session) else None
        is_settled = person is not None and person.proven and person.has_sign_in
        return first(
            (link.dead, DeadLink),
            (invite.state != "pending" or self.is_expired(invite), Ended),
            (signed is not None and signed is not person, WrongPerson),
            (is_settled and signed is None, MustSignIn),
            (person is not None and not is_settled and link.is_copy, MustProve),
            (not self.is_given(invite), Withdrawn),
            (self.is_full(own=1), NoFreeSeat),
        )

    def is_given(self, invite: Invite) -> bool:
        """Whether who gives it could give it now."""
        giver = invite.giver
        if giver is None:
            return True
        is_there = giver in self.users and not giver.suspended
        return is_there and power.reaches(giver.grant, invite.grant)

    def refusal_to_own(self, who: Who, owner: User | None) -> Refused:
        """Of a token that is made for, or handed on to, somebody."""
        if owner is None or owner not in self.users:
            return NotFound
        may_own = not owner.suspended and power.may_own_tokens(owner.grant)
        return first((not may_own, Invalid), (not self.rules(who, owner), OutOfReach))

    def rules(self, who: Who, owner: User) -> bool:
        """Whether somebody's tokens are theirs to change."""
        user = self.user_of(who)
        return user is None or user is owner or power.outranks(user.grant, owner.grant.role)

    # What follows

    def tell(self, action: str, subject: str) -> None:
        self.told.append((action, subject))

    def cancel(self, invite: Invite) -> None:
        invite.state = "cancelled"
        self.tell("invitation.cancel", f"invitation:{invite.id}")

    def end_token(self, token: Token) -> None:
        token.ended = True
        self.tell("token.end", f"token:{token.id}")

    def kill_links(self, invite: Invite, *, copies_only: bool = False) -> list[Link]:
        live = [link for link in self.links if link.invite is invite and not link.dead]
        killed = [link for link in live if link.is_copy or not copies_only]
        for link in killed:
            link.dead = True
        return killed

    def kill_copies(self, of: User) -> None:
        """Nobody knows who copied a link, so with one who could have, all of them go."""
        if not power.manages(of.grant):
            return
        for invite in self.pending():
            if self.kill_links(invite, copies_only=True):
                self.tell("invitation.end_copy", f"invitation:{invite.id}")

    def take_away(self, user: User, left: Grant | None) -> None:
        """What ends where a user's grant becomes `left`, or where the place is gone."""
        for token in self.tokens:
            keeps = left is not None and power.may_own_tokens(left)
            if token.owner is user and not token.ended and not keeps:
                self.end_token(token)
        if left is None or not power.reaches(left, user.grant):
            self.kill_copies(user)
        for invite in self.pending():
            keeps = left is not None and power.reaches(left, invite.grant)
            if invite.giver is user and not keeps:
                self.cancel(invite)

    def remove(self, user: User, action: str) -> None:
        self.take_away(user, None)
        self.users.remove(user)
        self.gone.append(user)
        self.tell(action, f"user:{user.id}")

    def forget(self, thing: str) -> None:
        """A domain or template is gone: it falls out of every grant."""
        for user in self.users:
            user.grant = user.grant.without(thing)
        for invite in self.invites:
            invite.grant = invite.grant.without(thing)

    def end_sessions(self, person: Person) -> None:
        for session in self.sessions:
            if session.person is person:
                session.ended = True


def first(*checks: tuple[object, type[Refusal]]) -> Refused:
    """The first that applies: the order is what is promised."""
    return next((refusal for applies, refusal in checks if applies), None)


def of_user(facts: Facts, who: Who, user: User | None, *wanted: Grant, goes: bool) -> Refused:
    """Of a change to a user; `goes`: an Admin would be one less."""
    if user is None or user not in facts.users:
        return NotFound
    return first(
        (not facts.reaches(who, user.grant, *wanted), OutOfReach),
        (goes and facts.is_last_admin(user), LastAdmin),
    )
