"""What commands print of a thing: the wire's document, and what the wire does not say."""

from typing import Any

import msgspec

from guestlist.actions.invitations import Invitations
from guestlist.actions.tokens import Tokens
from guestlist.actions.users import Users
from guestlist.api import invites, tokens, users
from guestlist.api.documents import instant
from guestlist.domain.access import PERMISSIONS, ROLES, Grant, Role
from guestlist.domain.accounts import Account
from guestlist.domain.things import Domain, Template
from guestlist.domain.tokens import Token

Document = dict[str, Any]


def of_users(found: Users) -> list[Document]:
    return [
        _plain(users.document(user, found.things))
        | {"requires_periodic_password_change": user.grant.requires_periodic_password_change}
        for user in found.users
    ]


def of_invites(found: Invitations) -> list[Document]:
    return [
        _plain(invites.document(invitation, found.things))
        | {"expires_at": instant(invitation.expires_at)}
        for invitation in found.invitations
    ]


def of_token(found: Tokens, token: Token) -> Document:
    return _plain(tokens.document(token, found.domain_of(token))) | {
        "owner": token.owner_id,
        "preview": token.preview,
        "expires_at": _instant(token.expires_at),
        "last_used_at": _instant(token.last_used_at),
    }


def of_domain(domain: Domain) -> Document:
    return {
        "id": domain.id,
        "name": domain.name,
        "created_at": instant(domain.created_at),
        "updated_at": instant(domain.updated_at),
    }


def of_template(template: Template) -> Document:
    return {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "type": template.type,
        "created_at": instant(template.created_at),
    }


def of_account(account: Account) -> Document:
    return {
        "id": account.id,
        "name": account.name,
        "seats": account.seats,
        "users": account.users,
        "admins": account.admins,
        "invites": account.invitations,
        "created_at": instant(account.created_at),
    }


def of_role(role: Role) -> Document:
    """`permissions` is null where they are listed user by user."""
    listed = role.permissions == "listed"
    held = Grant(role.name).effective
    permissions = None if listed else [p.name for p in PERMISSIONS if p.name in held]
    return {"name": role.name, "description": role.description, "permissions": permissions}


def roles() -> list[Document]:
    return [of_role(role) for role in ROLES]


def permissions() -> list[Document]:
    return [{"name": p.name, "description": p.description, "group": p.group} for p in PERMISSIONS]


def _instant(microseconds: int | None) -> str | None:
    return None if microseconds is None else instant(microseconds)


def _plain(document: msgspec.Struct) -> Document:
    plain: Document = msgspec.json.decode(msgspec.json.encode(document))
    return plain
