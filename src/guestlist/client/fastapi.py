"""A dependency for FastAPI: `dependencies=[Depends(requires(…))]`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Unpack

from fastapi import Depends, Request

from guestlist.client.asynchronous import AsyncGuestlist
from guestlist.client.blocking import Guestlist
from guestlist.client.guards import Requirement, Where
from guestlist.client.starlette import admit


def requires(
    permission: str,
    *,
    guestlist: Guestlist | AsyncGuestlist,
    user: Callable[..., Any],
    reason: bool = False,
    **where: Unpack[Where[Request]],
) -> Callable[..., Awaitable[None]]:
    """Lets in who may; 403 for others, and 503 where Guestlist gives no decision.

    `user` is a dependency too: it gives the id or e-mail address of who asks, or None. With
    `reason` the 403 says why, to whoever asks.
    """
    requirement = Requirement(permission, where)

    async def allowed(request: Request, user: Annotated[str | None, Depends(user)]) -> None:
        await admit(guestlist, requirement, request, user, reason=reason)

    return allowed
