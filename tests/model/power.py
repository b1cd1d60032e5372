"""What each may do, written down a second time from design.md, section 4.

Nothing here knows how the program says it. A power is a set of pairs, a permission and where it
holds: on the account, on one thing by its id, or on every one there is or will be.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from guestlist.domain import vocabularies

HERE, EVERY = "the account", "every one"
Power: TypeAlias = frozenset[tuple[str, str]]

# MailerSend's vocabulary, with permissions about what is in domains, and roles that give everything
# but on listed things, or that manage users with less than everything.
DOCUMENT: dict[str, Any] = {
    "groups": [
        {
            "name": "Mailboxes",
            "on": "domain",
            "permissions": [{"name": "read-mailbox"}, {"name": "empty-mailbox"}],
        }
    ],
    "roles": [
        {
            "name": "Domain Lead",
            "permissions": ["read-mailbox", "empty-mailbox", "manage-domain", "manage-api-token"],
            "manages_users": True,
            "narrowed": True,
        },
        {"name": "Team Lead", "permissions": "listed", "manages_users": True},
        {"name": "Area Lead", "permissions": "all", "manages_users": True, "narrowed": True},
        {"name": "Helper", "permissions": ["read-sms", "manage-api-token"]},
    ],
}
CATALOG = vocabularies.read(DOCUMENT)


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ON_DOMAINS = _names(
    "manage-domain manage-inbound manage-webhook control-sendings control-tracking-options"
    " access-smtp-credentials view-smtp-users manage-smtp-users read-recipient read-activity"
    " read-email read-analytics read-sender-identities manage-sender-identities"
    " read-mailbox empty-mailbox"
)
ON_TEMPLATES = frozenset({"read-own-templates", "manage-template"})
ON_ALL_TEMPLATES = frozenset({"read-all-templates"})
ON_ACCOUNT = _names(
    "read-filemanager read-email-verification manage-email-verification manage-sms read-sms"
    " manage-verified-recipients view-sms-webhooks manage-sms-webhooks view-sms-inbound"
    " manage-sms-inbound update-plan manage-account read-invoice manage-api-token"
    " read-suppressions manage-suppressions read-ip-addresses manage-ip-addresses"
    " read-error-log"
)
ALL = ON_DOMAINS | ON_TEMPLATES | ON_ALL_TEMPLATES | ON_ACCOUNT

LISTED = frozenset({"Custom User", "Team Lead"})
FIXED = {
    "Admin": ALL,
    "Manager": ALL,
    "Designer": frozenset({"read-all-templates", "manage-template", "read-filemanager"}),
    "Accountant": frozenset({"update-plan", "read-invoice"}),
    "Domain Lead": frozenset(
        {"read-mailbox", "empty-mailbox", "manage-domain", "manage-api-token"}
    ),
    "Area Lead": ALL,
    "Helper": frozenset({"read-sms", "manage-api-token"}),
}
NARROWED = LISTED | {"Domain Lead", "Area Lead"}
MANAGING = frozenset({"Admin", "Manager", "Domain Lead", "Team Lead", "Area Lead"})
ROLES = (*FIXED, *LISTED)


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions, domains and templates as they were listed; things by their ids."""

    role: str
    permissions: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()

    def without(self, thing: str) -> "Grant":
        """As it is once a thing is gone."""
        return Grant(
            self.role,
            self.permissions,
            tuple(one for one in self.domains if one != thing),
            tuple(one for one in self.templates if one != thing),
        )


WHOLE = Grant("Admin")


def names(grant: Grant) -> frozenset[str]:
    """What the role gives, or what is listed; lists beside other roles give nothing."""
    if grant.role in LISTED:
        return frozenset(grant.permissions) & ALL
    return FIXED[grant.role]


@lru_cache(4_096)
def power(grant: Grant) -> Power:
    held = set()
    for name in names(grant):
        if name in ON_ACCOUNT:
            places: Collection[str] = (HERE,)
        elif name in ON_ALL_TEMPLATES or grant.role not in NARROWED:
            places = (EVERY,)
        else:
            places = grant.domains if name in ON_DOMAINS else grant.templates
        held |= {(name, place) for place in places}
    return frozenset(held)


def within(given: Power, holder: Power) -> bool:
    """Whether every bit of what is given is held: there, or on every one."""
    return all((name, place) in holder or (name, EVERY) in holder for name, place in given)


def manages(grant: Grant) -> bool:
    return grant.role in MANAGING


@lru_cache(16_384)
def reaches(giver: Grant, grant: Grant) -> bool:
    """Whether who holds the one may give, change and take the other.

    A permission is held or not also where nothing is listed beside it yet: it is one list away.
    """
    if not manages(giver) or (grant.role == "Admin" and giver.role != "Admin"):
        return False
    return names(grant) <= names(giver) and within(power(grant), power(giver))


@lru_cache(4_096)
def outranks(giver: Grant, role: str) -> bool:
    """Whether every user of a role is within reach, whatever is listed beside it.

    Who is narrowed has lists, and somebody of another narrowed role may have longer ones.
    """
    if role in NARROWED and giver.role in NARROWED:
        return False
    widest = Grant(role, tuple(sorted(ALL)) if role in LISTED else ())
    return reaches(giver, widest)


def may_own_tokens(grant: Grant) -> bool:
    return "manage-api-token" in names(grant)


def covers(scopes: Collection[str], wanted: str) -> bool:
    return wanted in scopes or wanted.replace("_read", "_full") in scopes


def may_ask(grant: Grant, scope: str) -> bool:
    """What a scope opens to who holds a grant: scopes are cut by their owner's power."""
    held = names(grant)
    return {
        "users_full": manages(grant),
        "users_read": manages(grant),
        "tokens_full": may_own_tokens(grant),
        "domains_full": "manage-domain" in held,
        "domains_read": not held.isdisjoint(ON_DOMAINS),
        "templates_full": not held.isdisjoint(ON_TEMPLATES | ON_ALL_TEMPLATES),
    }[scope]


def holds_on_every(grant: Grant, permission: str) -> bool:
    return (permission, EVERY) in power(grant)


def holds_on(grant: Grant, permission: str, thing: str) -> bool:
    return within(frozenset({(permission, thing)}), power(grant))
