"""The twin: realms, and which of them a request is for."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from secrets import token_hex
from threading import RLock
from typing import Any

from guestlist.actions import tokens, worlds
from guestlist.app.scratch import AT_THIS_MACHINE, scratch
from guestlist.domain.audit import Cause
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS
from guestlist.domain.refusals import Unauthenticated
from guestlist.domain.tokens import SCOPES
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.testing.clock import SEEDED, Clock
from guestlist.testing.dues import ATTEMPTS
from guestlist.testing.posts import Posts
from guestlist.testing.realms import Realm, Setting
from guestlist.testing.ticks import Ticks

THREADS = 8
MOVERS = 32
FIRST = "first"
ADMIN = "admin@twin.test"
# The snapshot that a reset goes back to.
START = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`seed` None: one is made up, and the clock runs. `world` is a document as an import reads.

    `attempts`: so many to tell webhooks are made by one advance at the most.
    """

    public_url: str
    database: str | None = None
    seed: str | None = None
    world: Mapping[str, Any] | None = None
    invitation_life: int = DEFAULT_LIFE_DAYS * DAY
    reminds: bool = False
    attempts: int = ATTEMPTS
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account that the twin made; `tokens` are the texts of all its tokens, the first one first.

    An owner is an e-mail address.
    """

    id: str
    name: str
    tokens: list[dict[str, str]]


@dataclass(slots=True)
class _Secrets:
    """Which realm gave out a secret: a token, a link's or a cookie's."""

    realms: dict[str, Realm] = field(default_factory=dict)


class Twin:
    """Everything there is, and what the controls do to it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.seed = options.seed or token_hex(8)
        self.clock = Clock(None if options.seed is None else SEEDED)
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="guestlist-twin")
        # Moving a clock can take long, and whoever is told of something then may ask the twin.
        self.movers = ThreadPoolExecutor(MOVERS, thread_name_prefix="guestlist-twin-clocks")
        self._setting = Setting(
            scratch=scratch(options.database),
            executor=self._executor,
            remember=self.remember,
            posts=Posts(AT_THIS_MACHINE),
            ticks=Ticks(),
            seed=self.seed,
            public_url=options.public_url,
            invitation_life=options.invitation_life,
            reminds=options.reminds,
            attempts=options.attempts,
        )
        # Making an account and looking for one can meet.
        self._lock = RLock()
        self._realms: dict[str, Realm] = {}
        self._by_secret: dict[str, Realm] = {}
        self._names = Counter[str]()
        self.first, self.accounts = self._start()

    def _start(self) -> tuple[Realm, list[Account]]:
        world = self.options.world or {"accounts": [{"name": "Twin"}]}
        realm = self._realm(FIRST, self.clock)
        made = [self._made(realm, one) for one in world.get("accounts") or ()]
        realm.keep(START)
        return realm, made

    def __iter__(self) -> Iterator[Realm]:
        """Every realm, the first one first."""
        return iter(list(self._realms.values()))

    def make_account(self, document: Mapping[str, Any]) -> Account:
        """An account in a realm of its own. Raises BrokenFile.

        What is left out of the document, which is an account's as an import reads it, is made up:
        an Admin, and a token with every scope.
        """
        with self._lock:
            name = str(document.get("name") or "Twin")
            self._names[name] += 1
            realm = self._realm(f"{name}\0{self._names[name]}", Clock(*_state(self.clock)))
            made = self._made(realm, {"name": name} | dict(document))
            realm.keep(START)
            return made

    def add_world(self, realm: Realm, document: Mapping[str, Any]) -> list[Account]:
        """More accounts in a realm. Raises BrokenFile, Invalid."""
        return [self._made(realm, one) for one in document.get("accounts") or ()]

    def of(self, secret: str) -> Realm | None:
        """Whose token, link or cookie that is."""
        found = self._by_secret.get(secret)
        if found is None:
            found = next((realm for realm in self if _knows(realm, secret)), None)
            if found is not None:
                self._by_secret[secret] = found
        return found

    def given_out(self, secret: str) -> Realm | None:
        """The realm that a link's secret or a cookie came from."""
        return self._by_secret.get(secret)

    def remember(self, secret: str, realm: Realm) -> None:
        self._by_secret[secret] = realm

    def forget_accounts(self) -> None:
        """All but the first realm; nobody may be using one."""
        with self._lock:
            for name, realm in list(self._realms.items()):
                if realm is not self.first:
                    realm.close()
                    del self._realms[name]
            self._by_secret = {s: r for s, r in self._by_secret.items() if r is self.first}
            self._names.clear()

    def close(self) -> None:
        self._setting.ticks.stop()
        for realm in self:
            realm.close()
        self._setting.scratch.close()
        for executor in (self._executor, self.movers):
            executor.shutdown(wait=False, cancel_futures=True)

    def _realm(self, name: str, clock: Clock) -> Realm:
        made = self._realms[name] = Realm(self._setting, name, clock)
        return made

    def _made(self, realm: Realm, document: Mapping[str, Any]) -> Account:
        whole = _completed(document)
        [new] = world_accounts.read({"accounts": [whole]}, realm.runtime.catalog)
        worlds.check(realm.runtime, [new])
        made = worlds.make(realm.runtime, new, request="twin")
        texts = {(minted.owner, minted.name): minted.text for minted in made.minted}
        told = []
        for token in new.tokens:
            owner = new.users[token.owner].email.address
            text = texts.get((owner, token.name))
            if text is not None:
                told.append({"name": token.name, "owner": owner, "token": text})
        told += [
            {k: given[k] for k in ("name", "owner", "token") if given.get(k)}
            for given in whole.get("tokens") or ()
            if given.get("token")
        ]
        for one in told:
            self.remember(one["token"], realm)
        return Account(made.id, made.name, told)


def _completed(document: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(document)
    if not whole.get("users"):
        whole["users"] = [{"email": ADMIN, "name": "Ada", "last_name": "Min", "role": "Admin"}]
    if not whole.get("tokens"):
        whole["tokens"] = [{"name": "twin", "scopes": sorted(SCOPES)}]
    return whole


def _state(clock: Clock) -> tuple[int | None, int]:
    return clock.frozen, clock.ahead


def _knows(realm: Realm, text: str) -> bool:
    try:
        tokens.authenticate(realm.runtime, text, cause=Cause("twin"), scope=None)
    except Unauthenticated:
        return False
    return True
