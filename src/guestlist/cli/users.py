"""`guestlist users`."""

from typing import Annotated

import typer

from guestlist.actions import deliveries, users
from guestlist.cli import desk, documents, lookups, output
from guestlist.cli.options import (
    AccountOption,
    DatabaseOption,
    DomainOption,
    JsonOption,
    LimitOption,
    PageOption,
    PasswordOption,
    PermissionOption,
    RoleOption,
    TemplateOption,
)
from guestlist.domain.grants import Draft
from guestlist.domain.pages import DEFAULT_SIZE, Page
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(no_args_is_help=True, help="List, invite, change, suspend and remove users.")

UserArgument = Annotated[
    str, typer.Argument(metavar="ID|EMAIL", help="The user's id or e-mail address.")
]

_COLUMNS: output.Columns = {
    "ID": lambda user: user["id"],
    "E-MAIL": lambda user: user["email"],
    "NAME": lambda user: f"{user['name']} {user['last_name']}".strip(),
    "ROLE": lambda user: user["role"],
    "STATE": lambda user: "suspended" if user["suspended_at"] else "active",
    "SINCE": lambda user: output.day(user["created_at"]),
}


@app.command("list")
def list_users(
    *,
    page: PageOption = 1,
    limit: LimitOption = DEFAULT_SIZE,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the users in the order they came."""
    with desk.at(database, account) as at:
        found = users.list_users(at.runtime, at.caller, Page(page, limit))
    output.show_page(
        documents.of_users(found, at.runtime.catalog),
        _COLUMNS,
        Page(page, limit),
        total=found.total,
        as_json=as_json,
    )


@app.command("show")
def show(
    user: UserArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Show one user.

    Example: guestlist users show ana@acme.test --json
    """
    with desk.at(database, account) as at, lookups.missing(at, "user", user):
        found = users.get(at.runtime, at.caller, lookups.user(at, user))
    output.show_one(documents.of_users(found, at.runtime.catalog)[0], as_json=as_json)


@app.command("invite")
def invite(
    email: Annotated[str, typer.Argument(help="Where the letter goes.")],
    *,
    role: RoleOption = None,
    permission: PermissionOption = None,
    domain: DomainOption = None,
    template: TemplateOption = None,
    requires_periodic_password_change: PasswordOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Invite somebody; the server sends the letter.

    Example: guestlist users invite bo@acme.test --role "Custom User"
    --permission read-own-templates --template Receipt
    """
    with desk.at(database, account) as at:
        draft = Draft(
            role=role,
            permissions=permission,
            domains=lookups.every_thing(at, "domains", domain or []) or None,
            templates=lookups.every_thing(at, "templates", template or []) or None,
            requires_periodic_password_change=requires_periodic_password_change,
        )
        made = deliveries.invite(at.runtime, at.caller, email=email, draft=draft)
    output.show_one(documents.of_invites(made)[0], as_json=as_json)


@app.command("update")
def update(  # noqa: PLR0913 - a command's options are its parameters
    user: UserArgument,
    *,
    role: RoleOption = None,
    permission: PermissionOption = None,
    domain: DomainOption = None,
    template: TemplateOption = None,
    no_domains: Annotated[
        bool, typer.Option("--no-domains", help="Take its domains away.")
    ] = False,
    no_templates: Annotated[
        bool, typer.Option("--no-templates", help="Take its templates away.")
    ] = False,
    requires_periodic_password_change: PasswordOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Change what a user may do.

    What is not given stays; only a change of role begins without domains and templates.

    Example: guestlist users update bo@acme.test --role Manager
    """
    with desk.at(database, account) as at, lookups.missing(at, "user", user):
        user_id = lookups.user(at, user)
        found = users.get(at.runtime, at.caller, user_id)
        stored = found.users[0].grant
        domains = () if role or no_domains else stored.domains
        templates = () if role or no_templates else stored.templates
        draft = Draft(
            role=role or stored.role,
            permissions=permission or list(stored.permissions),
            domains=lookups.listed(at, "domains", domain, kept=domains),
            templates=lookups.listed(at, "templates", template, kept=templates),
            requires_periodic_password_change=requires_periodic_password_change,
        )
        changed = users.update(at.runtime, at.caller, user_id, draft)
    output.show_one(documents.of_users(changed, at.runtime.catalog)[0], as_json=as_json)


@app.command("remove")
def remove(
    user: UserArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Take a user's place away.

    Their tokens end with it; to keep one, hand it on first with: guestlist token transfer

    Example: guestlist users remove bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "user", user):
        users.remove(at.runtime, at.caller, lookups.user(at, user))
    output.say(f"Removed the user {user} from {at.account.name}.")


@app.command("suspend")
def suspend(
    user: UserArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Take a user's power away and keep the place.

    Until they are reactivated, their tokens and sessions open nothing here, and invites that they
    gave cannot be accepted.

    Example: guestlist users suspend bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "user", user):
        found = users.suspend(at.runtime, at.caller, lookups.user(at, user))
    output.show_one(documents.of_users(found, at.runtime.catalog)[0], as_json=as_json)


@app.command("reactivate")
def reactivate(
    user: UserArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Give a suspended user the place's power back.

    Example: guestlist users reactivate bo@acme.test
    """
    with desk.at(database, account) as at, lookups.missing(at, "user", user):
        found = users.reactivate(at.runtime, at.caller, lookups.user(at, user))
    output.show_one(documents.of_users(found, at.runtime.catalog)[0], as_json=as_json)
