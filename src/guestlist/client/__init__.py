"""Asks a Guestlist what each may do.

It needs httpx2 or httpx (`pip install 'guestlist[client]'`) and nothing of the server. For web
frameworks there are `guestlist.client.fastapi`, `guestlist.client.starlette` and
`guestlist.client.django`.
"""

from guestlist.client.answers import Decision
from guestlist.client.asynchronous import AsyncGuestlist
from guestlist.client.blocking import Guestlist
from guestlist.client.cache import Cache
from guestlist.client.errors import (
    Forbidden,
    GuestlistError,
    Malformed,
    Unauthenticated,
    Unavailable,
)
from guestlist.client.questions import Question

__all__ = [
    "AsyncGuestlist",
    "Cache",
    "Decision",
    "Forbidden",
    "Guestlist",
    "GuestlistError",
    "Malformed",
    "Question",
    "Unauthenticated",
    "Unavailable",
]
