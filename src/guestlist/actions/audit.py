"""Reading the audit: who changed what, whether it is whole, and who could do something when."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from guestlist.actions.runtime import Caller, Runtime, read
from guestlist.domain import audit as rules
from guestlist.domain.audit import Broken, Checkpoint, Entry, Flaw, Link, Search
from guestlist.domain.refusals import HeadPruned, NotFound, NotRemembered, Unavailable
from guestlist.domain.standings import Question, Standing, Standings
from guestlist.store import audit as store

EVERY = Search()
Progress = Callable[[int], None]


def unheard(_: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Entries:
    """The newest first; `after` finds the next ones, None where there are none."""

    entries: list[Entry]
    after: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of following a chain: `head` is where it ends, or where it was last whole.

    `entries` were looked at, of which `unchained` stand before the chain. `broken` is the first
    entry that is not what was written.
    """

    entries: int
    unchained: int
    head: Link
    broken: Broken | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who could, in the order they came. `is_partial`: some were there before grants were kept.

    What was so before `remembered_from` was pruned: a `since` up to then is the latest it can be.
    """

    standings: list[Standing]
    remembered_from: int | None
    is_partial: bool


def search(
    runtime: Runtime, caller: Caller, wanted: Search, *, after: int | None, most: int
) -> Entries:
    """The newest entries, or the newest of those before `after`."""
    with read(runtime, caller) as (transaction, account):
        behind = account.entries + 1 if after is None else after
        found = store.before(transaction, account.key, behind, wanted, most=most + 1)
    more = len(found) > most
    return Entries(found[:most], found[most - 1].sequence if more else None)


def every(runtime: Runtime, caller: Caller, wanted: Search = EVERY) -> Iterator[Entry]:
    """All that there are now, the oldest first; they are read as they are asked for."""
    with read(runtime, caller) as (_, account):
        last = account.entries
    yield from span(runtime, caller, 0, last, wanted)


def verify(
    runtime: Runtime, caller: Caller, *, noted: Link | None = None, progress: Progress = unheard
) -> Verdict:
    """Follows the chain from its start or its checkpoint to what the account says is its end.

    `noted` is a head that was kept elsewhere: the chain must lead over it. `progress` hears of
    entries done. Raises HeadPruned where that one was pruned, Unavailable.
    """
    with read(runtime, caller) as (transaction, account):
        greatest, strays = store.ends(transaction, account.key)
        checkpoint = store.checkpoint(transaction, account.key)
    start = Link() if checkpoint is None else checkpoint.link
    if noted is not None and noted.sequence < start.sequence:
        raise HeadPruned(start.sequence)
    walk = _Walk(account.id, start, noted)
    last = max(greatest, account.entries)
    try:
        _check_before(runtime, caller, account.id, checkpoint, strays)
        for number, entry in enumerate(span(runtime, caller, start.sequence, last), 1):
            walk.follow(entry)
            if not number % store.SPAN:
                progress(store.SPAN)
        walk.check_end(account.link, checkpoint)
    except Broken as broken:
        check_unpruned(runtime, caller, checkpoint)
        return walk.verdict(broken)
    return walk.verdict(None)


def names(runtime: Runtime, caller: Caller, kind: str) -> dict[str, str]:
    """The domains or templates that the audit knows, by their ids; `kind` is of one of them."""
    with read(runtime, caller) as (transaction, account):
        found = store.names(transaction, account.key, kind)
    return {
        named: json.loads(told).get("name", "")
        for named, one, other in found
        if (told := other or one) is not None
    }


def access(runtime: Runtime, caller: Caller, question: Question, *, at: int) -> Access:
    """Who could do something at a moment, answered from the audit alone.

    Raises NotFound for a thing that it does not know, NotRemembered for a moment that was pruned.
    """
    with read(runtime, caller) as (transaction, account):
        checkpoint = store.checkpoint(transaction, account.key)
    if checkpoint is not None and at < checkpoint.at:
        raise NotRemembered(checkpoint.at)
    pruned_through = 0 if checkpoint is None else checkpoint.sequence
    standings = Standings(runtime.catalog, question, pruned_through)
    is_partial = False
    for entry in span(runtime, caller, 0, account.entries):
        if entry.at <= at:
            is_partial = is_partial or entry.hash is None
            standings.fold(entry)
    if question.thing is not None and question.thing not in standings.things:
        raise NotFound
    check_unpruned(runtime, caller, checkpoint)
    return Access(standings.could(), None if checkpoint is None else checkpoint.at, is_partial)


@dataclass(slots=True)
class _Walk:
    """How far a chain was followed, and what the newest pruning in it said."""

    account: str
    link: Link
    noted: Link | None
    entries: int = 0
    unchained: int = 0
    pruned: str | None = None

    def follow(self, entry: Entry) -> None:
        self._check_noted()
        self.link = rules.follow(self.link, entry, self.account)
        self.entries += 1
        self.unchained += entry.hash is None
        if entry.action == "audit.prune":
            self.pruned = entry.after

    def check_end(self, head: Link, checkpoint: Checkpoint | None) -> None:
        """Raises Broken."""
        self._check_noted()
        if self.link.sequence < head.sequence:
            raise Broken(self.link.sequence + 1, Flaw.MISSING)
        if self.link != head:
            raise Broken(head.sequence + (self.link.sequence > head.sequence), Flaw.HEAD)
        if self.noted is not None and self.noted.sequence > head.sequence:
            raise Broken(head.sequence + 1, Flaw.MISSING)
        wanted = None if checkpoint is None else json.dumps(told(checkpoint))
        if wanted != self.pruned:
            raise Broken(0 if checkpoint is None else checkpoint.sequence, Flaw.CHECKPOINT)

    def _check_noted(self) -> None:
        here = self.link.sequence
        is_noted = self.noted is not None and self.noted.sequence == here != 0
        if is_noted and self.noted != self.link:
            raise Broken(here, Flaw.HEAD)

    def verdict(self, broken: Broken | None) -> Verdict:
        return Verdict(self.entries, self.unchained, self.link, broken)


def told(checkpoint: Checkpoint) -> dict[str, object]:
    """What the entry of a pruning says of it."""
    return {
        "through": checkpoint.sequence,
        "hash": checkpoint.hash.hex(),
        "kept": checkpoint.kept_digest.hex(),
        "at": checkpoint.at,
    }


def _check_before(
    runtime: Runtime, caller: Caller, account: str, checkpoint: Checkpoint | None, strays: int
) -> None:
    """What stands before the chain, and what was kept of it. Raises Broken."""
    if strays:
        raise Broken(0, Flaw.SURPLUS)
    if checkpoint is None:
        return
    kept = span(runtime, caller, 0, checkpoint.sequence)
    if rules.kept_digest(_contents(kept, account)) != checkpoint.kept_digest:
        raise Broken(checkpoint.sequence, Flaw.CHECKPOINT)


def _contents(kept: Iterable[Entry], account: str) -> Iterator[tuple[int, bytes]]:
    """Raises Broken."""
    for entry in kept:
        if entry.hash is not None:
            rules.check_personal(entry)
        yield entry.sequence or 0, rules.content(entry, account)


def check_unpruned(runtime: Runtime, caller: Caller, checkpoint: Checkpoint | None) -> None:
    """What was read was read in pieces: somebody may have pruned meanwhile. Raises Unavailable."""
    with read(runtime, caller) as (transaction, account):
        if store.checkpoint(transaction, account.key) != checkpoint:
            raise Unavailable("The audit was pruned at this moment; try again.")


def span(
    runtime: Runtime, caller: Caller, after: int, through: int, wanted: Search = EVERY
) -> Iterator[Entry]:
    """In pieces, each a snapshot of its own: an entry never changes, and a piece takes no time."""
    while after < through:
        with read(runtime, caller) as (transaction, account):
            found = store.behind(transaction, account.key, after, wanted)
        for entry in found:
            if (entry.sequence or 0) > through:
                return
            yield entry
        if len(found) < store.SPAN:
            return
        after = found[-1].sequence or through
