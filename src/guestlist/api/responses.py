"""Every answer an endpoint can give, with its headers and an example, as OpenAPI tells it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from guestlist.api import examples, refusals
from guestlist.api.documents import JSON, Answer
from guestlist.api.endpoints import Endpoint
from guestlist.api.refusals import InvalidDocument, RefusalDocument
from guestlist.api.schemas import Schema, reference
from guestlist.domain.refusals import Malformed

# Description, schema, example.
_HEADERS: dict[str, tuple[str, Schema, Any]] = {
    "x-request-id": (
        "Names this request in the server's log.",
        {"type": "string"},
        "5f0c1e2d3b4a5968",
    ),
    "x-apiquota-remaining": (
        "Requests left in the day's quota; -1 where there is none.",
        {"type": "integer"},
        -1,
    ),
    "x-apiquota-reset": (
        "When the quota's day ends.",
        {"type": "string", "format": "date-time"},
        "2026-03-03T00:00:00Z",
    ),
    "x-ratelimit-limit": (
        "Requests in a window; only where the operator set a rate limit.",
        {"type": "integer"},
        60,
    ),
    "x-ratelimit-remaining": (
        "Requests left in this window; only where the operator set a rate limit.",
        {"type": "integer"},
        59,
    ),
    "retry-after": ("Seconds to wait before asking again.", {"type": "integer"}, 1),
    "idempotency-replayed": (
        "The invite was made before, by the request with this `Idempotency-Key`.",
        {"type": "string", "enum": ["true"]},
        "true",
    ),
    "link": (
        "Where what follows is, of what is not JSON.",
        {"type": "string"},
        '<https://people.acme.test/guestlist/v1/audit?format=csv&after=41>; rel="next"',
    ),
    "etag": ("To be sent back as `If-None-Match`.", {"type": "string"}, examples.ETAG),
}
_QUOTA = ("x-apiquota-remaining", "x-apiquota-reset")
_RATE = ("x-ratelimit-limit", "x-ratelimit-remaining")
_COUNTED = (*_QUOTA, *_RATE)
_REPLAYED = "idempotency-replayed"
_LINK = "link"
_SOMETIMES = {*_RATE, _REPLAYED, _LINK}

# Description, example, headers.
_REFUSALS: dict[str, tuple[str, Answer, Sequence[str]]] = {
    "Unauthenticated": (
        "No token, or one that is unknown, paused, expired or ended.",
        refusals.UNAUTHENTICATED,
        _RATE,
    ),
    "Unauthorized": (
        "The token lacks the scope, or what is asked for is out of its owner's reach.",
        refusals.FORBIDDEN,
        _COUNTED,
    ),
    "NotFound": ("No such thing in this account.", refusals.NOT_FOUND, _RATE),
    "UserNotFound": ("No such user in this account.", refusals.NOT_FOUND, _COUNTED),
    "Malformed": (
        "What was sent is no question; the message says what is wrong, and where.",
        refusals.refused(Malformed("Input data was truncated"), is_change=False),
        _COUNTED,
    ),
    "BrokenKey": (
        "The `Idempotency-Key` is none.",
        refusals.plain(400, refusals.BROKEN_KEY),
        _COUNTED,
    ),
    "KeyReused": (
        "The `Idempotency-Key` came before, with another body.",
        refusals.plain(409, refusals.KEY_REUSED),
        _COUNTED,
    ),
    "TooSlow": ("The body did not arrive in time.", refusals.plain(408, refusals.TOO_SLOW), ()),
    "TooLarge": ("The body is over 1 MiB.", refusals.plain(413, refusals.TOO_LARGE), ()),
    "RateLimited": (
        "Too many requests of this account; only where the operator set a rate limit.",
        refusals.rate_limited(60, 60, retry_after=17),
        (*_COUNTED, "retry-after"),
    ),
    "Unavailable": (
        "Too busy, or without its database.",
        refusals.unavailable("The server is busy; try again in a moment."),
        (*_RATE, "retry-after"),
    ),
}


def of(endpoint: Endpoint, example: Any) -> dict[str, Any]:
    """By status; `example` is the document it answers with, where it does."""
    told = {str(endpoint.answers): _success(endpoint, example)}
    if endpoint.remembered:
        told["304"] = _response("Nothing changed since.", (*_COUNTED, "etag"))
    if endpoint.repeatable:
        told["400"] = refused("BrokenKey")
    if endpoint.asks:
        told["400"] = refused("Malformed")
    told["401"] = refused("Unauthenticated")
    if endpoint.scope:
        told["403"] = refused("Unauthorized")
    if HTTPStatus.NOT_FOUND in endpoint.refuses:
        told["404"] = refused("NotFound" if endpoint.binds else "UserNotFound")
    told["408"] = refused("TooSlow")
    if endpoint.repeatable:
        told["409"] = refused("KeyReused")
    if endpoint.changes or endpoint.asks:
        told["413"] = refused("TooLarge")
    if endpoint.paged or HTTPStatus.UNPROCESSABLE_ENTITY in endpoint.refuses:
        content = json(InvalidDocument, examples.refusal(endpoint.operation))
        told["422"] = _response("What was sent breaks rules.", _COUNTED, content)
    return told | {"429": refused("RateLimited"), "503": refused("Unavailable")}


def refused(name: str) -> Schema:
    return {"$ref": f"#/components/responses/{name}"}


def json(document: type, example: Any) -> dict[str, Any]:
    return {JSON: {"schema": reference(document), "example": example}}


def components() -> dict[str, Any]:
    """What `refused` and the headers refer to."""
    return {
        "headers": {
            name: {
                "description": description,
                "required": name not in _SOMETIMES,
                "schema": schema,
                "example": example,
            }
            for name, (description, schema, example) in _HEADERS.items()
        },
        "responses": {
            name: _response(description, headers, json(RefusalDocument, examples.said(answer)))
            for name, (description, answer, headers) in _REFUSALS.items()
        },
    }


def _success(endpoint: Endpoint, example: Any) -> dict[str, Any]:
    headers = (*_COUNTED, "etag") if endpoint.remembered else _COUNTED
    headers = (*headers, _REPLAYED) if endpoint.repeatable else headers
    if endpoint.answers == HTTPStatus.NO_CONTENT:
        return _response("Success, without a body.", headers)
    if endpoint.response is None:
        return _response(
            "Success, with an empty body.", headers, {"text/html": {"schema": {"type": "string"}}}
        )
    content = json(endpoint.response, example)
    if endpoint.formats:
        headers = (*headers, _LINK)
        content |= {name: {"schema": {"type": "string"}} for name in endpoint.formats}
    return _response("Success.", headers, content)


def _response(
    description: str, headers: Sequence[str], content: dict[str, Any] | None = None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": description,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in ("x-request-id", *headers)
        },
    }
    return told if content is None else told | {"content": content}
