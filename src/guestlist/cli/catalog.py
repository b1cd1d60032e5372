"""`guestlist roles` and `guestlist permissions`: the one table of domain/access.py, printed."""

import typer

from guestlist.cli import documents, output
from guestlist.cli.options import JsonOption
from guestlist.domain.access import ROLE_BY_NAME


def _given(role: documents.Document) -> str:
    given = ROLE_BY_NAME[role["name"]].permissions
    return given if isinstance(given, str) else ", ".join(role["permissions"])


_ROLE_COLUMNS: output.Columns = {
    "ROLE": lambda role: role["name"],
    "PERMISSIONS": _given,
    "WHAT IT IS": lambda role: role["description"],
}
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
    output.show_list(documents.roles(), _ROLE_COLUMNS, as_json=as_json)


def permissions(*, as_json: JsonOption = False) -> None:
    """List the permissions that a Custom User can be given."""
    output.show_list(documents.permissions(), _PERMISSION_COLUMNS, as_json=as_json)
