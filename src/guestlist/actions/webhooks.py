"""What one can do with webhooks."""

from dataclasses import dataclass, replace
from typing import Any

from guestlist.actions import seals
from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.domain import events as event_rules
from guestlist.domain import webhooks as rules
from guestlist.domain.events import Event
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Disabled, NotFound
from guestlist.domain.webhooks import Delivery, Shape, Webhook
from guestlist.store import events, webhook_attempts, webhook_deliveries, webhooks

TEST_MESSAGE = "This is a test: the webhook works."


@dataclass(frozen=True, slots=True)
class Told:
    """A webhook with its secret, which is shown this once."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class Queued:
    """An event that will be sent."""

    sequence: int
    type: str


@dataclass(frozen=True, slots=True)
class Deliveries:
    """A page of them, the newest first."""

    deliveries: list[Delivery]
    webhook: Webhook
    is_last: bool


def list_webhooks(runtime: Runtime, caller: Caller) -> list[Webhook]:
    with read(runtime, caller) as (transaction, account):
        return webhooks.of_account(transaction, account.key)


def get(runtime: Runtime, caller: Caller, webhook_id: str) -> Webhook:
    """Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        found = webhooks.find(transaction, account.key, webhook_id)
        if found is None:
            raise NotFound
        return found


def exists(runtime: Runtime, caller: Caller, webhook_id: str) -> bool:
    with read(runtime, caller) as (transaction, account):
        return webhooks.find(transaction, account.key, webhook_id) is not None


def create(runtime: Runtime, caller: Caller, shape: Shape) -> Told:
    """Raises Invalid, TooManyWebhooks."""
    with begin(runtime, caller) as unit:
        rules.examine_new(shape, allowed=runtime.webhook_allow, count=unit.account.webhooks)
        webhook_id, secret = unit.new_id(), _new_secret(unit)
        values: dict[str, Any] = {
            "id": webhook_id,
            "name": shape.name,
            "url": shape.url,
            "events": tuple(dict.fromkeys(shape.events)),
            "is_enabled": shape.is_enabled is not False,
            "created_at": unit.now,
        }
        key = webhooks.add(
            unit.transaction,
            account=unit.account.key,
            secret=_sealed(unit, webhook_id, secret),
            **values,
        )
        if not unit.account.webhooks:
            events.skip_ended(unit.transaction, unit.account.key, now=unit.now)
        unit.count(webhooks=1)
        made = Webhook(key=key, trouble=None, old_secret_until=None, updated_at=unit.now, **values)
        unit.record("webhook.create", f"webhook:{webhook_id}", after=_told(made))
        return Told(made, secret)


def change(runtime: Runtime, caller: Caller, webhook_id: str, shape: Shape) -> Webhook:
    """What is left out stays, and nothing new changes nothing.

    One that is disabled drops what waits for it. Raises NotFound, Invalid.
    """
    with begin(runtime, caller) as unit:
        webhook = _found(unit, webhook_id)
        rules.examine_change(shape, allowed=runtime.webhook_allow)
        changed = replace(
            webhook,
            name=webhook.name if shape.name is None else shape.name,
            url=webhook.url if shape.url is None else shape.url,
            events=webhook.events if shape.events is None else tuple(dict.fromkeys(shape.events)),
            is_enabled=webhook.is_enabled if shape.is_enabled is None else shape.is_enabled,
            trouble=None if shape.is_enabled else webhook.trouble,
            updated_at=unit.now,
        )
        if changed == replace(webhook, updated_at=unit.now):
            unit.change_nothing()
            return webhook
        webhooks.change(unit.transaction, changed)
        if not changed.is_enabled:
            webhook_deliveries.drop(unit.transaction, webhook.key)
        unit.record(
            "webhook.update",
            f"webhook:{webhook.id}",
            before=_told(webhook),
            after=_told(changed),
        )
        return changed


