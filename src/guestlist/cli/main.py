"""The `guestlist` command: its parts, and what it says when something is refused."""

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

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
    refusals,
    servers,
    templates,
    tokens,
    twin,
    users,
    webhooks,
    worlds,
)
from guestlist.cli.options import JsonOption
from guestlist.domain.refusals import Refusal

DEBUG_VARIABLE = "GUESTLIST_DEBUG"


class Commands(TyperGroup):
    """Whatever a command raises ends as a sentence on standard error."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except Refusal as refusal:
            _fail(refusals.worded(refusal))
        except UnicodeError:
            _fail("What was given holds bytes that are no text.")
        except OSError as error:
            _fail(f"{error.filename or 'guestlist'}: {error.strerror or error}.")
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            told = str(error).partition("\n")[0]
            _fail(
                f"This is a mistake in guestlist, not yours: {type(error).__name__}: {told}."
                f" With {DEBUG_VARIABLE}=1 it shows where."
            )


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    sys.exit(1)


app = typer.Typer(
    cls=Commands,
    name="guestlist",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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
