"""What is planned to go wrong."""

from typing import Any

import msgspec
from msgspec import Struct, UnsetType

from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.faults.documents import Fault, Unplannable
from guestlist.testing.faults.plans import Plan


class PlanBody(Fault, frozen=True, kw_only=True):
    """One fault, or a list of them under `faults`, as GET tells the plan."""

    faults: list[Fault] | UnsetType = msgspec.UNSET


class PlanAnswer(Struct):
    """What is left of it: planned again as it is, the same happens."""

    faults: list[Fault]


async def show(ask: Ask) -> Any:
    return PlanAnswer(list(_plan(ask)))


async def add(ask: Ask) -> Any:
    try:
        _plan(ask).add(_given(ask))
    except Unplannable as wrong:
        raise Refused(422, str(wrong)) from wrong
    return PlanAnswer(list(_plan(ask)))


async def clear(ask: Ask) -> Any:
    """Of the whole twin: that of every account too."""
    _plan(ask).clear()
    for realm in ask.realms:
        realm.faults.clear()
    return PlanAnswer([])


def _plan(ask: Ask) -> Plan:
    return ask.twin.faults if ask.realm is None else ask.realm.faults


def _given(ask: Ask) -> list[Fault]:
    """Raises Refused."""
    if "faults" not in ask.body:
        return [msgspec.convert(ask.body, Fault)]
    if len(ask.body) > 1:
        raise Refused(422, "A plan is either one fault or, under faults, a list: not both.")
    return msgspec.convert(ask.body["faults"], list[Fault])
