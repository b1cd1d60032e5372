"""The twin: realms, and which of them a request is for."""

import itertools
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_hex
from threading import RLock
from typing import Any

from guestlist.actions import tokens, worlds
from guestlist.app.scratch import AT_THIS_MACHINE, scratch
from guestlist.domain.audit import Cause
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS
from guestlist.domain.refusals import BrokenFile, Unauthenticated
from guestlist.domain.tokens import SCOPES
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.domain.worlds.accounts import NewAccount
from guestlist.testing.clock import SEEDED, Clock
from guestlist.testing.dues import ATTEMPTS
from guestlist.testing.faults.plans import Plan
from guestlist.testing.posts import Posts
from guestlist.testing.quota import Bucket
from guestlist.testing.realms import Realm, Setting
from guestlist.testing.ticks import Ticks

THREADS = 8
MOST_AWAKE = 32
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


class Twin:
    """Everything there is, and what the controls do to it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.seed = options.seed or token_hex(8)
        self.clock = Clock(None if options.seed is None else SEEDED)
        # For every request, whoever's it is.
        self.faults = Plan(self.seed, "")
        # Of accounts made from now on.
        self.quota = Bucket()
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
        # Those used last: the others keep no connection open.
        self._awake: OrderedDict[Realm, None] = OrderedDict()
        try:
            self.first, self.accounts = self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> tuple[Realm, list[Account]]:
        world = self.options.world or {"accounts": [{"name": "Twin"}]}
        realm = self._realm(FIRST, self.clock)
        made = self._make(realm, world.get("accounts") or ())
        realm.keep(START)
        return realm, made

    def __iter__(self) -> Iterator[Realm]:
        """Every realm, the first one first."""
        return iter(list(self._realms.values()))

    def make_account(self, document: Mapping[str, Any], *, realm: str | None = None) -> Account:
        """An account in a realm of its own. Raises BrokenFile.

        What is left out of the document, which is an account's as an import reads it, is made up:
        an Admin, and a token with every scope. Its ids follow from the seed and the realm's name;
        without one, from the account's name and how many had it before.
        """
        with self._lock:
            name = str(document.get("name") or "Twin")
            own = self._realm(self._named(name, realm), Clock(*_state(self.clock)))
            try:
                [made] = self._make(own, [{"name": name} | dict(document)])
            except BaseException:
                self._drop(own)
                raise
            own.keep(START)
            self._wake(own)
            return made

    def _named(self, account: str, realm: str | None) -> str:
        if realm is None:
            self._names[account] += 1
            return f"{account}\0{self._names[account]}"
        # One that is in use has been asked for by two runs of the same test at once.
        found = (f"\0{realm}\0{number}" for number in itertools.count(1))
        return next(name for name in found if name not in self._realms)

    def add_world(self, realm: Realm, document: Mapping[str, Any]) -> list[Account]:
        """More accounts in a realm. Raises BrokenFile, Invalid."""
        if not isinstance(document.get("accounts"), list):
            raise BrokenFile([("accounts", "must be a list of accounts")])
        return self._make(realm, document["accounts"])

    def of(self, secret: str) -> Realm | None:
        """Whose token, link or cookie that is."""
        found = self._by_secret.get(secret)
        if found is None:
            found = next((realm for realm in self if _knows(realm, secret)), None)
            if found is not None:
                self._by_secret[secret] = found
        if found is not None:
            self._wake(found)
        return found

    def _wake(self, realm: Realm) -> None:
        """Whoever used it before so many others closes its connections until it is used again."""
        with self._lock:
            self._awake[realm] = None
            self._awake.move_to_end(realm)
            if len(self._awake) > MOST_AWAKE:
                tired, _ = self._awake.popitem(last=False)
                tired.rest()

    def given_out(self, secret: str) -> Realm | None:
        """The realm that a link's secret or a cookie came from."""
        return self._by_secret.get(secret)

    def remember(self, secret: str, realm: Realm) -> None:
        self._by_secret[secret] = realm

    def drop(self, realm: Realm) -> None:
        """Throws it away, with all it gave out; nobody may be using it."""
        with self._lock:
            self._drop(realm)

    def _drop(self, realm: Realm) -> None:
        self._awake.pop(realm, None)
        if self._realms.pop(realm.name, None) is not None:
            # others are remembered meanwhile
            for secret, giver in list(self._by_secret.items()):
                if giver is realm:
                    self._by_secret.pop(secret, None)
            realm.close()

    def forget_accounts(self) -> None:
        """All but the first realm; nobody may be using one."""
        with self._lock:
            for realm in self:
                if realm is not self.first:
                    self._drop(realm)
            self._names.clear()

    def close(self) -> None:
        self._setting.ticks.stop()
        for realm in self:
            realm.close()
        self._setting.scratch.close()
        for executor in (self._executor, self.movers):
            executor.shutdown(wait=False, cancel_futures=True)

    def _realm(self, name: str, clock: Clock) -> Realm:
        made = self._realms[name] = Realm(self._setting, name, clock, self.quota)
        return made

    def _make(self, realm: Realm, documents: Sequence[Any]) -> list[Account]:
        """All of them or, where one cannot be, none."""
        wholes = [_completed(document) for document in documents]
        world = world_accounts.read({"accounts": wholes}, realm.runtime.catalog)
        worlds.check(realm.runtime, world)
        return [self._made(realm, new, whole) for new, whole in zip(world, wholes, strict=True)]

    def _made(self, realm: Realm, new: NewAccount, whole: Mapping[str, Any]) -> Account:
        made = worlds.make(realm.runtime, new, request="twin")
        minted = {(one.owner, one.name): one.text for one in made.minted}
        told = []
        for token, entry in zip(new.tokens, whole["tokens"], strict=True):
            owner = new.users[token.owner].email.address
            text = entry.get("token") or minted.get((owner, token.name))
            if text is not None:  # of a digest nobody knows it
                told.append({"name": token.name, "owner": owner, "token": text})
                self.remember(text, realm)
        return Account(made.id, made.name, told)


def _completed(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document  # whose fault is told where it is read
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
