"""The domains and templates of a world."""

from dataclasses import dataclass
from typing import Any

from guestlist.domain import emails, instants
from guestlist.domain.things import (
    DEFAULT_TYPE,
    MAX_DESCRIPTION,
    MAX_NAME,
    MAX_TYPE,
    Domain,
    Template,
)
from guestlist.domain.worlds.entries import Entry, Faults, Unique

DOMAIN_KEYS = frozenset({"id", "name", "created_at", "updated_at"})
TEMPLATE_KEYS = frozenset({"id", "name", "type", "description", "created_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDomain:
    """None is what is made up when the world is."""

    id: str | None = None
    name: str | None = None
    created_at: int | None = None
    updated_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTemplate:
    """None is what is made up when the world is, but for the description."""

    id: str | None = None
    name: str | None = None
    type: str = DEFAULT_TYPE
    description: str | None = None
    created_at: int | None = None


def domains(account: Entry) -> list[NewDomain]:
    ids, names = Unique(), Unique()
    return [
        _domain(value, path, account.faults, ids, names)
        for value, path in account.entries("domains")
    ]


def templates(account: Entry) -> list[NewTemplate]:
    ids = Unique()
    return [
        _template(value, path, account.faults, ids) for value, path in account.entries("templates")
    ]


def _domain(value: Any, path: str, faults: Faults, ids: Unique, names: Unique) -> NewDomain:
    entry = Entry(value, path, faults, DOMAIN_KEYS)
    thing_id = entry.id(ids)
    given = entry.get("name", emails.is_host, "must be a host name, as in mail.acme.test")
    name = emails.host(given)
    if name is None and thing_id is not None:
        name = host_named(thing_id)
    if name is not None:
        names.add(name, entry.at("name"), faults)
    return NewDomain(
        id=thing_id,
        name=name,
        created_at=entry.instant("created_at"),
        updated_at=entry.instant("updated_at"),
    )


def host_named(thing_id: str) -> str:
    """The name of a domain that was given none."""
    return f"{thing_id}.test"


def _template(value: Any, path: str, faults: Faults, ids: Unique) -> NewTemplate:
    entry = Entry(value, path, faults, TEMPLATE_KEYS)
    return NewTemplate(
        id=entry.id(ids),
        name=entry.text("name", least=1, longest=MAX_NAME),
        type=entry.text("type", least=1, longest=MAX_TYPE) or DEFAULT_TYPE,
        description=entry.text("description", longest=MAX_DESCRIPTION),
        created_at=entry.instant("created_at"),
    )


def domain_written(domain: Domain) -> dict[str, Any]:
    return {
        "id": domain.id,
        "name": domain.name,
        "created_at": instants.written(domain.created_at),
        "updated_at": instants.written(domain.updated_at),
    }


def template_written(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "type": template.type,
        "description": template.description,
        "created_at": instants.written(template.created_at),
    }
