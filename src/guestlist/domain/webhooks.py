"""Webhooks: what one may be, how what is sent is signed, and when it is sent again.

The signatures are those of the Standard Webhooks specification 1.0, and MailerSend's own.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from guestlist.domain import destinations, emails, ids
from guestlist.domain.accounts import MAX_URL
from guestlist.domain.destinations import Allowed
from guestlist.domain.events import TYPES, Event
from guestlist.domain.instants import written
from guestlist.domain.refusals import Fault, Invalid, Rule, TooManyWebhooks
from guestlist.domain.tokens import name_faults

MOST = 20
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what Standard Webhooks begins one with
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DEFAULT_OVERLAP_HOURS = 24
MAX_OVERLAP_HOURS = 7 * 24
GONE = 410

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SECRET_LENGTH = 32
# More would overflow a database's integer.
_LAST_SEQUENCE = 2**53 - 1
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?#@:\[\]\\]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?"
    r"([/?][^\s#\\]*)?",
    re.IGNORECASE,
)
_SINGLE_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}

# How long after each failed attempt comes the next; after the last there is none.
_WAITS = tuple(
    seconds * SECOND for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
MOST_ATTEMPTS = len(_WAITS) + 1
# What says to wait longer was written by a clock set back since.
LONGEST_WAIT = 30 * HOUR


@dataclass(frozen=True, slots=True)
class Webhook:
    """`trouble` says why it was disabled, where nobody did it by hand."""

    key: int
    id: str
    name: str
    url: str
    events: tuple[str, ...]
    is_enabled: bool
    trouble: str | None
    old_secret_until: int | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One whose `milliseconds` are None is under way, or was cut off with its process."""

    started_at: int
    milliseconds: int | None
    status: int | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Of the event of that number; `due_at` is 0 before the first attempt."""

    state: str
    due_at: int
    created_at: int
    sequence: int
    type: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A webhook that this process alone starts deliveries to until then, and which are due."""

    webhook: int
    until: int
    deliveries: list[int]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a request says of a webhook; None is left out."""

    name: Any = None
    url: Any = None
    events: Any = None
    is_enabled: Any = None


def examine_new(shape: Shape, *, allowed: Allowed, count: int) -> None:
    """Raises Invalid, TooManyWebhooks; `count` is how many the account has."""
    _examine(shape, allowed, required=True)
    if count >= MOST:
        raise TooManyWebhooks(MOST)


def examine_change(shape: Shape, *, allowed: Allowed) -> None:
    """Raises Invalid; what is left out stays."""
    _examine(shape, allowed, required=False)


def overlap(hours: Any) -> int:
    """For how long the old secret stays good, in microseconds. Raises Invalid."""
    if hours is None:
        hours = DEFAULT_OVERLAP_HOURS
    _check_whole("overlap_hours", hours, least=0, most=MAX_OVERLAP_HOURS)
    return int(hours) * HOUR


def examine_sequence(sequence: object) -> None:
    """Raises Invalid where it cannot be an event's."""
    if sequence is None:
        raise Invalid([Fault("sequence", Rule.REQUIRED)])
    _check_whole("sequence", sequence, least=1, most=_LAST_SEQUENCE)


def _check_whole(field: str, number: object, *, least: int, most: int) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        raise Invalid([Fault(field, Rule.INTEGER)])
    if number < least:
        raise Invalid([Fault(field, Rule.AT_LEAST, least)])
    if number > most:
        raise Invalid([Fault(field, Rule.AT_MOST, most)])


def secret_from(random: bytes) -> str:
    """32 letters and digits, as MailerSend's are, from 32 random bytes."""
    return ids.spelled(random, _ALPHABET, _SECRET_LENGTH)


def standard_secret(secret: str) -> str:
    """The same secret as the libraries of Standard Webhooks take it."""
    return SECRET_PREFIX + base64.b64encode(secret.encode()).decode()


