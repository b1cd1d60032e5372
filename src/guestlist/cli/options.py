"""The options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="GUESTLIST_DATABASE",
        metavar="URL",
        help="sqlite:///path/to/file.db or postgresql://user@host/name.",
    ),
]
AccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="ID", help="Which account; needed where there are several."),
]
LinkUrlOption = Annotated[
    str | None,
    typer.Option(
        "--public-url",
        envvar="GUESTLIST_PUBLIC_URL",
        metavar="URL",
        help="What the link begins with: as the server's. Left out: http://localhost:PORT.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
PageOption = Annotated[int, typer.Option("--page", min=1, help="Which page of the list.")]
LimitOption = Annotated[
    int, typer.Option("--limit", min=1, max=1000, help="How many entries a page has.")
]
RoleOption = Annotated[
    str | None, typer.Option("--role", metavar="ROLE", help="In any case; see: guestlist roles.")
]
PermissionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--permission", metavar="NAME", help="As often as needed; see: guestlist permissions."
    ),
]
DomainOption = Annotated[
    list[str] | None,
    typer.Option("--domain", metavar="ID|NAME", help="Where it holds, as often as needed."),
]
TemplateOption = Annotated[
    list[str] | None,
    typer.Option("--template", metavar="ID|NAME", help="Where it holds, as often as needed."),
]
PasswordOption = Annotated[
    bool | None,
    typer.Option(
        "--requires-periodic-password-change/--no-periodic-password-change",
        help="Whether the password must be changed from time to time.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Left out: standard output.", dir_okay=False),
]
