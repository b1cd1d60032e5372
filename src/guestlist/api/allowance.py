"""How much an account may ask: its rate limit, and the quota of its day."""

from dataclasses import dataclass
from typing import Protocol

from guestlist.actions import tokens
from guestlist.actions.runtime import Caller, Runtime

UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests per account in a window of so many seconds."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Quota:
    """Of requests on a day: `daily` of them, and what is left, UNLIMITED where there is no end.

    `is_over`: the request at hand came when nothing was left.
    """

    daily: int = UNLIMITED
    remaining: int = UNLIMITED
    is_over: bool = False


ENDLESS = Quota()


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account used of the rate limit's window, which `ends_in` seconds, and its quota."""

    used: int = 0
    ends_in: int = 0
    quota: Quota = ENDLESS


class Allowance(Protocol):
    """What is allowed, and what was used of it: fixed in `serve`, in a test's hands in a twin."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """None where there is none."""

    def spend(self, caller: Caller, *, counts: bool) -> Spent:
        """For one request, in a thread; the quota is not spent where it `counts` not."""


class Fixed:
    """No quota, and perhaps a rate limit, counted in the database: all processes share it."""

    def __init__(self, runtime: Runtime, rate_limit: RateLimit | None) -> None:
        self._runtime = runtime
        self.rate_limit = rate_limit

    def spend(self, caller: Caller, *, counts: bool) -> Spent:  # noqa: ARG002 - as an Allowance
        """Raises Unavailable."""
        if self.rate_limit is None:
            return _NOTHING
        seconds = self.rate_limit.seconds
        used, ends_in = tokens.count_request(self._runtime, caller, seconds=seconds)
        return Spent(used, ends_in)


_NOTHING = Spent()
