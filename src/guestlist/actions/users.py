"""What one can do with the users of an account."""

from dataclasses import dataclass, replace

from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.domain import emails
from guestlist.domain import users as rules
from guestlist.domain.access import Grant
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import Invitation, State
from guestlist.domain.letters import Kind
from guestlist.domain.pages import Page
from guestlist.domain.refusals import MissingScope, NotFound
from guestlist.domain.things import Things
from guestlist.domain.users import User, check_reach
from guestlist.store import invitations, joining, letters, sessions, tokens, users
from guestlist.store import things as store_things


@dataclass(frozen=True, slots=True)
class Users:
    """A page of users, what their keys refer to, and the revision at which it was so."""

    users: list[User]
    total: int
    things: Things
    revision: int


def list_users(runtime: Runtime, caller: Caller, page: Page) -> Users:
    with read(runtime, caller) as (transaction, account):
        found = users.page(transaction, account.key, page)
        things = runtime.things(transaction, account, keep=True)
        told = [shown(runtime, user) for user in found]
        return Users(told, account.users, things, account.revision)


def get(runtime: Runtime, caller: Caller, user_id: str) -> Users:
    """The one user of that id. Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        user = users.find(transaction, account.key, user_id)
        if user is None:
            raise NotFound
        things = runtime.things(transaction, account, keep=True)
        return Users([shown(runtime, user)], 1, things, account.revision)


def id_of(runtime: Runtime, caller: Caller, email: str) -> str:
    """The id of the user with an address, however it is spelled. Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        key, _ = invitations.holder(transaction, account.key, emails.key(email) or "")
        if key is None:
            raise NotFound
        return users.ids(transaction, account.key, [key])[key]


def acting_as(runtime: Runtime, by: Caller, user: str, *, scope: str) -> Caller:
    """The operator as a user, named by id or address: with their power at each moment, no more.

    Raises NotFound (a suspended one too), MissingScope.
    """
    user_id = id_of(runtime, by, user) if "@" in user else user
    with read(runtime, by) as (transaction, account):
        found = users.find(transaction, account.key, user_id)
        actor = None if found is None else users.actor(transaction, account.key, found.key)
    if actor is None:
        raise NotFound
    if not runtime.catalog.permits(actor, scope):
        raise MissingScope
    return replace(by, actor=actor, user=actor.user, scope=scope)


