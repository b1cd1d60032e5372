"""Proofs: one-time links mailed to people, or told by the operator."""

from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select, update

from guestlist.store.database import Database, Transaction
from guestlist.store.schema import proofs
from guestlist.store.statements import Statement

_NEW = (
    "person",
    "kind",
    "nonce",
    "key_fingerprint",
    "secret_sha256",
    "email",
    "created_at",
    "expires_at",
)
_COLUMNS = (
    proofs.c.key,
    proofs.c.person,
    proofs.c.kind,
    proofs.c.email,
    proofs.c.expires_at,
    proofs.c.used_at,
)
_INSERT = Statement(
    insert(proofs).values({name: bindparam(name) for name in _NEW}).returning(proofs.c.key)
)
_BY_SECRET = Statement(
    select(*_COLUMNS).where(proofs.c.secret_sha256 == bindparam("secret_sha256"))
)
_USE = Statement(
    update(proofs)
    .where(proofs.c.key == bindparam("the_key"), proofs.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(proofs.c.key)
)
_RENEW = Statement(
    update(proofs)
    .where(proofs.c.key == bindparam("the_key"))
    .values({name: bindparam(name) for name in ("nonce", "key_fingerprint", "secret_sha256")})
)
_PROLONG = Statement(
    update(proofs)
    .where(proofs.c.key == bindparam("the_key"), proofs.c.used_at.is_(None))
    .values(expires_at=bindparam("new_end"))
    .returning(proofs.c.key)
)
_NEWEST = Statement(
    select(*_COLUMNS)
    .where(proofs.c.person == bindparam("of_person"), proofs.c.kind == bindparam("kind"))
    .order_by(proofs.c.key.desc())
    .limit(1)
)
_END = Statement(
    update(proofs)
    .where(proofs.c.person == bindparam("of_person"), proofs.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
)
_END_CHANGES = Statement(
    update(proofs)
    .where(
        proofs.c.person == bindparam("of_person"),
        proofs.c.used_at.is_(None),
        (proofs.c.kind == "email_old") | (proofs.c.kind == "email_new"),
    )
    .values(used_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Proof:
    """`email` is the new address where this is about changing it."""

    key: int
    person: int
    kind: str
    email: str | None
    expires_at: int
    used_at: int | None

    def is_good(self, now: int) -> bool:
        return self.used_at is None and now < self.expires_at


def add(
    transaction: Transaction,
    *,
    person: int,
    kind: str,
    nonce: bytes,
    key_fingerprint: str,
    secret_sha256: bytes,
    now: int,
    expires_at: int,
    email: str | None = None,
) -> int:
    row = transaction.only(
        _INSERT,
        person=person,
        kind=kind,
        nonce=nonce,
        key_fingerprint=key_fingerprint,
        secret_sha256=secret_sha256,
        email=email,
        created_at=now,
        expires_at=expires_at,
    )
    return int(row[0])


def find(source: Database | Transaction, secret_sha256: bytes) -> Proof | None:
    row = source.one(_BY_SECRET, secret_sha256=secret_sha256)
    return None if row is None else Proof(*row)


def newest(transaction: Transaction, person: int, kind: str) -> Proof | None:
    row = transaction.one(_NEWEST, of_person=person, kind=kind)
    return None if row is None else Proof(*row)


def use(transaction: Transaction, proof: Proof, *, now: int) -> bool:
    """False where somebody was faster."""
    return transaction.one(_USE, the_key=proof.key, now=now) is not None


def end(transaction: Transaction, person: int, *, now: int) -> None:
    """None of the person's links opens anything any more."""
    transaction.run(_END, of_person=person, now=now)


def end_changes(transaction: Transaction, person: int, *, now: int) -> None:
    """Those of another address alone: whoever signed in could else end the owner's way back."""
    transaction.run(_END_CHANGES, of_person=person, now=now)


def renew(
    transaction: Transaction, key: int, *, nonce: bytes, key_fingerprint: str, secret_sha256: bytes
) -> None:
    """Another secret in place of the one whose key is gone; all else stays."""
    transaction.run(
        _RENEW,
        the_key=key,
        nonce=nonce,
        key_fingerprint=key_fingerprint,
        secret_sha256=secret_sha256,
    )


def prolong(transaction: Transaction, key: int, *, expires_at: int) -> bool:
    """False where it opens nothing any more."""
    return transaction.one(_PROLONG, the_key=key, new_end=expires_at) is not None
