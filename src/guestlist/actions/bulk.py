"""Many invitations at once: each is a change of its own, and one that is refused stops no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from guestlist.actions import invitations, repeats
from guestlist.actions.invitations import Invitations
from guestlist.actions.runtime import Caller, Runtime, read
from guestlist.domain import emails
from guestlist.domain import invitations as rules
from guestlist.domain.accounts import Account
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import DAY, Invitation
from guestlist.domain.refusals import (
    KeyReused,
    MissingScope,
    Refusal,
    Repeated,
    Unauthenticated,
    Unavailable,
)
from guestlist.domain.things import Things
from guestlist.domain.users import check_reach
from guestlist.store import invitations as store_invitations
from guestlist.store import mailings
from guestlist.store.database import Transaction

MAX_ROWS = 500
# What ends the list and not only a row.
_ENDS = (Unavailable, Unauthenticated, MissingScope)


@dataclass(frozen=True, slots=True)
class Row:
    """What one invite's body says."""

    email: Any
    draft: Draft

    @property
    def key(self) -> str | None:
        """Of its address; None for what is no address."""
        return emails.key(self.email) if isinstance(self.email, str) else None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a row, or would: no refusal means that it is, or would be, invited.

    `untried`: the list ended before it, for the reason that `refusal` is.
    """

    row: Row
    made: Invitations | None = None
    refusal: Refusal | None = None
    untried: bool = False


def invite(
    runtime: Runtime, caller: Caller, rows: Sequence[Row], *, key: str | None = None
) -> Iterator[Fate]:
    """Invites row by row, in order. With the same `key`, rows done before are told and not redone.

    Raises Unavailable, Unauthenticated, MissingScope before the first row is done; later they end
    the list.
    """
    ended: Refusal | None = None
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        if ended is not None:
            yield Fate(row, refusal=ended, untried=True)
            continue
        try:
            _check_once(row, number, seen)
            made = invitations.invite(
                runtime, caller, email=row.email, draft=row.draft, key=_row_key(key, row)
            )
            yield Fate(row, made=made)
        except _ENDS as refusal:
            if not number:
                raise
            ended = refusal
            yield Fate(row, refusal=refusal, untried=True)
        except Refusal as refusal:
            yield Fate(row, refusal=refusal)


def rehearse(
    runtime: Runtime, caller: Caller, rows: Sequence[Row], *, key: str | None = None
) -> list[Fate]:
    """What `invite` would do now with each row, changing nothing."""
    with read(runtime, caller) as (transaction, account):
        rehearsal = _rehearsal(runtime, caller, transaction, account, rows, key)
    return [rehearsal.fate(number, row, _row_key(key, row)) for number, row in enumerate(rows)]


def _check_once(row: Row, number: int, seen: dict[str, int]) -> None:
    """Raises Repeated."""
    if row.key is not None and (first := seen.setdefault(row.key, number)) != number:
        raise Repeated(first)


def _row_key(key: str | None, row: Row) -> str | None:
    """By address, so that rows may move between two tries; no key of a caller has a line end."""
    return None if key is None or row.key is None else f"{key}\n{row.key}"


@dataclass(slots=True)
class _Rehearsal:
    """What the rules need to know, read at once, and what the rows so far would have taken."""

    runtime: Runtime
    caller: Caller
    account: Account
    now: int
    things: Things
    known: dict[str, dict[str, int]]
    holders: dict[str, tuple[int | None, Invitation | None]]
    letters: dict[str, int]
    recalled: dict[str, tuple[bytes, int]]
    made: dict[int, Invitation]
    seats_taken: int
    invited: int
    seen: dict[str, int]

    def fate(self, number: int, row: Row, key: str | None) -> Fate:
        try:
            _check_once(row, number, self.seen)
            before = None if key is None else self.recalled.get(key)
            if before is not None:
                return self._repeated(row, before)
            self._offer(row)
        except Refusal as refusal:
            return Fate(row, refusal=refusal)
        return Fate(row)

    def _repeated(self, row: Row, before: tuple[bytes, int]) -> Fate:
        body_sha256, invitation = before
        if body_sha256 != rules.digest(row.email, row.draft):
            raise KeyReused
        told = Invitations([self.made[invitation]], 1, self.things, self.account.revision)
        return Fate(row, made=replace(told, repeated=True))

    def _offer(self, row: Row) -> None:
        by, caps, catalog = self.caller.actor, self.runtime.caps, self.runtime.catalog
        user, before = self.holders.get(row.key or "", (None, None))
        expired = before is not None and before.is_expired(self.now)
        taken = user is not None or (before is not None and not expired)
        address, grant = rules.examine(
            row.email, row.draft, catalog=catalog, taken=taken, **self.known
        )
        if before is not None:
            check_reach(catalog, by=by, target=before.grant)
        rules.check_invite(
            catalog, by=by, grant=grant, seats=self.account.seats, seats_taken=self.seats_taken
        )
        if not by.is_operator:
            rules.check_day(invited=self.invited, caps=caps)
            rules.check_letters(sent=self.letters.get(address.key, 0), caps=caps)
        self.seats_taken += 1
        self.invited += 1


def _rehearsal(
    runtime: Runtime,
    caller: Caller,
    transaction: Transaction,
    account: Account,
    rows: Sequence[Row],
    key: str | None,
) -> _Rehearsal:
    now = runtime.now(account.key)
    addresses = list({row.key for row in rows if row.key is not None})
    keys = [found for row in rows if (found := _row_key(key, row)) is not None]
    things = runtime.things(transaction, account, keep=True)
    recalled = {}
    if keys:
        recalled = repeats.recalled(transaction, account.key, caller.actor, keys, now=now)
    made = [invitation for _, invitation in recalled.values()]
    return _Rehearsal(
        runtime=runtime,
        caller=caller,
        account=account,
        now=now,
        things=things,
        known={
            "domains": {thing.id: thing_key for thing_key, thing in things.domains.items()},
            "templates": {thing.id: thing_key for thing_key, thing in things.templates.items()},
        },
        holders=store_invitations.holders(transaction, account.key, addresses),
        letters=mailings.used(transaction, addresses, now // DAY),
        recalled=recalled,
        made=store_invitations.by_keys(transaction, made),
        seats_taken=invitations.seats_taken(transaction, account, now),
        invited=account.invited_today(now // DAY),
        seen={},
    )
