"""`guestlist invites`."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from guestlist.actions import bulk, deliveries, invitations, links
from guestlist.actions.bulk import Fate
from guestlist.api import bulk as bulk_documents
from guestlist.cli import desk, documents, lookups, output, refusals, sheets
from guestlist.cli.options import (
    AccountOption,
    DatabaseOption,
    DomainOption,
    JsonOption,
    LimitOption,
    LinkUrlOption,
    PageOption,
    PasswordOption,
    PermissionOption,
    RoleOption,
    TemplateOption,
)
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import check_key
from guestlist.domain.pages import DEFAULT_SIZE, Page
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(no_args_is_help=True, help="Add, list, change, resend and cancel invites.")

InviteArgument = Annotated[
    str, typer.Argument(metavar="ID|EMAIL", help="The invite's id, or the address it went to.")
]

_COLUMNS: output.Columns = {
    "ID": lambda invite: invite["id"],
    "E-MAIL": lambda invite: invite["email"],
    "ROLE": lambda invite: invite["role"],
    "MADE": lambda invite: output.day(invite["created_at"]),
    "ENDS": lambda invite: output.day(invite["expires_at"]),
    "LETTER": lambda invite: (invite["delivery"] or {}).get("state", "none"),
}
_FATES: output.Columns = {
    "ROW": lambda told: str(told[0] + 1),
    "E-MAIL": lambda told: str(told[1].row.email or ""),
    "FATE": lambda told: told[2],
}


@app.command("list")
def list_invites(
    *,
    page: PageOption = 1,
    limit: LimitOption = DEFAULT_SIZE,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the invites that wait for an answer, expired ones included."""
    with desk.at(database, account) as at:
        listed = deliveries.list_invitations(at.runtime, at.caller, Page(page, limit))
    output.show_page(
        documents.of_invites(listed),
        _COLUMNS,
        Page(page, limit),
        total=listed.found.total,
        as_json=as_json,
    )


@app.command("show")
def show(
    invite: InviteArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Show one invite.

    Example: guestlist invites show bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "invite", invite):
        found = deliveries.get(at.runtime, at.caller, lookups.invite(at, invite))
    output.show_one(documents.of_invites(found)[0], as_json=as_json)


@app.command("add")
def add(
    file: Annotated[str, typer.Option("--csv", metavar="FILE", help="A table, - for stdin.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of each row.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The same key again within 24 hours repeats no row."),
    ] = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Invite everybody in a table, each row by itself.

    Its first line names the columns: email, role, and if wanted permissions, domains, templates
    (several in a cell with blanks or semicolons between them).

    Example: guestlist invites add --csv people.csv --dry-run
    """
    with desk.at(database, account) as at:
        rows = sheets.read(at, file)
        ask = bulk.rehearse if dry_run else bulk.invite
        told = ask(at.runtime, at.caller, rows, key=None if key is None else check_key(key))
        fates: list[Fate] = []
        try:
            _gather(told, fates, of=len(rows))
        finally:
            # What was invited stays invited, whatever ends the list.
            _tell(fates, dry_run=dry_run, as_json=as_json)
    if any(fate.refusal for fate in fates):
        raise typer.Exit(1)


def _gather(told: Iterable[Fate], fates: list[Fate], *, of: int) -> None:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=of)
        for fate in told:
            fates.append(fate)
            progress.advance(task)


def _tell(fates: Sequence[Fate], *, dry_run: bool, as_json: bool) -> None:
    document = bulk_documents.document(fates, dry_run=dry_run)
    if as_json:
        output.show_json(document)
        return
    words = {bulk_documents.CAN_BE_INVITED: "can be invited"}
    words[bulk_documents.REPEATED] = "invited before, with this key"
    told = []
    for number, (fate, row) in enumerate(zip(fates, document.data, strict=True)):
        said = words.get(row.status, row.status)
        if fate.refusal is not None:
            said = f"{row.status}: {refusals.worded(fate.refusal)}"
        told.append((number, fate, said))
    output.show_table(_FATES, told)


@app.command("edit")
def edit(  # noqa: PLR0913 - a command's options are its parameters
    invite: InviteArgument,
    *,
    role: RoleOption = None,
    permission: PermissionOption = None,
    domain: DomainOption = None,
    template: TemplateOption = None,
    no_domains: Annotated[
        bool, typer.Option("--no-domains", help="Take its domains away.")
    ] = False,
    no_templates: Annotated[
        bool, typer.Option("--no-templates", help="Take its templates away.")
    ] = False,
    requires_periodic_password_change: PasswordOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Change what an invite offers.

    The mailed link stays; a copied one opens nothing any more. What is not given stays; only a
    change of role begins without domains and templates.

    Example: guestlist invites edit bo@acme.test --role Manager
    """
    with desk.at(database, account) as at, lookups.missing(at, "invite", invite):
        invite_id = lookups.invite(at, invite)
        [invitation] = invitations.get(at.runtime, at.caller, invite_id).invitations
        stored = invitation.grant
        domains = () if role or no_domains else stored.domains
        templates = () if role or no_templates else stored.templates
        draft = Draft(
            role=role or stored.role,
            permissions=permission or list(stored.permissions),
            domains=lookups.listed(at, "domains", domain, kept=domains),
            templates=lookups.listed(at, "templates", template, kept=templates),
            requires_periodic_password_change=requires_periodic_password_change,
        )
        edited = deliveries.edit(at.runtime, at.caller, invite_id, draft)
    output.show_one(documents.of_invites(edited)[0], as_json=as_json)


@app.command("link")
def link(
    invite: InviteArgument,
    *,
    public_url: LinkUrlOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Print a link to hand over where letters do not arrive.

    The mailed link stays; a link printed before opens nothing any more.

    Example: guestlist invites link bo@acme.test
    """
    with (
        desk.at(database, account, public_url=public_url) as at,
        lookups.missing(at, "invite", invite),
    ):
        copied = links.copy_link(at.runtime, at.caller, lookups.invite(at, invite))
        desk.hint_of_url(public_url, at.runtime)
    if as_json:
        output.show_json({"data": {"link": copied}})
    else:
        output.say(copied)


@app.command("resend")
def resend(
    invite: InviteArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Send a new link with a new life.

    The old links open nothing any more.

    Example: guestlist invites resend bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "invite", invite):
        sent = deliveries.resend(at.runtime, at.caller, lookups.invite(at, invite))
    output.show_one(documents.of_invites(sent)[0], as_json=as_json)


@app.command("cancel")
def cancel(
    invite: InviteArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Take an invite back; its links open nothing any more.

    Example: guestlist invites cancel bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "invite", invite):
        invitations.cancel(at.runtime, at.caller, lookups.invite(at, invite))
    output.say(f"Cancelled the invite {invite}.")
