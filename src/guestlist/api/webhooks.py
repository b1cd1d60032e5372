"""Webhooks, which Guestlist has beside what the wire has: of these the wire tells nothing."""

from msgspec import Struct

from guestlist.actions import webhooks
from guestlist.actions.webhooks import Queued, Told
from guestlist.api import pages
from guestlist.api.documents import NO_CONTENT, Answer, answer, instant
from guestlist.api.endpoints import Request
from guestlist.api.fields import EventType, Instant, WebhookDeliveryState, WireId
from guestlist.domain.webhooks import Attempt, Delivery, Shape, Webhook, standard_secret

PATH = "/guestlist/v1/webhooks"


class WebhookDocument(Struct, frozen=True):
    """`trouble` says why it was disabled, where nobody did it by hand.

    Until `old_secret_until`, what is sent is signed with the secret before this one too.
    """

    id: WireId
    name: str
    url: str
    events: tuple[EventType, ...]
    enabled: bool
    trouble: str | None
    old_secret_until: Instant | None
    created_at: Instant
    updated_at: Instant


class WebhookWithSecret(WebhookDocument, frozen=True):
    """The secret is told in this answer and never again, in two spellings.

    `secret` is the key of the header `Signature`; `standard_secret` is what the libraries of
    Standard Webhooks take.
    """

    secret: str
    standard_secret: str


class AttemptDocument(Struct, frozen=True):
    """`status` is the answer's, `trouble` what went wrong instead.

    `milliseconds` is null while it is under way, and where it was cut off.
    """

    started_at: Instant
    milliseconds: int | None
    status: int | None
    trouble: str | None


class EventDeliveryDocument(Struct, frozen=True):
    """`sequence` is the event's number in its account."""

    sequence: int
    type: str
    state: WebhookDeliveryState
    created_at: Instant
    next_attempt_at: Instant | None
    attempts: tuple[AttemptDocument, ...]


class QueuedDocument(Struct, frozen=True):
    sequence: int
    type: str


def document(webhook: Webhook) -> WebhookDocument:
    return WebhookDocument(
        webhook.id,
        webhook.name,
        webhook.url,
        webhook.events,
        webhook.is_enabled,
        webhook.trouble,
        _instant(webhook.old_secret_until),
        instant(webhook.created_at),
        instant(webhook.updated_at),
    )


def with_secret(told: Told) -> WebhookWithSecret:
    shown = document(told.webhook)
    values = {name: getattr(shown, name) for name in shown.__struct_fields__}
    return WebhookWithSecret(
        **values, secret=told.secret, standard_secret=standard_secret(told.secret)
    )


def delivery(found: Delivery) -> EventDeliveryDocument:
    waits = found.state == "queued"
    return EventDeliveryDocument(
        found.sequence,
        found.type,
        found.state,
        instant(found.created_at),
        instant(found.due_at or found.created_at) if waits else None,
        tuple(map(_attempt, found.attempts)),
    )


def queued(event: Queued) -> QueuedDocument:
    return QueuedDocument(event.sequence, event.type)


def list_webhooks(request: Request) -> Answer:
    found = webhooks.list_webhooks(request.runtime, request.caller)
    return answer({"data": [document(webhook) for webhook in found]})


def get(request: Request) -> Answer:
    return _single(webhooks.get(request.runtime, request.caller, request.id))


def create(request: Request) -> Answer:
    told = webhooks.create(request.runtime, request.caller, _shape(request))
    return answer({"data": with_secret(told)})


def change(request: Request) -> Answer:
    return _single(webhooks.change(request.runtime, request.caller, request.id, _shape(request)))


def rotate(request: Request) -> Answer:
    told = webhooks.rotate(
        request.runtime,
        request.caller,
        request.id,
        overlap_hours=request.body.get("overlap_hours"),
    )
    return answer({"data": with_secret(told)})


def remove(request: Request) -> Answer:
    webhooks.remove(request.runtime, request.caller, request.id)
    return NO_CONTENT


def send_test(request: Request) -> Answer:
    event = webhooks.send_test(request.runtime, request.caller, request.id)
    return answer({"data": queued(event)})


def retry(request: Request) -> Answer:
    sequence = request.body.get("sequence")
    event = webhooks.retry(request.runtime, request.caller, request.id, sequence=sequence)
    return answer({"data": queued(event)})


def list_deliveries(request: Request) -> Answer:
    found = webhooks.list_deliveries(request.runtime, request.caller, request.id, request.page)
    documents = [delivery(one) for one in found.deliveries]
    base = f"{request.runtime.public_url}{PATH}/{found.webhook.id}/deliveries"
    paged = pages.simple(base, request.page, shown=len(documents), more=not found.is_last)
    return answer({"data": documents, **paged})


def exists(request: Request) -> bool:
    return webhooks.exists(request.runtime, request.caller, request.id)


def _single(webhook: Webhook) -> Answer:
    return answer({"data": document(webhook)})


def _shape(request: Request) -> Shape:
    body = request.body
    return Shape(
        name=body.get("name"),
        url=body.get("url"),
        events=body.get("events"),
        is_enabled=body.get("enabled"),
    )


def _attempt(attempt: Attempt) -> AttemptDocument:
    return AttemptDocument(
        instant(attempt.started_at), attempt.milliseconds, attempt.status, attempt.trouble
    )


def _instant(microseconds: int | None) -> str | None:
    return None if microseconds is None else instant(microseconds)
