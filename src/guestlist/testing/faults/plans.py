"""What is planned to go wrong, in order, and whose turn it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from guestlist.testing.chance import Chance
from guestlist.testing.faults.documents import Fault, checked

_PARTS = 2**64


@dataclass(slots=True)
class _Planned:
    """`number` is its place among all that were planned; so many requests fitted, and met it."""

    number: int
    fault: Fault
    seen: int = 0
    met: int = 0

    @property
    def is_over(self) -> bool:
        times = self.fault.times
        return times != "always" and self.met >= times

    @property
    def left(self) -> Fault:
        """What of it is still to come, as one would plan it now."""
        fault = self.fault
        times = fault.times if fault.times == "always" else fault.times - self.met
        return msgspec.structs.replace(fault, nth=max(1, fault.nth - self.seen), times=times)


@dataclass(frozen=True, slots=True)
class KeptPlan:
    planned: tuple[_Planned, ...]
    number: int


class Plan:
    """Of a realm, or of the whole twin. Chance follows from the seed and the name alone."""

    def __init__(self, seed: str, name: str) -> None:
        self._seed, self._name = seed, name
        self._planned: list[_Planned] = []
        self._number = 0

    def __iter__(self) -> Iterator[Fault]:
        """What is left of it."""
        return (planned.left for planned in self._planned)

    def add(self, faults: Sequence[Fault]) -> None:
        """All or, where one is wrong, none. Raises Unplannable."""
        for fault in [checked(fault) for fault in faults]:
            self._number += 1
            self._planned.append(_Planned(self._number, fault))

    def clear(self) -> None:
        self._planned, self._number = [], 0

    def kept(self) -> KeptPlan:
        return KeptPlan(tuple(replace(planned) for planned in self._planned), self._number)

    def put_back(self, kept: KeptPlan) -> None:
        self._planned = [replace(planned) for planned in kept.planned]
        self._number = kept.number

    def meet(self, method: str, path: str, *, is_free: bool) -> Fault | None:
        """What a request meets: the first whose turn it is; each that fits has seen it.

        A request that is not free has met something already.
        """
        found: Fault | None = None
        for planned in self._planned:
            if not planned.fault.where.has(method, path):
                continue
            planned.seen += 1
            if is_free and found is None and self._is_due(planned):
                planned.met += 1
                found = planned.fault
        self._planned = [planned for planned in self._planned if not planned.is_over]
        return found

    def _is_due(self, planned: _Planned) -> bool:
        if planned.seen < planned.fault.nth:
            return False
        # which requests are hit depends on nothing but their number
        chance = Chance(self._seed, f"{self._name}\0fault {planned.number}")
        chance.taken = planned.seen
        return int.from_bytes(chance(0, 8)) < planned.fault.chance * _PARTS


def meet(plans: Iterable[Plan], method: str, path: str) -> Fault | None:
    """What a request that all of them are for meets, if anything."""
    found: Fault | None = None
    for plan in plans:
        found = plan.meet(method, path, is_free=found is None) or found
    return found
