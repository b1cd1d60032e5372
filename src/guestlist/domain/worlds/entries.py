"""Reading a document object by object, noting everything that is wrong and where."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from guestlist.domain import instants
from guestlist.domain.refusals import BrokenFile

# As long as any real one; what is longer was put there by mistake.
MAX_TEXT = 255

_ID = re.compile(r"[0-9a-z]{1,64}")
_NO_DATE = "must be a date and time with Z or an offset, as in 2025-01-31T09:30:00Z"
# No database keeps these.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Faults:
    """What is wrong with a document, each with its JSON path."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, path: str, wrong: str) -> None:
        self.found.append((path, wrong))

    def check(self) -> None:
        """Raises BrokenFile if there is a fault."""
        if self.found:
            raise BrokenFile(self.found)


class Unique:
    """Values that must not come twice, with the path of where each was first."""

    def __init__(self) -> None:
        self._first: dict[object, str] = {}

    def add(self, value: object, path: str, faults: Faults) -> None:
        first = self._first.setdefault(value, path)
        if first is not path:
            faults.add(path, f"is the same as {first}")


class Entry:
    """One object of the document. A key that is null is as good as left out."""

    __slots__ = ("faults", "path", "values")

    def __init__(self, value: object, path: str, faults: Faults, keys: frozenset[str]) -> None:
        self.path = path
        self.faults = faults
        self.values: dict[str, Any] = {}
        if not isinstance(value, dict):
            faults.add(path, "must be an object")
            return
        self.values = value
        for key in value:
            if key not in keys:
                faults.add(self.at(key), "is not a key that is known here")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str, is_right: Callable[[Any], bool], wrong: str) -> Any:
        """A value that `is_right`; None where it is left out or wrong."""
        value = self.values.get(key)
        if value is None or is_right(value):
            return value
        self.faults.add(self.at(key), wrong)
        return None

    def text(self, key: str, *, longest: int = MAX_TEXT, least: int = 0) -> str | None:
        """Of at least so many characters, beside blanks around them."""
        wrong = f"must be a string of {least} to {longest} characters, none of them NUL"
        found: str | None = self.get(
            key,
            lambda value: is_text(value) and least <= len(value.strip()) and len(value) <= longest,
            wrong + (", not only blanks" if least else ""),
        )
        return found

    def flag(self, key: str) -> bool:
        return bool(self.get(key, lambda value: isinstance(value, bool), "must be true or false"))

    def instant(self, key: str) -> int | None:
        value = self.get(key, lambda value: isinstance(value, str), _NO_DATE)
        if value is None:
            return None
        try:
            return instants.parse(value)
        except ValueError:
            self.faults.add(self.at(key), _NO_DATE)
            return None

    def id(self, taken: Unique) -> str | None:
        return self.word("id", _ID, "must be 1 to 64 characters of 0-9 and a-z", taken)

    def word(
        self, key: str, pattern: re.Pattern[str], wrong: str, taken: Unique | None = None
    ) -> str | None:
        """A string that a pattern matches whole, and that is not in `taken` yet."""
        found: str | None = self.get(
            key,
            lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None,
            wrong,
        )
        if taken is not None and found is not None:
            taken.add(found, self.at(key), self.faults)
        return found

    def entries(self, key: str) -> Sequence[tuple[Any, str]]:
        """The entries of a list, each with its path."""
        found = self.get(key, lambda value: isinstance(value, list), "must be an array")
        path = self.at(key)
        return [(value, f"{path}[{number}]") for number, value in enumerate(found or ())]


def is_text(value: object) -> bool:
    return isinstance(value, str) and not _UNSTORABLE.search(value)
