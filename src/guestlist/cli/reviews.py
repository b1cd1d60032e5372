"""`guestlist audit review`: a table for spreadsheets, or a page for a phone and for paper."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from html import escape
from typing import Annotated

import typer

from guestlist.actions import reviews
from guestlist.actions.reviews import Reviewed
from guestlist.api import audit
from guestlist.cli import desk, files, output, progress
from guestlist.cli.options import AccountOption, DatabaseOption, OutputOption
from guestlist.domain import instants
from guestlist.settings import DEFAULT_DATABASE

_COLUMNS = (
    "id",
    "email",
    "name",
    "role",
    "permissions",
    "domains",
    "templates",
    "state",
    "second factor",
    "last sign-in",
    "API tokens",
    "last change",
    "changed by",
    "change",
)
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #1a1a1a; background: #fff }}
h1 {{ font-size: 1.3rem; margin: 0 }}
table {{ border-collapse: collapse; width: 100%; margin-top: 1rem }}
th, td {{ text-align: left; vertical-align: top; padding: .4em .5em; overflow-wrap: break-word }}
.long {{ overflow-wrap: anywhere; min-width: 6em }}
tr {{ border-bottom: 1px solid #c8c8c8; break-inside: avoid }}
@media (min-width: 60.01rem) {{ table {{ font-size: 12px }} }}
@media (max-width: 60rem) {{
  thead {{ position: absolute; clip-path: inset(50%) }}
  tr, td {{ display: block }}
  tr {{ padding: .6rem 0 }}
  td {{ padding: .1rem 0 }}
  td:empty {{ display: none }}
  td::before {{ content: attr(data-label) ": "; font-weight: 600 }}
}}
@media print {{
  body {{ margin: 0; font-size: 9px }}
  table {{ font-size: inherit }}
  thead {{ display: table-header-group }}
}}
</style>
</head>
<body>
<h1>{title}</h1>
<p>As of {now}; all times are UTC.</p>
<table>
<thead><tr>{columns}</tr></thead>
<tbody>
"""
# Cells of one long word, which may break anywhere.
_LONG = {"id", "email", "name", "domains", "templates", "changed by", "change"}
_END = "</tbody>\n</table>\n</body>\n</html>\n"


class Sheet(StrEnum):
    CSV = "csv"
    HTML = "html"


def add_to(app: typer.Typer) -> None:
    app.command("review")(review)


def review(
    *,
    kind: Annotated[Sheet, typer.Option("--format", help="CSV, or a page.")] = Sheet.CSV,
    file: OutputOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Write a report of every user: power, state, second factor, last sign-in, last change.

    Example: guestlist audit review --format html --output review.html
    """
    with (
        desk.at(database, account) as at,
        progress.bar(at.account.users, "users") as advance,
    ):
        found = reviews.review(at.runtime, at.caller, progress=advance)
        now = at.runtime.now(at.account.key)
        made = csv(found) if kind is Sheet.CSV else html(found, account=at.account.name, now=now)
        files.write(file, made)


def csv(found: Iterable[Reviewed]) -> Iterator[str]:
    yield audit.row(_COLUMNS)
    for one in found:
        yield audit.row(map(output.printable, _cells(one)))


def html(found: Iterable[Reviewed], *, account: str, now: int) -> Iterator[str]:
    columns = "".join(f'<th scope="col">{_label(name)}</th>' for name in _COLUMNS)
    title = escape(output.printable(f"Users of {account}"))
    yield _HEAD.format(title=title, now=_instant(now), columns=columns)
    for one in found:
        cells = zip(_COLUMNS, _cells(one), strict=True)
        told = "".join(
            f'<td{_class(name)} data-label="{_label(name)}">{escape(output.printable(cell))}</td>'
            for name, cell in cells
        )
        yield f"<tr>{told}</tr>\n"
    yield _END


def _label(column: str) -> str:
    return column[0].upper() + column[1:]


def _class(column: str) -> str:
    return ' class="long"' * (column in _LONG)


def _cells(one: Reviewed) -> list[str]:
    user, changed = one.user, one.changed
    return [
        user.id,
        user.email,
        f"{user.name} {user.last_name}".strip(),
        user.grant.role,
        *_power(one),
        "active" if one.suspended_at is None else f"suspended {_instant(one.suspended_at)}",
        "yes" if user.two_factor else "no",
        _instant(one.signed_in_at) or "never",
        str(one.tokens),
        "" if changed is None else _instant(changed.at),
        "" if changed is None else changed.actor,
        "" if changed is None else changed.action,
    ]


def _power(one: Reviewed) -> tuple[str, str, str]:
    """Permissions, and the domains and templates that they are narrowed to."""
    grant, things = one.user.grant, one.things
    catalog = one.catalog
    held = catalog.effective(grant)
    told = [p.name for p in catalog.permissions if p.name in held]
    permissions = "all" if held == catalog.names else ", ".join(told)
    if not catalog.role(grant).is_narrowed:
        return permissions, "all", "all"
    return (
        permissions,
        ", ".join(things.domains[key].name for key in grant.domains),
        ", ".join(things.templates[key].name for key in grant.templates),
    )


def _instant(microseconds: int | None) -> str:
    return "" if microseconds is None else instants.written(microseconds)[:16].replace("T", " ")
