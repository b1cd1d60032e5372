"""Sending the letters that are due."""

from collections.abc import Callable

import structlog

from guestlist.actions import invitations as inviting
from guestlist.actions.runtime import Runtime, begin, operator
from guestlist.domain import letters as wording
from guestlist.domain.invitations import State
from guestlist.domain.letters import Letter, Offer
from guestlist.domain.refusals import Unavailable
from guestlist.store import invitations, letters
from guestlist.store.letters import Due, Outcome

SECOND = 1_000_000
LEASE = 60 * SECOND
BATCH = 100
FIRST_RETRY = 5 * SECOND
LAST_RETRY = 3_600 * SECOND

_log = structlog.get_logger("guestlist.outbox")


def send_due(runtime: Runtime, send: Callable[[Letter], object]) -> int:
    """Sends what is due, at most a batch, and returns how many letters that were.

    Nothing is held while sending: a lease keeps others away. A crash before the outcome is kept
    sends the same letter again, under the same name. `send` raises OSError where it failed.
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
    outcomes = [_outcome(runtime, letter, send, until=now + LEASE // 2) for letter in due]
    with runtime.database.change() as transaction:
        letters.settle(transaction, outcomes)
    return len(outcomes)


def _outcome(
    runtime: Runtime, due: Due, send: Callable[[Letter], object], *, until: int
) -> Outcome:
    """What became of one letter, whatever goes wrong: the others are still to be sent."""
    if runtime.now(0) >= until:
        # The rest of the lease is for keeping what became of the others.
        return Outcome(due.key, "queued", due_at=runtime.now(due.account))
    try:
        return _sent(runtime, due, send)
    except (OSError, Unavailable) as error:
        return _again(runtime, due, str(error))
    except Exception as error:  # noqa: BLE001 - one letter holds no other up
        # Only its kind is told: its words may be the letter's.
        return _again(runtime, due, type(error).__name__)


def _sent(runtime: Runtime, due: Due, send: Callable[[Letter], object]) -> Outcome:
    now = runtime.now(due.account)
    is_pending = due.invitation_state == State.PENDING and now < due.expires_at
    if not is_pending or due.nonce != due.current_nonce:
        return Outcome(due.key, "dropped", due_at=now)
    if due.key_fingerprint not in runtime.keys.fingerprints:
        _renew(runtime, due)
        return Outcome(due.key, "dropped", due_at=now)
    where = send(_letter(runtime, due))
    _log.info("letter sent", letter=due.key, to=str(where))
    return Outcome(due.key, "sent", due_at=now, sent_at=now)


def _again(runtime: Runtime, due: Due, trouble: str) -> Outcome:
    wait = min(FIRST_RETRY << min(due.attempts - 1, 16), LAST_RETRY)
    _log.warning("letter not sent", letter=due.key, trouble=trouble, retry_s=wait // SECOND)
    due_at = runtime.now(due.account) + wait
    return Outcome(due.key, "queued", due_at=due_at, trouble=trouble)


def _renew(runtime: Runtime, due: Due) -> None:
    """The key that made this link is gone: a new link goes out in its place."""
    with begin(runtime, operator(due.account, "outbox")) as unit:
        invitation = invitations.find(unit.transaction, due.account, due.invitation_id)
        if invitation is not None:
            inviting.renew(unit, invitation)


def _letter(runtime: Runtime, due: Due) -> Letter:
    secret = runtime.keys.invitation_secret(due.account, due.nonce, due.key_fingerprint or "")
    offer = Offer(
        to=due.email,
        account=due.account_name,
        inviter=due.inviter,
        role=due.role,
        link=f"{runtime.public_url}/invitations/{secret}",
        expires_at=due.expires_at,
    )
    return wording.invitation(offer, name=f"invitation-{due.invitation_id}-{due.key}")
