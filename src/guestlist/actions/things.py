"""What one can do with the domains and templates that users are narrowed to."""

from typing import Any, Literal

from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.domain.access import DOMAIN, TEMPLATE, Actor, Catalog
from guestlist.domain.refusals import Fault, Invalid, NotFound, OutOfReach, Rule
from guestlist.domain.things import Domain, Template, Things, check_template, examine_domain
from guestlist.store import things as store
from guestlist.store.database import Conflict

Kind = Literal["domains", "templates"]
_TO_REMOVE = {"domains": "manage-domain", "templates": "manage-template"}
_TO_READ_TEMPLATES = frozenset({"read-all-templates", "read-own-templates"})


def list_things(runtime: Runtime, caller: Caller, kind: Kind) -> list[Any]:
    """All the Domains or Templates that the caller may see."""
    with read(runtime, caller) as (transaction, account):
        things = runtime.things(transaction, account, keep=True)
        return [
            thing
            for thing in _of(things, kind).values()
            if _may_read(runtime.catalog, caller.actor, kind, thing)
        ]


def get(runtime: Runtime, caller: Caller, kind: Kind, thing_id: str) -> Any:
    """A Domain or Template. Raises NotFound, OutOfReach."""
    with read(runtime, caller) as (transaction, account):
        things = runtime.things(transaction, account, keep=True)
        thing = _found(things, kind, thing_id)
        if not _may_read(runtime.catalog, caller.actor, kind, thing):
            raise OutOfReach
        return thing


def exists(runtime: Runtime, caller: Caller, kind: Kind, thing_id: str) -> bool:
    with read(runtime, caller) as (transaction, account):
        return bool(store.keys(transaction, account.key, kind, [thing_id]))


def add_domain(runtime: Runtime, caller: Caller, name: str) -> Domain:
    """Raises OutOfReach, Invalid where it is no host name, or the account has one of that name."""
    name = examine_domain(name)
    with begin(runtime, caller) as unit:
        _check_add(unit, "manage-domain")
        values: dict[str, Any] = {
            "id": unit.new_id(),
            "name": name,
            "created_at": unit.now,
            "updated_at": unit.now,
        }
        return Domain(key=_add(unit, "domains", values), **values)


def add_template(
    runtime: Runtime, caller: Caller, name: str, *, kind: str, description: str | None
) -> Template:
    """`kind` is the wire's type code, as in `rt`. Raises Invalid, OutOfReach."""
    check_template(name, kind=kind, description=description)
    with begin(runtime, caller) as unit:
        _check_add(unit, "manage-template")
        values: dict[str, Any] = {
            "id": unit.new_id(),
            "name": name,
            "description": description,
            "type": kind,
            "created_at": unit.now,
        }
        return Template(key=_add(unit, "templates", values), **values)


def remove(runtime: Runtime, caller: Caller, kind: Kind, thing_id: str) -> None:
    """Removes a thing; it falls out of every grant. Raises NotFound, OutOfReach."""
    with begin(runtime, caller) as unit:
        thing = _found(unit.things, kind, thing_id)
        if not _may_remove(unit, kind, thing):
            raise OutOfReach
        store.remove(unit.transaction, kind, thing.key)
        unit.record(f"{kind[:-1]}.remove", f"{kind[:-1]}:{thing.id}", before={"name": thing.name})


def _add(unit: Unit, kind: Kind, values: dict[str, Any]) -> int:
    try:
        key = store.add(unit.transaction, unit.account.key, kind, **values)
    except Conflict as conflict:
        raise Invalid([Fault("name", Rule.TAKEN)]) from conflict
    unit.record(f"{kind[:-1]}.add", f"{kind[:-1]}:{values['id']}", after={"name": values["name"]})
    return key


def _of(things: Things, kind: Kind) -> dict[int, Any]:
    return things.domains if kind == "domains" else things.templates


def _found(things: Things, kind: Kind, thing_id: str) -> Any:
    for thing in _of(things, kind).values():
        if thing.id == thing_id:
            return thing
    raise NotFound


def _check_add(unit: Unit, permission: str) -> None:
    """A new thing is on nobody's list: adding one is for who holds that on all."""
    if not unit.catalog.holds_on_account(unit.by.grant, permission):
        raise OutOfReach


def _may_remove(unit: Unit, kind: Kind, thing: Any) -> bool:
    """Who holds everything may, also where the vocabulary has no word for it."""
    held = _held(unit.catalog, unit.by, kind, thing)
    return unit.catalog.holds_all(unit.by.grant) or _TO_REMOVE[kind] in held


def _may_read(catalog: Catalog, actor: Actor, kind: Kind, thing: Any) -> bool:
    held = _held(catalog, actor, kind, thing)
    if catalog.holds_all(actor.grant):
        return True
    return bool(held) if kind == "domains" else not held.isdisjoint(_TO_READ_TEMPLATES)


def _held(catalog: Catalog, actor: Actor, kind: Kind, thing: Any) -> frozenset[str]:
    return catalog.on(actor.grant, DOMAIN if kind == "domains" else TEMPLATE, thing.key)
