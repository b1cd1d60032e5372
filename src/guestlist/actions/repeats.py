"""Requests that name themselves by a key: coming again, they are answered and not done again."""

from collections.abc import Iterable

from guestlist.actions.runtime import Unit
from guestlist.domain.access import Actor
from guestlist.domain.invitations import KEY_LIFE, Invitation
from guestlist.domain.refusals import KeyReused
from guestlist.store import invitations, repeats
from guestlist.store.database import Transaction


def recalled(
    transaction: Transaction, account: int, by: Actor, keys: Iterable[str], *, now: int
) -> dict[str, tuple[bytes, int]]:
    """What each key made for who asks: the digest of what was sent, the invitation's key."""
    since = now - KEY_LIFE
    return repeats.find(transaction, account, _caller(by), list(keys), since=since)


def recall(unit: Unit, key: str, body_sha256: bytes) -> Invitation | None:
    """What the key made, as it is now. Raises KeyReused where it came with another body."""
    account = unit.account.key
    found = recalled(unit.transaction, account, unit.by, [key], now=unit.now).get(key)
    if found is None:
        return None
    kept_sha256, invitation = found
    if kept_sha256 != body_sha256:
        raise KeyReused
    return invitations.by_keys(unit.transaction, [invitation])[invitation]


def keep(unit: Unit, key: str, body_sha256: bytes, invitation: Invitation) -> None:
    repeats.forget(unit.transaction, unit.account.key, since=unit.now - KEY_LIFE)
    repeats.keep(
        unit.transaction,
        unit.account.key,
        _caller(unit.by),
        key,
        body_sha256=body_sha256,
        invitation=invitation.key,
        now=unit.now,
    )


def _caller(by: Actor) -> str:
    return by.token_id or by.user_id or "operator"
