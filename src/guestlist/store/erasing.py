"""What is kept of a person beside their own row, so that it can go with them."""

import json
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import and_, bindparam, delete, func, null, or_, select, update

from guestlist.store import mailings as mailings_of
from guestlist.store.database import Transaction
from guestlist.store.schema import (
    audit,
    invitations,
    letters,
    mailings,
    people,
    repeats,
    users,
)
from guestlist.store.statements import Statement, among

ERASED = "erased"
_NOBODY = f"person:{ERASED}"
# So many entries are read at a time.
SPAN = 100_000
# Keys of audit entries whose values say who somebody is.
_PERSONAL = frozenset(("email", "name", "last_name", "avatar"))

_WAITING = Statement(
    select(invitations.c.account).where(
        invitations.c.state == "pending", among(invitations.c.email_key, "email_keys")
    )
)
_ACCEPTED = Statement(
    select(invitations.c.email).where(invitations.c.accepted_by == bindparam("the_person"))
)
_HELD = Statement(
    select(people.c.email_key).where(
        among(people.c.email_key, "email_keys"), people.c.key != bindparam("the_person")
    )
)
_PRESENT = Statement(
    select(users.c.account, users.c.id).where(
        among(users.c.id, "ids"), users.c.person != bindparam("the_person")
    )
)
_SPAN = and_(audit.c.key > bindparam("after"), audit.c.key <= bindparam("through"))
_LAST = Statement(select(func.coalesce(func.max(audit.c.key), 0)))
_LAST_OF = Statement(
    select(func.coalesce(func.max(audit.c.key), 0)).where(
        audit.c.account == bindparam("the_account")
    )
)
_MENTIONS = Statement(
    select(audit.c.account, audit.c.subject, audit.c.before, audit.c.after).where(
        _SPAN,
        audit.c.account.is_not(None),
        audit.c.subject.like("user:%"),
        or_(audit.c.before.like('%"email"%'), audit.c.after.like('%"email"%')),
    )
)
_INVITATIONS = Statement(
    select(invitations.c.key, invitations.c.account, invitations.c.id).where(
        among(invitations.c.email_key, "email_keys")
    )
)
_ABOUT = Statement(
    select(audit.c.key).where(
        _SPAN, audit.c.account == bindparam("the_account"), among(audit.c.subject, "subjects")
    )
)
_ENTRIES = Statement(
    select(audit.c.key, audit.c.before, audit.c.after).where(among(audit.c.key, "keys"))
)
_ENTRIES_ALONE = Statement(
    select(audit.c.key, audit.c.before, audit.c.after).where(
        audit.c.account.is_(None), audit.c.subject == bindparam("the_subject")
    )
)
_REWRITE = Statement(
    update(audit)
    .where(audit.c.key == bindparam("the_key"))
    .values(before=bindparam("new_before"), after=bindparam("new_after"))
)
_UNNAME = tuple(
    Statement(
        update(audit)
        .where(audit.c.account.is_(None), column == bindparam("the_subject"))
        .values({column.name: _NOBODY})
    )
    for column in (audit.c.actor, audit.c.subject)
)
_BLANK = Statement(
    update(invitations)
    .where(invitations.c.key == bindparam("the_key"))
    .values(email=ERASED, email_key=bindparam("new_email_key"))
)
_NOT_ACCEPTED_BY = Statement(
    update(invitations)
    .where(invitations.c.accepted_by == bindparam("the_person"))
    .values(accepted_by=null())
)
# One by one, each in the words of its index.
_LETTERS = tuple(
    Statement(delete(letters).where(column.is_not(None), among(column, "values")))
    for column in (letters.c.invitation, letters.c.email_key, letters.c.email)
)
_REPEATS = Statement(delete(repeats).where(among(repeats.c.invitation, "invitations")))
_MAILINGS = Statement(delete(mailings).where(among(mailings.c.email_key, "email_keys")))


def waiting(transaction: Transaction, email_keys: list[str]) -> set[int]:
    """Accounts that have a pending invitation to one of these addresses."""
    return {row[0] for row in transaction.all(_WAITING, email_keys=email_keys)}


def accepted(transaction: Transaction, person: int) -> set[str]:
    """The addresses, as typed, at which the person accepted invitations."""
    return {row[0] for row in transaction.all(_ACCEPTED, the_person=person)}


