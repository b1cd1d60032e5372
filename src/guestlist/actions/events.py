"""What happened, told to the account's webhooks: derived from what the audit keeps of it."""

import json
from collections.abc import Iterable
from typing import Any

from guestlist.domain import events as rules
from guestlist.domain.accounts import Account
from guestlist.domain.events import Event
from guestlist.store import events
from guestlist.store.database import Transaction


def emit(transaction: Transaction, account: Account, entries: Iterable[dict[str, Any]]) -> int:
    """Queues what these audit entries are to webhooks; how many events more the account has.

    Under the account's lock, and as it was when that was taken.
    """
    if not account.webhooks:
        return 0
    mine = (entry for entry in entries if entry["account"] == account.key)
    known = [(type_, entry) for entry in mine if (type_ := rules.type_of(entry["action"]))]
    if known:
        told = [
            (entry["subject"], _event(type_, entry, account.events + number))
            for number, (type_, entry) in enumerate(known, start=1)
        ]
        events.add(transaction, account.key, told, after=account.events)
    return len(known)


def _event(type_: str, entry: dict[str, Any], sequence: int) -> Event:
    data = rules.told(
        entry["subject"],
        actor=entry["actor"],
        request=entry["request"],
        before=_read(entry["before"]),
        after=_read(entry["after"]),
    )
    return Event(sequence, type_, entry["at"], data)


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)
