"""`guestlist token`."""

from typing import Annotated

import typer

from guestlist.actions import tokens, users
from guestlist.actions.tokens import Tokens
from guestlist.cli import desk, documents, lookups, output
from guestlist.cli.desk import Desk
from guestlist.cli.options import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    LimitOption,
    PageOption,
)
from guestlist.cli.refusals import Told
from guestlist.domain import instants
from guestlist.domain.pages import DEFAULT_SIZE, Page
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(no_args_is_help=True, help="Make, list, pause, hand on and revoke API tokens.")

TokenArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID|NAME", help="The token's id, six or more of its characters, or name."
    ),
]
OwnerOption = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="ID|EMAIL",
        help="The user whose power bounds it; left out: who asks, else the first Admin.",
    ),
]

_SHOWN_OF_ID = 12
_COLUMNS: output.Columns = {
    "ID": lambda token: token["id"][:_SHOWN_OF_ID],
    "NAME": lambda token: token["name"],
    "TOKEN": lambda token: token["preview"] and f"{token['preview']}…",
    "STATUS": lambda token: token["status"],
    "SCOPES": lambda token: ", ".join(token["scopes"]),
    "LAST USED": lambda token: output.day(token["last_used_at"]),
    "ENDS": lambda token: output.day(token["expires_at"]),
}


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope", metavar="NAME", help="As often as needed, as in users_read and users_full."
        ),
    ],
    owner: OwnerOption = None,
    expires_at: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="When it ends, as in 2030-01-31T00:00:00Z."),
    ] = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Make a token and print its text, this once.

    Example: guestlist token create ci --scope users_full --scope domains_read
    """
    ends = None if expires_at is None else _end(expires_at)
    with desk.at(database, account) as at:
        made = tokens.create(
            at.runtime,
            at.caller,
            name=name,
            scopes=scope,
            owner_id=_owner(at, owner),
            expires_at=ends,
        )
        found = tokens.get(at.runtime, at.caller, made.token.id)
    document = documents.of_token(found, made.token)
    if as_json:
        output.show_json({"data": document | {"accessToken": made.text}})
    else:
        output.say(made.text)
        output.hint("This is shown once; what is kept can only recognise it.")


def _owner(at: Desk, given: str | None) -> str:
    if given is not None:
        with lookups.missing(at, "user", given):
            return users.get(at.runtime, at.caller, lookups.user(at, given)).users[0].id
    acting = at.caller.actor.user_id
    if acting is not None:
        return acting
    with lookups.missing(at, "user", "to own it; give one with --owner"):
        return users.first_admin(at.runtime, at.caller)


def _end(text: str) -> int:
    try:
        return instants.parse(text)
    except ValueError as error:
        raise Told(
            f"--expires-at must be a date and time, as in 2030-01-31T00:00:00Z; got {text!r}."
        ) from error


@app.command("list")
def list_tokens(
    *,
    page: PageOption = 1,
    limit: LimitOption = DEFAULT_SIZE,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the tokens of all users."""
    with desk.at(database, account) as at:
        found = tokens.list_tokens(at.runtime, at.caller, Page(page, limit))
    output.show_page(
        [documents.of_token(found, token) for token in found.tokens],
        _COLUMNS,
        Page(page, limit),
        total=found.total,
        as_json=as_json,
    )


@app.command("pause")
def pause(
    token: TokenArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Let a token open nothing until it is unpaused.

    Example: guestlist token pause ci
    """
    _change_status(token, "pause", account, database, as_json=as_json)


@app.command("unpause")
def unpause(
    token: TokenArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Let a paused token work again.

    Example: guestlist token unpause ci
    """
    _change_status(token, "unpause", account, database, as_json=as_json)


@app.command("transfer")
def transfer(
    token: TokenArgument,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="ID|EMAIL", help="The user who owns it from now on.")
    ],
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Hand a token on to another user.

    So it outlives its owner's place, and from now on has the new owner's power.

    Example: guestlist token transfer ci --to bo@acme.test
    """
    with desk.at(database, account) as at:
        token_id = lookups.token(at, token)
        changed = tokens.transfer(at.runtime, at.caller, token_id, to=_owner(at, to))
    _show(changed, as_json=as_json)


@app.command("revoke")
def revoke(
    token: TokenArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """End a token for good.

    Example: guestlist token revoke ci
    """
    with desk.at(database, account) as at:
        tokens.revoke(at.runtime, at.caller, lookups.token(at, token))
    output.say(f"Revoked the token {token}.")


def _change_status(
    token: str, status: str, account: str | None, database: str, *, as_json: bool
) -> None:
    with desk.at(database, account) as at:
        token_id = lookups.token(at, token)
        changed = tokens.change(at.runtime, at.caller, token_id, status=status)
    _show(changed, as_json=as_json)


def _show(changed: Tokens, *, as_json: bool) -> None:
    output.show_one(documents.of_token(changed, changed.tokens[0]), as_json=as_json)
