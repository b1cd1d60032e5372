"""What a person shows beside a password: an authenticator's seed and recovery codes."""

from sqlalchemy import LargeBinary, bindparam, delete, exists, false, func, insert, select, update

from guestlist.store.database import Transaction
from guestlist.store.schema import passkeys, people, recovery_codes
from guestlist.store.statements import Statement

_mine = people.c.key == bindparam("person")

_SEED = Statement(select(people.c.totp_seed).where(_mine))
_SET_SEED = Statement(
    update(people)
    .where(_mine)
    .values(totp_seed=bindparam("new_seed"), totp_step=bindparam("new_step"))
)
_SEALED_OTHERWISE = Statement(
    select(people.c.key, people.c.totp_seed)
    .where(
        people.c.key > bindparam("after"),
        people.c.totp_seed.is_not(None),
        func.substr(people.c.totp_seed, 1, func.length(bindparam("begins", type_=LargeBinary())))
        != bindparam("begins", type_=LargeBinary()),
    )
    .order_by(people.c.key)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_RESEAL = Statement(update(people).where(_mine).values(totp_seed=bindparam("new_seed")))
# Of two that show the same code at once, one changes the row, and the other finds it changed.
_USE_STEP = Statement(
    update(people)
    .where(
        _mine,
        people.c.totp_seed.is_not(None),
        people.c.totp_step.is_(None) | (people.c.totp_step < bindparam("step")),
    )
    .values(totp_step=bindparam("step"))
    .returning(people.c.key)
)
_ADD_CODE = Statement(
    insert(recovery_codes).values(person=bindparam("person"), sha256=bindparam("sha256"))
)
_USE_CODE = Statement(
    delete(recovery_codes)
    .where(
        recovery_codes.c.person == bindparam("person"),
        recovery_codes.c.sha256 == bindparam("sha256"),
    )
    .returning(recovery_codes.c.key)
)
_CODES = Statement(select(func.count()).where(recovery_codes.c.person == bindparam("person")))
_DELETE_CODES = Statement(
    delete(recovery_codes).where(recovery_codes.c.person == bindparam("person"))
)
_DELETE_PASSKEYS = Statement(delete(passkeys).where(passkeys.c.person == bindparam("person")))
_has_any = people.c.totp_seed.is_not(None) | exists().where(passkeys.c.person == people.c.key)
_HAS_ANY = Statement(select(people.c.key).where(_mine, _has_any))
_REFRESH = Statement(update(people).where(_mine).values(two_factor=_has_any))
_NO_LONGER_DUE = Statement(update(people).where(_mine, _has_any).values(must_set_factor=false()))


def seed(transaction: Transaction, person: int) -> bytes | None:
    """Sealed."""
    row = transaction.one(_SEED, person=person)
    return None if row is None else row[0]


def set_seed(transaction: Transaction, person: int, sealed: bytes | None, step: int | None) -> None:
    transaction.run(_SET_SEED, person=person, new_seed=sealed, new_step=step)


def sealed_otherwise(
    transaction: Transaction, begins: bytes, *, after: int, most: int
) -> list[tuple[int, bytes]]:
    """People behind `after` whose seed's seal does not begin so, and it; none that others hold."""
    rows = transaction.all(_SEALED_OTHERWISE, begins=begins, after=after, most=most)
    return [(row[0], bytes(row[1])) for row in rows]


def reseal(transaction: Transaction, person: int, sealed: bytes) -> None:
    transaction.run(_RESEAL, person=person, new_seed=sealed)


def use_step(transaction: Transaction, person: int, step: int) -> bool:
    """Whether no code of this step or a later one was used; now one is."""
    return transaction.one(_USE_STEP, person=person, step=step) is not None


def set_codes(transaction: Transaction, person: int, sha256s: list[bytes]) -> None:
    """In place of all there are."""
    transaction.run(_DELETE_CODES, person=person)
    if sha256s:
        rows = [{"person": person, "sha256": sha256} for sha256 in sha256s]
        transaction.many(_ADD_CODE, rows)


def use_code(transaction: Transaction, person: int, sha256: bytes) -> bool:
    """Whether there was this recovery code; now there is not."""
    return transaction.one(_USE_CODE, person=person, sha256=sha256) is not None


def codes(transaction: Transaction, person: int) -> int:
    return int(transaction.only(_CODES, person=person)[0])


def has_any(transaction: Transaction, person: int) -> bool:
    """An authenticator or a passkey; recovery codes stand in for these, and are none."""
    return transaction.one(_HAS_ANY, person=person) is not None


def clear(transaction: Transaction, person: int) -> None:
    set_seed(transaction, person, None, None)
    transaction.run(_DELETE_CODES, person=person)
    transaction.run(_DELETE_PASSKEYS, person=person)
    refresh_two_factor(transaction, person)


def refresh_two_factor(transaction: Transaction, person: int) -> None:
    """What the wire's 2fa shows is what there is; who has one need not set one up."""
    transaction.run(_REFRESH, person=person)
    transaction.run(_NO_LONGER_DUE, person=person)
