"""The clocks of realms."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from msgspec import UNSET, Struct, UnsetType, convert

from guestlist.domain import instants
from guestlist.testing.clock import LAST, Clock
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.dues import Unfinished
from guestlist.testing.realms import Realm

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_SECOND = 1_000_000
_FORWARD = "The clock goes forward only"
_END = "The clock ends with the year 9998: what is made then must end in a year of four digits."


class ClockAnswer(Struct):
    """`now` in UTC; `frozen`: it stands still until it is moved."""

    now: str
    frozen: bool


class FreezeBody(Struct, forbid_unknown_fields=True):
    """`at` a later instant, as in 2026-01-31T09:30:00Z; left out: now."""

    at: str | None = None


class AdvanceBody(Struct, forbid_unknown_fields=True):
    """By so much, all of it together; or `to` a later instant. By nothing: what is due is done."""

    days: float | UnsetType = UNSET
    hours: float | UnsetType = UNSET
    minutes: float | UnsetType = UNSET
    seconds: float | UnsetType = UNSET
    to: str | None = None


def told(clock: Clock) -> ClockAnswer:
    return ClockAnswer(instants.written(clock()), clock.is_frozen)


async def show(ask: Ask) -> Any:
    return told(ask.one.clock)


async def freeze(ask: Ask) -> Any:
    at = ask.instant("at")
    _check_instant(ask, at)
    for realm in ask.realms:
        await moved(ask, realm, realm.dues.freeze)
        if at is not None:
            await moved(ask, realm, partial(realm.dues.advance, to=at))
    return told(ask.one.clock)


async def advance(ask: Ask) -> Any:
    """All that fell due on the way is done when this is answered."""
    to, by = ask.instant("to"), _span(ask)
    if to is not None and by is not None:
        raise Refused(422, f"Say either to, or how far in {', '.join(_UNITS)}; not both.")
    _check_instant(ask, to)
    for realm in ask.realms:
        if realm.now + (by or 0) > LAST:
            raise Refused(422, _END)
    for realm in ask.realms:
        await moved(ask, realm, partial(realm.dues.advance, by=by or 0, to=to))
    return told(ask.one.clock)


async def resume(ask: Ask) -> Any:
    for realm in ask.realms:
        await moved(ask, realm, realm.dues.resume)
    return told(ask.one.clock)


def _span(ask: Ask) -> int | None:
    """In microseconds, None where nothing is said of it. Raises Refused."""
    body = convert(ask.body, AdvanceBody)
    said = {unit: ask.body[unit] for unit in _UNITS if getattr(body, unit) is not UNSET}
    for unit, found in said.items():
        if not 0 <= found <= LAST:
            why = f"{_FORWARD}: {unit} cannot be {found}." if found < 0 else _END
            raise Refused(422, why)
    if not said:
        return None
    # What a float cannot tell exactly is still the same whether it comes whole or in parts.
    return round(sum(Fraction(found) * _UNITS[unit] for unit, found in said.items()) * _SECOND)


def _check_instant(ask: Ask, at: int | None) -> None:
    """Before any clock is moved. Raises Refused."""
    if at is None:
        return
    if at > LAST:
        raise Refused(422, _END)
    for realm in ask.realms:
        if at < realm.now:
            now = instants.written(realm.now)
            raise Refused(422, f"{_FORWARD}, and it is {now} already.")


async def moved(ask: Ask, realm: Realm, move: Callable[[], None]) -> None:
    """In a thread that no request waits for. Raises Refused."""
    try:
        async with realm.used():
            await asyncio.get_running_loop().run_in_executor(ask.twin.movers, move)
    except Unfinished as unfinished:
        raise Refused(
            503,
            f"So much falls due that this was left off: the clock stands at"
            f" {instants.written(unfinished.at)}. Ask with `to` to go on. A webhook whose receiver"
            " does not answer costs seconds at each attempt; one that makes changes which it is"
            " told of comes to no end.",
        ) from unfinished
