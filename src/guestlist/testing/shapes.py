"""The shape of JSON: which keys there are, and of what kind their values are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from guestlist.testing.scrubbing import BASE, unnumbered

ENTRY = "[]"
# Texts that are not compared here: they are messages.
TEXTS = ("message", "errors")
# Numbers that are the same for whoever asks the same.
_ECHOED = {"meta.per_page", "meta.current_page"}
# What is null there tells which page it is, and nothing of the shape.
_BY_PAGE = {"links.prev", "links.next", "meta.from", "meta.to", "meta.links[].url"}
_OF_PAGES = ("null", "integer", BASE)
# Whatever they look like, they are somebody's words.
_FREE = ("name", "last_name", "description")
_PLAIN = {"<text>": "string", "<name>": "string"}
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "list",
}
_NUMBER = re.compile(r"(?<==)\d+")


@dataclass(slots=True)
class Place:
    """What was found at one path of a document: in a list, at all of its entries together.

    `above` is the path of what it is in, `seen` how often it was there, `objects` how often it was
    one.
    """

    above: str = ""
    kinds: set[str] = field(default_factory=set)
    seen: int = 0
    objects: int = 0

    @property
    def told(self) -> str:
        return " or ".join(sorted(self.kinds))


Shape = dict[str, Place]


def shape(document: Any, *, saved: Mapping[str, str], words: bool) -> Shape:
    """Places by their paths, as in `data[].id`, the whole by an empty one.

    `saved` are placeholders with the words they were saved under. With `words`, a word that the API
    has for something is told as it is.
    """
    found: Shape = {}
    _walk(document, ("", ""), found, _Reader(saved, words=words))
    return found


def differences(recorded: Shape, here: Shape) -> Iterator[tuple[str, str, str, str]]:
    """Each as its kind, its path, and what it is on either side."""
    for path in sorted(recorded.keys() | here.keys()):
        if not path:
            yield from _kinds(path, recorded, here)
            continue
        above = (recorded.get(path) or here[path]).above
        if not _comparable(path, above, recorded, here):
            continue
        then, now = (_presence(path, above, side) for side in (recorded, here))
        if then != now:
            yield "key", path, then, now
        else:
            yield from _kinds(path, recorded, here)


def _kinds(path: str, recorded: Shape, here: Shape) -> Iterator[tuple[str, str, str, str]]:
    one, other = recorded.get(path, Place()), here.get(path, Place())
    if path in _BY_PAGE and all(k.startswith(_OF_PAGES) for k in one.kinds | other.kinds):
        return
    if one.kinds != other.kinds and one.kinds and other.kinds:
        yield "type", path, one.told, other.told


def _comparable(path: str, above: str, recorded: Shape, here: Shape) -> bool:
    """Whether both have, at the place above, what this can be in."""
    within = "list" if path.endswith(ENTRY) else "object"
    return all(above in side and within in side[above].kinds for side in (recorded, here))


def _presence(path: str, above: str, side: Shape) -> str:
    """An entry of a list has none: how many there are says nothing of their shape."""
    if path.endswith(ENTRY):
        return ""
    place = side.get(path)
    if place is None:
        return "missing"
    return "there" if place.seen == side[above].objects else "sometimes there"


class _Reader:
    def __init__(self, saved: Mapping[str, str], *, words: bool) -> None:
        self._saved = {placeholder: word for word, placeholder in saved.items()}
        self._words = words

    def kind(self, value: Any, path: str) -> str:
        if isinstance(value, str):
            return self._string(value, path)
        if path in _ECHOED:
            return f"integer {value}" if type(value) is int else _TYPES[type(value)]
        return _TYPES[type(value)]

    def _string(self, value: str, path: str) -> str:
        name = path.rpartition(".")[2]
        if name in _FREE or (name == "label" and (value.isdecimal() or value == "...")):
            return "string"
        if value in self._saved and ENTRY not in path:
            return f"{{{self._saved[value]}}}"
        if value.startswith(("<", "0000-")):
            return _PLAIN.get(unnumbered(value), _NUMBER.sub("N", unnumbered(value)))
        is_word = name == "label" or (self._words and value and ENTRY not in path)
        return f"{value!r}" if is_word else "string"


def _walk(value: Any, at: tuple[str, str], found: Shape, reader: _Reader) -> None:
    """`at` is a path and the one above it."""
    path, above = at
    place = found.setdefault(path, Place(above))
    place.seen += 1
    place.kinds.add(reader.kind(value, path))
    if isinstance(value, list):
        for entry in value:
            _walk(entry, (f"{path}{ENTRY}", path), found, reader)
    elif isinstance(value, dict):
        place.objects += 1
        for key, entry in value.items():
            if path or key not in TEXTS:
                _walk(entry, (f"{path}.{key}" if path else key, path), found, reader)
