"""Reading a deployment's own vocabulary: roles, permissions and what they are about.

The document is as TOML gives it (docs/reference/catalog.md).
"""

import re
from collections.abc import Iterator
from typing import Any

from guestlist.domain.access import (
    ACCOUNT,
    ADMIN,
    CUSTOM_USER,
    DOMAIN,
    MANAGER,
    TEMPLATE,
    Catalog,
    Permission,
    ResourceType,
    Role,
)
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.worlds.entries import Entry, Faults, Unique

KEYS = frozenset({"base", "resource_types", "groups", "roles"})
RESOURCE_TYPE_KEYS = frozenset({"name", "description", "within"})
GROUP_KEYS = frozenset({"name", "on", "permissions"})
PERMISSION_KEYS = frozenset({"name", "description"})
ROLE_KEYS = frozenset({"name", "description", "permissions", "manages_users", "narrowed"})
BASES = ("mailersend", "none")
MAX_ROLE = 50
USER = "user"

_WORD = re.compile(r"[a-z][a-z0-9-]{0,63}")
_NO_WORD = "must be 1 to 64 characters of a-z, 0-9 and -, beginning with a letter"
_NO_ROLE = f"must be 1 to {MAX_ROLE} characters that can be printed, not only blanks"
_PLACES = (ACCOUNT, DOMAIN, TEMPLATE)
# What a base of none leaves: roles that say nothing of single permissions.
_LASTING = frozenset({ADMIN, MANAGER, CUSTOM_USER})


def read(document: Any) -> Catalog:
    """MailerSend's vocabulary and, or instead of it, the document's own.

    Raises BrokenFile with every fault.
    """
    faults = Faults()
    root = Entry(document, "", faults, KEYS)
    base = _base(root)
    types = (*base.resource_types, *_resource_types(root))
    permissions = (*base.permissions, *_permissions(root, base, types))
    roles = (*base.roles, *_roles(root, {p.name for p in permissions}))
    if not permissions:
        faults.add("groups", "must bring a permission, for base is none")
    faults.check()
    return Catalog(roles, permissions, types)


def _base(root: Entry) -> Catalog:
    wrong = f"must be one of: {', '.join(BASES)}"
    if root.get("base", lambda value: value in BASES, wrong) != "none":
        return MAILERSEND
    return Catalog(tuple(role for role in MAILERSEND.roles if role.name in _LASTING), ())


def _resource_types(root: Entry) -> list[ResourceType]:
    taken = Unique()
    for name in (*_PLACES, USER):
        taken.add(name, "a type that there is anyway", root.faults)
    wrong = f"must be one of: {', '.join(_PLACES)}"
    return [
        ResourceType(
            entry.word("name", _WORD, _NO_WORD, taken) or _required(entry, "name"),
            entry.text("description") or "",
            entry.get("within", lambda value: value in _PLACES, wrong) or ACCOUNT,
        )
        for entry in _entries(root, "resource_types", RESOURCE_TYPE_KEYS)
    ]


def _permissions(
    root: Entry, base: Catalog, types: tuple[ResourceType, ...]
) -> Iterator[Permission]:
    taken = Unique()
    for name in base.names:
        taken.add(name, "a permission of MailerSend's", root.faults)
    by_name = {found.name: found for found in types}
    wrong = f"must be one of: {', '.join(by_name)}"
    for group in _entries(root, "groups", GROUP_KEYS):
        name = group.text("name", least=1) or _required(group, "name")
        on = group.get("on", lambda value: value in tuple(by_name), wrong) or ACCOUNT
        for entry in _entries(group, "permissions", PERMISSION_KEYS):
            yield Permission(
                entry.word("name", _WORD, _NO_WORD, taken) or _required(entry, "name"),
                entry.text("description") or "",
                name,
                on,
                is_narrowed=by_name[on].within != ACCOUNT,
            )


def _roles(root: Entry, known: set[str]) -> Iterator[Role]:
    taken = Unique()
    for role in MAILERSEND.roles:  # also those that this base lacks: they are looked for by name
        taken.add(role.name.casefold(), "a role of MailerSend's", root.faults)
    for entry in _entries(root, "roles", ROLE_KEYS):
        name = (entry.get("name", _is_role, _NO_ROLE) or "").strip()
        if name:
            taken.add(name.casefold(), entry.at("name"), entry.faults)
        permissions = _given(entry, known)
        narrowed = entry.get("narrowed", _is_truth, "must be true or false")
        yield Role(
            name or _required(entry, "name"),
            entry.text("description") or "",
            permissions,
            manages_users=entry.flag("manages_users"),
            is_narrowed=permissions == "listed" if narrowed is None else narrowed,
        )


def _given(entry: Entry, known: set[str]) -> Any:
    """All, what is listed, or a set of known permissions."""
    given = entry.values.get("permissions")
    if given in ("all", "listed"):
        return given
    if not isinstance(given, list):
        entry.faults.add(entry.at("permissions"), 'must be "all", "listed" or an array of names')
        return frozenset()
    for value, path in entry.entries("permissions"):
        if not (isinstance(value, str) and value in known):
            entry.faults.add(path, "is not a known permission")
    return frozenset(value for value in given if isinstance(value, str))


def _entries(entry: Entry, key: str, keys: frozenset[str]) -> list[Entry]:
    return [Entry(value, path, entry.faults, keys) for value, path in entry.entries(key)]


def _required(entry: Entry, key: str) -> str:
    if entry.values.get(key) is None:
        entry.faults.add(entry.at(key), "is required")
    return ""


def _is_role(name: object) -> bool:
    """It stands in the subjects of letters."""
    return (
        isinstance(name, str)
        and name.isprintable()
        and 0 < len(name.strip()) <= len(name) <= MAX_ROLE
    )


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)
