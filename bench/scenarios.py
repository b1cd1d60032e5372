"""What is asked of the servers."""

import json
import random
from collections.abc import Iterator, Sequence
from itertools import count, cycle
from typing import TypeVar

from bench.data import World, token, wire_id

LIMIT = 25
MANY_ACCOUNTS = 200
# Front and deep ask for every page of these sizes in this share of the list: so many different
# answers of the same size that no memory of answers holds them.
LIMITS = range(20, 31)
SHARE = 0.04

Thing = TypeVar("Thing")


def warm(world: World) -> Iterator[bytes]:
    """The first page, again and again."""
    return cycle([_get(world, 1, LIMIT)])


def cold(world: World) -> Iterator[bytes]:
    """Every page once before any page twice."""
    pages = _shuffled(range(1, world.size // LIMIT + 1))
    return cycle([_get(world, page, LIMIT) for page in pages])


def front(world: World) -> Iterator[bytes]:
    """Pages among the first users, hardly ever one of them twice."""
    return cycle([_get(world, page, limit) for page, limit in _places(world)])


def deep(world: World) -> Iterator[bytes]:
    """The same among the last users."""
    places = [(world.size // limit - page + 1, limit) for page, limit in _places(world)]
    return cycle([_get(world, page, limit) for page, limit in places])


def invite() -> Iterator[bytes]:
    """Invitations, each of a new address, into many accounts in turn."""
    for number in count():
        yield _post(token(f"many {number % MANY_ACCOUNTS}"), number, number % MANY_ACCOUNTS)


def invite_one(world: World) -> Iterator[bytes]:
    """Invitations into the one account: each replaces its revision, so nothing remembered holds."""
    for number in count():
        yield _post(world.token, number, None)


def _places(world: World) -> Sequence[tuple[int, int]]:
    return _shuffled(
        [
            (page, limit)
            for limit in LIMITS
            for page in range(1, int(world.size * SHARE) // limit + 1)
        ]
    )


def _shuffled(things: Sequence[Thing]) -> list[Thing]:
    return random.Random(1).sample(things, len(things))  # noqa: S311 - the same order each time


def _get(world: World, page: int, limit: int) -> bytes:
    target = f"GET /v1/users?page={page}&limit={limit} HTTP/1.1"
    return f"{target}\r\n{_headers(world.token)}\r\n".encode()


def _post(account_token: str, number: int, things_of: int | None) -> bytes:
    document: dict[str, object] = {"email": f"guest.{number}@example.test", "role": "Manager"}
    if things_of is not None:
        document |= {
            "role": "Custom User",
            "permissions": ["read-own-templates", "manage-domain", "read-activity"],
            "domains": [wire_id("many domain", things_of)],
            "templates": [wire_id("many template", things_of)],
        }
    body = json.dumps(document)
    typed = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
    return f"POST /v1/users HTTP/1.1\r\n{_headers(account_token)}{typed}\r\n\r\n{body}".encode()


def _headers(bearer: str) -> str:
    return f"Host: localhost\r\nAuthorization: Bearer {bearer}\r\nAccept: application/json\r\n"
