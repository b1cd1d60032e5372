"""The twin: realms, and which of them a request is for."""

import itertools
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from secrets import token_hex
from threading import RLock
from typing import Any

from guestlist.actions import worlds
from guestlist.app.scratch import AT_THIS_MACHINE, scratch
from guestlist.domain import links
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS
from guestlist.domain.refusals import BrokenFile
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
MOST_AWAKE = 12
MOVERS = 32
FIRST = "first"
ADMIN = "admin@twin.test"


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
        self.seed = token_hex(8) if options.seed is None else options.seed
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
        # By the digests of what they gave out.
        self._by_digest: dict[bytes, Realm] = {}
        self._names = Counter[str]()
        # Those used last: the others keep no connection open.
        self._awake: OrderedDict[Realm, None] = OrderedDict()
        try:
            self.first, self.accounts = self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> tuple[Realm, list[Account]]:
        world = self.options.world
        realm = self._realms[FIRST] = Realm(self._setting, FIRST, self.clock, self.quota)
        made = self._make(realm, {"accounts": [{"name": "Twin"}]} if world is None else world)
        realm.keep(None)
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
            own = Realm(
                *(self._setting, self._named(name, realm), Clock(*_state(self.clock)), self.quota)
            )
            try:
                [made] = self._make(own, {"accounts": [{"name": name} | dict(document)]})
                own.keep(None)
            except BaseException:
                self._forget(own)
                raise
            self._realms[own.name] = own
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
        return self._make(realm, document)

    def of(self, secret: str) -> Realm | None:
        """Whose token, link or cookie that is."""
        found = self._by_digest.get(links.digest(secret))
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

    def remember(self, secret: str, realm: Realm) -> None:
        """The realm gave it out: a token, a link's secret or a cookie."""
        self._by_digest[links.digest(secret)] = realm

    def drop(self, realm: Realm) -> None:
        """Throws it away, held, with all it gave out."""
        with self._lock:
            self._awake.pop(realm, None)
            self._realms.pop(realm.name, None)
            self._forget(realm)

    def _forget(self, realm: Realm) -> None:
        # others are remembered meanwhile
        for digest, giver in list(self._by_digest.items()):
            if giver is realm:
                self._by_digest.pop(digest, None)
        realm.close()

    def begin_anew(self) -> None:
        """What is said for the whole twin, and how many accounts had which name, is forgotten."""
        self._names.clear()
        self.faults.clear()
        self.quota = Bucket()

    def close(self) -> None:
        """Throws everything away, whatever of it cannot be."""
        self._setting.ticks.stop()
        with ExitStack() as stack:
            for executor in (self._executor, self.movers):
                stack.callback(executor.shutdown, wait=False, cancel_futures=True)
            stack.callback(self._setting.scratch.close)
            for realm in self:
                stack.callback(realm.close)

    def _make(self, realm: Realm, document: Any) -> list[Account]:
        """All of them or, where one cannot be, none."""
        whole = _completed(document)
        world = world_accounts.read(whole, realm.runtime.catalog)
        self._check_tokens(realm, world)
        worlds.check(realm.runtime, world)
        entries = whole["accounts"]
        return [self._made(realm, *pair) for pair in zip(world, entries, strict=True)]

    def _check_tokens(self, realm: Realm, world: Sequence[NewAccount]) -> None:
        """A token names one realm. Raises BrokenFile."""
        faults = [
            (f"accounts[{number}].tokens[{position}]", "is a token that exists already")
            for number, account in enumerate(world)
            for position, token in enumerate(account.tokens)
            if self._by_digest.get(token.sha256 or b"", realm) is not realm
        ]
        if faults:
            raise BrokenFile(faults)

    def _made(self, realm: Realm, new: NewAccount, whole: Mapping[str, Any]) -> Account:
        made = worlds.make(realm.runtime, new, request="twin")
        minted = {(one.owner, one.name): one.text for one in made.minted}
        told = []
        for token, entry in zip(new.tokens, whole["tokens"], strict=True):
            owner = new.users[token.owner].email.address
            text = entry.get("token") or minted.get((owner, token.name))
            if token.sha256 is not None:
                self._by_digest[token.sha256] = realm
            if text is not None:  # of a digest nobody knows it
                told.append({"name": token.name, "owner": owner, "token": text})
                self.remember(text, realm)
        return Account(made.id, made.name, told)


def _completed(document: Any) -> Any:
    """With whatever its accounts leave out; what is no world is told where it is read."""
    accounts = document.get("accounts") if isinstance(document, Mapping) else None
    if not isinstance(accounts, list):
        return document
    return {**document, "accounts": [_account(one) for one in accounts]}


def _account(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    whole = dict(document)
    if not whole.get("users"):
        whole["users"] = [{"email": ADMIN, "name": "Ada", "last_name": "Min", "role": "Admin"}]
    if not whole.get("tokens"):
        whole["tokens"] = [{"name": "twin", "scopes": sorted(SCOPES)}]
    return whole


def _state(clock: Clock) -> tuple[int | None, int]:
    return clock.frozen, clock.ahead
