"""`guestlist roles`, `guestlist permissions` and `guestlist catalog`: the one table, printed."""

from pathlib import Path
from typing import Annotated

import typer

from guestlist import settings as configuration
from guestlist.cli import desk, documents, output
from guestlist.cli.options import JsonOption

app = typer.Typer(no_args_is_help=True, help="Check a vocabulary of your own.")

_PERMISSION_COLUMNS: output.Columns = {
    "GROUP": lambda permission: permission["group"],
    "PERMISSION": lambda permission: permission["name"],
    "WHAT IT ALLOWS": lambda permission: permission["description"],
}


def add_to(app: typer.Typer) -> None:
    app.command("roles")(roles)
    app.command("permissions")(permissions)


def roles(*, as_json: JsonOption = False) -> None:
    """List the roles and what each gives."""
    catalog = desk.catalog()

    def given(role: documents.Document) -> str:
        permissions = catalog.role_by_name[role["name"]].permissions
        return permissions if isinstance(permissions, str) else ", ".join(role["permissions"])

    columns: output.Columns = {
        "ROLE": lambda role: role["name"],
        "PERMISSIONS": given,
        "WHAT IT IS": lambda role: role["description"],
    }
    output.show_list(documents.roles(catalog), columns, as_json=as_json)


def permissions(*, as_json: JsonOption = False) -> None:
    """List the permissions that a Custom User can be given."""
    output.show_list(documents.permissions(desk.catalog()), _PERMISSION_COLUMNS, as_json=as_json)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A vocabulary, as TOML.")],
) -> None:
    """Read a vocabulary and say what is in it, or every fault.

    Give it to the server, and to every command, in GUESTLIST_CATALOG.

    Example: guestlist catalog check catalog.toml
    """
    found = configuration.vocabulary(file)
    output.say(
        f"{file} is right: {len(found.roles)} roles, {len(found.permissions)} permissions,"
        f" {len(found.resource_types)} types of resources."
    )
