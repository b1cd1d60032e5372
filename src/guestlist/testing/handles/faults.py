"""The faults of one account."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guestlist.testing.handles.controls import Controls


class Faults:
    """What is planned to go wrong for one account, in order; iterates over what is left of it."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._controls.ask("GET", "/faults")["faults"])

    def plan(self, **fault: Any) -> None:
        """Adds one, as in `plan(kind="create_lock", method="POST", path="/v1/users")`.

        Its words are those of `POST /_twin/faults`. Raises Refused.
        """
        self.load([fault])

    def load(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Adds several, such as a file holds; all or, where one is wrong, none. Raises Refused."""
        self._controls.ask("POST", "/faults", {"faults": list(faults)})

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._controls.ask("POST", "/faults/clear")
