"""`guestlist invites`."""

from typing import Annotated

import typer

from guestlist.actions import invitations
from guestlist.cli import desk, documents, lookups, output
from guestlist.cli.options import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    LimitOption,
    PageOption,
)
from guestlist.domain.pages import DEFAULT_SIZE, Page
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(no_args_is_help=True, help="List, resend and cancel invites.")

InviteArgument = Annotated[
    str, typer.Argument(metavar="ID|EMAIL", help="The invite's id, or the address it went to.")
]

_COLUMNS: output.Columns = {
    "ID": lambda invite: invite["id"],
    "E-MAIL": lambda invite: invite["email"],
    "ROLE": lambda invite: invite["role"],
    "MADE": lambda invite: output.day(invite["created_at"]),
    "ENDS": lambda invite: output.day(invite["expires_at"]),
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
        found = invitations.list_invitations(at.runtime, at.caller, Page(page, limit))
    output.show_page(
        documents.of_invites(found), _COLUMNS, Page(page, limit), total=found.total, as_json=as_json
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
        found = invitations.get(at.runtime, at.caller, lookups.invite(at, invite))
    output.show_one(documents.of_invites(found)[0], as_json=as_json)


@app.command("resend")
def resend(
    invite: InviteArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Send a new link with a new life.

    The old link opens nothing any more.

    Example: guestlist invites resend bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "invite", invite):
        invite_id = lookups.invite(at, invite)
        invitations.resend(at.runtime, at.caller, invite_id)
        sent = invitations.get(at.runtime, at.caller, invite_id)
    output.show_one(documents.of_invites(sent)[0], as_json=as_json)


@app.command("cancel")
def cancel(
    invite: InviteArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Take an invite back; its link opens nothing any more.

    Example: guestlist invites cancel bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "invite", invite):
        invitations.cancel(at.runtime, at.caller, lookups.invite(at, invite))
    output.say(f"Cancelled the invite {invite}.")
