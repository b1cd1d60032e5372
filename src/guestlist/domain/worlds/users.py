"""The users and invites of a world: who has, or is offered, a place in the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guestlist.domain import emails, instants, invitations
from guestlist.domain.access import ADMIN, Grant
from guestlist.domain.emails import Email
from guestlist.domain.invitations import Invitation
from guestlist.domain.refusals import Rule
from guestlist.domain.things import Things
from guestlist.domain.users import User
from guestlist.domain.worlds import grants
from guestlist.domain.worlds.entries import Entry, Faults
from guestlist.domain.worlds.grants import Scope

MAX_URL = 2_048

_KEYS = grants.KEYS | {"id", "email", "created_at", "updated_at"}
USER_KEYS = _KEYS | {"name", "last_name", "avatar", "2fa", "suspended_at"}
INVITE_KEYS = _KEYS | {"expires_at", "invited_by"}
_WRONG = {
    Rule.REQUIRED: "is required",
    Rule.STRING: "must be a string",
    Rule.EMAIL: "must be an e-mail address",
    Rule.MAX_CHARACTERS: f"has more than {emails.MAX_CHARACTERS} characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """None is what is made up when the world is, but for the avatar."""

    email: Email
    grant: Grant
    id: str | None = None
    name: str = ""
    last_name: str = ""
    avatar: str | None = None
    two_factor: bool = False
    created_at: int | None = None
    updated_at: int | None = None
    suspended_at: int | None = None

    @property
    def is_active_admin(self) -> bool:
        return self.grant.role == ADMIN and self.suspended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """`invited_by` is a position in the account's users, None the operator."""

    email: Email
    grant: Grant
    id: str | None = None
    invited_by: int | None = None
    expires_at: int | None = None
    created_at: int | None = None
    updated_at: int | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """The users of one account, None for each with faults, and where each address is."""

    users: Sequence[NewUser | None]
    by_email: Mapping[str, int]

    def named(self, entry: Entry, key: str) -> int | None:
        """The position of the user whose address `key` holds, None if it is left out or wrong."""
        given = entry.get(key, lambda value: isinstance(value, str), "must be an e-mail address")
        if given is None:
            return None
        found = self.by_email.get(emails.key(given) or "")
        if found is None:
            entry.faults.add(entry.at(key), "is not the e-mail of one of this account's users")
        return found

    def first_admin(self) -> int | None:
        for position, user in enumerate(self.users):
            if user is not None and user.is_active_admin:
                return position
        return None


def team(account: Entry, scope: Scope) -> Team:
    """Reads the users; where there are any, one must be an Admin."""
    found: list[NewUser | None] = []
    by_email: dict[str, int] = {}
    for position, (value, path) in enumerate(account.entries("users")):
        user = _user(value, path, account.faults, scope)
        found.append(user)
        if user is not None:
            by_email.setdefault(user.email.key, position)
    whole = Team(found, by_email)
    # A user with faults might be the Admin that seems to be missing.
    if found and None not in found and whole.first_admin() is None:
        account.faults.add(account.at("users"), "must have an active Admin among them")
    return whole


def _user(value: Any, path: str, faults: Faults, scope: Scope) -> NewUser | None:
    entry = Entry(value, path, faults, USER_KEYS)
    shared = _shared(entry, scope, "users")
    own = {
        "name": entry.text("name") or "",
        "last_name": entry.text("last_name") or "",
        "avatar": entry.get("avatar", _is_picture, "must be an http or https URL"),
        "two_factor": entry.flag("2fa"),
        "suspended_at": entry.instant("suspended_at"),
    }
    return None if shared is None else NewUser(**shared, **own)


def invites(account: Entry, scope: Scope, team: Team) -> list[NewInvitation | None]:
    return [
        _invite(value, path, account.faults, scope, team)
        for value, path in account.entries("invites")
    ]


def _invite(
    value: Any, path: str, faults: Faults, scope: Scope, team: Team
) -> NewInvitation | None:
    entry = Entry(value, path, faults, INVITE_KEYS)
    shared = _shared(entry, scope, "invites")
    expires_at = entry.instant("expires_at")
    invited_by = team.named(entry, "invited_by")
    if shared is None:
        return None
    inviter = None if invited_by is None else team.users[invited_by]
    if inviter is not None and not scope.catalog.reaches(inviter.grant, shared["grant"]):
        faults.add(entry.at("invited_by"), "is a user who may not give this role")
    return NewInvitation(**shared, expires_at=expires_at, invited_by=invited_by)


def _shared(entry: Entry, scope: Scope, kind: str) -> dict[str, Any] | None:
    """What users and invites have in common, None where it has faults."""
    email = _email(entry, scope)
    grant = grants.read(entry, scope)
    times = {key: entry.instant(key) for key in ("created_at", "updated_at")}
    own_id = entry.id(scope.ids[kind])
    if email is None or grant is None:
        return None
    return {"id": own_id, "email": email, "grant": grant, **times}


def _email(entry: Entry, scope: Scope) -> Email | None:
    given = entry.values.get("email")
    try:
        email = emails.parse(given if isinstance(given, str) else "")
    except ValueError:
        email = None
    if email is None or len(email.address) > emails.MAX_CHARACTERS:
        first = invitations.email_faults(given, taken=False)[0]
        entry.faults.add(entry.at("email"), _WRONG[first.rule])
        return None
    scope.addresses.add(email.key, entry.at("email"), entry.faults)
    return email


def _is_picture(value: object) -> bool:
    return (
        isinstance(value, str)
        and value.startswith(("http://", "https://"))
        and len(value) <= MAX_URL
        and value.isprintable()
    )


def user_written(user: User, things: Things) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "last_name": user.last_name,
        "avatar": user.avatar,
        "2fa": user.two_factor,
        **grants.written(user.grant, things),
        "created_at": instants.written(user.created_at),
        "updated_at": instants.written(user.updated_at),
        "suspended_at": None if user.suspended_at is None else instants.written(user.suspended_at),
    }


def invite_written(
    invitation: Invitation, things: Things, invited_by: str | None
) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "email": invitation.email,
        **grants.written(invitation.grant, things),
        "expires_at": instants.written(invitation.expires_at),
        "invited_by": invited_by,
        "created_at": instants.written(invitation.created_at),
        "updated_at": instants.written(invitation.updated_at),
    }
