"""What other services ask: who may do what, where."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from guestlist.actions.runtime import Caller, Runtime, read
from guestlist.domain import decisions as rules
from guestlist.domain import emails
from guestlist.domain.accounts import Account
from guestlist.domain.decisions import Holder, Places
from guestlist.domain.ids import is_wire_id
from guestlist.store import decisions as store
from guestlist.store.database import Database, Transaction


class Known(NamedTuple):
    """All of one revision: where things are, and the users by what they were called."""

    places: Places
    holders: Mapping[str, Holder | None]


def known(runtime: Runtime, caller: Caller, subjects: Iterable[str]) -> Known:
    """What is to be known to decide about users, each called by id or e-mail.

    Who is not in it is nobody. Whom nobody asked about since the account last changed is read, all
    in one query. Raises Unavailable.
    """
    # What is longer is nobody's, and nothing to be remembered.
    names = {name for name in subjects if len(name) <= emails.MAX_CHARACTERS}
    held = runtime.held.at(caller.account, caller.revision)
    if held is not None:
        found = _remembered(held.holders, names)
        if len(found) == len(names):
            return Known(held.places, found)
        revision, new = _read(runtime, runtime.database, caller.account, names - found.keys())
        if revision in (None, held.revision):
            runtime.held.keep(caller.account, held.revision, held.places, new)
            return Known(held.places, found | new)
    with read(runtime, caller) as (transaction, account):
        places = places_of(runtime, transaction, account)
        _, new = _read(runtime, transaction, account.key, names)
    runtime.held.keep(account.key, account.revision, places, new)
    return Known(places, new)


def _remembered(
    holders: Mapping[str, Holder | None], names: Iterable[str]
) -> dict[str, Holder | None]:
    return {name: holders[name] for name in names if name in holders}


def places_of(runtime: Runtime, transaction: Transaction, account: Account) -> Places:
    held = runtime.held.at(account.key, account.revision)
    if held is not None:
        return held.places
    return rules.places(account.id, runtime.things(transaction, account, keep=True))


def _read(
    runtime: Runtime, source: Database | Transaction, account: int, names: Collection[str]
) -> tuple[int | None, dict[str, Holder | None]]:
    """The account's revision, and its users by what they are called, all in one query.

    None runs for what can be neither an id nor an address; then there is no revision either.
    """
    asked = {name: name if is_wire_id(name) else emails.key(name) for name in names}
    keys = {key for key in asked.values() if key is not None}
    if not keys:
        return None, dict.fromkeys(asked)
    email_keys = {key for key in keys if "@" in key}
    revision, grants = store.grants_of(source, account, keys - email_keys, email_keys)
    holders = {
        key: rules.holder(runtime.catalog, user_id, grant, is_suspended=is_suspended)
        for key, (user_id, grant, is_suspended) in grants.items()
    }
    return revision, {name: holders.get(key or "") for name, key in asked.items()}
