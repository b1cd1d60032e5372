"""The clocks of realms."""

from typing import Any

from guestlist.domain import instants
from guestlist.testing.clock import Clock
from guestlist.testing.controls.asks import Ask, Refused

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_SECOND = 1_000_000


def told(clock: Clock) -> dict[str, Any]:
    return {"now": instants.written(clock()), "frozen": clock.is_frozen}


async def show(ask: Ask) -> Any:
    return told(ask.one.clock)


async def freeze(ask: Ask) -> Any:
    at = ask.instant("at")
    for realm in ask.realms:
        if at is not None and at < realm.now:
            raise Refused(422, "The clock goes forward only: freeze it at a later instant.")
    for realm in ask.realms:
        realm.clock.freeze()
        if at is not None:
            await ask.thread(realm.advance, at)
    return told(ask.one.clock)


async def advance(ask: Ask) -> Any:
    """By so much, or to an instant."""
    to = ask.instant("to")
    more = sum(ask.number(unit, default=0) * size for unit, size in _UNITS.items())
    if more < 0 or (to is not None and to < ask.one.now):
        raise Refused(422, "The clock goes forward only.")
    for realm in ask.realms:
        target = realm.now + round(more * _SECOND) if to is None else to
        await ask.thread(realm.advance, target)
    return told(ask.one.clock)


async def resume(ask: Ask) -> Any:
    for realm in ask.realms:
        realm.clock.resume()
    return told(ask.one.clock)
