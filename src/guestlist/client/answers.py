"""What is answered, read so that nothing but a clear yes is one."""

import json
from dataclasses import dataclass
from typing import Any

from guestlist.client.errors import Forbidden, Malformed, Unauthenticated, Unavailable

OK = 200
UNAUTHENTICATED = 401
FORBIDDEN = 403
MALFORMED = {400, 413, 422}
# Not now, but perhaps in a moment.
BUSY = {429, 502, 503, 504}
REDIRECTS = range(300, 400)

# Of the server's own words.
SHOWN = 500

# Digits of seconds; what needs more is no time to wait.
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Decision:
    """True in a condition if, and only if, it was allowed; `reason`, for people, may be ""."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    retry_after: str = ""
    location: str = ""


def document(reply: Reply, url: str) -> dict[str, Any]:
    """What an answer says; what another status says is raised."""
    if reply.status == UNAUTHENTICATED:
        raise Unauthenticated(
            f"{url} does not know this token, or it is paused or ended: make another with "
            f"`guestlist token create NAME --scope users_read --owner EMAIL`. {_message(reply)}"
        )
    if reply.status == FORBIDDEN:
        raise Forbidden(
            f"{url} lets this token ask for no decisions: it needs the scope users_read, and an "
            f"owner who manages users. {_message(reply)}"
        )
    if reply.status in MALFORMED:
        raise Malformed(f"{url} does not take what was asked: {_message(reply) or reply.status}")
    if reply.status != OK:
        raise unavailable(reply, url)
    try:
        read = json.loads(reply.body)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise _not_guestlist(url)
    return read


def unavailable(reply: Reply, url: str) -> Unavailable:
    if reply.status in REDIRECTS:
        return Unavailable(
            f"{url} redirects to {reply.location[:SHOWN]!r}, which is not followed, for the token "
            "would go along: give the client the address that answers"
        )
    if reply.status in BUSY:
        return Unavailable(
            f"{url} is busy or not there for now ({reply.status}): ask again later",
            retry_after=seconds(reply.retry_after),
        )
    return Unavailable(
        f"{url} answers {reply.status}: see that the address is Guestlist's, and its log"
    )


def decision(read: Any, url: str) -> Decision:
    if not isinstance(read, dict) or not isinstance(read.get("decision"), bool):
        raise _not_guestlist(url)
    context = read.get("context")
    reason = context.get("reason") if isinstance(context, dict) else None
    return Decision(read["decision"], reason if isinstance(reason, str) else "")


def decisions(read: dict[str, Any], count: int, url: str) -> list[Decision]:
    """In the order they were asked; fewer or more than `count` belong to other questions."""
    found = read.get("evaluations")
    if not isinstance(found, list) or len(found) != count:
        raise _not_guestlist(url)
    return [decision(one, url) for one in found]


def page(read: dict[str, Any], key: str, url: str) -> tuple[list[str], str]:
    """The ids or names on this page, and the next one's token: "" on the last."""
    results, following = read.get("results"), read.get("page") or {}
    if not isinstance(results, list) or not isinstance(following, dict):
        raise _not_guestlist(url)
    token = following.get("next_token") or ""
    found = [one[key] for one in results if isinstance(one, dict) and isinstance(one.get(key), str)]
    if len(found) != len(results) or not isinstance(token, str):
        raise _not_guestlist(url)
    return found, token


def seconds(retry_after: str) -> float | None:
    """None where it is a date or nonsense: then one's own patience decides."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= MOST_DIGITS:
        return float(retry_after)
    return None


def _message(reply: Reply) -> str:
    try:
        read = json.loads(reply.body)
    except (ValueError, RecursionError):
        return ""
    message = read.get("message") if isinstance(read, dict) else None
    return f"It says: {message[:SHOWN]}" if isinstance(message, str) else ""


def _not_guestlist(url: str) -> Unavailable:
    return Unavailable(
        f"{url} answers something that Guestlist does not: see that the address is right"
    )
