"""Who may do what: the one table of roles and permissions, and what follows from it.

Source of the table: the requirement's Users page. Source of the rules: design, section 4.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal

ADMIN = "Admin"
MANAGER = "Manager"
DESIGNER = "Designer"
ACCOUNTANT = "Accountant"
CUSTOM_USER = "Custom User"


@dataclass(frozen=True, slots=True)
class Role:
    """`permissions` is what the role gives by itself: all, a fixed set, or what is listed."""

    name: str
    description: str
    permissions: frozenset[str] | Literal["all", "listed"]


@dataclass(frozen=True, slots=True)
class Permission:
    name: str
    description: str
    group: str


ROLES = (
    Role(ADMIN, "Full access; can do everything in the account.", "all"),
    Role(MANAGER, "Full access, the API and billing included; Admins are out of reach.", "all"),
    Role(
        DESIGNER,
        "Views and creates templates, nothing else.",
        frozenset({"read-all-templates", "manage-template", "read-filemanager"}),
    ),
    Role(
        ACCOUNTANT,
        "Manages payments and reads invoices, nothing else.",
        frozenset({"update-plan", "read-invoice"}),
    ),
    Role(CUSTOM_USER, "What is listed, permission by permission.", "listed"),
)

PERMISSIONS = tuple(
    Permission(name, description, group)
    for group, permissions in (
        (
            "Templates",
            (
                ("read-all-templates", "View all templates"),
                ("read-own-templates", "View specific templates"),
                ("manage-template", "Manage templates"),
                ("read-filemanager", "View the file manager"),
            ),
        ),
        (
            "Domains",
            (
                ("manage-domain", "Manage domain"),
                ("manage-inbound", "Manage inbound routes"),
                ("manage-webhook", "Manage webhooks"),
                ("control-sendings", "Control sendings"),
                ("control-tracking-options", "Control tracking option"),
                ("access-smtp-credentials", "Access SMTP credentials"),
                ("view-smtp-users", "View SMTP users"),
                ("manage-smtp-users", "Manage SMTP users"),
            ),
        ),
        ("Recipient", (("read-recipient", "View recipients"),)),
        (
            "Activity",
            (("read-activity", "View email activity"), ("read-email", "View email content")),
        ),
        ("Analytics", (("read-analytics", "View email analytics"),)),
        (
            "Sender identities",
            (
                ("read-sender-identities", "View sender identities"),
                ("manage-sender-identities", "Manage sender identities"),
            ),
        ),
        (
            "Email verification",
            (
                ("read-email-verification", "View email verifications lists"),
                ("manage-email-verification", "Manage email verification lists"),
            ),
        ),
        (
            "SMS",
            (
                ("manage-sms", "Manage numbers"),
                ("read-sms", "View SMS activity"),
                ("manage-verified-recipients", "Manage verified recipients"),
                ("view-sms-webhooks", "View number webhooks"),
                ("manage-sms-webhooks", "Manage number webhooks"),
                ("view-sms-inbound", "View number inbound routes"),
                ("manage-sms-inbound", "Manage number inbound routes"),
            ),
        ),
        (
            "Plan and Billing",
            (("update-plan", "Manage plans"), ("manage-account", "Edit account settings")),
        ),
        (
            "Account settings",
            (
                ("read-invoice", "View invoices"),
                ("manage-api-token", "Manage API tokens"),
                ("read-suppressions", "View suppressions lists"),
                ("manage-suppressions", "Manage suppressions"),
                ("read-ip-addresses", "View IP allowlist"),
                ("manage-ip-addresses", "Manage IP allowlist"),
                ("read-error-log", "View error log"),
            ),
        ),
    )
    for name, description in permissions
)

ROLE_BY_NAME = {role.name: role for role in ROLES}
ALL_PERMISSIONS = frozenset(permission.name for permission in PERMISSIONS)
_ROLE_BY_FOLDED_NAME = {role.name.casefold(): role.name for role in ROLES}

DOMAIN_GROUPS = frozenset({"Domains", "Recipient", "Activity", "Analytics", "Sender identities"})
DOMAIN_PERMISSIONS = frozenset(p.name for p in PERMISSIONS if p.group in DOMAIN_GROUPS)
LISTED_TEMPLATE_PERMISSIONS = frozenset({"read-own-templates", "manage-template"})


def role_named(name: object) -> str | None:
    """The role's own spelling for a name in any case (contract C6), None for any other."""
    return _ROLE_BY_FOLDED_NAME.get(name.casefold()) if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and its details as they are given, stored and echoed; what follows from it is `Power`.

    `domains` and `templates` are keys of the account's things, in the order they were listed.
    """

    role: str
    permissions: tuple[str, ...] = ()
    domains: tuple[int, ...] = ()
    templates: tuple[int, ...] = ()
    requires_periodic_password_change: bool = False

    @property
    def effective(self) -> frozenset[str]:
        """The permissions that hold somewhere: those the role gives, else those listed."""
        given = ROLE_BY_NAME[self.role].permissions
        if given == "all":
            return ALL_PERMISSIONS
        return frozenset(self.permissions) if given == "listed" else frozenset(given)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a user, by a browser or through an API token; an invitee; or the operator.

    The operator at a terminal has no user and no limits; `called` names who is no user yet.
    """

    grant: Grant
    user: int | None = None
    user_id: str | None = None
    token_id: str | None = None
    scopes: frozenset[str] = field(default=frozenset())
    called: str | None = None

    @property
    def is_operator(self) -> bool:
        return self.user is None


