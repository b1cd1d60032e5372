"""The webhooks of the small world that the API's examples are of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from guestlist.actions.webhooks import Queued, Told
from guestlist.api import pages, webhooks
from guestlist.domain import events
from guestlist.domain.instants import parse
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Disabled, Fault, Invalid, Refusal, Rule
from guestlist.domain.webhooks import (
    HOUR,
    MAX_OVERLAP_HOURS,
    Attempt,
    Delivery,
    Webhook,
)

NOW = parse("2026-03-02T09:30:00Z")
SECRET = "k3J9xQ2mV7rT1bN8cZ5wY4hL6pD0sFgA"  # noqa: S105 - nobody's
CREW = Webhook(
    key=1,
    id="w5k2x8q1vz9r7n3d",
    name="Crew list",
    url="https://crew.acme.test/hooks",
    events=("user.invited", "user.removed"),
    is_enabled=True,
    trouble=None,
    old_secret_until=None,
    created_at=parse("2026-02-20T10:00:00Z"),
    updated_at=parse("2026-02-20T10:00:00Z"),
)
DELIVERY = Delivery(
    state="delivered",
    due_at=parse("2026-02-24T08:00:06Z"),
    created_at=parse("2026-02-24T08:00:00Z"),
    sequence=1,
    type="user.invited",
    attempts=(
        Attempt(parse("2026-02-24T08:00:00Z"), 41, 503, None),
        Attempt(parse("2026-02-24T08:00:06Z"), 28, 200, None),
    ),
)
BODIES: Mapping[str, dict[str, Any]] = {
    "createWebhook": {
        "name": "Audit feed",
        "url": "https://audit.acme.test/in",
        "events": ["user.updated", "token.created"],
    },
    "updateWebhook": {"enabled": False},
    "rotateWebhookSecret": {"overlap_hours": 48},
    "retryWebhookDelivery": {"sequence": DELIVERY.sequence},
}
REFUSED: Mapping[str, Refusal] = {
    "createWebhook": Invalid([Fault("url", Rule.URL), Fault("events.0", Rule.SELECTED)]),
    "updateWebhook": Invalid([Fault("url", Rule.PUBLIC)]),
    "rotateWebhookSecret": Invalid([Fault("overlap_hours", Rule.AT_MOST, MAX_OVERLAP_HOURS)]),
    "testWebhook": Disabled(),
    "retryWebhookDelivery": Invalid([Fault("sequence", Rule.REQUIRED)]),
}


def answers(public_url: str) -> dict[str, Any]:
    """By operation."""
    body = BODIES["createWebhook"]
    feed = replace(
        CREW,
        name=body["name"],
        url=body["url"],
        events=tuple(body["events"]),
        created_at=NOW,
        updated_at=NOW,
    )
    overlap = BODIES["rotateWebhookSecret"]["overlap_hours"]
    rotated = replace(CREW, old_secret_until=NOW + overlap * HOUR, updated_at=NOW)
    crew = webhooks.document(CREW)
    base = f"{public_url}{webhooks.PATH}/{CREW.id}/deliveries"
    return {
        "listWebhooks": {"data": [crew]},
        "createWebhook": {"data": webhooks.with_secret(Told(feed, SECRET))},
        "getWebhook": {"data": crew},
        "updateWebhook": {
            "data": webhooks.document(replace(CREW, is_enabled=False, updated_at=NOW))
        },
        "rotateWebhookSecret": {"data": webhooks.with_secret(Told(rotated, SECRET))},
        "testWebhook": {"data": webhooks.queued(Queued(DELIVERY.sequence + 1, events.TEST))},
        "listWebhookDeliveries": {
            "data": [webhooks.delivery(DELIVERY)],
            **pages.simple(base, Page(), shown=1, more=False),
        },
        "retryWebhookDelivery": {"data": webhooks.queued(Queued(DELIVERY.sequence, DELIVERY.type))},
    }
