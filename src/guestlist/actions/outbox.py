"""Sending the letters that are due."""

from collections.abc import Callable

from guestlist.actions import posting
from guestlist.actions.logs import Logger
from guestlist.actions.runtime import PARTS, Runtime
from guestlist.domain.invitations import DAY
from guestlist.domain.letters import Deferred, Kind, Letter, Undeliverable, one_line
from guestlist.domain.refusals import NotFound, Unavailable
from guestlist.store import leftovers, letters, reminders, undelivered
from guestlist.store.letters import Due, Outcome
from guestlist.store.undelivered import Undelivered

SECOND = 1_000_000
# A letter is begun in its first half, and no sender takes half of it for one.
LEASE = 120 * SECOND
BATCH = 100
FIRST_RETRY = 5 * SECOND
LAST_RETRY = 3_600 * SECOND
GIVE_UP = 3 * DAY
# Who was switched off for days tries a while before giving up.
LEAST_ATTEMPTS = 10
MAX_TROUBLE = 500
REMIND_BEFORE = 3 * DAY
SWEPT = 1_000
# So much of a secret in somebody's words is no chance.
QUOTED = 12

_log = Logger("guestlist.outbox")


def send_due(
    runtime: Runtime, send: Callable[[Letter], object], *, overwrites: bool = False
) -> int:
    """Sends what is due, at most a batch, and returns how many letters that were.

    Nothing is held while sending: a lease keeps others away. A crash before the outcome is kept
    sends the same letter again, under the same name; where that `overwrites` the first one, what
    became of a batch is kept together. `send` raises Deferred or OSError where it did not work now,
    Undeliverable where it never will.
    """
    now = runtime.now(0)
    with runtime.database.change() as transaction:
        keys = letters.lease(
            transaction, now=now, until=now + LEASE, beyond=now + LAST_RETRY, most=BATCH
        )
    if not keys:
        return 0
    with runtime.database.read() as transaction:
        due = letters.get(transaction, keys)
    outcomes: list[Outcome] = []
    for letter in due:
        if runtime.now(0) >= now + LEASE // 2:
            # The rest of the lease is for keeping what became of the others.
            with runtime.database.change() as transaction:
                letters.release(transaction, letter.key)
            continue
        outcomes.append(_outcome(runtime, letter, send))
        if not overwrites:
            _settle(runtime, outcomes)
    _settle(runtime, outcomes)
    return len(due)


def _settle(runtime: Runtime, outcomes: list[Outcome]) -> None:
    """What is not kept when this process dies is sent again."""
    if outcomes:
        with runtime.database.change() as transaction:
            for outcome in outcomes:
                letters.settle(transaction, outcome)
        outcomes.clear()


def remind_due(runtime: Runtime) -> int:
    """Queues a reminder of each invitation that ends within three days; returns how many.

    Where invitations live no longer than that, none is sent.
    """
    if runtime.invitation_life <= REMIND_BEFORE:
        return 0
    now = runtime.now(0)
    with runtime.database.change() as transaction:
        near = reminders.mark(transaction, now=now, soon=now + REMIND_BEFORE, most=BATCH)
        for found in near:
            letters.queue(
                transaction,
                kind=Kind.REMINDER,
                account=found.account,
                invitation=found.invitation,
                nonce=found.nonce,
                now=runtime.now(found.account),
            )
    return len(near)


def tidy(runtime: Runtime) -> bool:
    """Deletes what nobody needs any more, a bounded number of rows of each kind.

    True where more may be left: for another call soon, so that none takes long.
    """
    gone = []
    for number in range(leftovers.COUNT):
        with runtime.database.change() as transaction:
            gone.append(
                leftovers.sweep(transaction, number, now=runtime.now(0), day=DAY, most=SWEPT)
            )
    return SWEPT in gone


def list_undelivered(runtime: Runtime, *, after: int = 0, most: int = BATCH) -> list[Undelivered]:
    """Letters that wait or failed, oldest first, beginning after a key."""
    with runtime.database.read() as transaction:
        return undelivered.page(transaction, after=after, most=most)


def retry(runtime: Runtime, letter: int | None) -> int:
    """Makes a failed letter due at once, or with None every one; returns how many.

    Raises NotFound where that letter did not fail.
    """
    with runtime.database.change() as transaction:
        found = undelivered.retry(transaction, letter or 0, now=runtime.now(0))
        if letter is not None and not found:
            raise NotFound
        return found


def _outcome(runtime: Runtime, due: Due, send: Callable[[Letter], object]) -> Outcome:
    """What became of one letter, whatever goes wrong: the others are still to be sent."""
    secret = ""
    try:
        letter = posting.letter(runtime, due)
        if letter is None:
            return Outcome(due.key, "dropped", due_at=_now(runtime, due))
        secret = letter.link.rpartition("/")[2]
        where = send(letter)
    except Undeliverable as refused:
        return _failed(runtime, due, _told(refused, secret))
    except (OSError, Deferred, Unavailable) as error:
        return _again(runtime, due, _told(error, secret))
    except Exception as error:  # noqa: BLE001 - one letter holds no other up
        # Only its kind is told: its words may be the letter's.
        return _again(runtime, due, type(error).__name__)
    if runtime.logs:
        _log.info("letter sent", letter=due.key, to=str(where))
    now = _now(runtime, due)
    return Outcome(due.key, "sent", due_at=now, sent_at=now)


def _again(runtime: Runtime, due: Due, trouble: str) -> Outcome:
    now = _now(runtime, due)
    if now - due.created_at >= GIVE_UP and due.attempts >= LEAST_ATTEMPTS:
        return _failed(runtime, due, trouble)
    most = min(FIRST_RETRY << min(due.attempts - 1, 16), LAST_RETRY)
    # Up to a fifth sooner: letters that failed together need not come back together.
    wait = most - most * runtime.jitter() // (5 * PARTS)
    _log.warning("letter not sent", letter=due.key, trouble=trouble, retry_s=wait // SECOND)
    return Outcome(due.key, "queued", due_at=now + wait, trouble=trouble)


def _failed(runtime: Runtime, due: Due, trouble: str) -> Outcome:
    _log.error("letter failed", letter=due.key, trouble=trouble)
    return Outcome(due.key, "failed", due_at=_now(runtime, due), trouble=trouble)


def _told(error: Exception, secret: str) -> str:
    """Their words, unless they quote the link: a filter may say which one it dislikes."""
    words = one_line(str(error))[:MAX_TROUBLE]
    quoted = range(len(secret) - QUOTED + 1)
    if any(secret[start : start + QUOTED] in words for start in quoted):
        return "Refused, in words that quote the letter's link."
    return words or type(error).__name__


def _now(runtime: Runtime, due: Due) -> int:
    return runtime.now(due.account or 0)
