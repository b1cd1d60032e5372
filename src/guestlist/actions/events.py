"""What happened, told to the account's webhooks: derived from what the audit keeps of it."""

from collections.abc import Iterable

from guestlist.domain import events as rules
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Told
from guestlist.domain.events import Event
from guestlist.store import events
from guestlist.store.database import Transaction


def emit(
    transaction: Transaction,
    account: Account,
    entries: Iterable[Told],
    *,
    before: int = 0,
) -> int:
    """Queues what these audit entries are to webhooks; how many events more the account has.

    Under the account's lock, and as it was when that was taken; `before` is how many this change
    made already.
    """
    if not account.webhooks:
        return 0
    known = [(type_, entry) for entry in entries if (type_ := rules.type_of(entry.action))]
    if known:
        after = account.events + before
        told = [
            (entry.subject, _event(type_, entry, after + number))
            for number, (type_, entry) in enumerate(known, start=1)
        ]
        events.add(transaction, account.key, told, after=after)
    return len(known)


def forget(transaction: Transaction, subjects: Iterable[tuple[int, str]]) -> None:
    """What was told of these, each of an account, is sent without who they were from now on."""
    by_account: dict[int, list[str]] = {}
    for account, subject in subjects:
        by_account.setdefault(account, []).append(subject)
    for account, named in by_account.items():
        found = events.about(transaction, account, named)
        events.rewrite(transaction, [(key, rules.nameless(data)) for key, data in found])


def _event(type_: str, entry: Told, sequence: int) -> Event:
    data = rules.told(
        entry.subject,
        actor=entry.actor,
        request=entry.cause.request,
        before=entry.before,
        after=entry.after,
    )
    return Event(sequence, type_, entry.at, data)