def first_admin(runtime: Runtime, caller: Caller) -> str:
    """The id of the Admin who has been one of the account's users longest. Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        key = users.first_admin(transaction, account.key)
        if key is None:
            raise NotFound
        return users.ids(transaction, account.key, [key])[key]


def update(runtime: Runtime, caller: Caller, user_id: str, draft: Draft) -> Users:
    """Replaces a user's grant, and ends what it no longer carries.

    Raises Invalid, NotFound, OutOfReach, LastAdmin.
    """
    with begin(runtime, caller) as unit:
        user = users.find(unit.transaction, unit.account.key, user_id)
        wanted = rules.changed_grant(
            draft,
            catalog=unit.catalog,
            stored=user.grant if user else None,
            **known_things(unit, draft),
        )
        if user is None:
            raise NotFound
        admins = unit.account.admins
        rules.check_change(unit.catalog, by=unit.by, user=user, wanted=wanted, admins=admins)
        users.change(unit.transaction, user, wanted, now=unit.now)
        changed = replace(user, grant=wanted, updated_at=unit.now)
        unit.count(admins=changed.is_active_admin - user.is_active_admin)
        unit.record(
            "user.update",
            f"user:{user.id}",
            before=unit.told(user.grant),
            after=unit.told(wanted),
        )
        end_what_is_lost(unit, user, wanted)
        if wanted != user.grant:
            # Another power is another look at the account.
            sessions.leave(unit.transaction, unit.account.key, user.key)
        if wanted.role != user.grant.role:
            _tell(unit, user, Kind.ROLE_CHANGED, role=wanted.role, before=user.grant.role)
        return _told(unit, changed)


def remove(runtime: Runtime, caller: Caller, user_id: str) -> None:
    """Takes a user's place away; the person stays, and can be invited again.

    Raises NotFound, OutOfReach, LastAdmin.
    """
    with begin(runtime, caller) as unit:
        user = _found(unit, user_id)
        rules.check_going(unit.catalog, by=unit.by, user=user, admins=unit.account.admins)
        _tell(unit, user, Kind.REMOVED)
        take_place(unit, user, "user.remove")


def suspend(runtime: Runtime, caller: Caller, user_id: str) -> Users:
    """Takes a user's power away and keeps the place; again, it changes nothing.

    Tokens and invitations that they gave stay, and open nothing while it lasts.
    Raises NotFound, OutOfReach, LastAdmin.
    """
    with begin(runtime, caller) as unit:
        user = _found(unit, user_id)
        rules.check_going(unit.catalog, by=unit.by, user=user, admins=unit.account.admins)
        if user.is_suspended:
            unit.change_nothing()
            return _told(unit, user)
        sessions.leave(unit.transaction, unit.account.key, user.key)
        _end_copies(unit, user)
        return _told(unit, _suspended(unit, user, unit.now))


def reactivate(runtime: Runtime, caller: Caller, user_id: str) -> Users:
    """Gives a suspended user the power back that the place has; again, it changes nothing.

    Raises NotFound, OutOfReach.
    """
    with begin(runtime, caller) as unit:
        user = _found(unit, user_id)
        check_reach(unit.catalog, by=unit.by, target=user.grant)
        if not user.is_suspended:
            unit.change_nothing()
            return _told(unit, user)
        return _told(unit, _suspended(unit, user, None))


def _suspended(unit: Unit, user: User, since: int | None) -> User:
    users.suspend(unit.transaction, user, since=since, now=unit.now)
    changed = replace(user, suspended_at=since, updated_at=unit.now)
    unit.count(admins=changed.is_active_admin - user.is_active_admin)
    unit.record(
        "user.reactivate" if since is None else "user.suspend",
        f"user:{user.id}",
        before=unit.told(user.grant) | {"suspended": user.is_suspended},
        after=unit.told(user.grant) | {"suspended": changed.is_suspended},
    )
    return changed


def _found(unit: Unit, user_id: str) -> User:
    user = users.find(unit.transaction, unit.account.key, user_id)
    if user is None:
        raise NotFound
    return user


def _told(unit: Unit, user: User) -> Users:
    return Users([shown(unit.runtime, user)], 1, unit.things, unit.account.revision)


def take_place(unit: Unit, user: User, action: str) -> None:
    """Takes a place away with all that hangs on it."""
    sessions.leave(unit.transaction, unit.account.key, user.key)
    end_what_is_lost(unit, user, None)
    users.remove(unit.transaction, unit.account.key, user)
    unit.count(users=-1, admins=-user.is_active_admin)
    unit.record(action, f"user:{user.id}", before=unit.told(user.grant) | {"email": user.email})


def _tell(unit: Unit, user: User, kind: Kind, **facts: str) -> None:
    """A letter, but to nobody who never signed in: they know nothing of this."""
    person = users.signed_in(unit.transaction, user)
    if person is not None:
        letters.queue(
            unit.transaction,
            kind=kind,
            now=unit.now,
            account=unit.account.key,
            person=person,
            facts=facts,
        )


def shown(runtime: Runtime, user: User) -> User:
    """With the whole address of a picture that we keep: of these the path is stored."""
    if user.avatar is None or not user.avatar.startswith("/"):
        return user
    return replace(user, avatar=runtime.public_url + user.avatar)


def known_things(unit: Unit, draft: Draft) -> dict[str, dict[str, int]]:
    """Which of the draft's ids exist in the account, as its rules take them."""
    return {
        "domains": store_things.keys(
            unit.transaction, unit.account.key, "domains", draft.domain_ids()
        ),
        "templates": store_things.keys(
            unit.transaction, unit.account.key, "templates", draft.template_ids()
        ),
    }


def end_what_is_lost(unit: Unit, user: User, grant: Grant | None) -> None:
    """Ends the tokens a user may no longer own and the invitations they could no longer give.

    `grant` is what they hold from now on, None where their place is gone.
    """
    catalog = unit.catalog
    if grant is None or not catalog.may_own_tokens(grant):
        for token in tokens.of_owner(unit.transaction, user.key):
            tokens.remove(unit.transaction, token)
            unit.record("token.end", f"token:{token.id}", before={"owner": user.id})
    if grant is None or not catalog.reaches(grant, user.grant):
        _end_copies(unit, user)
    for invitation in invitations.of_inviter(unit.transaction, user.key):
        if grant is None or not catalog.reaches(grant, invitation.grant):
            cancel_invitation(unit, invitation)


def _end_copies(unit: Unit, user: User) -> None:
    """Who copied which link is not kept: all of them go, before one gives what its copier lost."""
    # Whom the file does not know any more may have managed users while it did.
    is_known = user.grant.role in unit.catalog.role_by_name
    if not is_known or unit.catalog.manages_users(user.grant):
        for invitation_id in joining.end_copies(unit.transaction, unit.account.key):
            unit.record("invitation.end_copy", f"invitation:{invitation_id}")


def cancel_invitation(unit: Unit, invitation: Invitation) -> None:
    invitations.end(unit.transaction, unit.account.key, invitation, State.CANCELLED, now=unit.now)
    unit.count(invitations=-1)
    unit.record(
        "invitation.cancel",
        f"invitation:{invitation.id}",
        before=unit.told(invitation.grant) | {"email": invitation.email},
    )
