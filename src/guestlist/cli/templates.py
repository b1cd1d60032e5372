"""`guestlist templates`."""

from typing import Annotated

import typer

from guestlist.actions import things
from guestlist.cli import desk, documents, lookups, output
from guestlist.cli.options import AccountOption, DatabaseOption, JsonOption
from guestlist.domain.things import DEFAULT_TYPE
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(no_args_is_help=True, help="Add, list and remove templates, likewise.")

_COLUMNS: output.Columns = {
    "ID": lambda template: template["id"],
    "NAME": lambda template: template["name"],
    "TYPE": lambda template: template["type"],
    "ADDED": lambda template: output.day(template["created_at"]),
}


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the template is called.")],
    *,
    kind: Annotated[
        str, typer.Option("--type", help="MailerSend's code, as in rt, dd and gh.")
    ] = DEFAULT_TYPE,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Add a template to the account.

    Example: guestlist templates add Receipt --description "After each purchase"
    """
    with desk.at(database, account) as at:
        added = things.add_template(at.runtime, at.caller, name, kind=kind, description=description)
    output.show_one(documents.of_template(added), as_json=as_json)


@app.command("list")
def list_templates(
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the account's templates."""
    with desk.at(database, account) as at:
        found = things.list_things(at.runtime, at.caller, "templates")
    output.show_list([documents.of_template(one) for one in found], _COLUMNS, as_json=as_json)


@app.command("remove")
def remove(
    template: Annotated[str, typer.Argument(metavar="ID|NAME", help="The template's id or name.")],
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Remove a template; it falls out of every user's and invite's list.

    Example: guestlist templates remove Receipt
    """
    with desk.at(database, account) as at, lookups.missing(at, "template", template):
        things.remove(at.runtime, at.caller, "templates", lookups.thing(at, "templates", template))
    output.say(f"Removed the template {template} from {at.account.name}.")
