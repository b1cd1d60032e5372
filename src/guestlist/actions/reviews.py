"""What auditors go through from time to time: every user, and what each may do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from guestlist.actions import audit
from guestlist.actions.runtime import Caller, Runtime, read
from guestlist.domain.access import Catalog
from guestlist.domain.audit import Entry, sides
from guestlist.domain.pages import Page
from guestlist.domain.things import Things
from guestlist.domain.users import User
from guestlist.store import reviews as store
from guestlist.store import users

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """The newest entry of the audit about a user."""

    at: int
    actor: str
    action: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A user, with `tokens` owned; `changed` is None where the audit knows of no change."""

    user: User
    things: Things
    catalog: Catalog
    suspended_at: int | None
    signed_in_at: int | None
    tokens: int
    changed: Change | None


def review(
    runtime: Runtime, caller: Caller, *, progress: Callable[[int], None] = audit.unheard
) -> Iterator[Reviewed]:
    """Every user in the order they came, read as they are asked for; `progress` hears of them."""
    changes = _changes(runtime, caller)
    with read(runtime, caller) as (transaction, account):
        things = runtime.things(transaction, account, keep=True)
        for number in count(1):
            found = users.page(transaction, account.key, Page(number, CHUNK))
            if not found:
                return
            states = store.states(transaction, account.key, [user.key for user in found])
            for user in found:
                known = (user, things, runtime.catalog)
                yield Reviewed(*known, *states[user.key], changes.get(user.id))
            progress(len(found))


def _changes(runtime: Runtime, caller: Caller) -> dict[str, Change]:
    """The newest of each user."""
    found = {}
    for entry in audit.every(runtime, caller):
        user = _user(entry)
        if user is not None:
            found[user] = Change(entry.at, entry.actor, entry.action)
    return found


def _user(entry: Entry) -> str | None:
    """The id of the user that an entry is about."""
    if entry.action == "invitation.accept":
        return (sides(entry)[1] or {}).get("user")
    kind, _, named = entry.subject.partition(":")
    return named if kind == "user" else None
