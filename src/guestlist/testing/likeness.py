"""A world as near to what was recorded as the recording tells."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import takewhile
from typing import Any, TypeAlias

from guestlist.domain import ids
from guestlist.domain.access import ACCOUNTANT, ADMIN, CUSTOM_USER
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.things import MAX_TYPE
from guestlist.domain.tokens import SCOPES
from guestlist.testing.recording import Asked, Recording

# Nobody's account is looked at beyond this: what differs shows in the first thousand.
MOST = 1_000
# The name of the token that the script is played with.
TOKEN = "twin"  # noqa: S105
_ROLES = {role.name for role in MAILERSEND.roles}
_PERMISSIONS = {permission.name for permission in MAILERSEND.permissions}
_STATUSES = {"pause", "unpause"}

Row: TypeAlias = Mapping[str, Any]
# Ids by their placeholders.
Known: TypeAlias = Mapping[str, str]


def world(recording: Recording) -> dict[str, Any]:
    """As an import reads it: one account, with a token of every scope."""
    users, invites = _rows(recording, "/users"), _rows(recording, "/invites")
    domains = _things(recording, "domains", [*users, *invites])
    templates = _things(recording, "templates", [*users, *invites])
    known = {
        name: _known(name, rows) for name, rows in (("domains", domains), ("templates", templates))
    }
    account: dict[str, Any] = {
        "name": "Recorded",
        "domains": [
            {"id": made, "name": f"{made}.example.test"} for made in known["domains"].values()
        ],
        "templates": [
            {"id": made, "name": "Template", **_described(row)}
            for made, row in zip(known["templates"].values(), templates, strict=True)
        ],
        "users": [_user(row, number, known) for number, row in enumerate(users)],
        "invites": [_invite(row, number, known) for number, row in enumerate(invites)],
        "tokens": _tokens(_rows(recording, "/token"), known["domains"]),
    }
    if users and not any(user["role"] == ADMIN for user in account["users"]):
        account["users"][0]["role"] = ADMIN
    # What is left out is made up.
    return {"accounts": [{key: value for key, value in account.items() if value}]}


def _rows(recording: Recording, path: str) -> list[Row]:
    """Those of its longest list, and as many more as it says that there are.

    Best as it was before anything was changed; else without what the script itself made.
    """
    before = list(takewhile(lambda asked: asked.step.is_harmless, recording.steps))
    made: set[str] = set()
    if not any(_lists(before, path)):
        made = {
            placeholder
            for asked in recording.steps
            if not asked.step.is_harmless
            for placeholder in asked.saved.values()
        }
    found: list[Row] = []
    total = 0
    for document in _lists(recording.steps if made else before, path):
        rows: list[Row] = [row for row in document["data"] if isinstance(row, dict)]
        left = [row for row in rows if row.get("id") not in made]
        found = max(found, left, key=len)
        meta = document.get("meta")
        if isinstance(meta, dict) and isinstance(meta.get("total"), int):
            total = max(total, meta["total"] - len(rows) + len(left))
    return [*found, *({} for _ in range(total - len(found)))][:MOST]


def _lists(steps: Sequence[Asked], path: str) -> Iterator[Mapping[str, Any]]:
    for asked in steps:
        answer = asked.answer
        if asked.step.path == path and asked.step.method == "GET" and answer is not None:
            body = answer.body
            if (
                answer.status == HTTPStatus.OK
                and isinstance(body, dict)
                and isinstance(body.get("data"), list)
            ):
                yield body


def _things(recording: Recording, noun: str, having: Sequence[Row]) -> list[Row]:
    """Of the list, or where that was not read, of the users and invites that have them."""
    listed = _rows(recording, f"/{noun}")
    if listed:
        return listed
    found: dict[str, Row] = {}
    for row in having:
        data = row.get("data")
        for entry in (*_list(row, noun), *_list(data if isinstance(data, dict) else {}, noun)):
            one = entry if isinstance(entry, dict) else {"id": entry}
            found.setdefault(str(one.get("id")), one)
    return list(found.values())


def _known(noun: str, rows: Sequence[Row]) -> dict[str, str]:
    return {
        str(row.get("id", number)): ids.wire_id(
            hashlib.sha256(f"{noun} {number}".encode()).digest()
        )
        for number, row in enumerate(rows)
    }


def _described(row: Row) -> dict[str, Any]:
    kind = row.get("type")
    return {
        "type": kind if isinstance(kind, str) and 0 < len(kind) <= MAX_TYPE else "rt",
        "description": "Described" if row.get("description") is not None else None,
    }


def _user(row: Row, number: int, known: Mapping[str, Known]) -> dict[str, Any]:
    return {
        "email": f"user{number}@example.test",
        "name": "Some",
        "last_name": "Body",
        "avatar": None if row.get("avatar") is None else "https://example.test/avatar.png",
        "2fa": row.get("2fa") is True,
        **_grant(row, row, known),
    }


def _invite(row: Row, number: int, known: Mapping[str, Known]) -> dict[str, Any]:
    data = row.get("data")
    return {
        "email": f"invite{number}@example.test",
        **_grant(row, data if isinstance(data, dict) else {}, known),
        "requires_periodic_password_change": row.get("requires_periodic_password_change") is True,
    }


def _grant(row: Row, narrowed: Row, known: Mapping[str, Known]) -> dict[str, Any]:
    permissions = [name for name in _list(row, "permissions") if name in _PERMISSIONS]
    role = row.get("role")
    if role not in _ROLES or (role == CUSTOM_USER and not permissions):
        role = ACCOUNTANT
    # Admins have every domain and template, on the wire as well: none is listed for them.
    lists = {
        noun: [made for made in map(made_of.get, _placeholders(narrowed, noun)) if made]
        for noun, made_of in known.items()
        if role != ADMIN
    }
    return {"role": role, "permissions": permissions, **lists}


def _placeholders(row: Row, noun: str) -> list[str]:
    """A user's are objects, an invite's ids."""
    entries = _list(row, noun)
    return [str(entry.get("id") if isinstance(entry, dict) else entry) for entry in entries]


def _list(row: Row, key: str) -> list[Any]:
    found = row.get(key)
    return found if isinstance(found, list) else []


def _tokens(rows: Sequence[Row], domains: Known) -> list[dict[str, Any]]:
    """As many, of which the first that is awake may do everything: the script is played with it."""
    found: list[dict[str, Any]] = []
    whole = False
    for number, row in enumerate(rows):
        status = row.get("status")
        domain = row.get("domain")
        made: dict[str, Any] = {
            "name": f"Token {number}",
            "scopes": [name for name in _list(row, "scopes") if name in SCOPES],
            "status": status if status in _STATUSES else "unpause",
            "domain": domains.get(str(domain.get("id"))) if isinstance(domain, dict) else None,
        }
        if not whole and made["status"] == "unpause":
            whole = True
            made |= {"name": TOKEN, "scopes": sorted(SCOPES)}
        found.append(made)
    return found if whole else [*found, {"name": TOKEN, "scopes": sorted(SCOPES)}]
