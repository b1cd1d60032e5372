"""The clock of one account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guestlist.testing.handles.controls import Controls


class Clock:
    """The clock of one account. It goes forward only, and nobody else's goes with it."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    @property
    def now(self) -> datetime:
        """In UTC."""
        return datetime.fromisoformat(self._controls.ask("GET", "/clock")["now"])

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still; that of a twin with a seed does, until `resume`."""
        return bool(self._controls.ask("GET", "/clock")["frozen"])

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Goes so far forward and does what falls due on the way; the time it is then.

        Raises Refused where that would be backwards.
        """
        by = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
        return self._moved("advance", by)

    def move(self, to: datetime) -> datetime:
        """The same, to a later instant. Raises Refused, also where it has no time zone."""
        return self._moved("advance", {"to": to.isoformat()})

    def freeze(self) -> datetime:
        """Stands still from now on."""
        return self._moved("freeze", {})

    def resume(self) -> datetime:
        """Runs on from where it is."""
        return self._moved("resume", {})

    def _moved(self, way: str, body: Mapping[str, Any]) -> datetime:
        return datetime.fromisoformat(self._controls.ask("POST", f"/clock/{way}", body)["now"])
