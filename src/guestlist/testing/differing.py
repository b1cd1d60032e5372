"""Where two recordings of one script differ, and which of that is accepted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from guestlist.domain.refusals import Misconfigured
from guestlist.testing import shapes
from guestlist.testing.recording import Asked, Recording, Told
from guestlist.testing.scripts import READING
from guestlist.testing.scrubbing import unnumbered

Kind: TypeAlias = Literal["step", "status", "header", "body", "key", "type", "message"]
_NOTHING = "missing"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """`number` and `step` are of the script, `request` is what was asked, `where` in its answer."""

    number: int
    step: str
    request: str
    kind: Kind
    where: str
    recorded: str
    here: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which differences are as they should be, and why; `*` is whatever may stand there."""

    reason: str
    request: str = "*"
    kind: str = "*"
    where: str = "*"

    def fits(self, difference: Difference) -> bool:
        return all(
            _pattern(pattern).fullmatch(found)
            for pattern, found in (
                (self.request, difference.request),
                (self.kind, difference.kind),
                (self.where, difference.where),
            )
        )


class Acceptances(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    accept: list[Accepted]


def accepted(document: Any) -> list[Accepted]:
    """Raises Misconfigured."""
    try:
        found = msgspec.convert(document, Acceptances).accept
    except msgspec.ValidationError as error:
        raise Misconfigured(f"This is no list of accepted differences: {error}.") from error
    for number, one in enumerate(found, 1):
        if not one.reason.strip():
            raise Misconfigured(f"Entry {number} of what is accepted must say its reason.")
        if (one.request, one.kind, one.where) == ("*", "*", "*"):
            raise Misconfigured(f"Entry {number} of what is accepted would accept everything.")
    return found


def differences(recorded: Recording, here: Recording) -> list[Difference]:
    """In the order of the script; `here` is of the same one."""
    pairs = zip(recorded.steps, here.steps, strict=True)
    known: dict[str, str] = {}
    known_here: dict[str, str] = {}
    found = []
    for number, (one, other) in enumerate(pairs, 1):
        for kind, where, then, now in _compared(one, other, (known, known_here)):
            found.append(
                Difference(
                    number=number,
                    step=one.step.name,
                    request=one.step.line,
                    kind=kind,
                    where=where,
                    recorded=unnumbered(then),
                    here=unnumbered(now),
                )
            )
        known |= one.saved
        known_here |= other.saved
    return found


_Found: TypeAlias = Iterator[tuple[Any, str, str, str]]


def _compared(
    one: Asked, other: Asked, known: tuple[Mapping[str, str], Mapping[str, str]]
) -> _Found:
    if one.answer is None or other.answer is None:
        if one.answer is not None or other.answer is not None:
            yield "step", "", _was_asked(one), _was_asked(other)
        return
    if one.answer.status != other.answer.status:
        yield "status", "", str(one.answer.status), str(other.answer.status)
    yield from _headers(one.answer, other.answer)
    if one.answer.form != other.answer.form:
        yield "body", "", one.answer.form, other.answer.form
    elif one.answer.form == "json":
        words = one.step.method not in READING
        found = [
            shapes.shape(told.body, saved=saved, words=words)
            for told, saved in zip((one.answer, other.answer), known, strict=True)
        ]
        yield from shapes.differences(*found)
        yield from _messages(one.answer.body, other.answer.body)


def _was_asked(asked: Asked) -> str:
    if asked.answer is not None:
        return f"answered by {asked.answer.status}"
    return f"not asked, for there is no {', '.join(sorted(asked.step.words))}"


def _headers(one: Told, other: Told) -> _Found:
    for name in sorted(one.headers.keys() | other.headers.keys()):
        then, now = (side.headers.get(name, _NOTHING) for side in (one, other))
        if unnumbered(then) != unnumbered(now):
            yield "header", name, then, now


def _messages(one: Any, other: Any) -> _Found:
    then, now = _texts(one), _texts(other)
    for where in [*then, *(where for where in now if where not in then)]:
        said, says = then.get(where, _NOTHING), now.get(where, _NOTHING)
        if unnumbered(said) != unnumbered(says):
            yield "message", where, said, says


def _texts(body: Any) -> dict[str, str]:
    """Sentences by where they stand; several of one field are one text."""
    if not isinstance(body, dict):
        return {}
    found = {}
    if "message" in body:
        found["message"] = _told(body["message"])
    errors = body.get("errors")
    if isinstance(errors, dict):
        found |= {f"errors.{field}": _told(told) for field, told in errors.items()}
    elif "errors" in body:
        found["errors"] = _told(errors)
    return found


def _told(said: Any) -> str:
    if isinstance(said, str):
        return said
    if isinstance(said, list) and said and all(isinstance(one, str) for one in said):
        return " / ".join(said)
    return msgspec.json.encode(said).decode()


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*"), re.DOTALL)


def parted(
    found: Sequence[Difference], by: Sequence[Accepted]
) -> tuple[list[Difference], list[tuple[Difference, Accepted]], list[Accepted]]:
    """Those that are not accepted, those that are, and what accepts nothing of them."""
    left: list[Difference] = []
    taken: list[tuple[Difference, Accepted]] = []
    for difference in found:
        fitting = next((one for one in by if one.fits(difference)), None)
        if fitting is None:
            left.append(difference)
        else:
            taken.append((difference, fitting))
    used = [one for _, one in taken]
    return left, taken, [one for one in by if not any(one is it for it in used)]
