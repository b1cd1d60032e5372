"""How much realms may be asked."""

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from guestlist.api.allowance import RateLimit
from guestlist.api.catalog import next_midnight
from guestlist.testing.controls.asks import Ask
from guestlist.testing.quota import Bucket
from guestlist.testing.realms import Realm

_MOST = 10**9
_Many = Annotated[int, Meta(ge=0, le=_MOST)]
_Some = Annotated[int, Meta(ge=1, le=_MOST)]


class RateBody(Struct, forbid_unknown_fields=True):
    requests: _Some
    seconds: _Some = 60


class QuotaBody(Struct, forbid_unknown_fields=True):
    """What is left out stays, null takes it away; what is given begins full."""

    daily: _Many | msgspec.UnsetType | None = msgspec.UNSET
    rate: RateBody | msgspec.UnsetType | None = msgspec.UNSET


class RateAnswer(Struct):
    requests: int
    seconds: int
    remaining: int


class QuotaAnswer(Struct):
    """None where there is no end; at `reset`, a midnight in UTC, the day's quota is full again."""

    daily: int | None
    remaining: int | None
    reset: str
    rate: RateAnswer | None


async def show(ask: Ask) -> Any:
    return _told(ask.one)


async def put(ask: Ask) -> Any:
    """Of the whole twin: for every account, those made later too."""
    body = msgspec.convert(ask.body, QuotaBody)
    for realm in ask.realms:
        realm.quota.put(_changed(realm.quota.now, body))
    if ask.realm is None:
        ask.twin.quota = _changed(ask.twin.quota, body)
    return _told(ask.one)


def _changed(bucket: Bucket, body: QuotaBody) -> Bucket:
    changed: dict[str, Any] = {}
    if body.daily is not msgspec.UNSET:
        changed |= {"daily": body.daily, "spent": 0}
    if body.rate is not msgspec.UNSET:
        rate = body.rate and RateLimit(body.rate.requests, body.rate.seconds)
        changed |= {"rate": rate, "used": 0}
    return replace(bucket, **changed)


def _told(realm: Realm) -> QuotaAnswer:
    bucket = realm.quota.now
    rate = None
    if bucket.rate is not None:
        requests = bucket.rate.requests
        rate = RateAnswer(requests, bucket.rate.seconds, max(0, requests - bucket.used))
    remaining = None if bucket.daily is None else bucket.quota().remaining
    return QuotaAnswer(bucket.daily, remaining, next_midnight(realm.now), rate)
