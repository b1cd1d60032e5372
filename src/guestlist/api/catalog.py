"""The roles and permissions, and the quota: what needs a live token and no scope."""

from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from guestlist.api.documents import Answer, answer
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, PermissionName, RoleName
from guestlist.domain.access import Catalog, Grant, Role
from guestlist.domain.invitations import DAY


class RoleDocument(Struct, frozen=True):
    """`permissions` is null where a user of that role has those listed.

    `narrowed`: what it gives on domains and templates holds on the listed ones only.
    """

    name: RoleName
    description: str
    permissions: list[PermissionName] | None
    manages_users: bool
    narrowed: bool


class PermissionDocument(Struct, frozen=True):
    """`on` is the type of resource it is about."""

    name: PermissionName
    description: str
    group: str
    on: str


class ResourceTypeDocument(Struct, frozen=True):
    """`within`: each such resource is in a domain, in a template, or only in the account."""

    name: str
    description: str
    within: str


class CatalogDocument(Struct, frozen=True):
    roles: list[RoleDocument]
    permissions: list[PermissionDocument]
    resource_types: list[ResourceTypeDocument]


class QuotaDocument(Struct, frozen=True):
    quota: int
    remaining: int
    reset: Instant


def document(catalog: Catalog) -> CatalogDocument:
    return CatalogDocument(
        [_role(catalog, role) for role in catalog.roles],
        [PermissionDocument(p.name, p.description, p.group, p.on) for p in catalog.permissions],
        [ResourceTypeDocument(t.name, t.description, t.within) for t in catalog.resource_types],
    )


def _role(catalog: Catalog, role: Role) -> RoleDocument:
    given = None
    if role.permissions != "listed":
        held = catalog.effective(Grant(role.name))
        given = [permission.name for permission in catalog.permissions if permission.name in held]
    return RoleDocument(role.name, role.description, given, role.manages_users, role.is_narrowed)


def catalog(request: Request) -> Answer:
    return answer({"data": document(request.runtime.catalog)})


def quota(request: Request) -> Answer:
    reset = next_midnight(request.runtime.now(request.caller.account))
    return answer(QuotaDocument(request.quota.daily, request.quota.remaining, reset))


def next_midnight(now: int) -> str:
    """When the day of `now` (microseconds, UTC) ends, as the wire's quota says it."""
    return _day_after(now // DAY)


@lru_cache(maxsize=4)
def _day_after(day: int) -> str:
    return f"{date(1970, 1, 1) + timedelta(days=day + 1)}T00:00:00Z"
