"""What is kept of a person beside their own row, so that it can go with them."""

import json
from collections.abc import Iterable, Iterator

from sqlalchemy import and_, bindparam, delete, func, null, select, update

from guestlist.domain.audit import ERASED
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

_NOBODY = f"person:{ERASED}"
# So many entries are read, or written, at a time.
SPAN = 100_000

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
_MENTIONS = Statement(
    select(audit.c.account, audit.c.subject, audit.c.personal).where(
        _SPAN,
        audit.c.account.is_not(None),
        audit.c.subject.like("user:%"),
        audit.c.personal.like('%"email"%'),
    )
)
_INVITATIONS = Statement(
    select(invitations.c.key, invitations.c.account, invitations.c.id).where(
        among(invitations.c.email_key, "email_keys")
    )
)
_ABOUT = Statement(
    select(audit.c.key).where(
        audit.c.account == bindparam("the_account"),
        among(audit.c.subject, "subjects"),
        audit.c.personal.is_not(None),
    )
)
_BY = Statement(
    select(audit.c.key).where(
        audit.c.account == bindparam("the_account"),
        audit.c.actor >= bindparam("first"),
        audit.c.actor < bindparam("behind"),
        audit.c.origin.is_not(None),
    )
)
_ALONE = Statement(
    select(audit.c.key).where(
        audit.c.account.is_(None),
        (audit.c.subject == bindparam("the_subject")) | (audit.c.actor == bindparam("the_subject")),
    )
)
_ERASE = {
    column: Statement(update(audit).where(among(audit.c.key, "keys")).values({column.name: null()}))
    for column in (audit.c.personal, audit.c.origin)
}
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
        (account, subject, _emails(personal))
        for span in _spans(after, last)
        for account, subject, personal in transaction.all(_MENTIONS, **span)
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


def _emails(personal: str) -> set[str]:
    told = json.loads(personal)
    sides = [told.get(name, {}) for name in ("before", "after")]
    return {side["email"] for side in sides if "email" in side}


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


def blank_audit(
    transaction: Transaction, subjects: Iterable[tuple[int, str]], *, person: int
) -> None:
    """Entries about these stay without who it was, and those by them without from where.

    Each is of an account; of a person without accounts nothing is left that names them.
    """
    by_account: dict[int, list[str]] = {}
    for account, subject in subjects:
        by_account.setdefault(account, []).append(subject)
    name = f"person:{person}"
    about = [row[0] for row in transaction.all(_ALONE, the_subject=name)]
    by = list(about)
    for account, named in by_account.items():
        rows = transaction.all(_ABOUT, the_account=account, subjects=named)
        about += [row[0] for row in rows]
        for first, behind in map(_actors, named):
            rows = transaction.all(_BY, the_account=account, first=first, behind=behind)
            by += [row[0] for row in rows]
    for column, keys in ((audit.c.personal, about), (audit.c.origin, by)):
        for start in range(0, len(keys), SPAN):
            transaction.run(_ERASE[column], keys=keys[start : start + SPAN])
    for unname in _UNNAME:
        transaction.run(unname, the_subject=name)


def _actors(subject: str) -> tuple[str, str]:
    """From and to which the names of who acted lie: the user or invitee, and a user's tokens."""
    name = subject if subject.startswith("user:") else f"invitee of {subject}"
    return name, f"{name}!"
