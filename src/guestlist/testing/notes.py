"""What is odd about a request: what no known client sends, or the contract does not allow.

What clients do send (contract, sections 1 and 10) is not: an empty body, or `null`, `[]` or `{}`
where none is needed, and PHP's `email` in a change of a user.
"""

from collections.abc import Iterator
from types import NoneType
from typing import Any, get_args, get_origin

import msgspec

from guestlist.api.documents import JSON
from guestlist.api.endpoints import Endpoint
from guestlist.testing import paths
from guestlist.testing.exchanges import MAX_KEPT, Exchange

_IDLE = (b"", b"null", b"[]", b"{}")
_PAGED = ("page", "limit")
_ALLOWED = {("PUT", "/v1/users/{user_id}", "email")}


def of(exchange: Exchange) -> list[str]:
    """In words, none for a request to a page; its body was read."""
    method, path = exchange.method, exchange.path
    endpoint = paths.endpoint(method, path)
    if endpoint is not None:
        return [*_of_query(exchange, endpoint), *_of_body(exchange, endpoint)]
    bare = path.rstrip("/")
    if bare != path and paths.is_route(bare):
        return [f"The path ends with a slash, which no client sends: {path} is not {bare}."]
    return []


def _of_query(exchange: Exchange, endpoint: Endpoint) -> Iterator[str]:
    known = [name for name, _ in endpoint.query]
    if endpoint.paged:
        known += _PAGED
    for name in exchange.query:
        if name not in known:
            taken = f"takes {', '.join(known)}" if known else "takes none"
            yield f"There is no query parameter {name}: {endpoint.name} {taken}."


def _of_body(exchange: Exchange, endpoint: Endpoint) -> Iterator[str]:
    body = bytes(exchange.body)
    if body.strip() in _IDLE or len(body) >= MAX_KEPT:
        return
    if endpoint.body is None:
        yield f"{endpoint.name} takes no body."
        return
    said = exchange.asked("content-type")
    if not said:
        yield f"The body came without a content-type; clients say {JSON}."
    elif said.partition(";")[0].strip().lower() != JSON:
        yield f"The body came as {said}; clients say {JSON}."
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield f"The body is not JSON and counts as empty: {error}."
        return
    if not isinstance(decoded, dict):
        yield "The body is JSON but no object, and counts as empty."
    elif not endpoint.asks:  # what asks is AuthZEN's, which lets anything be said
        for name in _unknown(decoded, endpoint.body, ""):
            if (endpoint.method, endpoint.path, name) not in _ALLOWED:
                yield f"There is no field {name} in the body of {endpoint.name}: it is ignored."


def _unknown(value: Any, type_: Any, at: str) -> Iterator[str]:
    """The keys of objects that the type does not have, from the outside in."""
    if isinstance(value, dict) and isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        types = {field.encode_name: field.type for field in msgspec.structs.fields(type_)}
        for name, inner in value.items():
            if name in types:
                yield from _unknown(inner, types[name], f"{at}{name}.")
            else:
                yield f"{at}{name}"
    elif isinstance(value, list) and get_origin(type_) is list:
        for number, inner in enumerate(value):
            yield from _unknown(inner, get_args(type_)[0], f"{at}{number}.")
    elif isinstance(value, dict | list):
        for one in get_args(type_):
            if one is not NoneType:
                yield from _unknown(value, one, at)
