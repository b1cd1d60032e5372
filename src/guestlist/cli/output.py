"""Printing data: JSON for programs, tables for people, lines with tabs for pipes."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import typer

from guestlist.domain.pages import Page, last_page

Columns = Mapping[str, Callable[[Any], str]]


def show_json(document: Any) -> None:
    encoded = msgspec.json.format(msgspec.json.encode(document), indent=2)
    typer.echo(encoded)


def show_table(columns: Columns, rows: Iterable[Any]) -> None:
    cells = [[printable(cell(row)) for cell in columns.values()] for row in rows]
    show_cells(list(columns), cells)


def show_cells(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not sys.stdout.isatty():
        for line in (names, *rows):
            typer.echo("\t".join(line))
        return
    # What goes into a pipe, or is JSON, waits for no library that draws tables.
    from guestlist.cli import tables  # noqa: PLC0415

    tables.show(names, rows)


def say(sentence: str) -> None:
    typer.echo(printable(sentence))


def hint(sentence: str) -> None:
    """What only a person at a terminal wants to know."""
    if sys.stdout.isatty():
        typer.echo(printable(sentence))


def warn(sentence: str) -> None:
    """The same, of what is printed to be used elsewhere: standard output may be a pipe."""
    if sys.stderr.isatty():
        typer.echo(printable(sentence), err=True)


def printable(text: str) -> str:
    """Names come from strangers: nothing of them may move the cursor, or end a line."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def day(instant: str | None) -> str:
    """A wire's date as a person reads it."""
    return "" if instant is None else instant[:16].replace("T", " ")


def show_list(documents: Sequence[Any], columns: Columns, *, as_json: bool) -> None:
    if as_json:
        show_json({"data": documents})
    else:
        show_table(columns, documents)


def show_page(
    documents: Sequence[Any], columns: Columns, page: Page, *, total: int, as_json: bool
) -> None:
    last = last_page(total, page.size)
    if as_json:
        meta = {
            "current_page": page.number,
            "last_page": last,
            "per_page": page.size,
            "total": total,
        }
        show_json({"data": documents, "meta": meta})
        return
    show_table(columns, documents)
    if last > 1:
        hint(f"Page {page.number:,} of {last:,}, {total:,} in all; for another: --page N.")


def show_one(document: Mapping[str, Any], *, as_json: bool) -> None:
    """A thing with all its keys, one a line."""
    if as_json:
        show_json({"data": document})
        return
    rows = [[key, printable(_told(value))] for key, value in document.items()]
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from guestlist.cli import tables  # noqa: PLC0415 - see show_cells

    tables.show_pairs(rows)


def _told(value: object) -> str:
    """Lists by what is told of their entries, a thing within a thing by its name."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_told(entry) for entry in value)
        case {"name": str(name)}:
            return name
        case dict():
            return "; ".join(f"{key}: {_told(entry)}" for key, entry in value.items())
    return str(value)
