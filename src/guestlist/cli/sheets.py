"""A table of people to invite, as spreadsheets write it."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from guestlist.actions import things
from guestlist.actions.bulk import Row
from guestlist.actions.things import Kind
from guestlist.cli.desk import Desk
from guestlist.cli.refusals import Told
from guestlist.domain import emails
from guestlist.domain.grants import Draft

NEEDED = ("email", "role")
LISTS = ("permissions", "domains", "templates")
FLAG = "requires_periodic_password_change"
COLUMNS = (*NEEDED, *LISTS, FLAG)

_SEPARATORS = ",;\t"
_TRUTH = {"yes": True, "true": True, "no": False, "false": False}


def read(desk: Desk, file: str) -> list[Row]:
    """The rows of a CSV file, `-` for standard input. Raises Told for what is no such table."""
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    name = "Standard input" if file == "-" else file
    try:
        cells = list(_cells(content.decode("utf-8-sig"), name))
    except UnicodeDecodeError as error:
        raise Told(f"{name} is not UTF-8; save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise Told(f"{name} is not CSV: {error}.") from error
    known = {kind: _ids(desk, kind) for kind in ("domains", "templates")}
    return [_row(values, known) for values in cells]


def _cells(content: str, name: str) -> Iterator[dict[str, str]]:
    """By column; lines without any text are none."""
    first = content.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    header = [column.strip().lower() for column in next(lines, [])]
    _check(header, name)
    for line in lines:
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(header):
            raise Told(f"{name}, line {lines.line_num}, has more cells than there are columns.")
        yield dict(zip(header, line, strict=False))


def _check(header: list[str], name: str) -> None:
    unknown = [column for column in header if column not in COLUMNS]
    missing = [column for column in NEEDED if column not in header]
    if missing:
        raise Told(f"{name} has no column {missing[0]}; its first line names the columns.")
    if unknown:
        known = ", ".join(COLUMNS)
        raise Told(f"{name} has a column {unknown[0]!r} that is not known; there are {known}.")
    if len(set(header)) < len(header):
        raise Told(f"{name} has a column twice.")


def _ids(desk: Desk, kind: Kind) -> dict[str, str]:
    """By id, and by every name that only one has."""
    found = things.list_things(desk.runtime, desk.caller, kind)
    names = [thing.name for thing in found]
    by_name = {thing.name: thing.id for thing in found if names.count(thing.name) == 1}
    return by_name | {thing.id: thing.id for thing in found}


def _row(values: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> Row:
    lists = {name: _split(values.get(name, ""), known.get(name, {})) for name in LISTS}
    flag = values.get(FLAG, "").strip().lower() or None
    draft = Draft(
        role=values.get("role", "").strip() or None,
        permissions=lists["permissions"],
        domains=lists["domains"],
        templates=lists["templates"],
        requires_periodic_password_change=_TRUTH.get(flag, flag) if flag else None,
    )
    return Row(values.get("email", "").strip() or None, draft)


def _split(cell: str, known: Mapping[str, str]) -> Any:
    """At semicolons, else at blanks; a name may have some. What is not known stays, to be told."""
    cell = cell.strip()
    if not cell:
        return None
    if ";" in cell or cell in known:
        parts = [part.strip() for part in cell.split(";") if part.strip()]
    else:
        parts = cell.split()
    return [known.get(part) or known.get(emails.host(part) or "") or part for part in parts]
