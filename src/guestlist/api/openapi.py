"""The API's description of itself, in OpenAPI 3.1: the table of endpoints, told to machines."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from guestlist import __version__
from guestlist.actions.runtime import Runtime
from guestlist.api import discovery, examples, responses, schemas
from guestlist.api.documents import JSON, Answer, encode
from guestlist.api.endpoints import Endpoint
from guestlist.api.routes import ENDPOINTS
from guestlist.domain.access import Catalog
from guestlist.domain.invitations import MAX_KEY
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.pages import DEFAULT_SIZE, MAX_SIZE, MIN_SIZE

_ABOUT = """\
The users of an account: who they are, how they are invited, what each may do.

**Authentication.** `Authorization: Bearer` and an API token, for all but the service's own pages. A
token's power is its scopes, cut by what its owner may do at that moment.

**Bodies** are JSON, whatever their content type. Unknown keys are ignored; what is no JSON object
counts as an empty one.

**Order of checks.** 401, then 404 of what the path names, 403 of scope, 422, 404 of users, and last
403 of what is out of reach.

**Lists** come in pages; one past the end is empty.

**Caching.** An answer with an `ETag` holds until something in the account changes: sent back as
`If-None-Match`, the tag gets 304 for as long as that is so."""

_TAGS = {
    "Users": "The token's owner must be an Admin or a Manager.",
    "Invites": "Pending invites. The token's owner must be an Admin or a Manager.",
    "Domains": "Made at the command line. What is not known of one is null, false or 0.",
    "Templates": "Made at the command line. What is not known of one is null, empty or 0.",
    "Tokens": "One's own, and those of users within one's reach.",
    "Decisions": (
        "Who may do what, for other services: OpenID's AuthZEN Authorization API 1.0. A body that "
        "is no question is refused (400); answers obey the newest change."
    ),
    "Webhooks": (
        "Where events are sent, by the Standard Webhooks specification. The token's owner must be "
        "an Admin or a Manager."
    ),
    "Account": "Facts about the account.",
    "Guestlist": "What MailerSend's API has no words for.",
    "Service": "For those who run it: no token is asked for.",
}
_IDS = {
    "user_id": "A user's id",
    "invite_id": "A pending invite's id",
    "domain_id": "A domain's id",
    "template_id": "A template's id",
    "token_id": "An API token's id",
    "webhook_id": "A webhook's id",
}
_KEY = (
    "What this request is known by: sent again by the same token with the same body within 24 "
    "hours, it is answered again and not done again"
)
_LIMIT = {"minimum": MIN_SIZE, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}


def page(runtime: Runtime) -> Answer:
    return Answer(200, _encoded(runtime.public_url, runtime.catalog), JSON)


@lru_cache(maxsize=8)
def _encoded(public_url: str, catalog: Catalog) -> bytes:
    return msgspec.json.encode(document(public_url, catalog))


def document(public_url: str, catalog: Catalog = MAILERSEND) -> dict[str, Any]:
    """The whole description; its examples are what the server at `public_url` would answer."""
    answers = examples.answers(public_url, catalog)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        told = _operation(endpoint, answers.get(endpoint.operation))
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = told
    if not catalog.names >= MAILERSEND.names:
        # They are in MailerSend's words, and would be wrong here.
        paths = _without_examples(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Guestlist",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": paths | _service(public_url),
        "components": {
            "schemas": schemas.components(catalog),
            **responses.components(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token."}
            },
        },
    }


def _without_examples(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_examples(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {key: _without_examples(value) for key, value in part.items() if key != "example"}


def _operation(endpoint: Endpoint, answer: Any) -> dict[str, Any]:
    told = {
        "operationId": endpoint.operation,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": " ".join(filter(None, (endpoint.description, _guard(endpoint.scope)))),
        "security": [{"token": [endpoint.scope] if endpoint.scope else []}],
        "parameters": _parameters(endpoint),
        "responses": responses.of(endpoint, answer),
    }
    if endpoint.body is not None:
        content = responses.json(endpoint.body, examples.BODIES[endpoint.operation])
        told["requestBody"] = {"required": True, "content": content}
    return told


def _guard(scope: str) -> str:
    if not scope:
        return "Any live token will do."
    full = scope.removesuffix("_read") + "_full"
    return f"Needs the scope `{scope}`" + (f" or `{full}`." if scope.endswith("_read") else ".")


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    told = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _IDS[name],
            "schema": {"type": "string"},
            "example": examples.IDS[name],
        }
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.paged:
        told += [
            _query("limit", "How many a page holds", {"type": "integer", **_LIMIT}),
            _query("page", "Which page", {"type": "integer", "minimum": 1, "default": 1}),
        ]
    told += [_query(name, about, {"type": "string"}) for name, about in endpoint.query]
    if endpoint.repeatable:
        key = {"name": "Idempotency-Key", "in": "header", "description": _KEY}
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[ -~]+$"}
        told.append(key | {"schema": schema, "example": examples.KEY})
    if endpoint.remembered:
        known = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
        told.append(known | {"description": "The `ETag` of an answer that is still at hand"})
    return told


def _query(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "schema": schema}


def _service(public_url: str) -> dict[str, Any]:
    """What `public` serves to those who run the service, and to programs that look for it."""
    ok = {"description": "Yes.", "content": responses.json(schemas.Status, {"status": "ok"})}
    text = {"text/plain": {"schema": {"type": "string"}}}
    example = examples.plain(encode(discovery.document(public_url)))
    found = responses.json(discovery.ConfigurationDocument, example)
    asked = {
        "/healthz": ("isAlive", "Is it alive?", {"200": ok}),
        "/readyz": (
            "isReady",
            "Does it reach its database?",
            {"200": ok, "503": responses.refused("Unavailable")},
        ),
        "/metrics": (
            "getMetrics",
            "Get what Prometheus reads",
            {"200": {"description": "Success.", "content": text}},
        ),
        discovery.PATH: (
            "getConfiguration",
            "Find where decisions are asked for, as AuthZEN's clients do",
            {"200": {"description": "Success.", "content": found}},
        ),
    }
    return {
        path: {
            "get": {
                "operationId": operation,
                "tags": ["Service"],
                "summary": summary,
                "security": [],
                "responses": answers,
            }
        }
        for path, (operation, summary, answers) in asked.items()
    }
