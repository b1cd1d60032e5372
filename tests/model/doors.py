"""How the model and the crowd ask: through the actions that every door of the program calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guestlist.actions import (
    accounts,
    bulk,
    invitations,
    joining,
    leaving,
    links,
    people,
    sessions,
    signing,
    things,
    tokens,
    users,
)
from guestlist.actions.joining import Answer, Opened
from guestlist.actions.runtime import Caller, Runtime, operator
from guestlist.actions.sessions import Browser, Signed
from guestlist.domain.access import CUSTOM_USER, Actor, Grant
from guestlist.domain.audit import Cause
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import Refusal, Unauthenticated

NETWORK = "192.0.2.1"
BROWSER = Browser(NETWORK, "a browser")
# What every change says it comes of.
CAUSE = Cause("model", NETWORK)
PASSWORD = "a phrase that nobody else has"
_NOBODY = Actor(Grant(CUSTOM_USER), user=0)


@dataclass(frozen=True)
class Doors:
    """One account of a deployment, as it is asked from outside."""

    runtime: Runtime
    account: int
    account_id: str

    @property
    def operator(self) -> Caller:
        return operator(self.account, CAUSE.request)

    # Who asks

    def by_token(self, text: str, scope: str | None) -> Caller:
        return tokens.authenticate(self.runtime, text, cause=CAUSE, scope=scope)

    def signed(self, secret: str) -> Signed | None:
        return sessions.current(self.runtime, secret, BROWSER)

    def by_session(self, secret: str) -> Caller:
        signed = self.signed(secret)
        if signed is None:
            raise Unauthenticated
        return Caller(self.account, _NOBODY, CAUSE, session=signed.session.key)

    def acting_as(self, user_id: str, scope: str) -> Caller:
        return users.acting_as(self.runtime, self.operator, user_id, scope=scope)

    # Invitations

    def invite(self, by: Caller, email: str, draft: Draft) -> str:
        made = invitations.invite(self.runtime, by, email=email, draft=draft)
        return made.invitations[0].id

    def invite_many(self, by: Caller, rows: Sequence[tuple[str, Draft]]) -> list[str | Refusal]:
        """The id of each, or why there is none."""
        wanted = [bulk.Row(email, draft) for email, draft in rows]
        fates = bulk.invite(self.runtime, by, wanted)
        told: list[str | Refusal] = []
        for fate in fates:
            made = fate.refusal if fate.made is None else fate.made.invitations[0].id
            assert made is not None
            told.append(made)
        return told

    def edit(self, by: Caller, invite: str, draft: Draft) -> None:
        invitations.edit(self.runtime, by, invite, draft)

    def resend(self, by: Caller, invite: str) -> None:
        invitations.resend(self.runtime, by, invite)

    def cancel(self, by: Caller, invite: str) -> None:
        invitations.cancel(self.runtime, by, invite)

    def copy_link(self, by: Caller, invite: str) -> str:
        return links.copy_link(self.runtime, by, invite).rpartition("/")[2]

    # Who is invited

    def open(self, secret: str) -> Opened:
        return joining.open_link(self.runtime, secret, None)

    def accept(self, secret: str, session: str | None) -> str | None:
        """The secret of the session from now on."""
        return joining.accept(
            self.runtime,
            secret,
            Answer("Somebody", "New", PASSWORD),
            signed=None if session is None else self.signed(session),
            browser=BROWSER,
            cause=CAUSE,
        )

    def decline(self, secret: str) -> None:
        joining.decline(self.runtime, secret, cause=CAUSE)

    # Users

    def user_id(self, email: str) -> str:
        return users.id_of(self.runtime, self.operator, email)

    def update(self, by: Caller, user: str, draft: Draft) -> None:
        users.update(self.runtime, by, user, draft)

    def remove(self, by: Caller, user: str) -> None:
        users.remove(self.runtime, by, user)

    def suspend(self, by: Caller, user: str) -> None:
        users.suspend(self.runtime, by, user)

    def reactivate(self, by: Caller, user: str) -> None:
        users.reactivate(self.runtime, by, user)

    def leave(self, session: str) -> None:
        signed = self.signed(session)
        if signed is None:
            raise Unauthenticated
        leaving.leave(self.runtime, signed, self.account_id, CAUSE)

    # People

    def sign_in(self, email: str) -> str:
        return signing.sign_in(self.runtime, email=email, password=PASSWORD, browser=BROWSER)

    def sign_out(self, session: str) -> None:
        signed = self.signed(session)
        if signed is None:
            raise Unauthenticated
        sessions.sign_out(self.runtime, signed)

    def sign_out_everywhere(self, email: str) -> None:
        """As the operator does it."""
        person = people.find(self.runtime, email)
        people.sign_out(self.runtime, person.key, request=CAUSE.request)

    def look_here(self, session: str) -> str:
        """The session's new secret."""
        signed = self.signed(session)
        if signed is None:
            raise Unauthenticated
        return sessions.choose(self.runtime, signed, self.account_id)

    # Tokens

    def mint(
        self, by: Caller, scopes: Sequence[str], owner: str | None, expires_at: int | None
    ) -> tuple[str, str]:
        """The new token's id and text."""
        made = tokens.create(
            self.runtime,
            by,
            name="made",
            scopes=list(scopes),
            owner_id=owner,
            expires_at=expires_at,
        )
        return made.token.id, made.text

    def pause(self, by: Caller, token: str, status: str) -> None:
        tokens.change(self.runtime, by, token, status=status)

    def transfer(self, by: Caller, token: str, to: str) -> None:
        tokens.transfer(self.runtime, by, token, to=to)

    def revoke(self, by: Caller, token: str) -> None:
        tokens.revoke(self.runtime, by, token)

    # The account

    def add(self, by: Caller, kind: Any, name: str) -> str:
        """The id of a new domain or template; `kind` is `domains` or `templates`."""
        if kind == "domains":
            return things.add_domain(self.runtime, by, name).id
        return things.add_template(self.runtime, by, name, kind="rt", description=None).id

    def drop(self, by: Caller, kind: Any, thing: str) -> None:
        things.remove(self.runtime, by, kind, thing)

    def seats(self, seats: int | None) -> None:
        accounts.change(self.runtime, self.operator, {"seats": seats})
