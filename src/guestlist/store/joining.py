"""What an invitation's link leads to, found by its secret."""

from sqlalchemy import BindParameter, bindparam, func, select, update

from guestlist.domain.access import Grant
from guestlist.domain.invitations import State
from guestlist.domain.joining import Offer
from guestlist.store import grants, invitations
from guestlist.store.database import Database, Transaction
from guestlist.store.schema import accounts, people, users
from guestlist.store.schema import invitations as table
from guestlist.store.statements import Statement

_SECRET: BindParameter[bytes] = bindparam("secret_sha256")
_BY_SECRET = Statement(
    select(
        table.c.state,
        table.c.email_key,
        accounts.c.key,
        accounts.c.id,
        accounts.c.name,
        accounts.c.url,
        people.c.name,
        people.c.last_name,
        people.c.email,
        users.c.id,
        func.coalesce(table.c.copy_sha256 == _SECRET, False),
        table.c.accepted_by,
        *invitations.COLUMNS,
    )
    .select_from(
        table.join(accounts, accounts.c.key == table.c.account)
        .outerjoin(users, users.c.key == table.c.invited_by)
        .outerjoin(people, people.c.key == users.c.person)
    )
    .where((table.c.secret_sha256 == _SECRET) | (table.c.copy_sha256 == _SECRET))
)
_OWN = 12
_GIVER = Statement(
    select(*grants.columns("users", users.c.key, users)).where(
        users.c.account == bindparam("account"),
        users.c.key == bindparam("the_key"),
        users.c.suspended_at.is_(None),
    )
)
_ACCEPTED = Statement(
    update(table).where(table.c.key == bindparam("the_key")).values(accepted_by=bindparam("person"))
)
_ASKED = Statement(
    update(table)
    .where(
        table.c.key == bindparam("the_key"),
        table.c.asked_at.is_(None) | (table.c.asked_at < bindparam("before")),
    )
    .values(asked_at=bindparam("now"))
    .returning(table.c.key)
)
_END_COPIES = Statement(
    update(table)
    .where(
        table.c.account == bindparam("of_account"),
        table.c.state == State.PENDING.value,
        table.c.copy_sha256.is_not(None),
    )
    .values(invitations.NO_COPY)
    .returning(table.c.id)
)
_ADDRESSEE = Statement(
    select(users.c.person).where(
        users.c.account == bindparam("account"),
        users.c.key == bindparam("the_key"),
        users.c.suspended_at.is_(None),
    )
)


def find(source: Database | Transaction, secret_sha256: bytes) -> Offer | None:
    """In whatever state the invitation is."""
    row = source.one(_BY_SECRET, secret_sha256=secret_sha256)
    if row is None:
        return None
    state, email_key, account, account_id, name, url, *inviter, is_copy, accepted_by = row[:_OWN]
    given, last, email, inviter_id = inviter
    return Offer(
        invitation=invitations.from_row(row[_OWN:]),
        state=State(state),
        email_key=email_key,
        account=account,
        account_id=account_id,
        account_name=name,
        account_url=url,
        inviter=f"{given or ''} {last or ''}".strip() or email,
        inviter_id=inviter_id,
        is_copy=bool(is_copy),
        accepted_by=accepted_by,
    )


def giver(transaction: Transaction, account: int, user: int | None) -> Grant | None:
    """What a user holds, None where they are gone or suspended, or where there is none."""
    if user is None:
        return None
    row = transaction.one(_GIVER, account=account, the_key=user)
    return None if row is None else grants.read(row)


def accepted(transaction: Transaction, invitation: int, person: int) -> None:
    transaction.run(_ACCEPTED, the_key=invitation, person=person)


def asked(transaction: Transaction, invitation: int, *, now: int, before: int) -> bool:
    """Marks that another one was asked for; False where it was so since `before`."""
    row = transaction.one(_ASKED, the_key=invitation, now=now, before=before)
    return row is not None


def end_copies(transaction: Transaction, account: int) -> list[str]:
    """No copied link of the account opens anything any more; the invitations that had one."""
    return [row[0] for row in transaction.all(_END_COPIES, of_account=account)]


def person_of(transaction: Transaction, account: int, user: int) -> int | None:
    """None where they are gone or suspended."""
    row = transaction.one(_ADDRESSEE, account=account, the_key=user)
    return None if row is None else int(row[0])
