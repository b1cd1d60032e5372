"""What commands print of a thing: the wire's document, and what the wire does not say."""

from typing import Any

import msgspec

from guestlist.actions.deliveries import Delivered
from guestlist.actions.people import Known
from guestlist.actions.tokens import Tokens
from guestlist.actions.users import Users
from guestlist.actions.webhooks import Told
from guestlist.api import invites, tokens, users, webhooks
from guestlist.api.documents import instant
from guestlist.domain.access import Catalog, Grant, Role
from guestlist.domain.accounts import Account
from guestlist.domain.things import Domain, Template
from guestlist.domain.tokens import Token
from guestlist.domain.webhooks import Delivery, Webhook

Document = dict[str, Any]


def of_users(found: Users, catalog: Catalog) -> list[Document]:
    return [
        _plain(users.document(user, found.things, catalog))
        | {
            "requires_periodic_password_change": user.grant.requires_periodic_password_change,
            "suspended_at": _instant(user.suspended_at),
        }
        for user in found.users
    ]


def of_invites(delivered: Delivered) -> list[Document]:
    return [
        _plain(invites.whole(invitation, delivered)) for invitation in delivered.found.invitations
    ]


def of_token(found: Tokens, token: Token) -> Document:
    return _plain(tokens.document(token, found.domain_of(token))) | {
        "owner": token.owner_id,
        "preview": token.preview,
        "expires_at": _instant(token.expires_at),
        "last_used_at": _instant(token.last_used_at),
    }


def of_webhook(webhook: Webhook) -> Document:
    return _plain(webhooks.document(webhook))


def of_webhook_told(told: Told) -> Document:
    """With its secret."""
    return _plain(webhooks.with_secret(told))


def of_delivery(delivery: Delivery) -> Document:
    return _plain(webhooks.delivery(delivery))


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
        "url": account.url,
        "requires_second_factor": account.requires_second_factor,
        "password_days": account.password_days,
        "users": account.users,
        "admins": account.admins,
        "invites": account.invitations,
        "created_at": instant(account.created_at),
    }


def of_person(known: Known) -> Document:
    """Nothing that anybody could sign in with."""
    person = known.person
    return {
        "email": person.email,
        "name": person.name,
        "last_name": person.last_name,
        "language": person.language,
        "proven_at": _instant(person.proven_at),
        "last_sign_in_at": _instant(person.signed_in_at),
        "password_changed_at": _instant(person.password_changed_at or None),
        "has_password": person.password is not None,
        "has_authenticator": person.has_totp,
        "passkeys": person.passkeys,
        "recovery_codes": known.codes,
        "must_set_factor": person.must_set_factor,
        "must_change_password": person.must_change_password,
        "sessions": known.sessions,
        "accounts": [
            {
                "id": place.account_id,
                "name": place.account_name,
                "user": place.user_id,
                "role": place.role,
                "suspended": place.is_suspended,
            }
            for place in known.places
        ],
    }


def of_role(catalog: Catalog, role: Role) -> Document:
    """`permissions` is null where they are listed user by user."""
    listed = role.permissions == "listed"
    held = catalog.effective(Grant(role.name))
    permissions = None if listed else [p.name for p in catalog.permissions if p.name in held]
    return {"name": role.name, "description": role.description, "permissions": permissions}


def roles(catalog: Catalog) -> list[Document]:
    return [of_role(catalog, role) for role in catalog.roles]


def permissions(catalog: Catalog) -> list[Document]:
    return [
        {"name": p.name, "description": p.description, "group": p.group}
        for p in catalog.permissions
    ]


def _instant(microseconds: int | None) -> str | None:
    return None if microseconds is None else instant(microseconds)


def _plain(document: msgspec.Struct) -> Document:
    plain: Document = msgspec.json.decode(msgspec.json.encode(document))
    return plain
