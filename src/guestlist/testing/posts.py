"""How a twin's events reach webhooks: by real requests."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from guestlist.actions.webhook_deliveries import Heard, Post
from guestlist.domain import destinations
from guestlist.domain.destinations import Allowed

if TYPE_CHECKING:
    from guestlist.delivery.posting import Poster

# A third of what a receiver has of a real server: it is at this machine, and a test waits for it.
SECONDS = 5


class Posts:
    """What sends them takes a while to load: it is, with the first."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    def __call__(self, post: Post) -> Heard:
        """What came of it, at the latest after so many seconds."""
        from guestlist.delivery.webhooks import heard  # noqa: PLC0415 - see above

        return asyncio.run(heard(self._poster, post, on_sent=lambda: None))

    @cached_property
    def _poster(self) -> "Poster":
        from guestlist.delivery.posting import Poster  # noqa: PLC0415 - see above

        return Poster(self._allowed, resolve=_resolve, seconds=SECONDS)


async def _resolve(host: str, port: int) -> list[str]:
    """What is an address already needs no thread to be looked up in, as it is nearly always."""
    if destinations.literal(host) is not None:
        return [host]
    from guestlist.delivery.posting import resolve  # noqa: PLC0415 - see above

    return await resolve(host, port)
