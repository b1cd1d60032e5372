"""A fault as it is written: when, and what."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from guestlist.testing import paths
from guestlist.testing.paths import Where

BEFORE, AFTER = "before", "after"
LATENCY, DRIP, TRUNCATED, DROPPED = "latency", "drip", "truncated", "dropped"
# What each kind can be told beside when; those that have no default are needed.
KINDS: dict[str, tuple[str, ...]] = {
    "rate_limited": ("retry_after",),
    "quota": (),
    "create_lock": (),
    "unauthenticated": (),
    "forbidden": (),
    "server_error": (),
    "bad_gateway": (),
    "unavailable": ("retry_after",),
    "timeout": (),
    LATENCY: ("seconds",),
    DRIP: ("bytes_per_second",),
    TRUNCATED: ("bytes",),
    DROPPED: ("reset",),
}
_NEEDED = {LATENCY: "seconds", DRIP: "bytes_per_second", TRUNCATED: "bytes"}
_OWN = ("body", "headers")
_MORE = (*_OWN, "retry_after", "seconds", "bytes_per_second", "bytes", "reset")
_BODILESS = (204, 304)
# The connection's own, which say where an answer ends.
_FRAMING = ("connection", "content-length", "transfer-encoding")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

_Count = Annotated[int, Meta(ge=1)]


class Unplannable(ValueError):
    """The words say what is wrong and what there is."""


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A request that fits meets it from its `nth` on, so many `times` ("always"), at a `chance`.

    What then happens is a `kind`, or an answer with `status`, `body` (a text, or a document that is
    sent as JSON) and `headers`. `commit`: before the request reached the server, or after it was
    done.
    """

    method: str | None = None
    path: Annotated[
        str | None, Meta(description="A route of the API, a path, or its beginning and a `*`.")
    ] = None
    nth: _Count = 1
    times: _Count | Literal["always"] = 1
    chance: Annotated[float, Meta(ge=0, le=1)] = 1
    commit: Literal["before", "after"] | None = None
    kind: Annotated[str | None, Meta(description=f"One of {', '.join(KINDS)}.")] = None
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    body: Any = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    retry_after: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    seconds: Annotated[float, Meta(ge=0, le=3600)] | UnsetType = UNSET
    bytes_per_second: _Count | UnsetType = UNSET
    bytes: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    reset: bool | UnsetType = UNSET

    @property
    def where(self) -> Where:
        return Where(self.method, self.path)

    @property
    def is_reached(self) -> bool:
        """Whether the server gets the request."""
        return self.commit == AFTER or self.kind == LATENCY

    @property
    def answers(self) -> bool:
        """Whether another answer takes the true one's place."""
        return self.kind not in {LATENCY, DRIP, TRUNCATED, DROPPED}

    def pause(self, moment: str) -> float:
        """Seconds to wait before the request reached the server, or after it was done."""
        return float(self.seconds or 0) if self.commit == moment else 0


def checked(fault: Fault) -> Fault:
    """With its `commit` said. Raises Unplannable."""
    wrong = paths.wrong(fault.where) or _wrong_kind(fault) or _wrong_words(fault)
    if wrong:
        raise Unplannable(wrong)
    if fault.kind in {DRIP, TRUNCATED}:
        if fault.commit == BEFORE:
            raise Unplannable(f"{fault.kind} is of the true answer, so its commit is after.")
        return msgspec.structs.replace(fault, commit=AFTER)
    return msgspec.structs.replace(fault, commit=fault.commit or BEFORE)


def _wrong_kind(fault: Fault) -> str | None:
    if (fault.kind is None) == (fault.status is None):
        return f"A fault is a kind or a status: one of the two. Kinds are: {', '.join(KINDS)}."
    if fault.kind is not None and fault.kind not in KINDS:
        return f"There is no kind {fault.kind!r}; there are: {', '.join(KINDS)}."
    name = fault.kind or "status"
    known = _OWN if fault.kind is None else KINDS[fault.kind]
    given = [more for more in _MORE if getattr(fault, more) is not UNSET]
    for more in given:
        if more not in known:
            taken = f"it takes {' and '.join(known)}" if known else "it takes nothing more"
            return f"{more} says nothing about {name}: {taken}."
    needed = _NEEDED.get(name)
    if needed and needed not in given:
        return f"{name} needs {needed}."
    return None


def _wrong_words(fault: Fault) -> str | None:
    """Of an answer of the test's own."""
    if fault.status in _BODILESS and fault.body is not UNSET:
        return f"An answer with the status {fault.status} has no body."
    for name, value in (fault.headers or {}).items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            return f"{name!r}: {value!r} cannot be a header."
        if name.lower() in _FRAMING:
            return f"{name} is the connection's: it cannot be set. See truncated and dropped."
    return None
