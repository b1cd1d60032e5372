"""`guestlist account`."""

from typing import Annotated, Any

import typer

from guestlist.actions import accounts, worlds
from guestlist.actions.worlds import Made
from guestlist.cli import desk, documents, output
from guestlist.cli.options import AccountOption, DatabaseOption, JsonOption
from guestlist.cli.refusals import Told
from guestlist.domain.refusals import BrokenFile
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(no_args_is_help=True, help="Make, list and change accounts.")

FactorOption = Annotated[
    bool | None,
    typer.Option(
        "--require-second-factor/--no-require-second-factor",
        help="Whether every user must set up a second factor.",
    ),
]
DaysOption = Annotated[
    int | None,
    typer.Option(
        "--password-days", help="How old a password may be where it must be changed in time."
    ),
]

_COLUMNS: output.Columns = {
    "ID": lambda account: account["id"],
    "NAME": lambda account: account["name"],
    "USERS": lambda account: f"{account['users']:,}",
    "INVITES": lambda account: f"{account['invites']:,}",
    "SEATS": lambda account: "unbounded" if account["seats"] is None else f"{account['seats']:,}",
    "CREATED": lambda account: output.day(account["created_at"]),
}
# Where the document of a new account says what an option said.
_SOURCES = {
    "accounts[0].name": "NAME",
    "accounts[0].seats": "--seats",
    "accounts[0].users[0].email": "--admin-email",
    "accounts[0].users[0].name": "--admin-name",
    "accounts[0].users[0].last_name": "--admin-last-name",
}


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the account is called.")],
    *,
    admin_email: Annotated[str, typer.Option(help="The address of its first user, an Admin.")],
    admin_name: Annotated[str, typer.Option(help="The Admin's given name.")] = "",
    admin_last_name: Annotated[str, typer.Option(help="The Admin's last name.")] = "",
    seats: Annotated[
        int | None,
        typer.Option(help="How many users and invites it may have; left out: without bound."),
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Make an account with its first user, an Admin; on SQLite, the database too if it is missing.

    Example: guestlist account create Acme --admin-email ana@acme.test --admin-name Ana
    """
    admin = {
        "email": admin_email,
        "name": admin_name,
        "last_name": admin_last_name,
        "role": "Admin",
    }
    new = _read({"name": name, "seats": seats, "users": [admin]})
    with desk.deployment(database, may_make=True) as runtime:
        made = worlds.make(runtime, new, request=desk.request_id(), action="account.create")
        document = documents.of_account(accounts.get(runtime, made.id))
    if as_json:
        output.show_json({"data": document})
    else:
        _tell(made, admin_email)


def _read(document: dict[str, Any]) -> world_accounts.NewAccount:
    try:
        [new] = world_accounts.read({"accounts": [document]}, desk.catalog())
    except BrokenFile as broken:
        raise BrokenFile([(_SOURCES[path], wrong) for path, wrong in broken.faults]) from broken
    return new


def _tell(made: Made, admin_email: str) -> None:
    output.say(f"Made the account {made.name}, id {made.id}, with the Admin {admin_email}.")
    output.hint(f"For a token: guestlist token create --account {made.id} --scope users_full ci")


@app.command("list")
def list_accounts(
    *, database: DatabaseOption = DEFAULT_DATABASE, as_json: JsonOption = False
) -> None:
    """List all accounts, with their ids."""
    with desk.deployment(database) as runtime:
        found = [documents.of_account(account) for account in accounts.every(runtime)]
    if as_json:
        output.show_json({"data": found})
    else:
        output.show_table(_COLUMNS, found)


@app.command("show")
def show(
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Show an account.

    Example: guestlist account show --account k1q7w3zr9vp5xd8y
    """
    with desk.at(database, account) as at:
        document = documents.of_account(at.account)
    output.show_one(document, as_json=as_json)


@app.command("set")
def set_facts(  # noqa: PLR0913 - a command's options are its parameters
    *,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    seats: Annotated[int | None, typer.Option(help="How many users and invites.")] = None,
    no_seats: Annotated[bool, typer.Option("--no-seats", help="Without bound.")] = False,
    url: Annotated[
        str | None, typer.Option(help="Its own product's address, shown to who just joined.")
    ] = None,
    no_url: Annotated[bool, typer.Option("--no-url", help="Take it away.")] = False,
    require_second_factor: FactorOption = None,
    password_days: DaysOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Change what is said of an account; what is not given stays.

    Example: guestlist account set --url https://app.acme.test --require-second-factor
    """
    given: dict[str, Any] = {
        "name": name,
        "seats": seats,
        "url": url,
        "requires_second_factor": require_second_factor,
        "password_days": password_days,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    changes |= dict.fromkeys(key for key, gone in (("seats", no_seats), ("url", no_url)) if gone)
    with desk.at(database, account) as at:
        if not changes:
            raise Told("Nothing to change was given; see: guestlist account set --help")
        accounts.change(at.runtime, at.caller, changes)
        document = documents.of_account(accounts.get(at.runtime, at.account.id))
    output.show_one(document, as_json=as_json)
