"""What falls due by itself, and when."""

from guestlist.actions.outbox import REMIND_BEFORE
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.store import dues


def following(runtime: Runtime, *, reminds: bool) -> int | None:
    """When the next letter, attempt to deliver to a webhook, end of an invitation that is told, or
    reminder is due; None where nothing is. Not before now.

    What the deployment's clock does not ask for, as sweeping, is not counted.
    """
    now = runtime.now(NO_ACCOUNT)
    ahead = REMIND_BEFORE if reminds and runtime.invitation_life > REMIND_BEFORE else None
    with runtime.database.read() as transaction:
        found = dues.following(transaction, now=now, ahead=ahead)
    return None if found is None else max(found, now)
