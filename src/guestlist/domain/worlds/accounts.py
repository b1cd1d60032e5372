"""The accounts of a world, and the document as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guestlist.domain import instants
from guestlist.domain.access import Catalog
from guestlist.domain.accounts import (
    DEFAULT_PASSWORD_DAYS,
    MAX_NAME,
    MAX_PASSWORD_DAYS,
    MAX_SEATS,
    MAX_URL,
    Account,
    is_url,
    is_within,
)
from guestlist.domain.refusals import BrokenFile
from guestlist.domain.worlds import things, tokens, users
from guestlist.domain.worlds.entries import Entry, Faults, Unique
from guestlist.domain.worlds.grants import Scope
from guestlist.domain.worlds.things import NewDomain, NewTemplate
from guestlist.domain.worlds.tokens import NewToken
from guestlist.domain.worlds.users import NewInvitation, NewUser

_LISTS = ("domains", "templates", "users", "invites", "tokens")
_FACTS = ("url", "requires_second_factor", "password_days")
KEYS = frozenset({"id", "name", "seats", "created_at", *_FACTS, *_LISTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """None is what is made up when the world is; seats that are None are without bound."""

    name: str
    id: str | None = None
    seats: int | None = None
    url: str | None = None
    requires_second_factor: bool = False
    password_days: int = DEFAULT_PASSWORD_DAYS
    created_at: int | None = None
    domains: Sequence[NewDomain] = ()
    templates: Sequence[NewTemplate] = ()
    users: Sequence[NewUser] = ()
    invites: Sequence[NewInvitation] = ()
    tokens: Sequence[NewToken] = ()


def read(document: Any, catalog: Catalog) -> list[NewAccount]:
    """The accounts of a document as JSON gives it. Raises BrokenFile with every fault."""
    faults = Faults()
    root = Entry(document, "", faults, frozenset({"accounts"}))
    if not isinstance(document, dict) or root.values.get("accounts") is None:
        raise BrokenFile([("", 'must be an object: {"accounts": […]}')])
    ids, texts = Unique(), Unique()
    found = [
        _account(Entry(value, path, faults, KEYS), catalog, ids, texts)
        for value, path in root.entries("accounts")
    ]
    faults.check()
    return found


def _account(entry: Entry, catalog: Catalog, ids: Unique, texts: Unique) -> NewAccount:
    """What it holds is whole only where it left no fault."""
    name = entry.text("name", least=1, longest=MAX_NAME)
    if entry.values.get("name") is None:
        entry.faults.add(entry.at("name"), "is required")
    domains = things.domains(entry)
    templates = things.templates(entry)
    by_id = {thing.id: position for position, thing in enumerate(domains) if thing.id}
    scope = Scope(catalog, by_id, {thing.id: p for p, thing in enumerate(templates) if thing.id})
    team = users.team(entry, scope)
    return NewAccount(
        id=entry.id(ids),
        name=name or "",
        seats=_whole(entry, "seats", MAX_SEATS),
        url=entry.get("url", is_url, f"must be an https URL of up to {MAX_URL} characters"),
        requires_second_factor=entry.flag("requires_second_factor"),
        password_days=_whole(entry, "password_days", MAX_PASSWORD_DAYS) or DEFAULT_PASSWORD_DAYS,
        created_at=entry.instant("created_at"),
        domains=domains,
        templates=templates,
        users=[user for user in team.users if user is not None],
        invites=[invite for invite in users.invites(entry, scope, team) if invite is not None],
        tokens=tokens.tokens(entry, scope, team, texts),
    )


def _whole(entry: Entry, key: str, most: int) -> int | None:
    wrong = f"must be a whole number from 1 to {most}"
    found: int | None = entry.get(key, lambda value: is_within(value, most), wrong)
    return found


def written(account: Account) -> dict[str, Any]:
    """What is said of an account beside its lists."""
    return {
        "id": account.id,
        "name": account.name,
        "seats": account.seats,
        "url": account.url,
        "requires_second_factor": account.requires_second_factor,
        "password_days": account.password_days,
        "created_at": instants.written(account.created_at),
    }
