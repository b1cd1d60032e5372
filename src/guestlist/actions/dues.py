"""What falls due by itself, and when."""

from guestlist.actions.outbox import REMIND_BEFORE
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.store import dues


def following(runtime: Runtime, *, reminds: bool) -> int | None:
    """When the next of it is due, not before now; None where nothing is.

    A letter, an attempt to deliver to a webhook, the end of an invitation that one is told of, a
    reminder. Sweeping is none of these: nobody sees whether it was done.
    """
    now = runtime.now(NO_ACCOUNT)
    ahead = REMIND_BEFORE if reminds and runtime.invitation_life > REMIND_BEFORE else None
    with runtime.database.read() as transaction:
        found = dues.following(transaction, now=now, ahead=ahead)
    return None if found is None else max(found, now)
