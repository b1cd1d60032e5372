"""The roles and permissions, and the quota: what needs a live token and no scope."""

from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from guestlist.api.documents import Answer, answer
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, PermissionName, RoleName
from guestlist.domain.access import Catalog
from guestlist.domain.invitations import DAY

UNLIMITED = -1


class RoleDocument(Struct, frozen=True):
    name: RoleName
    description: str


class PermissionDocument(Struct, frozen=True):
    name: PermissionName
    description: str
    group: str


class CatalogDocument(Struct, frozen=True):
    roles: list[RoleDocument]
    permissions: list[PermissionDocument]


class QuotaDocument(Struct, frozen=True):
    quota: int
    remaining: int
    reset: Instant


def document(catalog: Catalog) -> CatalogDocument:
    return CatalogDocument(
        [RoleDocument(role.name, role.description) for role in catalog.roles],
        [PermissionDocument(p.name, p.description, p.group) for p in catalog.permissions],
    )


def catalog(request: Request) -> Answer:
    return answer({"data": document(request.runtime.catalog)})


def quota(request: Request) -> Answer:
    reset = next_midnight(request.runtime.now(request.caller.account))
    return answer(QuotaDocument(UNLIMITED, UNLIMITED, reset))


def next_midnight(now: int) -> str:
    """When the day of `now` (microseconds, UTC) ends, as the wire's quota says it."""
    return _day_after(now // DAY)


@lru_cache(maxsize=4)
def _day_after(day: int) -> str:
    return f"{date(1970, 1, 1) + timedelta(days=day + 1)}T00:00:00Z"
