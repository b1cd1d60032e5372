"""The account that a wire test has for itself."""

import secrets
from dataclasses import dataclass
from typing import Any

from guestlist.actions import worlds
from guestlist.actions.runtime import Runtime
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.tokens import SCOPES
from guestlist.domain.worlds import accounts as world_accounts

MADE_AT = "2026-01-02T03:04:05.000000Z"


@dataclass(frozen=True, slots=True)
class Account:
    """Ids of its users, things and pending invite, and tokens of several powers.

    `token` is an Admin's and has every scope; `reading` may only read users, `quiet` only send
    e-mail; `managing` is a Manager's with `users_full`; `paused` is asleep.
    """

    admin: str
    manager: str
    custom: str
    invite: str
    domains: tuple[str, str]
    templates: tuple[str, str]
    token: str
    token_id: str
    reading: str
    quiet: str
    managing: str
    paused: str


def make_account(runtime: Runtime) -> Account:
    account = Account(
        admin=_id(),
        manager=_id(),
        custom=_id(),
        invite=_id(),
        domains=(_id(), _id()),
        templates=(_id(), _id()),
        token=_token(),
        token_id=secrets.token_hex(40),
        reading=_token(),
        quiet=_token(),
        managing=_token(),
        paused=_token(),
    )
    [world] = world_accounts.read({"accounts": [_world(account)]}, MAILERSEND)
    worlds.make(runtime, world, request="test")
    return account


def _id() -> str:
    return secrets.token_hex(8)


def _token() -> str:
    return "mlsn." + secrets.token_hex(32)


def _world(account: Account) -> dict[str, Any]:
    times = {"created_at": MADE_AT, "updated_at": MADE_AT}
    custom = {
        "role": "Custom User",
        "permissions": ["read-own-templates"],
        "domains": [account.domains[0]],
        "templates": [account.templates[0]],
    }
    return {
        "name": "Acme",
        "domains": [
            {"id": account.domains[0], "name": "mail.acme.test", **times},
            {"id": account.domains[1], "name": "news.acme.test", **times},
        ],
        "templates": [
            {"id": account.templates[0], "name": "Receipt", "type": "rt", "created_at": MADE_AT},
            {"id": account.templates[1], "name": "Hello / Grüße", "type": "dd"},
        ],
        "users": [
            {"id": account.admin, "email": "ana@acme.test", "name": "Ana", "role": "Admin"},
            {"id": account.manager, "email": "bob@acme.test", "name": "Bob", "role": "Manager"},
            {"id": account.custom, "email": "dan@acme.test", "name": "Dan", **custom, **times},
        ],
        "invites": [{"id": account.invite, "email": "eve@acme.test", **custom, **times}],
        "tokens": [
            {
                "id": account.token_id,
                "name": "all",
                "token": account.token,
                "scopes": sorted(SCOPES),
                "owner": "ana@acme.test",
            },
            _token_of("ana", "reading", account.reading, "users_read"),
            _token_of("ana", "quiet", account.quiet, "email_full"),
            _token_of("bob", "managing", account.managing, "users_full"),
            _token_of("ana", "paused", account.paused, "users_full") | {"status": "pause"},
        ],
    }


def _token_of(owner: str, name: str, text: str, *scopes: str) -> dict[str, Any]:
    return {"name": name, "token": text, "scopes": list(scopes), "owner": f"{owner}@acme.test"}
