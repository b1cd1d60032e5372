"""Passkeys, and the challenges they answer once."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, text, update

from guestlist.store.database import Transaction
from guestlist.store.schema import challenges, passkeys
from guestlist.store.statements import Statement

_LATE_AT_ONCE = 100
_COLUMNS = (
    passkeys.c.key,
    passkeys.c.person,
    passkeys.c.credential,
    passkeys.c.public_key,
    passkeys.c.sign_count,
    passkeys.c.name,
    passkeys.c.created_at,
    passkeys.c.used_at,
)
_of_person = passkeys.c.person == bindparam("person")

_CHALLENGE = Statement(
    insert(challenges).values(
        {name: bindparam(name) for name in ("sha256", "purpose", "person", "expires_at")}
    )
)
# Some at a time and none that another holds: nobody waits for a broom.
_SWEEP = Statement(
    delete(challenges).where(
        challenges.c.sha256.in_(
            select(challenges.c.sha256)
            .where(challenges.c.expires_at <= bindparam("now"))
            .limit(_LATE_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
    )
)
_ANSWER = Statement(
    delete(challenges)
    .where(
        challenges.c.sha256 == bindparam("sha256"),
        challenges.c.purpose == bindparam("purpose"),
        challenges.c.expires_at > bindparam("now"),
    )
    .returning(challenges.c.person)
)
_ADD = Statement(
    text(
        "INSERT INTO passkeys (person, credential, public_key, sign_count, name, created_at)"
        " VALUES (:person, :credential, :public_key, :sign_count, :name, :created_at)"
        ' ON CONFLICT (credential) DO NOTHING RETURNING "key"'
    )
)
_COUNT = Statement(select(func.count()).where(_of_person))
_LISTED = Statement(select(*_COLUMNS).where(_of_person).order_by(passkeys.c.key))
_BY_CREDENTIAL = Statement(
    select(*_COLUMNS).where(passkeys.c.credential == bindparam("credential"))
)
_new_count = bindparam("new_count", type_=BigInteger())
# Of two answers with one count, one is of a copy.
_USE = Statement(
    update(passkeys)
    .where(
        passkeys.c.key == bindparam("the_key"),
        (passkeys.c.sign_count < _new_count) | ((passkeys.c.sign_count == 0) & (_new_count == 0)),
    )
    .values(sign_count=_new_count, used_at=bindparam("now"))
    .returning(passkeys.c.key)
)
_REMOVE = Statement(
    delete(passkeys)
    .where(_of_person, passkeys.c.key == bindparam("the_key"))
    .returning(passkeys.c.key)
)


@dataclass(frozen=True, slots=True)
class Passkey:
    """Instants are microseconds since 1970, UTC."""

    key: int
    person: int
    credential: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: int
    used_at: int | None


def challenge(
    transaction: Transaction,
    *,
    sha256: bytes,
    purpose: str,
    person: int | None,
    now: int,
    expires_at: int,
) -> None:
    """Keeps a challenge until it is answered; sweeps away some that nobody answered."""
    transaction.run(_SWEEP, now=now)
    transaction.run(
        _CHALLENGE, sha256=sha256, purpose=purpose, person=person, expires_at=expires_at
    )


def answer(
    transaction: Transaction, *, sha256: bytes, purpose: str, person: int | None, now: int
) -> bool:
    """Whether this was asked, of this person, and not answered yet; now it is."""
    row = transaction.one(_ANSWER, sha256=sha256, purpose=purpose, now=now)
    return row is not None and row[0] == person


def add(
    transaction: Transaction,
    *,
    person: int,
    credential: bytes,
    public_key: bytes,
    sign_count: int,
    name: str,
    now: int,
) -> int | None:
    """The new row's key; None where somebody has this passkey."""
    row = transaction.one(
        _ADD,
        person=person,
        credential=credential,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
        created_at=now,
    )
    return None if row is None else int(row[0])


def count(transaction: Transaction, person: int) -> int:
    return int(transaction.only(_COUNT, person=person)[0])


def listed(transaction: Transaction, person: int) -> list[Passkey]:
    """The oldest first."""
    return [Passkey(*row) for row in transaction.all(_LISTED, person=person)]


def find(transaction: Transaction, credential: bytes) -> Passkey | None:
    row = transaction.one(_BY_CREDENTIAL, credential=credential)
    return None if row is None else Passkey(*row)


def use(transaction: Transaction, key: int, *, sign_count: int, now: int) -> bool:
    """Whether its count went on from the last, or it does not count."""
    return transaction.one(_USE, the_key=key, new_count=sign_count, now=now) is not None


def remove(transaction: Transaction, person: int, key: int) -> bool:
    return transaction.one(_REMOVE, person=person, the_key=key) is not None
