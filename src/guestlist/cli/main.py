"""The `guestlist` command, and its parts."""

from typing import Annotated

import typer

from guestlist import __version__
from guestlist.cli import (
    accounts,
    audit,
    catalog,
    databases,
    desk,
    domains,
    invites,
    outbox,
    output,
    people,
    servers,
    templates,
    tokens,
    twin,
    users,
    webhooks,
    worlds,
)
from guestlist.cli.commands import HELP, Commands
from guestlist.cli.options import JsonOption

app = typer.Typer(
    cls=Commands,
    name="guestlist",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP,
    rich_markup_mode=None,
)
"""The way in: `app()` reads the command line."""


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if wanted:
        output.say(f"guestlist {__version__}")
        raise typer.Exit


@app.callback()
def guestlist(
    context: typer.Context,
    *,
    acting_as: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="ID|EMAIL",
            help="Act as this user, with their power and no more, as in: guestlist --as"
            " bob@acme.test users list",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """The users of an account, their invitations and permissions, behind MailerSend's Users API.

    To try it: guestlist demo

    For good: guestlist account create, then guestlist token create, then guestlist serve

    Each command tells more with --help, as in: guestlist users invite --help
    """
    desk.act_as(acting_as, context.invoked_subcommand or "")


servers.add_to(app)
for name, group in (
    ("account", accounts.app),
    ("users", users.app),
    ("invites", invites.app),
    ("people", people.app),
    ("token", tokens.app),
    ("domains", domains.app),
    ("templates", templates.app),
    ("outbox", outbox.app),
    ("catalog", catalog.app),
    ("audit", audit.app),
    ("webhooks", webhooks.app),
    ("twin", twin.app),
):
    app.add_typer(group, name=name)
databases.add_to(app)
worlds.add_to(app)
catalog.add_to(app)


@app.command("version")
def version(*, as_json: JsonOption = False) -> None:
    """Print the version."""
    if as_json:
        output.show_json({"version": __version__})
    else:
        output.say(f"guestlist {__version__}")
