"""What the audit says, as documents, as lines of JSON and as a table."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from guestlist.actions import audit
from guestlist.api import forms
from guestlist.api.documents import Answer, answer
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant
from guestlist.domain import instants
from guestlist.domain.audit import Entry, Search, network, sides
from guestlist.domain.pages import DEFAULT_SIZE
from guestlist.domain.refusals import Fault, Invalid, Rule

PATH = "/guestlist/v1/audit"
MOST = 1_000
TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=UTF-8",
}
FORMATS = tuple(kind.partition(";")[0] for kind in TYPES.values())[1:]
QUERY = (
    ("actor", "Who did it, as in `user:ID`, by their tokens too, or `operator`"),
    ("subject", "What was changed, as in `user:ID` or `invitation:ID`"),
    ("action", "What was done, as in `user.update`"),
    ("request", "The `X-Request-ID` of what changed it"),
    ("from", "From when on: a date, or a date and time with an offset"),
    ("to", "Before when"),
    ("after", "The `after` of the page before: what follows it is older"),
    ("limit", f"How many entries, {MOST} at most; {DEFAULT_SIZE} where it is left out"),
    ("format", "`json`, `jsonl` for lines of JSON, or `csv`; of these, `Link` leads on"),
)
_TEXTS = ("actor", "subject", "action", "request")
# What a spreadsheet would take for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")

Side: TypeAlias = Annotated[
    dict[str, Any] | None,
    Meta(description="What was kept of a person and erased since, is `erased`."),
]


class EntryDocument(Struct, frozen=True):
    """`actor` is `user:ID`, with ` token:ID` where they used one, an invitee, or `operator`."""

    sequence: int
    at: Instant
    actor: str
    origin: Annotated[str | None, Meta(description="The network address it was asked from.")]
    action: str
    subject: str
    before: Side
    after: Side
    request: str
    hash: Annotated[str | None, Meta(description="Null for what was written before the chain.")]


class AuditLinks(Struct, frozen=True):
    next: str | None


class AuditMeta(Struct, frozen=True):
    after: Annotated[int | None, Meta(description="Null where nothing follows.")]
    per_page: int


class AuditDocument(Struct, frozen=True):
    """The newest first."""

    data: list[EntryDocument]
    links: AuditLinks
    meta: AuditMeta


def document(entry: Entry) -> EntryDocument:
    before, after = sides(entry)
    return EntryDocument(
        sequence=entry.sequence or 0,
        at=instants.written(entry.at),
        actor=entry.actor,
        origin=network(entry),
        action=entry.action,
        subject=entry.subject,
        before=before,
        after=after,
        request=entry.request,
        hash=None if entry.hash is None else entry.hash.hex(),
    )


def list_entries(request: Request) -> Answer:
    wanted, after, most, kind = _asked(request)
    found = audit.search(request.runtime, request.caller, wanted, after=after, most=most)
    follows = None if found.after is None else {**request.query, "after": str(found.after)}
    base = request.runtime.public_url + PATH
    url = None if follows is None else f"{base}?{urlencode(follows)}"
    if kind == "json":
        told = [document(entry) for entry in found.entries]
        return answer(AuditDocument(told, AuditLinks(url), AuditMeta(found.after, most)))
    links = () if url is None else (("link", f'<{url}>; rel="next"'),)
    body = "".join(lines(found.entries, kind)).encode()
    return Answer(200, body, TYPES[kind], headers=links)


def lines(entries: Iterable[Entry], kind: str) -> Iterator[str]:
    """Text piece by piece, of `jsonl` or `csv`."""
    if kind == "jsonl":
        yield from (msgspec.json.encode(document(e)).decode() + "\n" for e in entries)
        return
    yield row(EntryDocument.__struct_fields__)
    for entry in entries:
        told = msgspec.structs.asdict(document(entry))
        yield row(map(_cell, told.values()))


def row(cells: Iterable[object]) -> str:
    """A line of CSV in which no spreadsheet finds a formula."""
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return "" if value is None else value


def _asked(request: Request) -> tuple[Search, int | None, int, str]:
    """Raises Invalid."""
    query, faults = request.query, list[Fault]()
    texts = {name: query.get(name) or None for name in _TEXTS}
    faults += [Fault(name, Rule.STRING) for name, text in texts.items() if "\0" in (text or "")]
    since, until = (_instant(name, query.get(name), faults) for name in ("from", "to"))
    limit = forms.whole("limit", query, faults, least=1, most=MOST, default=DEFAULT_SIZE)
    after = forms.whole("after", query, faults, least=1, most=forms.MAX_INTEGER, default=0)
    kind = query.get("format") or "json"
    if kind not in TYPES:
        faults.append(Fault("format", Rule.SELECTED))
    if faults:
        raise Invalid(faults)
    return Search(**texts, since=since, until=until), after or None, limit, kind


def _instant(name: str, text: str | None, faults: list[Fault]) -> int | None:
    if not text:
        return None
    try:
        return instants.moment(text)
    except ValueError:
        faults.append(Fault(name, Rule.INSTANT))
        return None
