"""The faults of one account."""

from collections.abc import Mapping
from typing import Any

from guestlist.testing.handles.controls import Controls


class Faults:
    """What goes wrong for one account, and when."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def plan(self, *faults: Mapping[str, Any]) -> None:
        """Adds faults, each as `POST /_twin/faults` reads it. Raises Refused."""
        self._controls.ask("POST", "/faults", {"faults": list(faults)})

    def clear(self) -> None:
        """None of them happens any more."""
        self._controls.ask("POST", "/faults/clear")
