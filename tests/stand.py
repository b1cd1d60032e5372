"""A Guestlist in the test's own process, in a world of the test's making, on a clock it holds."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import bindparam, func, select
from starlette.testclient import TestClient

from guestlist.actions import exports, outbox, worlds
from guestlist.actions.limits import Limits
from guestlist.actions.passwords import Passwords
from guestlist.actions.runtime import Caller, Runtime, operator
from guestlist.api.allowance import Fixed, RateLimit
from guestlist.api.serve import Door
from guestlist.app import deployments
from guestlist.app.fronts import front
from guestlist.domain.access import Catalog
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS, Caps
from guestlist.domain.letters import Letter
from guestlist.domain.links import Keys
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.store import accounts, schema
from guestlist.store.database import Database
from guestlist.store.statements import Statement

PUBLIC_URL = "http://guestlist.test"
KEYS = Keys((b"a key that only tests know, of 32 bytes or more",))
NO_CAPS = Caps(10**9, 10**9)
# As the real ones, but not made to cost anything.
QUICK = Passwords(time_cost=1, memory_cost=8)
START = 1_800_000_000_000_000
ADMIN_TOKEN = "mlsn." + "a" * 64

WORLD: dict[str, Any] = {
    "name": "Acme",
    "domains": [
        {"id": "d0ma1n000000one", "name": "mail.acme.test"},
        {"id": "d0ma1n000000two", "name": "news.acme.test"},
    ],
    "templates": [
        {"id": "temp1ate0000one", "name": "Receipt", "type": "rt", "description": None},
        {"id": "temp1ate0000two", "name": "Grüße / Hello", "type": "dd", "description": "Ours"},
    ],
    "users": [
        {"id": "user00000000ana", "email": "ana@acme.test", "name": "Ana", "role": "Admin"},
        {"id": "user00000000bob", "email": "bob@acme.test", "name": "Bob", "role": "Manager"},
        {"id": "user00000000cleo", "email": "cleo@acme.test", "role": "Designer"},
        {
            "id": "user00000000dan",
            "email": "dan@acme.test",
            "role": "Custom User",
            "permissions": ["read-own-templates", "manage-domain", "manage-api-token"],
            "domains": ["d0ma1n000000two"],
            "templates": ["temp1ate0000one"],
        },
    ],
    "tokens": [
        {
            "name": "all of it",
            "token": ADMIN_TOKEN,
            "scopes": ["users_full", "domains_full", "templates_full", "tokens_full"],
            "owner": "ana@acme.test",
        }
    ],
}

SCOPES = [
    *("users_full", "domains_full", "templates_full"),
    *("tokens_full", "webhooks_full", "audit_read"),
]
_numbers = itertools.count(1)
_NOTED = [
    Statement(select(func.count()).where(table.c.account == bindparam("account")))
    for table in (schema.audit, schema.letters, schema.events)
]


def token_text() -> str:
    """No other test has it."""
    return f"mlsn.{hashlib.sha256(str(next(_numbers)).encode()).hexdigest()}"


class Clock:
    """Stands still until the test moves it; microseconds since 1970, UTC."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self, _account: int) -> int:
        return self.now

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        self.now += int(days * DAY + seconds * 1_000_000)


