"""What every action stands on: the database, the clock, chance, the keys; and its transaction."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from guestlist.actions import events
from guestlist.actions.holdings import Holdings
from guestlist.actions.limits import Limits
from guestlist.actions.passwords import Passwords
from guestlist.domain import ids
from guestlist.domain.access import OPERATOR, Actor, Catalog, Grant
from guestlist.domain.accounts import Account
from guestlist.domain.audit import Cause, Link, Told
from guestlist.domain.destinations import Allowed
from guestlist.domain.invitations import DAY, Caps
from guestlist.domain.links import Keys
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import MissingScope, Unauthenticated
from guestlist.domain.things import Things
from guestlist.store import accounts, audit, sessions, tokens, users
from guestlist.store import things as store_things
from guestlist.store.database import Database, Transaction

# Whose clock and chance it is where no account is, or is not yet.
NO_ACCOUNT = 0
PARTS = 1 << 16
_REMEMBERED_ACCOUNTS = 64


def _any_part() -> int:
    return secrets.randbelow(PARTS)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for something of one account: who holds a token, a session's person, the operator.

    `actor` is as of `revision`; a change reads both again under the account's lock. `until` is when
    they would rather be refused than wait on, on the monotonic clock.
    """

    account: int
    actor: Actor
    cause: Cause
    revision: int = 0
    sha256: bytes | None = None
    scope: str | None = None
    until: float | None = None
    session: int | None = None
    # The key of the user that the operator acts as.
    user: int | None = None


def operator(account: int, request: str) -> Caller:
    return Caller(account, OPERATOR, Cause(request))


@dataclass(frozen=True)
class Runtime:
    """`now` gives microseconds since 1970 in UTC and `random` bytes, both for an account's key."""

    database: Database
    keys: Keys
    now: Callable[[int], int]
    random: Callable[[int, int], bytes]
    public_url: str
    invitation_life: int
    catalog: Catalog = MAILERSEND
    caps: Caps = field(default_factory=Caps)
    limits: Limits = field(default_factory=Limits)
    # Below 65,536: how far what failed together drifts apart when it is tried again.
    jitter: Callable[[], int] = _any_part
    # Where webhooks may be beside the internet at large.
    webhook_allow: Allowed = field(default_factory=Allowed)
    passwords: Passwords = field(default_factory=Passwords)
    # Whether each request and letter is counted and told to the log; what goes wrong always is.
    logs: bool = True
    # When tokens were used, since the last flush: no request waits for a mark.
    marks: dict[int, int] = field(default_factory=dict)
    # When sessions were, and from where.
    seen: dict[int, tuple[int, str]] = field(default_factory=dict)
    held: Holdings = field(default_factory=Holdings)
    # By account, with the revision at which they were so.
    _things: "OrderedDict[int, tuple[int, Things]]" = field(default_factory=OrderedDict)
    _things_lock: Lock = field(default_factory=Lock)

    def wire_id(self, account: int) -> str:
        return ids.wire_id(self.random(account, ids.RANDOM_BYTES))

    def revision(self, account: int) -> int:
        return int.from_bytes(self.random(account, 8), "big", signed=True)

    def things(self, transaction: Transaction, account: Account, *, keep: bool) -> Things:
        """The account's domains and templates at its revision, read at most once for it.

        `keep` only from a snapshot: a change might still be undone.
        """
        revision, found = self._things.get(account.key, (None, None))
        if found is not None and revision == account.revision:
            return found
        found = store_things.every(transaction, account.key)
        if keep:
            with self._things_lock:
                self._things[account.key] = account.revision, found
                self._things.move_to_end(account.key)
                if len(self._things) > _REMEMBERED_ACCOUNTS:
                    self._things.popitem(last=False)
        return found


