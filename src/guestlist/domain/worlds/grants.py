"""The grant of a world's user or invite: the wire's rules, told by JSON path."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from guestlist.domain import grants
from guestlist.domain.access import Catalog, Grant
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import Fault, Rule
from guestlist.domain.things import Things
from guestlist.domain.worlds.entries import Entry, Unique

KEYS = frozenset(
    {"role", "permissions", "domains", "templates", "requires_periodic_password_change"}
)

_WRONG = {
    Rule.REQUIRED: "is required",
    Rule.REQUIRED_FOR_CUSTOM_USER: "is required for a Custom User",
    Rule.ARRAY: "must be an array",
    Rule.MAX_ITEMS: "has more than {limit} entries",
}
_UNKNOWN = {
    "role": "must be one of: {roles}",
    "permissions": "is not a known permission",
    "domains": "is not the id of one of this account's domains in the file",
    "templates": "is not the id of one of this account's templates in the file",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the users and invites of one account are read against."""

    catalog: Catalog
    domains: Mapping[str, int]
    templates: Mapping[str, int]
    ids: dict[str, Unique] = field(default_factory=lambda: {"users": Unique(), "invites": Unique()})
    addresses: Unique = field(default_factory=Unique)


def read(entry: Entry, scope: Scope) -> Grant | None:
    """None where it has faults. Its domains and templates are positions in the account's lists."""
    draft = Draft(
        **{key: entry.values.get(key) for key in ("role", "permissions", "templates", "domains")}
    )
    catalog, domains, templates = scope.catalog, scope.domains, scope.templates
    fields, entries = grants.examine(draft, catalog=catalog, domains=domains, templates=templates)
    # The wire asks for read-own-templates beside templates. What a world holds may be older than
    # that rule, or never went through it, and gives no power without the permission anyway.
    found = [f for f in (*fields, *entries) if f.rule is not Rule.READ_OWN_TEMPLATES]
    for fault in found:
        entry.faults.add(entry.at(_path(fault)), _worded(fault, catalog))
    flag = entry.flag("requires_periodic_password_change")
    if found:
        return None
    grant = grants.grant_from(draft, catalog=catalog, domains=domains, templates=templates)
    return replace(grant, requires_periodic_password_change=True) if flag else grant


def _path(fault: Fault) -> str:
    return re.sub(r"\.(\d+)$", r"[\1]", fault.field)


def _worded(fault: Fault, catalog: Catalog) -> str:
    if fault.rule is Rule.SELECTED:
        roles = ", ".join(role.name for role in catalog.roles)
        return _UNKNOWN[fault.field.partition(".")[0]].format(roles=roles)
    return _WRONG[fault.rule].format(limit=fault.limit)


def written(grant: Grant, things: Things) -> dict[str, Any]:
    return {
        "role": grant.role,
        "permissions": list(grant.permissions),
        "domains": [things.domains[key].id for key in grant.domains],
        "templates": [things.templates[key].id for key in grant.templates],
        "requires_periodic_password_change": grant.requires_periodic_password_change,
    }