class Stand:
    """`api` speaks HTTP to it; `runtime` is for what has no door yet."""

    def __init__(
        self,
        database_url: str,
        *,
        rate_limit: RateLimit | None = None,
        public_url: str = PUBLIC_URL,
        caps: Caps = NO_CAPS,
        limits: Limits | None = None,
        keys: Keys = KEYS,
        catalog: Catalog = MAILERSEND,
    ) -> None:
        self.clock = Clock()
        self.runtime = Runtime(
            database=Database(database_url),
            keys=keys,
            now=self.clock,
            random=deployments.random,
            public_url=public_url,
            invitation_life=DEFAULT_LIFE_DAYS * DAY,
            catalog=catalog,
            caps=caps,
            limits=limits or Limits(scale=1_000),
            passwords=QUICK,
        )
        allowance = Fixed(self.runtime, rate_limit)
        self.door = Door(self.runtime, threads=8, allowance=allowance)
        self.front = front(self.runtime, self.door)
        self.http = TestClient(self.front, base_url=PUBLIC_URL, raise_server_exceptions=False)

    def __enter__(self) -> Self:
        self.http.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.__exit__(kind, error, trace)

    def make(self, *accounts: Mapping[str, Any]) -> list[str]:
        """Makes accounts as an import does and returns their ids."""
        document = msgspec.json.decode(json.dumps({"accounts": accounts}))
        world = world_accounts.read(document, self.runtime.catalog)
        worlds.check(self.runtime, world)
        return [worlds.make(self.runtime, account, request="test").id for account in world]

    def operator(self, account_id: str) -> Caller:
        with self.runtime.database.read() as transaction:
            account = accounts.find(transaction, account_id)
        assert account is not None
        return operator(account.key, "test")

    def letters(self) -> list[Letter]:
        """Sends what is due and returns it."""
        sent: list[Letter] = []
        while outbox.send_due(self.runtime, sent.append):
            pass
        return sent

    def ask(self, method: str, path: str, *, token: str = ADMIN_TOKEN, **more: Any) -> Any:
        """An `httpx`-like response; `json=`, `content=`, `params=`, `headers=` as there."""
        headers = {"authorization": f"Bearer {token}"} | dict(more.pop("headers", {}))
        return self.http.request(method, path, headers=headers, **more)


class Team:
    """An account of its own, so that tests can share a database, and how to ask as its people.

    Everybody who may own tokens has one with all the scopes there are here; `no scopes` is Ana's.
    """

    def __init__(self, stand: Stand, **changed: Any) -> None:
        """`changed` are keys of `WORLD` to have another value."""
        world = {**WORLD, **changed}
        people = [user for user in world["users"] if user["role"] in {"Admin", "Manager"}]
        people += [u for u in world["users"] if "manage-api-token" in u.get("permissions", ())]
        self.tokens = {user["email"].partition("@")[0]: token_text() for user in people}
        if "tokens" not in changed:
            texts = zip(people, self.tokens.values(), strict=True)
            world["tokens"] = [
                {"name": text[-8:], "token": text, "scopes": SCOPES, "owner": user["email"]}
                for user, text in texts
            ]
            self.tokens["no scopes"] = token_text()
            world["tokens"].append({"token": self.tokens["no scopes"], "owner": people[0]["email"]})
        self.stand = stand
        [self.id] = stand.make(world)
        self.operator = stand.operator(self.id)

    def ask(self, method: str, path: str, *, by: str = "ana", **more: Any) -> Any:
        """`by` is a name before the @, or a token's text."""
        return self.stand.ask(method, path, token=self.tokens.get(by, by), **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Any:
        return self.ask("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Any:
        return self.ask("PUT", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.ask("DELETE", path, **more)

    def invited(self, email: str, role: Any = "Accountant", **more: Any) -> Any:
        """The document of a new invite."""
        by = more.pop("by", "ana")
        answer = self.post("/v1/users", {"email": email, "role": role, **more}, by=by)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def minted(self, *scopes: str, by: str = "ana") -> str:
        """The text of a new token."""
        answer = self.post("/v1/token", {"name": "made", "scopes": scopes}, by=by)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["accessToken"])

    def kept(self) -> dict[str, Any]:
        """All there is of the account: its revision and totals too, and how much was noted."""
        with exports.account(self.stand.runtime, self.operator) as document:
            whole = {k: list(v) if isinstance(v, Iterator) else v for k, v in document.items()}
        with self.stand.runtime.database.read() as transaction:
            row = accounts.get(transaction, self.operator.account)
            noted = [transaction.only(query, account=row.key)[0] for query in _NOTED]
        return whole | {"row": row, "noted": noted}

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Whatever is asked in this block must change nothing."""
        before = self.kept()
        yield
        assert self.kept() == before
