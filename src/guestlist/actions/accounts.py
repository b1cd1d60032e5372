"""What one can do with accounts, which only the operator can."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from guestlist.actions.runtime import NO_ACCOUNT, Caller, Runtime, Unit, begin
from guestlist.domain import accounts as rules
from guestlist.domain.access import OPERATOR
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Cause
from guestlist.domain.refusals import Fault, Invalid, NotFound, Rule
from guestlist.domain.worlds.accounts import NewAccount
from guestlist.store import accounts
from guestlist.store.database import Conflict, Transaction


def every(runtime: Runtime) -> list[Account]:
    with runtime.database.read() as transaction:
        return accounts.every(transaction)


def get(runtime: Runtime, account_id: str) -> Account:
    """Raises NotFound."""
    with runtime.database.read() as transaction:
        found = accounts.find(transaction, account_id)
    if found is None:
        raise NotFound
    return found


def change(runtime: Runtime, caller: Caller, changes: Mapping[str, Any]) -> None:
    """What is left out of `changes` stays; a url or seats of None is taken away. Raises Invalid."""
    rules.examine(changes)
    with begin(runtime, caller) as unit:
        stored = {name: getattr(unit.account, name) for name in accounts.FACTS}
        accounts.change(unit.transaction, unit.account.key, {**stored, **changes})
        before, after = {name: stored[name] for name in changes}, dict(changes)
        unit.record("account.update", f"account:{unit.account.id}", before=before, after=after)


@contextmanager
def found(runtime: Runtime, new: NewAccount, *, request: str) -> Generator[Unit]:
    """A change that begins with a new, empty account. Raises Invalid where its id is taken."""
    with runtime.database.change() as transaction:
        account = _added(runtime, transaction, new)
        unit = Unit(
            runtime, transaction, account, OPERATOR, Cause(request), runtime.now(account.key)
        )
        yield unit
        unit.settle()


def _added(runtime: Runtime, transaction: Transaction, new: NewAccount) -> Account:
    now = runtime.now(NO_ACCOUNT)
    try:
        key = accounts.add(
            transaction,
            account_id=new.id or runtime.wire_id(NO_ACCOUNT),
            facts={name: getattr(new, name) for name in accounts.FACTS},
            revision=runtime.revision(NO_ACCOUNT),
            now=now if new.created_at is None else new.created_at,
        )
    except Conflict as conflict:
        raise Invalid([Fault("id", Rule.TAKEN)]) from conflict
    return accounts.get(transaction, key)
