"""Pictures of people; each upload is a new one at an address of its own."""

from sqlalchemy import bindparam, delete, select, text, update

from guestlist.store.database import Transaction
from guestlist.store.schema import avatars, people
from guestlist.store.statements import Statement

_BODY = Statement(select(avatars.c.body).where(avatars.c.id == bindparam("id")))
_SET = Statement(
    text(
        "INSERT INTO avatars (person, id, body) VALUES (:person, :id, :body)"
        " ON CONFLICT (person) DO UPDATE SET id = excluded.id, body = excluded.body"
    )
)
_DELETE = Statement(delete(avatars).where(avatars.c.person == bindparam("person")))
_SHOW = Statement(
    update(people).where(people.c.key == bindparam("person")).values(avatar=bindparam("new_avatar"))
)


def body(transaction: Transaction, avatar_id: str) -> bytes | None:
    row = transaction.one(_BODY, id=avatar_id)
    return None if row is None else bytes(row[0])


def keep(transaction: Transaction, person: int, *, avatar_id: str, body: bytes, path: str) -> None:
    """In place of the one there is; `path` is what the person's documents show."""
    transaction.run(_SET, person=person, id=avatar_id, body=body)
    transaction.run(_SHOW, person=person, new_avatar=path)


def remove(transaction: Transaction, person: int) -> None:
    transaction.run(_DELETE, person=person)
    transaction.run(_SHOW, person=person, new_avatar=None)