def held_by_others(transaction: Transaction, email_keys: list[str], *, but: int) -> set[str]:
    rows = transaction.all(_HELD, email_keys=email_keys, the_person=but)
    return {row[0] for row in rows}


def mentions(
    transaction: Transaction, *, after: int = 0
) -> tuple[list[tuple[int, str, set[str]]], int]:
    """Users that the audit knows by address: the account, `user:id`, the addresses.

    Of the entries behind one, through the one that is returned too.
    """
    last = int(transaction.only(_LAST)[0])
    found = [
        (account, subject, _email(before) | _email(told))
        for span in _spans(after, last)
        for account, subject, before, told in transaction.all(_MENTIONS, **span)
    ]
    return found, last


def _spans(after: int, last: int) -> Iterator[dict[str, int]]:
    """A whole audit takes longer than one statement may."""
    for start in range(after, last, SPAN):
        yield {"after": start, "through": min(start + SPAN, last)}


def users_of_others(
    transaction: Transaction, subjects: Iterable[str], *, but: int
) -> set[tuple[int, str]]:
    """Which of these `user:id` are somebody else's today, each with its account."""
    ids = [subject.partition(":")[2] for subject in subjects]
    rows = transaction.all(_PRESENT, ids=ids, the_person=but)
    return {(account, f"user:{user_id}") for account, user_id in rows}


def _email(told: str | None) -> set[str]:
    found = (json.loads(told) or {}).get("email") if told else None
    return {found} if isinstance(found, str) else set()


def invited(transaction: Transaction, email_keys: list[str]) -> list[tuple[int, int, str]]:
    """Every invitation to these addresses: its key, its account, its id."""
    rows = transaction.all(_INVITATIONS, email_keys=email_keys)
    return [(key, account, invitation_id) for key, account, invitation_id in rows]


def blank_invitations(
    transaction: Transaction,
    keys: list[int],
    email_keys: list[str],
    spelled: list[str],
    *,
    person: int,
) -> None:
    """Takes addresses out of these invitations to them, none pending, and all letters to them."""
    transaction.run(_NOT_ACCEPTED_BY, the_person=person)
    if keys:
        blanks = [{"the_key": key, "new_email_key": f"{ERASED}:{key}"} for key in keys]
        transaction.many(_BLANK, blanks)
    transaction.run(_REPEATS, invitations=keys)
    for statement, values in zip(_LETTERS, (keys, email_keys, spelled), strict=True):
        transaction.run(statement, values=values)
    resets = [mailings_of.reset(key, hour) for key in email_keys for hour in range(24)]
    counted = [*email_keys, *resets]
    transaction.run(_MAILINGS, email_keys=counted)


def entries(
    transaction: Transaction, subjects: Iterable[tuple[int, str]], *, after: Mapping[int, int]
) -> tuple[list[int], dict[int, int]]:
    """The keys of the audit's entries about these subjects, each of an account.

    Of those behind `after`, by account; and what that is the next time. Under an account's lock
    none is missed: its entries are written under that lock, in the order of their keys.
    """
    by_account: dict[int, list[str]] = {}
    for account, subject in subjects:
        by_account.setdefault(account, []).append(subject)
    found, seen = [], {}
    for account, named in by_account.items():
        last = seen[account] = int(transaction.only(_LAST_OF, the_account=account)[0])
        for span in _spans(after.get(account, 0), last):
            rows = transaction.all(_ABOUT, the_account=account, subjects=named, **span)
            found += [row[0] for row in rows]
    return found, seen


def blank_audit(transaction: Transaction, keys: list[int], *, person: int) -> None:
    """These entries stay, and those about a person without accounts, without who it was."""
    name = f"person:{person}"
    found = transaction.all(_ENTRIES_ALONE, the_subject=name)
    found += transaction.all(_ENTRIES, keys=keys)
    changed = [
        {"the_key": key, "new_before": _blank(before), "new_after": _blank(after)}
        for key, before, after in found
        if (_blank(before), _blank(after)) != (before, after)
    ]
    if changed:
        transaction.many(_REWRITE, changed)
    for unname in _UNNAME:
        transaction.run(unname, the_subject=name)


def _blank(told: str | None) -> str | None:
    values = json.loads(told) if told else None
    if not isinstance(values, dict):
        return told
    return json.dumps(
        {key: ERASED if key in _PERSONAL and value else value for key, value in values.items()}
    )
