"""A decorator for Starlette's endpoints that are functions."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Unpack

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from guestlist.client.asynchronous import AsyncGuestlist
from guestlist.client.blocking import Guestlist
from guestlist.client.errors import GuestlistError, Unavailable
from guestlist.client.guards import NOBODY, Requirement, Where, refused

Endpoint = Callable[..., Any]
# Who asks, as an id or an e-mail address; None where nobody is signed in.
User = Callable[[Request], str | Awaitable[str | None] | None]


def requires(
    permission: str,
    *,
    guestlist: Guestlist | AsyncGuestlist,
    user: User,
    reason: bool = False,
    **where: Unpack[Where[Request]],
) -> Callable[[Endpoint], Callable[[Request], Awaitable[Any]]]:
    """Lets in who may; 403 for others, and 503 where Guestlist gives no decision.

    With `reason` the 403 says why, to whoever asks.
    """
    requirement = Requirement(permission, where)

    def decorate(endpoint: Endpoint) -> Callable[[Request], Awaitable[Any]]:
        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Any:
            who = user(request)
            if inspect.isawaitable(who):
                who = await who
            await admit(guestlist, requirement, request, who, reason=reason)
            if inspect.iscoroutinefunction(endpoint):
                return await endpoint(request)
            return await run_in_threadpool(endpoint, request)

        return guarded

    return decorate


async def admit(
    guestlist: Guestlist | AsyncGuestlist,
    requirement: Requirement[Request],
    request: Request,
    user: str | None,
    *,
    reason: bool,
) -> None:
    """Raises `HTTPException` unless she may."""
    if user is None:
        raise HTTPException(403, NOBODY)
    question = requirement.question(user, request, request.path_params)
    try:
        if isinstance(guestlist, AsyncGuestlist):
            decision = await guestlist.answer(question)
        else:
            decision = await run_in_threadpool(guestlist.answer, question)
    except GuestlistError as error:
        status, words = refused(error)
        raise HTTPException(status, words, headers=retry_after(error)) from error
    if not decision.allowed:
        raise HTTPException(403, (reason and decision.reason) or None)


def retry_after(error: GuestlistError) -> dict[str, str] | None:
    if isinstance(error, Unavailable) and error.retry_after is not None:
        return {"retry-after": f"{error.retry_after:.0f}"}
    return None