def rotate(runtime: Runtime, caller: Caller, webhook_id: str, *, overlap_hours: Any = None) -> Told:
    """A new secret; what is sent is signed with the old one too, until the overlap ends.

    Raises NotFound, Invalid.
    """
    with begin(runtime, caller) as unit:
        webhook = _found(unit, webhook_id)
        overlap = rules.overlap(overlap_hours)
        secret, until = _new_secret(unit), unit.now + overlap if overlap else None
        webhooks.rotate(
            unit.transaction,
            webhook,
            secret=_sealed(unit, webhook.id, secret),
            old_secret=_old(unit, webhook) if overlap else None,
            until=until,
            now=unit.now,
        )
        unit.record(
            "webhook.rotate",
            f"webhook:{webhook.id}",
            after={"overlap_hours": overlap // rules.HOUR},
        )
        return Told(replace(webhook, old_secret_until=until, updated_at=unit.now), secret)


def remove(runtime: Runtime, caller: Caller, webhook_id: str) -> None:
    """With what waits for it. Raises NotFound."""
    with begin(runtime, caller) as unit:
        webhook = _found(unit, webhook_id)
        webhooks.remove(unit.transaction, webhook)
        unit.count(webhooks=-1)
        unit.record("webhook.remove", f"webhook:{webhook.id}", before=_told(webhook))


def send_test(runtime: Runtime, caller: Caller, webhook_id: str) -> Queued:
    """Queues an event that tells nothing. Raises NotFound, Disabled."""
    with begin(runtime, caller) as unit:
        webhook = _enabled(unit, webhook_id)
        data = {"message": TEST_MESSAGE, "request_id": unit.cause.request}
        event = Event(unit.account.events + 1, event_rules.TEST, unit.now, data)
        subject = f"webhook:{webhook.id}"
        events.add_for(unit.transaction, unit.account.key, webhook.key, (subject, event))
        unit.count(events=1)
        unit.record("webhook.test", subject, after={"sequence": event.sequence})
        return Queued(event.sequence, event.type)


def retry(runtime: Runtime, caller: Caller, webhook_id: str, *, sequence: Any) -> Queued:
    """Sends an event again at once, whatever became of it before.

    Raises NotFound (the webhook, or that it has no such delivery), Invalid, Disabled.
    """
    with begin(runtime, caller) as unit:
        webhook = _enabled(unit, webhook_id)
        rules.examine_sequence(sequence)
        type_ = webhook_deliveries.retry(unit.transaction, unit.account.key, webhook.key, sequence)
        if type_ is None:
            raise NotFound
        unit.record("webhook.retry", f"webhook:{webhook.id}", after={"sequence": sequence})
        return Queued(sequence, type_)


def list_deliveries(runtime: Runtime, caller: Caller, webhook_id: str, page: Page) -> Deliveries:
    """Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        webhook = webhooks.find(transaction, account.key, webhook_id)
        if webhook is None:
            raise NotFound
        found, more = webhook_attempts.page(transaction, webhook.key, page)
        return Deliveries(found, webhook, not more)


def disable(unit: Unit, webhook_id: str, trouble: str) -> None:
    """As a part of a change; one that is gone, or disabled already, stays as it is."""
    webhook = webhooks.find(unit.transaction, unit.account.key, webhook_id)
    if webhook is None or not webhook.is_enabled:
        unit.change_nothing()
        return
    disabled = replace(webhook, is_enabled=False, trouble=trouble, updated_at=unit.now)
    webhooks.change(unit.transaction, disabled)
    webhook_deliveries.drop(unit.transaction, webhook.key)
    unit.record(
        "webhook.disable",
        f"webhook:{webhook.id}",
        before=_told(webhook),
        after=_told(disabled) | {"trouble": trouble},
    )


def _found(unit: Unit, webhook_id: str) -> Webhook:
    webhook = webhooks.find(unit.transaction, unit.account.key, webhook_id)
    if webhook is None:
        raise NotFound
    return webhook


def _enabled(unit: Unit, webhook_id: str) -> Webhook:
    webhook = _found(unit, webhook_id)
    if not webhook.is_enabled:
        raise Disabled
    return webhook


def _new_secret(unit: Unit) -> str:
    return rules.secret_from(unit.random(rules.SECRET_BYTES))


def _sealed(unit: Unit, webhook_id: str, secret: str, column: str = "secret") -> bytes:
    return seals.seal(
        unit.runtime.keys,
        secret.encode(),
        about=seals.about_webhook(unit.account.key, webhook_id, column),
        random=unit.random,
    )


def _old(unit: Unit, webhook: Webhook) -> bytes | None:
    """What is the secret now, sealed as the old one; None where no key opens it any more."""
    about = seals.about_webhook(unit.account.key, webhook.id, "secret")
    try:
        secret = seals.unseal(
            unit.runtime.keys, webhooks.secret(unit.transaction, webhook), about=about
        )
    except KeyError:
        return None
    return _sealed(unit, webhook.id, secret.decode(), "old_secret")


def _told(webhook: Webhook) -> dict[str, Any]:
    place, mark, _ = webhook.url.partition("?")
    return {
        "name": webhook.name,
        # What it asks with may be a secret, and an entry is for ever.
        "url": f"{place}?…" if mark else place,
        "events": list(webhook.events),
        "enabled": webhook.is_enabled,
    }
