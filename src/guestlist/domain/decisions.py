"""May she? The answer to one question about one user, and why it is so.

Source of the rules: design, section 4, "What holds where".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from guestlist.domain.access import (
    ACCOUNT,
    DOMAIN,
    TEMPLATE,
    Catalog,
    Grant,
    Permission,
    ResourceType,
)
from guestlist.domain.things import Things

USER = "user"
# How an account is named by whoever does not know its id.
SELF = "self"
# So much of what was asked is told again.
_MOST_TOLD = 80


class Decision(NamedTuple):
    """`reason` is a sentence: which role, permission and scope allow it, or what is missing."""

    allowed: bool
    reason: str


class Resource(NamedTuple):
    """What is asked about; `domain` and `template` are the ids of what it is said to be in."""

    type: str
    id: str
    domain: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """What a user's grant comes to; `listed` are the keys of the things it is narrowed to."""

    id: str
    role: str
    held: frozenset[str]
    is_suspended: bool
    is_narrowed: bool
    is_listed: bool
    listed: Mapping[str, frozenset[int]]

    def gives(self, permission: str) -> str:
        if self.is_listed:
            return f"{permission} is listed for this {self.role}"
        return f"{self.role} gives {permission}"


class Spot(NamedTuple):
    """Where a resource is: on one domain or template, or on none, in the account.

    `is_account`: it is the account itself, on which also holds what holds on everything in it.
    """

    kind: str
    thing: int | None = None
    is_account: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """What there is, by type and id: the account, also by `self`, its domains and templates.

    `keys` are those of all domains, and of all templates.
    """

    account: str
    spots: Mapping[str, Mapping[str, Spot]]
    keys: Mapping[str, frozenset[int]]


NO_USER = Decision(allowed=False, reason="There is no such user in this account.")
SUSPENDED = Decision(allowed=False, reason="The user is suspended.")
_ACCOUNT_ITSELF = Spot(ACCOUNT, is_account=True)
_IN_ACCOUNT = Spot(ACCOUNT)


def holder(catalog: Catalog, user_id: str, grant: Grant, *, is_suspended: bool) -> Holder:
    return Holder(
        id=user_id,
        role=grant.role,
        held=catalog.effective(grant),
        is_suspended=is_suspended,
        is_narrowed=catalog.role(grant).is_narrowed,
        is_listed=catalog.is_listed(grant.role),
        listed={DOMAIN: frozenset(grant.domains), TEMPLATE: frozenset(grant.templates)},
    )


def places(account_id: str, things: Things) -> Places:
    spots = {
        DOMAIN: {d.id: Spot(DOMAIN, key) for key, d in things.domains.items()},
        TEMPLATE: {t.id: Spot(TEMPLATE, key) for key, t in things.templates.items()},
        ACCOUNT: {account_id: _ACCOUNT_ITSELF, SELF: _ACCOUNT_ITSELF},
    }
    keys = {DOMAIN: frozenset(things.domains), TEMPLATE: frozenset(things.templates)}
    return Places(account_id, spots, keys)


def no_subject_type(name: str) -> Decision:
    return _denied(f"There is no type of subject {_told(name)}, only {USER}.")


def no_permission(name: str) -> Decision:
    return _denied(f"There is no permission {_told(name)}.")


def no_resource_type(name: str) -> Decision:
    return _denied(f"There is no type of resource {_told(name)}.")


def unlisted(kind: ResourceType) -> Decision:
    return _denied(f"Which there are of type {kind.name} is not known here: ask about one of them.")


def decide(
    catalog: Catalog, holder: Holder | None, action: str, resource: Resource, places: Places
) -> Decision:
    """Whether a permission holds for a user on a resource; `holder` is None where there is none."""
    if holder is None:
        return NO_USER
    if holder.is_suspended:
        return SUSPENDED
    asked = find(catalog, action, resource, places)
    if isinstance(asked, Decision):
        return asked
    permission, spot = asked
    if permission.name not in holder.held:
        return _denied(_not_held(holder, permission.name))
    if not (holder.is_narrowed and permission.is_narrowed):
        return _allowed(_everywhere(catalog, holder, permission))
    return _on_listed(catalog, holder, permission, spot, places)


def find(
    catalog: Catalog, action: str, resource: Resource, places: Places
) -> tuple[Permission, Spot] | Decision:
    """The permission, and where it must hold; or why it holds there for nobody."""
    permission = catalog.permission_by_name.get(action)
    if permission is None:
        return no_permission(action)
    spot = locate(catalog, resource, places)
    if isinstance(spot, Decision):
        return spot
    place = catalog.place_of(permission)
    if place != spot.kind and not spot.is_account:
        about = f"{action} is about {_a(catalog, permission.on)}"
        return _denied(f"{about}, not about {_a(catalog, resource.type)}.")
    return permission, spot


def locate(catalog: Catalog, resource: Resource, places: Places) -> Spot | Decision:
    """Where a resource is, or why there is none such."""
    there = places.spots.get(resource.type)
    if there is None:
        return _inside(catalog, resource, places)
    return there.get(resource.id) or _not_there(resource.type, resource.id)


def _inside(catalog: Catalog, resource: Resource, places: Places) -> Spot | Decision:
    """Where a resource of a deployment's own type is: where it is said to be."""
    kind = catalog.resource_type_by_name.get(resource.type)
    if kind is None:
        return no_resource_type(resource.type)
    if kind.within == ACCOUNT:
        return _IN_ACCOUNT
    named = resource.domain if kind.within == DOMAIN else resource.template
    if named is None:
        return _denied(f"properties.{kind.within} must name what this {kind.name} is in.")
    return places.spots[kind.within].get(named) or _not_there(kind.within, named)


def _not_there(kind: str, wire_id: str) -> Decision:
    if kind == ACCOUNT:
        return _denied(f"The token is not of an account {_told(wire_id)}.")
    return _denied(f"There is no {kind} {_told(wire_id)} in this account.")


def _not_held(holder: Holder, permission: str) -> str:
    if holder.is_listed:
        return f"{holder.role} has what is listed, and {permission} is not."
    return f"{holder.role} does not give {permission}."


def _everywhere(catalog: Catalog, holder: Holder, permission: Permission) -> str:
    place = catalog.place_of(permission)
    where = "on the account" if place == ACCOUNT else f"on every {place}"
    return f"{holder.gives(permission.name)}, {where}."


def _on_listed(
    catalog: Catalog, holder: Holder, permission: Permission, spot: Spot, places: Places
) -> Decision:
    """On the account holds what holds on everything there is: where there is nothing, nothing."""
    given = holder.gives(permission.name)
    if not spot.is_account:
        if spot.thing in holder.listed[spot.kind]:
            return _allowed(f"{given}, on this {spot.kind}.")
        return _denied(f"{given}, but not on this {spot.kind}.")
    place = catalog.place_of(permission)
    every = places.keys[place]
    if every and every <= holder.listed[place]:
        return _allowed(f"{given}, on every {place}.")
    return _denied(f"{given}, but not on every {place} there is.")


def _a(catalog: Catalog, name: str) -> str:
    return "the account" if name == ACCOUNT else f"a {catalog.resource_type_by_name[name].name}"


def _allowed(reason: str) -> Decision:
    return Decision(allowed=True, reason=reason)


def _denied(reason: str) -> Decision:
    return Decision(allowed=False, reason=reason)


def _told(text: str) -> str:
    return text if len(text) <= _MOST_TOLD else f"{text[: _MOST_TOLD - 1]}…"
