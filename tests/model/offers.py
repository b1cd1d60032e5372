"""What is done with invitations; each rule foretells the outcome, and then says what is so."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from guestlist.domain.grants import Draft
from guestlist.domain.refusals import (
    DeadLink,
    Ended,
    Invalid,
    NoFreeSeat,
    NotFound,
    OutOfReach,
    Refusal,
    Repeated,
)
from tests.model.facts import LIFE, Invite, Link, Person, Refused, Session, User, Who, first
from tests.model.machine import BY, GRANT, NUMBER, WANTED, Machine, Wanted
from tests.model.power import Grant

USERS = "users_full"


class Offering(Machine):
    """What is done with invitations by who may manage users."""

    @rule(by=BY, email=NUMBER, chosen=GRANT)
    def invite(self, by: int, email: int, chosen: Wanted) -> None:
        grant, draft = self.wanted(chosen)
        who, to = self.who(by, USERS, grant), self.address(email)
        listed = draft.permissions is not None
        refused = self.facts.refusal_to_invite(who, to, grant, listed=listed)
        done, made = self.ask(who, USERS, refused, lambda c: self.doors.invite(c, to, draft))
        if done and made is not None:
            self.invited(who, made, to, grant)

    @rule(by=BY, emails=st.lists(NUMBER, min_size=2, max_size=3), chosen=GRANT)
    def invite_many(self, by: int, emails: list[int], chosen: Wanted) -> None:
        grant, draft = self.wanted(chosen)
        who = self.who(by, USERS, grant)
        addresses = [self.address(number) for number in emails]
        rows = [(address, draft) for address in addresses]
        done, made = self.ask(who, USERS, None, lambda c: self.doors.invite_many(c, rows))
        if not done or made is None:
            return
        for number, (address, told) in enumerate(zip(addresses, made, strict=True)):
            listed = draft.permissions is not None
            refused = self.facts.refusal_to_invite(who, address, grant, listed=listed)
            if address in addresses[:number]:
                refused = Repeated
            if isinstance(told, Refusal):
                assert type(told) is refused
            else:
                assert refused is None
                self.invited(who, told, address, grant)

    def invited(self, who: Who, made: str, to: str, grant: Grant) -> None:
        before = self.facts.pending_to(to)
        if before is not None:
            self.facts.cancel(before)
        giver, most = self.facts.user_of(who), self.facts.gives(who)
        new = Invite(made, to, grant, giver, most, self.facts.now + LIFE)
        self.facts.invites.append(new)
        self.facts.tell("invitation.create", f"invitation:{made}")
        self.mailed(new)

    @rule(by=BY, number=NUMBER)
    def resend(self, by: int, number: int) -> None:
        invite = self.invite_at(number)
        if invite is None:
            self.invite(by, number, WANTED[number])
            return
        who = self.who(by, USERS, invite.grant)
        is_expired = self.facts.is_expired(invite)
        refused = self.out_of_reach(who, invite) or first(
            (is_expired and self.facts.is_full(), NoFreeSeat)
        )
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.resend(c, invite.id))
        if done:
            self.facts.kill_links(invite)
            self.given(who, invite)
            invite.expires_at = self.facts.now + LIFE
            self.facts.tell("invitation.resend", f"invitation:{invite.id}")
            self.mailed(invite)

    @rule(by=BY, number=NUMBER, chosen=GRANT)
    def edit(self, by: int, number: int, chosen: Wanted) -> None:
        invite = self.invite_at(number)
        if invite is None:
            self.invite(by, number, chosen)
            return
        grant, draft = self.wanted(chosen)
        grant = kept(grant, draft, invite.grant)
        who = self.who(by, USERS, grant, invite.grant)
        refused: Refused = first(
            (invite.state != "pending", NotFound),
            (self.facts.is_faulty(grant, listed=draft.permissions is not None), Invalid),
        ) or self.out_of_reach(who, invite, grant)
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.edit(c, invite.id, draft))
        if done:
            self.facts.kill_links(invite, copies_only=True)
            self.given(who, invite)
            invite.grant = grant
            self.facts.tell("invitation.update", f"invitation:{invite.id}")

    @rule(by=BY, number=NUMBER)
    def copy_link(self, by: int, number: int) -> None:
        invite = self.invite_at(number)
        if invite is None:
            self.invite(by, number, WANTED[number])
            return
        who = self.who(by, USERS, invite.grant)
        refused = self.out_of_reach(who, invite) or first((self.facts.is_expired(invite), Ended))
        done, made = self.ask(who, USERS, refused, lambda c: self.doors.copy_link(c, invite.id))
        if done and made is not None:
            self.facts.kill_links(invite, copies_only=True)
            self.facts.links.append(Link(made, invite, is_copy=True))
            self.facts.tell("invitation.copy_link", f"invitation:{invite.id}")

    @rule(by=BY, number=NUMBER)
    def cancel(self, by: int, number: int) -> None:
        invite = self.invite_at(number)
        if invite is None:
            self.invite(by, number, WANTED[number])
            return
        who = self.who(by, USERS, invite.grant)
        refused = self.out_of_reach(who, invite)
        done, _ = self.ask(who, USERS, refused, lambda c: self.doors.cancel(c, invite.id))
        if done:
            self.facts.cancel(invite)

    def out_of_reach(self, who: Who, invite: Invite, *wanted: Grant) -> Refused:
        if invite.state != "pending":
            return NotFound
        return None if self.facts.reaches(who, invite.grant, *wanted) else OutOfReach

    def given(self, who: Who, invite: Invite) -> None:
        """From now on it is theirs to give."""
        invite.giver, invite.most = self.facts.user_of(who), self.facts.gives(who)


class Answering(Offering):
    """What is done with a link by who has it."""

    @rule(number=NUMBER)
    def accept(self, number: int) -> None:
        """As whom the invitation is for."""
        link = self.link(number)
        if link is None:
            self.invite(1, number, WANTED[number])
            return
        person = self.facts.people.get(link.invite.email)
        own = [s for s in self.facts.sessions if s.person is person and self.facts.is_live(s)]
        if person is not None and person.has_sign_in and not own:
            own.append(self.signed_in(person.email))
        self.answer(link, own[-1] if own else None)

    @rule(number=NUMBER, session=NUMBER)
    def accept_as_anybody(self, number: int, session: int) -> None:
        link = self.link(number)
        if link is None:
            self.invite(1, number, WANTED[session])
            return
        self.answer(link, None if session % 3 == 0 else self.session(session))

    def answer(self, link: Link, session: Session | None) -> None:
        facts, invite = self.facts, link.invite
        is_in = session is not None and facts.is_live(session)
        again = is_in and session is not None and invite.accepted_by is session.person
        is_repeated = again and not link.dead
        refused = None if is_repeated else facts.refusal_to_join(link, session)
        self.actor = f"invitee of invitation:{invite.id}"
        secret = None if session is None else session.secret
        done, made = self.outcome(refused, lambda: self.doors.accept(link.secret, secret))
        if not done:
            return
        assert (made is None) == is_repeated
        if made is not None:
            self.joined(link, session if is_in else None, made)

    def joined(self, link: Link, session: Session | None, secret: str) -> None:
        facts, invite = self.facts, link.invite
        person = facts.people.get(invite.email)
        if person is None:
            # Only a letter shows who reads the address's mail.
            person = Person(invite.email, proven=not link.is_copy, has_sign_in=True)
            facts.people[invite.email] = person
        elif not (person.proven and person.has_sign_in):
            facts.end_sessions(person)
            person.proven = person.has_sign_in = True
            session = None
        if session is None:
            facts.sessions.append(Session(secret, person, facts.now))
        else:
            session.dead.append(session.secret)
            session.secret = secret
        invite.state, invite.accepted_by = "accepted", person
        user_id = self.doors.user_id(invite.email)
        facts.users.append(User(user_id, person, invite.grant, invite.most))
        facts.tell("invitation.accept", f"invitation:{invite.id}")

    @rule(number=NUMBER)
    def decline(self, number: int) -> None:
        link = self.link(number)
        if link is None:
            self.invite(1, number, WANTED[number])
            return
        invite = link.invite
        is_done = invite.state == "declined" and not link.dead
        is_over = invite.state != "pending" or self.facts.is_expired(invite)
        refused = first((link.dead, DeadLink), (is_over and not is_done, Ended))
        self.actor = f"invitee of invitation:{invite.id}"
        done, _ = self.outcome(refused, lambda: self.doors.decline(link.secret))
        if done and not is_done:
            invite.state = "declined"
            self.facts.tell("invitation.decline", f"invitation:{invite.id}")


def kept(grant: Grant, draft: Draft, stored: Grant) -> Grant:
    """Permissions that are left out stay; domains and templates never do."""
    if draft.permissions is not None:
        return grant
    return Grant(grant.role, stored.permissions, grant.domains, grant.templates)
