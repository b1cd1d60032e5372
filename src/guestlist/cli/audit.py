"""`guestlist audit`."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from guestlist.actions import audit, pruning
from guestlist.actions.audit import Verdict
from guestlist.actions.people import OPERATOR
from guestlist.api import audit as documents
from guestlist.cli import access, desk, files, lookups, output, progress, reviews
from guestlist.cli.options import AccountOption, DatabaseOption, JsonOption, OutputOption
from guestlist.cli.refusals import Told
from guestlist.domain.audit import Broken, Flaw, Link, Search
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(
    no_args_is_help=True, help="See who changed what and who could do what; prove it is whole."
)


access.add_to(app)
reviews.add_to(app)


class Lines(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


LimitOption = Annotated[
    int, typer.Option("--limit", min=1, max=documents.MOST, help="How many entries.")
]
ActorOption = Annotated[
    str | None,
    typer.Option("--actor", metavar="NAME", help="Who did it: user:ID, tokens too, or operator."),
]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", metavar="KIND:ID", help="What was changed.")
]
ActionOption = Annotated[
    str | None, typer.Option("--action", metavar="NAME", help="What was done, as in user.update.")
]
RequestOption = Annotated[
    str | None, typer.Option("--request", metavar="ID", help="The request that changed it.")
]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="From when on, a day or an instant.")
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Before when.")]

_COLUMNS: output.Columns = {
    "NO": lambda entry: str(entry["sequence"]),
    "AT": lambda entry: output.day(entry["at"]),
    "WHO": lambda entry: entry["actor"],
    "FROM": lambda entry: entry["origin"] or "",
    "WHAT": lambda entry: entry["action"],
    "OF": lambda entry: entry["subject"],
    "BEFORE": lambda entry: _side(entry["before"]),
    "AFTER": lambda entry: _side(entry["after"]),
}
_FLAWS = {
    Flaw.MISSING: "is missing",
    Flaw.CHANGED: "was changed, or is not the one that was written there",
    Flaw.PERSONAL: "has other personal data or another network address than was written",
    Flaw.SURPLUS: "was never written by this service",
    Flaw.CHECKPOINT: "is a checkpoint, or was kept by one, that is not what was written",
    Flaw.HEAD: "is not the end that the account, or the noted head, says the chain has there",
}


@app.command("show")
def show(  # noqa: PLR0913 - a command's options are its parameters
    *,
    actor: ActorOption = None,
    subject: SubjectOption = None,
    action: ActionOption = None,
    request: RequestOption = None,
    since: FromOption = None,
    until: ToOption = None,
    after: Annotated[
        int | None, typer.Option("--after", min=1, help="Only what is older than this entry.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=documents.MOST, help="How many.")
    ] = 25,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List what was changed, the newest first.

    Example: guestlist audit show --subject user:k3y9... --from 2026-05-01
    """
    wanted = _search(actor, subject, action, request, since, until)
    with desk.at(database, account) as at:
        found = audit.search(at.runtime, at.caller, wanted, after=after, most=limit)
    told = [msgspec.structs.asdict(documents.document(entry)) for entry in found.entries]
    if as_json:
        output.show_json({"data": told, "meta": {"after": found.after, "per_page": limit}})
        return
    output.show_table(_COLUMNS, told)
    if found.after is not None:
        output.hint(f"There is more; for what is older: --after {found.after}.")


@app.command("export")
def export(  # noqa: PLR0913 - a command's options are its parameters
    *,
    kind: Annotated[Lines, typer.Option("--format", help="Lines of JSON, or CSV.")] = Lines.JSONL,
    file: OutputOption = None,
    actor: ActorOption = None,
    subject: SubjectOption = None,
    action: ActionOption = None,
    request: RequestOption = None,
    since: FromOption = None,
    until: ToOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Write what was changed to a file, the oldest first.

    Example: guestlist audit export --format csv --output audit.csv --from 2026-01-01
    """
    wanted = _search(actor, subject, action, request, since, until)
    with desk.at(database, account) as at:
        files.write(file, documents.lines(audit.every(at.runtime, at.caller, wanted), kind.value))


@app.command("verify")
def verify(
    *,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="SEQUENCE:HASH", help="A head that was noted elsewhere."),
    ] = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Follow the chain of entries, and say whether each is what was written.

    It prints the chain's head. Noted where nobody who can write to the database can, and given
    here the next time, it proves that the chain was not made anew since.

    Example: guestlist audit verify --head 1204:9f86d0...
    """
    noted = None if head is None else _link(head)
    with (
        desk.at(database, account) as at,
        progress.bar(at.account.entries, "entries") as advance,
    ):
        verdict = audit.verify(at.runtime, at.caller, noted=noted, progress=advance)
    if verdict.broken is not None:
        raise Told(_broken(verdict.broken))
    if as_json:
        output.show_json({"data": _verdict(verdict)})
        return
    output.say(f"Whole: {verdict.entries:,} entries, {verdict.unchained:,} of before the chain.")
    output.say(f"Head: {_head(verdict.head)}")


@app.command("prune")
def prune(
    *,
    before: Annotated[
        str,
        typer.Option("--before", metavar="DATE", help="A day's beginning in UTC, or an instant."),
    ],
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Delete old entries; the chain goes on from a checkpoint, and what users hold stays known.

    Example: guestlist audit prune --before 2025-01-01
    """
    instant = lookups.instant("--before", before)
    with (
        desk.at(database, account) as at,
        progress.bar(at.account.entries, "entries") as advance,
    ):
        if instant > at.runtime.now(at.account.key):
            raise Told(f"--before takes a day that has been; {before} is to come.")
        made, deleted = pruning.prune(at.runtime, at.caller, before=instant, progress=advance)
    if made is None or not deleted:
        output.say(f"Nothing was written before {before} that is not needed.")
        return
    output.say(f"Deleted {deleted:,} entries; the chain goes on from entry {made.sequence}.")


def _search(
    actor: str | None,
    subject: str | None,
    action: str | None,
    request: str | None,
    since: str | None,
    until: str | None,
) -> Search:
    """Raises Told for what would find nothing, as if nothing had been done."""
    if subject is not None and ":" not in subject:
        raise Told(f"--subject takes KIND:ID, as in user:k3y9d1z0qj4n8w5x; got {subject!r}.")
    if actor is not None and ":" not in actor and actor != OPERATOR:
        raise Told(f"--actor takes user:ID or operator; got {actor!r}.")
    return Search(
        actor=actor,
        subject=subject,
        action=action,
        request=request,
        since=None if since is None else lookups.instant("--from", since),
        until=None if until is None else lookups.instant("--to", until),
    )


def _link(text: str) -> Link:
    sequence, _, told = text.partition(":")
    try:
        # Before the chain there is no hash.
        found = Link(int(sequence), bytes.fromhex(told) or None)
    except ValueError:
        found = Link()
    if found.sequence < 1:
        raise Told(f"--head takes SEQUENCE:HASH as verify prints it; got {text!r}.")
    return found


def _broken(broken: Broken) -> str:
    return (
        f"Broken: entry {broken.sequence} {_FLAWS[broken.flaw]}. Nothing from it on can be"
        " trusted; compare with a backup or an export of before."
    )


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "entries": verdict.entries,
        "unchained": verdict.unchained,
        "head": _head(verdict.head),
    }


def _head(link: Link) -> str:
    return f"{link.sequence}:{(link.hash or b'').hex()}"


def _side(side: dict[str, Any] | None) -> str:
    return "; ".join(f"{name}: {_told(value)}" for name, value in (side or {}).items())


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