def message_id(webhook_id: str, sequence: int) -> str:
    """The same at every attempt, so that a receiver knows what it has already."""
    return f"msg_{webhook_id}_{sequence}"


def headers(message: str, body: bytes, *, secrets: Iterable[str], now: int) -> dict[str, str]:
    """`secrets`: the newest first, and the one before for as long as it stays good."""
    keys = [secret.encode() for secret in secrets]
    seconds = str(now // SECOND)
    signed = f"{message}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        # MailerSend's has no place for a second one.
        "signature": hmac.digest(keys[0], body, "sha256").hex(),
    }


def payload(event: Event, *, account_id: str, webhook: Webhook) -> dict[str, Any]:
    """The body: Standard Webhooks' three, MailerSend's envelope, and the account's count."""
    instant = written(event.at)
    return {
        "type": event.type,
        "timestamp": instant,
        "account_id": account_id,
        "sequence": event.sequence,
        "domain_id": None,
        "created_at": instant,
        "webhook_id": webhook.id,
        "url": webhook.url,
        "data": event.data,
    }


def wait(attempts: int, *, chance: int, asked: int = 0) -> int | None:
    """How long until the next attempt after so many, in microseconds; None: there is none.

    `chance` is 16 random bits: up to a fifth later, so that what failed together need not come back
    together. `asked` is what the receiver wants at the least, which holds within a bound.
    """
    if attempts > len(_WAITS):
        return None
    planned = _WAITS[attempts - 1]
    planned += planned * chance // (5 << 16)
    return max(planned, min(asked, _WAITS[-1]))


def is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - what HTTP calls successful


def _examine(shape: Shape, allowed: Allowed, *, required: bool) -> None:
    faults = [
        *name_faults(shape.name, required=required),
        *_url_faults(shape.url, allowed, required=required),
        *_events_faults(shape.events, required=required),
    ]
    if shape.is_enabled is not None and not isinstance(shape.is_enabled, bool):
        faults.append(Fault("enabled", Rule.BOOLEAN))
    if faults:
        raise Invalid(faults)


def _url_faults(url: object, allowed: Allowed, *, required: bool) -> list[Fault]:
    if url is None:
        return [Fault("url", Rule.REQUIRED)] if required else []
    if not isinstance(url, str):
        return [Fault("url", Rule.STRING)]
    if len(url) > MAX_URL:
        return [Fault("url", Rule.MAX_CHARACTERS, MAX_URL)]
    parts = _URL.fullmatch(url) if url.isprintable() else None
    if parts is None:
        return [Fault("url", Rule.URL)]
    scheme, host = parts["scheme"].lower(), parts["host"].strip("[]")
    port = int(parts["port"] or _PORTS[scheme])
    if not 0 < port <= destinations.LAST_PORT:
        return [Fault("url", Rule.URL)]
    return _host_faults(host, port, allowed, is_https=scheme == "https")


def _host_faults(host: str, port: int, allowed: Allowed, *, is_https: bool) -> list[Fault]:
    """What is said at once; a name is judged at each attempt, by the address it has then."""
    address = destinations.literal(host)
    if address is not None:
        fine = allowed.permits(address, port, is_https=is_https)
        return [] if fine else [Fault("url", Rule.PUBLIC if is_https else Rule.URL)]
    if not is_https and not allowed.places:
        return [Fault("url", Rule.URL)]
    is_name = emails.host(host) is not None or bool(_SINGLE_LABEL.fullmatch(host))
    return [] if is_name else [Fault("url", Rule.URL)]


def _events_faults(events: object, *, required: bool) -> list[Fault]:
    if events is None or events in ([], {}):
        return [Fault("events", Rule.REQUIRED)] if required or events is not None else []
    if not isinstance(events, list):
        return [Fault("events", Rule.ARRAY)]
    if len(events) > len(TYPES):
        return [Fault("events", Rule.MAX_ITEMS, len(TYPES))]
    return [
        Fault(f"events.{number}", Rule.SELECTED)
        for number, event in enumerate(events)
        if event not in TYPES
    ]
