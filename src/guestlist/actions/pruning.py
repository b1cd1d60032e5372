"""Deleting what is old of the audit, so that its chain goes on from there."""

from guestlist.actions import audit
from guestlist.actions.audit import Progress, unheard
from guestlist.actions.runtime import Caller, Runtime, begin, read
from guestlist.domain import audit as rules
from guestlist.domain.audit import Checkpoint, Entry
from guestlist.domain.refusals import BrokenAudit, Unavailable
from guestlist.domain.standings import Standings
from guestlist.store import audit as store


def prune(
    runtime: Runtime, caller: Caller, *, before: int, progress: Progress = unheard
) -> tuple[Checkpoint | None, int]:
    """Deletes what was written before an instant, but for what says what somebody holds since.

    The checkpoint from which the chain goes on, None where there is none, and how many entries
    were deleted. Done in steps, each whole by itself, so that nobody waits long for the account.
    `progress` hears of entries deleted. Raises BrokenAudit, Unavailable.
    """
    with read(runtime, caller) as (transaction, account):
        old = store.checkpoint(transaction, account.key)
        first = store.first_from(transaction, account.key, before)
    start = 0 if old is None else old.sequence
    # The newest entry stays in any case: the chain goes on from it.
    through = (account.entries if first is None else first) - 1
    verdict = audit.verify(runtime, caller)
    if verdict.broken is not None:
        raise BrokenAudit(verdict.broken.sequence)
    step = _Pruning(runtime, caller, old)
    for entry in audit.span(runtime, caller, 0, through):
        step.take(entry)
        if (entry.sequence or 0) > start and not (entry.sequence or 0) % store.SPAN:
            step.delete(progress)
    if (old.sequence if old else 0) < through:
        step.delete(progress)
    return step.checkpoint, step.deleted


class _Pruning:
    """What of the entries so far is kept, and how the rest is deleted."""

    def __init__(self, runtime: Runtime, caller: Caller, checkpoint: Checkpoint | None) -> None:
        self._runtime, self._caller = runtime, caller
        self.checkpoint = checkpoint
        self.deleted = 0
        self._standings = Standings(runtime.catalog)
        # Entries that are there still, by their sequences.
        self._there: dict[int, Entry] = {}
        self._newest: Entry | None = None
        self._at = 0 if checkpoint is None else checkpoint.at

    def take(self, entry: Entry) -> None:
        self._standings.fold(entry)
        self._there[entry.sequence or 0] = entry
        self._newest = entry
        self._at = max(self._at, entry.at)

    def delete(self, progress: Progress) -> None:
        newest = self._newest
        if newest is None or newest.sequence is None:
            return
        kept = self._standings.kept()
        gone = [sequence for sequence in self._there if sequence not in kept]
        left = {sequence: self._there[sequence] for sequence in sorted(kept)}
        with begin(self._runtime, self._caller) as unit:
            if store.checkpoint(unit.transaction, unit.account.key) != self.checkpoint:
                raise Unavailable("The audit is being pruned by somebody else.")
            new = Checkpoint(
                newest.sequence,
                newest.hash or b"",
                rules.kept_digest(left.values(), unit.account.id),
                self._at,
            )
            store.set_checkpoint(unit.transaction, unit.account.key, new)
            store.remove(unit.transaction, unit.account.key, gone)
            unit.record("audit.prune", f"account:{unit.account.id}", after=audit.told(new))
        self.checkpoint, self._there = new, left
        self.deleted += len(gone)
        progress(len(gone))
