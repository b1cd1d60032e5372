"""A decorator for Django's views that are functions, of either colour."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Unpack

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from guestlist.client.answers import Decision
from guestlist.client.asynchronous import AsyncGuestlist
from guestlist.client.blocking import Guestlist
from guestlist.client.errors import GuestlistError, Unavailable
from guestlist.client.guards import NOBODY, Requirement, Where, refused

View = Callable[..., Any]
# Who asks, as an id or an e-mail address; None where nobody is signed in.
User = Callable[[HttpRequest], str | Awaitable[str | None] | None]


def requires(
    permission: str,
    *,
    guestlist: Guestlist | AsyncGuestlist,
    user: User,
    reason: bool = False,
    **where: Unpack[Where[HttpRequest]],
) -> Callable[[View], View]:
    """Lets in who may; `PermissionDenied` for others, 503 where Guestlist gives no decision.

    With `reason` the `PermissionDenied` says why, which the template `403.html` may show. A
    synchronous view needs a `Guestlist` and a synchronous `user`: `TypeError` at once otherwise.
    """
    requirement = Requirement(permission, where)

    def decorate(view: View) -> View:
        if inspect.iscoroutinefunction(view):
            return _for_coroutines(view, guestlist, user, requirement, reason=reason)
        if isinstance(guestlist, AsyncGuestlist) or inspect.iscoroutinefunction(user):
            raise TypeError(
                f"{view.__name__} is synchronous: it needs a Guestlist, not an AsyncGuestlist, and "
                "a synchronous user"
            )
        return _for_threads(view, guestlist, user, requirement, reason=reason)

    return decorate


def _for_threads(
    view: View,
    guestlist: Guestlist,
    user: User,
    requirement: Requirement[HttpRequest],
    *,
    reason: bool,
) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        question = requirement.question(_signed_in(user(request)), request, kwargs)
        try:
            decision = guestlist.answer(question)
        except GuestlistError as error:
            return _refused(error)
        _admit(decision, reason=reason)
        return view(request, *args, **kwargs)

    return guarded


def _for_coroutines(
    view: View,
    guestlist: Guestlist | AsyncGuestlist,
    user: User,
    requirement: Requirement[HttpRequest],
    *,
    reason: bool,
) -> View:
    @functools.wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        who = user(request)
        if inspect.isawaitable(who):
            who = await who
        question = requirement.question(_signed_in(who), request, kwargs)
        try:
            if isinstance(guestlist, AsyncGuestlist):
                decision = await guestlist.answer(question)
            else:
                decision = await asyncio.to_thread(guestlist.answer, question)
        except GuestlistError as error:
            return _refused(error)
        _admit(decision, reason=reason)
        return await view(request, *args, **kwargs)

    return guarded


def _signed_in(user: object) -> str:
    if user is None:
        raise PermissionDenied(NOBODY)
    return user  # type: ignore[return-value]  # `Question` refuses what is no text


def _admit(decision: Decision, *, reason: bool) -> None:
    if not decision.allowed:
        raise PermissionDenied(*[decision.reason] if reason else [])


def _refused(error: GuestlistError) -> HttpResponse:
    status, words = refused(error)
    if status == 403:  # noqa: PLR2004
        raise PermissionDenied(words) from error
    answer = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
    if isinstance(error, Unavailable) and error.retry_after is not None:
        answer["retry-after"] = f"{error.retry_after:.0f}"
    return answer
