"""Who may do what: the vocabulary of a deployment, and the power that follows from a grant.

MailerSend's own vocabulary stands in `mailersend`. Source of the rules: design, section 4.
"""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Final, Literal

ADMIN = "Admin"
MANAGER = "Manager"
DESIGNER = "Designer"
ACCOUNTANT = "Accountant"
CUSTOM_USER = "Custom User"

ACCOUNT: Final = "account"
DOMAIN: Final = "domain"
TEMPLATE: Final = "template"


@dataclass(frozen=True, slots=True)
class Role:
    """`permissions` is what the role gives by itself: all, a fixed set, or what is listed.

    `manages_users`: list, invite, change, remove, resend and cancel. `is_narrowed`: what it gives
    on domains and templates holds on the listed ones only.
    """

    name: str
    description: str
    permissions: frozenset[str] | Literal["all", "listed"]
    manages_users: bool = False
    is_narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """`on` is the type of resource it is about; `is_narrowed`: lists can narrow it."""

    name: str
    description: str
    group: str
    on: str = ACCOUNT
    is_narrowed: bool = False


@dataclass(frozen=True, slots=True)
class ResourceType:
    """What permissions are about.

    `within`: each such resource is in a domain, in a template, or only in the account, and the
    power over it is what holds there.
    """

    name: str
    description: str
    within: str


