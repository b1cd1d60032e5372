"""`guestlist domains`."""

from typing import Annotated

import typer

from guestlist.actions import things
from guestlist.cli import desk, documents, lookups, output
from guestlist.cli.options import AccountOption, DatabaseOption, JsonOption
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(
    no_args_is_help=True, help="Add, list and remove domains, to which power is narrowed."
)

_COLUMNS: output.Columns = {
    "ID": lambda domain: domain["id"],
    "NAME": lambda domain: domain["name"],
    "ADDED": lambda domain: output.day(domain["created_at"]),
}


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A host name, as in mail.acme.test.")],
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Add a domain to the account.

    Example: guestlist domains add mail.acme.test
    """
    with desk.at(database, account) as at:
        added = things.add_domain(at.runtime, at.caller, name)
    output.show_one(documents.of_domain(added), as_json=as_json)


@app.command("list")
def list_domains(
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the account's domains."""
    with desk.at(database, account) as at:
        found = things.list_things(at.runtime, at.caller, "domains")
    output.show_list([documents.of_domain(one) for one in found], _COLUMNS, as_json=as_json)


@app.command("remove")
def remove(
    domain: Annotated[str, typer.Argument(metavar="ID|NAME", help="The domain's id or name.")],
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Remove a domain; it falls out of every user's and invite's list.

    Example: guestlist domains remove mail.acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "domain", domain):
        things.remove(at.runtime, at.caller, "domains", lookups.thing(at, "domains", domain))
    output.say(f"Removed the domain {domain} from {at.account.name}.")
