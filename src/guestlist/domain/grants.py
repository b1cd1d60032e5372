"""Reading a grant from what somebody sent: every rule of contract section 3, in its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guestlist.domain.access import Catalog, Grant
from guestlist.domain.ids import is_wire_id
from guestlist.domain.refusals import Fault, Rule

# Far above any real list; keeps one request from buying a million messages or rows.
MAX_PERMISSIONS = 1_000
MAX_THINGS = 10_000
READ_OWN_TEMPLATES = "read-own-templates"

# JSON's true and 1 are one key here, as are false and 0.
_TRUTH: dict[object, bool] = {True: True, False: False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of a grant as they were sent: any JSON value, None for a field left out."""

    role: Any = None
    permissions: Any = None
    templates: Any = None
    domains: Any = None
    requires_periodic_password_change: Any = None

    def domain_ids(self) -> list[str]:
        return _ids(self.domains, MAX_THINGS)

    def template_ids(self) -> list[str]:
        return _ids(self.templates, MAX_THINGS)


def examine(
    draft: Draft, *, catalog: Catalog, domains: Mapping[str, int], templates: Mapping[str, int]
) -> tuple[list[Fault], list[Fault]]:
    """The draft's faults: those of whole fields, then those of their entries.

    `domains` and `templates` map the ids that exist in the account to their keys; every id of the
    draft that is not in them is a fault. Two lists, because the wire tells entries last.
    """
    faults = [
        *_role_faults(draft.role, catalog),
        *_permissions_faults(draft, catalog),
        *_templates_faults(draft, catalog),
        *_array_faults("domains", draft.domains, MAX_THINGS),
        *_truth_faults(draft.requires_periodic_password_change),
    ]
    entries = [
        *_entry_faults("permissions", draft.permissions, catalog.names, MAX_PERMISSIONS),
        *_entry_faults("templates", draft.templates, templates, MAX_THINGS),
        *_entry_faults("domains", draft.domains, domains, MAX_THINGS),
    ]
    return faults, entries


def grant_from(
    draft: Draft,
    *,
    catalog: Catalog,
    domains: Mapping[str, int],
    templates: Mapping[str, int],
    stored: Grant | None = None,
) -> Grant:
    """The grant of a draft without faults. Repeated entries count once, in the order sent.

    `stored` is the grant that is replaced: its permissions and flag stay where the draft has none;
    domains and templates never stay (contract section 11, PUT).
    """
    role = catalog.role_named(draft.role)
    if role is None:
        raise ValueError(draft.role)
    before = stored or Grant(role)
    flag = draft.requires_periodic_password_change
    return Grant(
        role=role,
        permissions=_once(draft.permissions, before.permissions),
        domains=tuple(domains[entry] for entry in _once(draft.domains)),
        templates=tuple(templates[entry] for entry in _once(draft.templates)),
        requires_periodic_password_change=before.requires_periodic_password_change
        if flag is None
        else _TRUTH[flag],
    )


def _once(entries: Sequence[str] | None, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
    return otherwise if entries is None else tuple(dict.fromkeys(entries))


def _ids(entries: object, most: int) -> list[str]:
    if not isinstance(entries, list) or len(entries) > most:
        return []
    return list({entry: None for entry in entries if is_wire_id(entry)})


def _role_faults(role: object, catalog: Catalog) -> list[Fault]:
    if role in (None, [], {}):
        return [Fault("role", Rule.REQUIRED)]
    return [] if catalog.role_named(role) else [Fault("role", Rule.SELECTED)]


def _permissions_faults(draft: Draft, catalog: Catalog) -> list[Fault]:
    is_listed = catalog.is_listed(catalog.role_named(draft.role))
    if is_listed and draft.permissions in (None, [], {}):
        return [Fault("permissions", Rule.REQUIRED_FOR_CUSTOM_USER)]
    return _array_faults("permissions", draft.permissions, MAX_PERMISSIONS)


def _templates_faults(draft: Draft, catalog: Catalog) -> list[Fault]:
    faults = _array_faults("templates", draft.templates, MAX_THINGS)
    if _lacks_read_own_templates(draft, catalog):
        faults.append(Fault("templates", Rule.READ_OWN_TEMPLATES))
    return faults


def _lacks_read_own_templates(draft: Draft, catalog: Catalog) -> bool:
    """Contract C7: templates beside a Custom User or an unknown role need `read-own-templates`."""
    if draft.templates is None or READ_OWN_TEMPLATES not in catalog.names:
        return False
    if isinstance(draft.permissions, list) and READ_OWN_TEMPLATES in draft.permissions:
        return False
    role = catalog.role_named(draft.role)
    return role is None or (catalog.is_listed(role) and bool(draft.templates))


def _array_faults(name: str, entries: object, most: int) -> list[Fault]:
    if entries is None:
        return []
    if not isinstance(entries, list):
        return [Fault(name, Rule.ARRAY)]
    return [Fault(name, Rule.MAX_ITEMS, most)] if len(entries) > most else []


def _entry_faults(
    name: str, entries: object, known: Mapping[str, int] | frozenset[str], most: int
) -> list[Fault]:
    if not isinstance(entries, list) or len(entries) > most:
        return []
    return [
        Fault(f"{name}.{number}", Rule.SELECTED)
        for number, entry in enumerate(entries)
        if not (isinstance(entry, str) and entry in known)
    ]


def _truth_faults(flag: object) -> list[Fault]:
    known = flag is None or (isinstance(flag, bool | int | str) and flag in _TRUTH)
    return [] if known else [Fault("requires_periodic_password_change", Rule.BOOLEAN)]
