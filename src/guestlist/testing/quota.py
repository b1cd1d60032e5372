"""How much a realm may be asked, in a test's hands."""

from dataclasses import dataclass, replace
from threading import Lock

from guestlist.actions.runtime import Caller
from guestlist.api.allowance import ENDLESS, Quota, RateLimit, Spent
from guestlist.domain.invitations import DAY
from guestlist.testing.clock import Clock

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may be asked: so many requests a `day` and at a `rate`, where there are such ends.

    `spent` were asked on the day that `on` is the number of, `used` in the window that began at
    `since` (seconds).
    """

    daily: int | None = None
    rate: RateLimit | None = None
    on: int = 0
    spent: int = 0
    since: int = 0
    used: int = 0

    def at(self, now: int) -> "Bucket":
        """The same at a later instant: another day or another window begins full."""
        made, day = self, now // DAY
        if day != self.on:
            made = replace(made, on=day, spent=0)
        if self.rate is not None:
            second = now // _SECOND
            window = second - second % self.rate.seconds
            if window != self.since:
                made = replace(made, since=window, used=0)
        return made

    def quota(self) -> Quota:
        if self.daily is None:
            return ENDLESS
        left = self.daily - self.spent
        return Quota(self.daily, max(0, left), is_over=left < 0)


class Buckets:
    """The bucket of one realm: requests empty it, and another one can be put in its place."""

    def __init__(self, clock: Clock, bucket: Bucket | None = None) -> None:
        self._clock = clock
        self._bucket = bucket or Bucket()
        # requests spend in threads
        self._lock = Lock()

    @property
    def now(self) -> Bucket:
        with self._lock:
            return self._bucket.at(self._clock())

    def put(self, bucket: Bucket) -> None:
        with self._lock:
            self._bucket = bucket

    @property
    def rate_limit(self) -> RateLimit | None:
        return self._bucket.rate

    def spend(self, caller: Caller, *, counts: bool) -> Spent:  # noqa: ARG002 - as an Allowance
        """For one request: what failed has been asked too."""
        with self._lock:
            now = self._clock()
            bucket = self._bucket.at(now)
            bucket = replace(bucket, used=bucket.used + 1, spent=bucket.spent + counts)
            self._bucket = bucket
        ends_in = 0
        if bucket.rate is not None:
            ends_in = bucket.since + bucket.rate.seconds - now // _SECOND
        quota = bucket.quota() if counts else replace(bucket.quota(), is_over=False)
        return Spent(bucket.used, ends_in, quota)
