"""Deployments that are made, set back and thrown away at will: a twin's."""

from collections.abc import Callable

from guestlist.actions import deployment
from guestlist.actions.limits import Limits
from guestlist.actions.passwords import Passwords
from guestlist.actions.runtime import PARTS, Runtime
from guestlist.domain import destinations
from guestlist.domain.access import Catalog
from guestlist.domain.invitations import Caps
from guestlist.domain.links import Keys
from guestlist.domain.mailersend import MAILERSEND
from guestlist.store.database import Database
from guestlist.store.scratch import Scratch, scratch

__all__ = ["AT_THIS_MACHINE", "Scratch", "runtime", "scratch"]

# Known to everybody: a twin protects nothing, and the same seed gives the same links.
_KEYS = Keys((b"the key of every twin, and known to everybody",))
_NO_CAPS = Caps(10**9, 10**9)
AT_THIS_MACHINE = destinations.read("127.0.0.0/8,::1")


def runtime(
    database: Database,
    *,
    now: Callable[[int], int],
    random: Callable[[int, int], bytes],
    public_url: str,
    invitation_life: int,
    catalog: Catalog = MAILERSEND,
) -> Runtime:
    """The same as a real one, without what only keeps strangers out.

    Passwords cost nothing to hash, nothing is limited, and what failed is tried again at times that
    can be told beforehand. Webhooks may be at this machine. The log may be that of the program
    under test, and hears of trouble only.
    """
    made = Runtime(
        database=database,
        keys=_KEYS,
        now=now,
        random=random,
        public_url=public_url,
        invitation_life=invitation_life,
        catalog=catalog,
        caps=_NO_CAPS,
        limits=Limits(scale=1_000_000),
        jitter=lambda: PARTS // 2,
        webhook_allow=AT_THIS_MACHINE,
        passwords=Passwords(time_cost=1, memory_cost=8),
        logs=False,
    )
    deployment.claim(made)
    return made
