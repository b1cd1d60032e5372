"""Webhooks: where an account's events are sent, with the sealed secrets they are signed with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    LargeBinary,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from guestlist.domain.webhooks import Webhook
from guestlist.store.database import Transaction
from guestlist.store.schema import webhooks
from guestlist.store.statements import Row, Statement, words

_SHOWN = (
    *("key", "id", "name", "url", "events", "is_enabled", "trouble"),
    *("old_secret_until", "created_at", "updated_at"),
)
COLUMNS = tuple(webhooks.c[name] for name in _SHOWN)
_NEW = ("account", "id", "name", "url", "events", "is_enabled", "secret", "created_at")
_OF_ACCOUNT = webhooks.c.account == bindparam("account")

_ALL = Statement(select(*COLUMNS).where(_OF_ACCOUNT).order_by(webhooks.c.key))
_BY_ID = Statement(select(*COLUMNS).where(_OF_ACCOUNT, webhooks.c.id == bindparam("id")))
_INSERT = Statement(
    insert(webhooks)
    .values({name: bindparam(name) for name in _NEW} | {"updated_at": bindparam("created_at")})
    .returning(webhooks.c.key)
)
_CHANGE = Statement(
    update(webhooks)
    .where(webhooks.c.key == bindparam("the_key"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("name", "url", "events", "is_enabled", "trouble", "updated_at")
        }
    )
)
_DELETE = Statement(delete(webhooks).where(webhooks.c.key == bindparam("the_key")))
_SECRET = Statement(select(webhooks.c.secret).where(webhooks.c.key == bindparam("the_key")))
_ROTATE = Statement(
    update(webhooks)
    .where(webhooks.c.key == bindparam("the_key"))
    .values(
        secret=bindparam("new_secret"),
        old_secret=bindparam("new_old_secret"),
        old_secret_until=bindparam("until"),
        updated_at=bindparam("now"),
    )
)
_SEALED = (webhooks.c.secret, webhooks.c.old_secret)
_begins: BindParameter[bytes] = bindparam("begins", type_=LargeBinary())
_OTHERWISE = tuple(
    column.is_not(None) & (func.substr(column, 1, func.length(_begins)) != _begins)
    for column in _SEALED
)
_SEALED_OTHERWISE = Statement(
    select(webhooks.c.key, webhooks.c.account, webhooks.c.id, *_SEALED)
    .where(webhooks.c.key > bindparam("after"), or_(*_OTHERWISE))
    .order_by(webhooks.c.key)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_RESEAL = Statement(
    update(webhooks)
    .where(webhooks.c.key == bindparam("the_key"))
    .values(secret=bindparam("new_secret"), old_secret=bindparam("new_old_secret"))
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A webhook's secrets, the newest and the one before it, as they are kept."""

    key: int
    account: int
    id: str
    secret: bytes
    old_secret: bytes | None


def from_row(row: Row) -> Webhook:
    key, wire_id, name, url, events, is_enabled, *rest = row
    return Webhook(key, wire_id, name, url, tuple(events.split()), bool(is_enabled), *rest)


def of_account(transaction: Transaction, account: int) -> list[Webhook]:
    """In the order they were made; there are few."""
    return [from_row(row) for row in transaction.all(_ALL, account=account)]


def find(transaction: Transaction, account: int, webhook_id: str) -> Webhook | None:
    row = transaction.one(_BY_ID, account=account, id=webhook_id)
    return None if row is None else from_row(row)


def add(transaction: Transaction, **values: Any) -> int:
    """Keeps a new webhook, whose `secret` is sealed, and returns its key."""
    values["events"] = words(values["events"])
    return int(transaction.only(_INSERT, **values)[0])


def change(transaction: Transaction, webhook: Webhook) -> None:
    """Keeps what can be changed as it is in `webhook`."""
    transaction.run(
        _CHANGE,
        the_key=webhook.key,
        new_name=webhook.name,
        new_url=webhook.url,
        new_events=words(webhook.events),
        new_is_enabled=webhook.is_enabled,
        new_trouble=webhook.trouble,
        new_updated_at=webhook.updated_at,
    )


def remove(transaction: Transaction, webhook: Webhook) -> None:
    """With all that was to be sent to it."""
    transaction.run(_DELETE, the_key=webhook.key)


def secret(transaction: Transaction, webhook: Webhook) -> bytes:
    """Sealed."""
    return bytes(transaction.only(_SECRET, the_key=webhook.key)[0])


def rotate(
    transaction: Transaction,
    webhook: Webhook,
    *,
    secret: bytes,
    old_secret: bytes | None,
    until: int | None,
    now: int,
) -> None:
    """A new secret, sealed; the one before stays good until then."""
    transaction.run(
        _ROTATE,
        the_key=webhook.key,
        new_secret=secret,
        new_old_secret=old_secret,
        until=until,
        now=now,
    )


def sealed_otherwise(
    transaction: Transaction, begins: bytes, *, after: int, most: int
) -> list[Sealed]:
    """Those behind `after` with a seal that does not begin so; none that others hold."""
    rows = transaction.all(_SEALED_OTHERWISE, begins=begins, after=after, most=most)
    return [
        Sealed(key, account, wire_id, bytes(secret), None if old is None else bytes(old))
        for key, account, wire_id, secret, old in rows
    ]


def reseal(transaction: Transaction, key: int, sealed: Mapping[str, bytes | None]) -> None:
    """`sealed` holds `secret` and `old_secret`."""
    transaction.run(
        _RESEAL,
        the_key=key,
        new_secret=sealed["secret"],
        new_old_secret=sealed["old_secret"],
    )
