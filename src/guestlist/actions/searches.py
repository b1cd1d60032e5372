"""What other services look for: who may do it, what a user may do, and where."""

from dataclasses import dataclass, field

from guestlist.actions import decisions
from guestlist.actions.runtime import Caller, Runtime, read
from guestlist.domain import decisions as rules
from guestlist.domain import searches
from guestlist.domain.decisions import Decision, Resource
from guestlist.store import decisions as store

# A page of a large account costs no more than looking at so many.
MOST_PLACES = 50_000


@dataclass(frozen=True, slots=True)
class Window:
    """So many results behind a place, which is -1 at first."""

    after: int
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """`after` is the place to go on behind, where there may be more; `reason`: why none can be."""

    names: list[str] = field(default_factory=list)
    after: int | None = None
    reason: str | None = None


def users(
    runtime: Runtime,
    caller: Caller,
    action: str,
    resource: Resource,
    window: Window,
    *,
    most_places: int = MOST_PLACES,
) -> Found:
    """Ids of those for whom a permission holds on a resource, in order of joining.

    So many places are looked at and no more, so there may be less than there is room for.
    """
    with read(runtime, caller) as (transaction, account):
        places = decisions.places_of(runtime, transaction, account)
        asked = rules.find(runtime.catalog, action, resource, places)
        if isinstance(asked, Decision):
            return Found(reason=asked.reason)
        sought = searches.sought(runtime.catalog, *asked, places)
        until = window.after + most_places
        found = store.users_with(
            transaction,
            account.key,
            sought,
            after=window.after,
            until=until,
            size=window.size + 1,
        )
    names = [user_id for _, user_id in found[: window.size]]
    if len(found) > window.size:
        return Found(names, found[window.size - 1][0] if window.size else window.after)
    return Found(names, until if until < account.next_user - 1 else None)


def resources(
    runtime: Runtime, caller: Caller, subject: str, action: str, kind: str, window: Window
) -> Found:
    """Ids of the account, or of the domains or templates, on which a permission holds for a user.

    In order of making; where of another type there may be, nobody here knows.
    """
    known = decisions.known(runtime, caller, {subject})
    holder = known.holders.get(subject)
    nothing = searches.unsearchable(runtime.catalog, holder, action, kind)
    if nothing is not None:
        return Found(reason=nothing.reason)
    found = searches.resources(runtime.catalog, holder, action, kind, known.places)
    return _windowed(list(found.items()), window)


def actions(
    runtime: Runtime, caller: Caller, subject: str, resource: Resource, window: Window
) -> Found:
    """The permissions that hold for a user on a resource, in the catalog's order."""
    known = decisions.known(runtime, caller, {subject})
    holder = known.holders.get(subject)
    nothing = searches.nowhere(runtime.catalog, holder, resource, known.places)
    if nothing is not None:
        return Found(reason=nothing.reason)
    found = searches.actions(runtime.catalog, holder, resource, known.places)
    return _windowed([(name, place) for place, name in enumerate(found)], window)


def _windowed(found: list[tuple[str, int]], window: Window) -> Found:
    """Of names and their places."""
    rest = [(name, place) for name, place in found if place > window.after]
    shown = rest[: window.size]
    after = shown[-1][1] if shown else window.after
    return Found([name for name, _ in shown], after if len(rest) > len(shown) else None)