RESOURCE_TYPES = (
    ResourceType(ACCOUNT, "The account itself", ACCOUNT),
    ResourceType(DOMAIN, "A domain of the account", DOMAIN),
    ResourceType(TEMPLATE, "A template of the account", TEMPLATE),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and its details as they are given, stored and echoed; what follows is the catalog's.

    `domains` and `templates` are keys of the account's things, in the order they were listed.
    """

    role: str
    permissions: tuple[str, ...] = ()
    domains: tuple[int, ...] = ()
    templates: tuple[int, ...] = ()
    requires_periodic_password_change: bool = False

    def listed(self, kind: str) -> tuple[int, ...]:
        """The things of a kind that it is narrowed to, if anything narrows it."""
        return self.domains if kind == DOMAIN else self.templates


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


@dataclass(frozen=True, eq=False)
class Catalog:
    """The roles, permissions and types of resources of a deployment: the one table.

    A role or permission that it does not know gives nothing.
    """

    roles: tuple[Role, ...]
    permissions: tuple[Permission, ...]
    resource_types: tuple[ResourceType, ...] = RESOURCE_TYPES

    @cached_property
    def version(self) -> str:
        """Another one where anything in it differs, and the same in every process."""
        roles = [
            # A set has another order in each.
            [sorted(part) if isinstance(part, frozenset) else part for part in astuple(role)]
            for role in self.roles
        ]
        told = repr((roles, self.permissions, self.resource_types))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @cached_property
    def role_by_name(self) -> Mapping[str, Role]:
        return {role.name: role for role in self.roles}

    @cached_property
    def permission_by_name(self) -> Mapping[str, Permission]:
        return {permission.name: permission for permission in self.permissions}

    @cached_property
    def resource_type_by_name(self) -> Mapping[str, ResourceType]:
        return {found.name: found for found in self.resource_types}

    @cached_property
    def names(self) -> frozenset[str]:
        """Of all permissions."""
        return frozenset(self.permission_by_name)

    @cached_property
    def _by_folded_name(self) -> Mapping[str, str]:
        return {role.name.casefold(): role.name for role in self.roles}

    @cached_property
    def _narrowed(self) -> frozenset[str]:
        return frozenset(p.name for p in self.permissions if p.is_narrowed)

    @cached_property
    def _within(self) -> Mapping[str, frozenset[str]]:
        """The permissions that hold on domains, on templates, on the account only."""
        return {
            place: frozenset(p.name for p in self.permissions if self.place_of(p) == place)
            for place in (ACCOUNT, DOMAIN, TEMPLATE)
        }

    def place_of(self, permission: Permission) -> str:
        """In what the resources are that a permission is about: account, domain or template."""
        return self.resource_type_by_name[permission.on].within

    def role_named(self, name: object) -> str | None:
        """The role's own spelling for a name in any case (contract C6), None for any other."""
        return self._by_folded_name.get(name.casefold()) if isinstance(name, str) else None

    def role(self, grant: Grant) -> Role:
        return self.role_by_name.get(grant.role) or Role(grant.role, "", frozenset())

    def is_listed(self, role: str | None) -> bool:
        """Whether the role gives just what is listed, as Custom User does."""
        known = self.role_by_name.get(role or "")
        return known is not None and known.permissions == "listed"

    def effective(self, grant: Grant) -> frozenset[str]:
        """The permissions that hold somewhere: those the role gives, else those listed."""
        given = self.role(grant).permissions
        if given == "all":
            return self.names
        return (frozenset(grant.permissions) if given == "listed" else given) & self.names

    def holds_all(self, grant: Grant) -> bool:
        role = self.role(grant)
        return role.permissions == "all" and not role.is_narrowed

    def manages_users(self, grant: Grant) -> bool:
        """Of MailerSend's roles Admin and Manager, and those of one's own that say so."""
        return self.role(grant).manages_users

    def on(self, grant: Grant, kind: str, thing: int) -> frozenset[str]:
        """The permissions that hold on one thing of a `kind`, domain or template, and in it."""
        held = self.effective(grant) & self._within[kind]
        if not self.role(grant).is_narrowed or thing in grant.listed(kind):
            return held
        return held - self._narrowed

    def holds_on_account(self, grant: Grant, permission: str) -> bool:
        """Whether it holds on every resource there is or will be, without being listed."""
        role = self.role(grant)
        if role.is_narrowed and permission in self._narrowed:
            return False
        return self.holds_all(grant) or permission in self.effective(grant)

    def covers(self, giver: Grant, grant: Grant) -> bool:
        """Whether `giver` holds everything that `grant` gives, wherever it gives it.

        Words that are not known give nothing, but more tomorrow where the file has them again:
        they are for who holds everything then too.
        """
        if self.holds_all(giver):
            return True
        role, own = self.role_by_name.get(grant.role), self.role(giver)
        if role is None or (role.permissions == "all" and own.permissions != "all"):
            return False
        is_listed = role.permissions == "listed"
        given = frozenset(grant.permissions) if is_listed else self.effective(grant)
        if not given <= self.effective(giver):
            return False
        return not own.is_narrowed or all(
            role.is_narrowed and set(grant.listed(kind)) <= set(giver.listed(kind))
            for kind in (DOMAIN, TEMPLATE)
            if role.permissions == "all" or given & self._narrowed & self._within[kind]
        )

    def reaches(self, actor: Grant, target: Grant) -> bool:
        """May `actor` change who holds `target`, or give it? Nobody gives what they lack."""
        if not self.manages_users(actor):
            return False
        return (target.role != ADMIN or actor.role == ADMIN) and self.covers(actor, target)

    def outranks(self, actor: Grant, role: str) -> bool:
        """Whether `actor` reaches whoever has a role, whatever is listed beside it."""
        whoever = Grant(role)
        if self.holds_all(actor):
            return self.reaches(actor, whoever)
        both = self.role(whoever).is_narrowed and self.role(actor).is_narrowed
        return not both and not self.is_listed(role) and self.reaches(actor, whoever)

    def may_own_tokens(self, grant: Grant) -> bool:
        return self.role(grant).permissions == "all" or "manage-api-token" in self.effective(grant)

    def permits(self, actor: Actor, scope: str) -> bool:
        """May the actor ask for what `scope` guards? The token's scopes, cut by its owner's power.

        A scope that nothing is known of is nobody's to refuse.
        """
        if not actor.is_operator and not scope_covers(actor.scopes, scope):
            return False
        return self._owner_permits(actor.grant, scope)

    def _owner_permits(self, grant: Grant, scope: str) -> bool:
        match scope.rpartition("_")[0]:
            case "users":
                permitted = self.manages_users(grant)
            case "webhooks":
                permitted = self.manages_users(grant) and self.holds_all(grant)
            case "audit":  # It tells of everybody and everything.
                permitted = self.holds_all(grant)
            case "domains" if scope == "domains_read":
                within = self._within[DOMAIN]
                permitted = self.holds_all(grant) or bool(self.effective(grant) & within)
            case "domains":
                permitted = self._holds(grant, "manage-domain")
            case "templates":
                permitted = self._holds(grant, *TEMPLATE_PERMISSIONS)
            case "tokens":
                permitted = self.may_own_tokens(grant)
            case _:
                permitted = True
        return permitted

    def _holds(self, grant: Grant, *any_of: str) -> bool:
        everything = self.role(grant).permissions == "all"
        return everything or not self.effective(grant).isdisjoint(any_of)


TEMPLATE_PERMISSIONS = frozenset({"read-all-templates", "read-own-templates", "manage-template"})


def scope_covers(scopes: AbstractSet[str], wanted: str) -> bool:
    """Does a set of scopes hold `wanted`? `x_full` includes `x_read`."""
    return wanted in scopes or wanted.removesuffix("_read") + "_full" in scopes
