"""What one can do with accounts, which only the operator can."""

from collections.abc import Generator
from contextlib import contextmanager

from guestlist.actions.runtime import Runtime, Unit
from guestlist.domain.access import OPERATOR
from guestlist.domain.accounts import Account
from guestlist.domain.refusals import Fault, Invalid, NotFound, Rule
from guestlist.domain.worlds.accounts import NewAccount
from guestlist.store import accounts
from guestlist.store.database import Conflict, Transaction

# What is asked of the clock and of chance before the account is there.
NO_ACCOUNT = 0


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


@contextmanager
def found(runtime: Runtime, new: NewAccount, *, request: str) -> Generator[Unit]:
    """A change that begins with a new, empty account. Raises Invalid where its id is taken."""
    with runtime.database.change() as transaction:
        account = _added(runtime, transaction, new)
        unit = Unit(runtime, transaction, account, OPERATOR, request, runtime.now(account.key))
        yield unit
        unit.settle()


def _added(runtime: Runtime, transaction: Transaction, new: NewAccount) -> Account:
    now = runtime.now(NO_ACCOUNT)
    try:
        key = accounts.add(
            transaction,
            account_id=new.id or runtime.wire_id(NO_ACCOUNT),
            name=new.name,
            seats=new.seats,
            revision=runtime.revision(NO_ACCOUNT),
            now=now if new.created_at is None else new.created_at,
        )
    except Conflict as conflict:
        raise Invalid([Fault("id", Rule.TAKEN)]) from conflict
    return accounts.get(transaction, key)