@dataclass(slots=True)
class Unit:
    """One change in the making, under its account's lock."""

    runtime: Runtime
    transaction: Transaction
    account: Account
    by: Actor
    cause: Cause
    now: int
    _more: dict[str, int] = field(default_factory=dict)
    _told: list[Told] = field(default_factory=list)
    _link: Link | None = None
    _things: Things | None = None
    _invited: int = 0
    _is_idle: bool = False

    @property
    def catalog(self) -> Catalog:
        return self.runtime.catalog

    @property
    def today(self) -> int:
        """The day, counted since 1970."""
        return self.now // DAY

    @property
    def things(self) -> Things:
        """The account's domains and templates as they were before this change."""
        if self._things is None:
            self._things = self.runtime.things(self.transaction, self.account, keep=False)
        return self._things

    def new_id(self) -> str:
        return self.runtime.wire_id(self.account.key)

    def random(self, size: int) -> bytes:
        return self.runtime.random(self.account.key, size)

    def count(self, **more: int) -> None:
        """What this change adds to the account's totals."""
        for name, number in more.items():
            self._more[name] = self._more.get(name, 0) + number

    def change_nothing(self) -> None:
        """What was asked for is so already: the revision stays."""
        self._is_idle = True

    def count_invitation(self) -> None:
        """One more of the day's; the operator has no limits and is not counted."""
        if not self.by.is_operator:
            self._invited += 1

    def record(
        self,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """One audit entry: `subject` is `kind:id`, `before` and `after` hold no secret."""
        actor = _named(self.by)
        self._told.append(Told(self.now, self.cause, actor, action, subject, before, after))

    def write_down(self) -> Link:
        """Keeps what is recorded so far: a long change needs no more memory than a short one."""
        after = self._link or self.account.link
        told, self._told = self._told, []
        before = self._more.get("events", 0)
        self.count(events=events.emit(self.transaction, self.account, told, before=before))
        self._link = audit.add(
            self.transaction, self.account, told, after=after, random=self.random
        )
        return self._link

    def told(self, grant: Grant) -> dict[str, Any]:
        """A whole grant for an audit entry, with ids in place of keys."""
        return {
            "role": grant.role,
            "permissions": list(grant.permissions),
            "domains": [self.things.domains[key].id for key in grant.domains],
            "templates": [self.things.templates[key].id for key in grant.templates],
            "requires_periodic_password_change": grant.requires_periodic_password_change,
        }

    def settle(self) -> None:
        if self._is_idle:
            return
        link = self.write_down()
        accounts.settle(
            self.transaction,
            self.account.key,
            revision=self.runtime.revision(self.account.key),
            more=self._more,
            invited=self._invited_on(),
            link=link,
        )

    def _invited_on(self) -> tuple[int, int]:
        if not self._invited:
            return self.account.invited_on, self.account.invited
        return self.today, self.account.invited_today(self.today) + self._invited


@contextmanager
def begin(runtime: Runtime, caller: Caller) -> Generator[Unit]:
    """One change of one account: locked, judged by who asks as they stand now, then committed.

    Raises Unauthenticated, MissingScope, NotFound (the account), Unavailable.
    """
    with runtime.database.change(until=caller.until) as transaction:
        account = accounts.lock(transaction, caller.account)
        actor = _standing_now(runtime, transaction, caller)
        now = runtime.now(account.key)
        unit = Unit(runtime, transaction, account, actor, caller.cause, now)
        yield unit
        unit.settle()


@contextmanager
def read(runtime: Runtime, caller: Caller) -> Generator[tuple[Transaction, Account]]:
    """One snapshot of one account. Raises NotFound (the account), Unavailable."""
    with runtime.database.read() as transaction:
        yield transaction, accounts.get(transaction, caller.account)


def _standing_now(runtime: Runtime, transaction: Transaction, caller: Caller) -> Actor:
    actor = _actor(runtime, transaction, caller)
    if actor is None:
        raise Unauthenticated
    if caller.scope is not None and not runtime.catalog.permits(actor, caller.scope):
        raise MissingScope
    return actor


def _actor(runtime: Runtime, transaction: Transaction, caller: Caller) -> Actor | None:
    if caller.session is not None:
        return sessions.actor(transaction, caller.session, caller.account)
    if caller.user is not None:
        return users.actor(transaction, caller.account, caller.user)
    if caller.sha256 is None:
        return caller.actor
    catalog = runtime.catalog
    standing = tokens.standing(transaction, caller.sha256, now=runtime.now, catalog=catalog)
    return None if standing is None else standing.actor


def _named(actor: Actor) -> str:
    if actor.is_operator:
        return "operator"
    if actor.called is not None:
        return actor.called
    user = f"user:{actor.user_id}"
    return user if actor.token_id is None else f"{user} token:{actor.token_id}"