OPERATOR = Actor(Grant(ADMIN))


def manages_users(grant: Grant) -> bool:
    """List, invite, change, remove, resend and cancel belong to Admin and Manager."""
    return grant.role in {ADMIN, MANAGER}


def reaches(actor: Grant, target: Grant) -> bool:
    """May `actor` change who holds `target`, or give it? Nobody gives what they lack."""
    if not manages_users(actor):
        return False
    return target.role != ADMIN or actor.role == ADMIN


def everywhere(grant: Grant) -> bool:
    """Do its domain and template permissions hold on all? Lists narrow Custom Users only."""
    return grant.role != CUSTOM_USER


def on_domain(grant: Grant, domain: int) -> frozenset[str]:
    """The domain permissions that hold on one domain."""
    held = grant.effective & DOMAIN_PERMISSIONS
    return held if everywhere(grant) or domain in grant.domains else frozenset()


def on_template(grant: Grant, template: int) -> frozenset[str]:
    """The template permissions that hold on one template."""
    held = grant.effective & (LISTED_TEMPLATE_PERMISSIONS | {"read-all-templates"})
    if everywhere(grant) or template in grant.templates:
        return held
    return held & {"read-all-templates"}


def may_own_tokens(grant: Grant) -> bool:
    return "manage-api-token" in grant.effective


def scope_covers(scopes: AbstractSet[str], wanted: str) -> bool:
    """Does a set of scopes hold `wanted`? `x_full` includes `x_read`."""
    return wanted in scopes or wanted.removesuffix("_read") + "_full" in scopes


def permits(actor: Actor, scope: str) -> bool:
    """May the actor ask for what `scope` guards? The token's scopes, cut by its owner's power."""
    if not actor.is_operator and not scope_covers(actor.scopes, scope):
        return False
    return _owner_permits(actor.grant, scope)


def _owner_permits(grant: Grant, scope: str) -> bool:
    match scope.rpartition("_")[0]:
        case "users" | "webhooks":  # what webhooks tell is about users
            return manages_users(grant)
        case "domains":
            needed = DOMAIN_PERMISSIONS if scope == "domains_read" else {"manage-domain"}
            return bool(grant.effective & needed)
        case "templates":
            readers = LISTED_TEMPLATE_PERMISSIONS | {"read-all-templates"}
            return bool(grant.effective & readers)
        case "tokens":
            return may_own_tokens(grant)
    return True
