"""The API tokens of a world."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guestlist.domain import instants, links
from guestlist.domain.access import Catalog
from guestlist.domain.things import Domain
from guestlist.domain.tokens import MAX_NAME, PREVIEW_LENGTH, SCOPES, STATUSES, Token, preview
from guestlist.domain.worlds.entries import Entry, Unique
from guestlist.domain.worlds.grants import Scope
from guestlist.domain.worlds.users import Team

DEFAULT_NAME = "Imported token"

KEYS = frozenset(
    {
        "id",
        "name",
        "token",
        "sha256",
        "preview",
        "scopes",
        "owner",
        "domain",
        "status",
        "created_at",
        "expires_at",
    }
)
_TEXT = re.compile(r"[!-~]{1,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{1,80}")
_PREVIEW = re.compile(rf"[!-~]{{0,{PREVIEW_LENGTH}}}")
_NO_PREVIEW = "must be the beginning of the token's text"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """`owner` and `domain` are positions in the account's lists.

    `sha256` is None where a text must be made up; a text that was given is not kept.
    """

    owner: int
    name: str = DEFAULT_NAME
    id: str | None = None
    sha256: bytes | None = None
    preview: str = ""
    scopes: tuple[str, ...] = ()
    domain: int | None = None
    paused: bool = False
    created_at: int | None = None
    expires_at: int | None = None


def tokens(account: Entry, scope: Scope, team: Team, texts: Unique) -> list[NewToken]:
    """`texts` are those of the whole document: a token is found by nothing else."""
    ids = Unique()
    found = (
        _token(Entry(value, path, account.faults, KEYS), scope, team, ids, texts)
        for value, path in account.entries("tokens")
    )
    return [token for token in found if token is not None]


def _token(entry: Entry, scope: Scope, team: Team, ids: Unique, texts: Unique) -> NewToken | None:
    owner = _owner(entry, scope.catalog, team)
    own_id = entry.word("id", _ID, "must be 1 to 80 characters of 0-9 and a-f", ids)
    shared = {
        "name": entry.text("name", least=1, longest=MAX_NAME) or DEFAULT_NAME,
        "scopes": _scopes(entry),
        "domain": _domain(entry, scope.domains),
        "paused": entry.get("status", _is_status, "must be pause or unpause") == "pause",
        "created_at": entry.instant("created_at"),
        "expires_at": entry.instant("expires_at"),
        **_secret(entry, texts),
    }
    return None if owner is None else NewToken(owner=owner, id=own_id, **shared)


def _owner(entry: Entry, catalog: Catalog, team: Team) -> int | None:
    """The named user, else the account's first Admin; None, with a fault, where it is nobody."""
    if entry.values.get("owner") is None:
        first = team.first_admin()
        if first is None and None not in team.users:
            entry.faults.add(entry.path, "has no owner, and the account has no Admin to own it")
        return first
    found = team.named(entry, "owner")
    user = None if found is None else team.users[found]
    if user is not None and not catalog.may_own_tokens(user.grant):
        entry.faults.add(entry.at("owner"), "is a user who may not own API tokens")
    return found


def _secret(entry: Entry, texts: Unique) -> dict[str, Any]:
    text = entry.word("token", _TEXT, "must be 1 to 200 ASCII characters without blanks")
    sha256 = entry.word("sha256", _SHA256, "must be 64 characters of 0-9 and a-f")
    shown = entry.word("preview", _PREVIEW, _NO_PREVIEW)
    if text is not None and sha256 is not None:
        entry.faults.add(entry.at("sha256"), "must be left out where token is given")
    if text is not None and shown is not None and not text.startswith(shown):
        entry.faults.add(entry.at("preview"), _NO_PREVIEW)
    if text is not None:
        digest = links.digest(text)
        texts.add(digest, entry.at("token"), entry.faults)
        return {"sha256": digest, "preview": preview(text) if shown is None else shown}
    if sha256 is None:
        return {}
    digest = bytes.fromhex(sha256)
    texts.add(digest, entry.at("sha256"), entry.faults)
    return {"sha256": digest, "preview": shown or ""}


def _scopes(entry: Entry) -> tuple[str, ...]:
    given = entry.entries("scopes")
    for value, path in given:
        if not (isinstance(value, str) and value in SCOPES):
            entry.faults.add(path, "is not a known scope")
    return tuple(dict.fromkeys(value for value, _ in given if isinstance(value, str)))


def _domain(entry: Entry, domains: Mapping[str, int]) -> int | None:
    given = entry.get(
        "domain",
        lambda value: isinstance(value, str) and value in domains,
        "is not the id of one of this account's domains in the file",
    )
    return None if given is None else domains[given]


def _is_status(value: object) -> bool:
    return value in STATUSES


def written(token: Token, *, sha256: bytes, owner: str, domain: Domain | None) -> dict[str, Any]:
    """`owner` is an e-mail address. The text is known to nobody, so its digest travels."""
    ends = None if token.expires_at is None else instants.written(token.expires_at)
    return {
        "id": token.id,
        "name": token.name,
        "sha256": sha256.hex(),
        "preview": token.preview,
        "scopes": list(token.scopes),
        "owner": owner,
        "domain": None if domain is None else domain.id,
        "status": "pause" if token.paused else "unpause",
        "created_at": instants.written(token.created_at),
        "expires_at": ends,
    }
