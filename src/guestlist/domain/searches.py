"""Who may, what may she, and where: the decisions that are asked for as lists."""

from dataclasses import dataclass, field

from guestlist.domain import decisions
from guestlist.domain.access import ACCOUNT, Catalog, Permission
from guestlist.domain.decisions import Decision, Holder, Places, Resource, Spot


@dataclass(frozen=True, slots=True)
class Sought:
    """Users for whom a permission holds: on one thing of a kind, or on every one there is.

    The lists are of roles. `by_role`: it comes with the role; `where_listed`: if the user's list
    has it. `narrowed` and `narrowed_where_listed`: so too, but on the listed things only. `thing`
    is None for every one, of which there are `every`.
    """

    permission: str
    kind: str
    thing: int | None
    every: int
    by_role: list[str] = field(default_factory=list)
    where_listed: list[str] = field(default_factory=list)
    narrowed: list[str] = field(default_factory=list)
    narrowed_where_listed: list[str] = field(default_factory=list)


def sought(catalog: Catalog, permission: Permission, spot: Spot, places: Places) -> Sought:
    kind = catalog.place_of(permission)
    every = len(places.keys.get(kind, ()))
    found = Sought(permission.name, kind, spot.thing, every)
    for role in catalog.roles:
        is_narrowed = role.is_narrowed and permission.is_narrowed
        if is_narrowed and not every:
            continue
        if role.permissions == "listed":
            named = found.narrowed_where_listed if is_narrowed else found.where_listed
        elif role.permissions == "all" or permission.name in role.permissions:
            named = found.narrowed if is_narrowed else found.by_role
        else:
            continue
        named.append(role.name)
    return found


def actions(
    catalog: Catalog, holder: Holder | None, resource: Resource, places: Places
) -> list[str]:
    """The permissions that hold for a user on a resource, in the catalog's order."""
    return [
        permission.name
        for permission in catalog.permissions
        if decisions.decide(catalog, holder, permission.name, resource, places).allowed
    ]


def resources(
    catalog: Catalog, holder: Holder | None, action: str, kind: str, places: Places
) -> dict[str, int]:
    """The account, or the domains or templates, on which a permission holds, and their keys."""
    return {
        wire_id: spot.thing or 0
        for wire_id, spot in places.spots[kind].items()
        if kind != ACCOUNT or wire_id == places.account
        if decisions.decide(catalog, holder, action, Resource(kind, wire_id), places).allowed
    }


def nowhere(
    catalog: Catalog, holder: Holder | None, resource: Resource, places: Places
) -> Decision | None:
    """Why no permission can hold for a user on a resource: one of them is not there."""
    if holder is None:
        return decisions.NO_USER
    if holder.is_suspended:
        return decisions.SUSPENDED
    spot = decisions.locate(catalog, resource, places)
    return spot if isinstance(spot, Decision) else None


def unsearchable(
    catalog: Catalog, holder: Holder | None, action: str, kind: str
) -> Decision | None:
    """Why a permission can hold on nothing of a type, as far as is known here."""
    if holder is None:
        return decisions.NO_USER
    if holder.is_suspended:
        return decisions.SUSPENDED
    if action not in catalog.permission_by_name:
        return decisions.no_permission(action)
    known = catalog.resource_type_by_name.get(kind)
    if known is None:
        return decisions.no_resource_type(kind)
    return None if known.name == known.within else decisions.unlisted(known)
