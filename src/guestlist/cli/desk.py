"""Where the operator sits: a deployment's runtime, and the account that a command is about."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from os import environ
from pathlib import Path

from guestlist import settings as configuration
from guestlist.actions import accounts, users
from guestlist.actions.runtime import Caller, Runtime, operator
from guestlist.cli import output
from guestlist.cli.refusals import Told
from guestlist.domain.access import Catalog
from guestlist.domain.accounts import Account
from guestlist.domain.invitations import (
    DEFAULT_LIFE_DAYS,
    INVITATIONS_PER_DAY,
    LETTERS_PER_DAY,
    Caps,
)
from guestlist.domain.refusals import Misconfigured, MissingScope, NotFound
from guestlist.settings import Settings

URL_VARIABLE = "GUESTLIST_PUBLIC_URL"
LIFE_VARIABLE = "GUESTLIST_INVITATION_DAYS"
INVITATIONS_VARIABLE = "GUESTLIST_INVITATIONS_PER_DAY"
LETTERS_VARIABLE = "GUESTLIST_LETTERS_PER_DAY"
CATALOG_VARIABLE = "GUESTLIST_CATALOG"
DEFAULT_PORT = 8000
_SHOWN_ACCOUNTS = 10
# What a user must be permitted to act at the terminal; the actions judge the rest.
_SCOPES = {
    "users": "users_full",
    "invites": "users_full",
    "token": "tokens_full",
    "webhooks": "webhooks_full",
    "domains": "domains_read",
    "templates": "templates_full",
}
# Whom the operator acts as, if anybody, and the scope that this needs.
_acting_as: ContextVar[tuple[str, str] | None] = ContextVar("acting_as", default=None)


@dataclass(frozen=True, slots=True)
class Desk:
    runtime: Runtime
    account: Account
    caller: Caller


def act_as(user: str | None, command: str) -> None:
    """For the rest of this command. Raises Told where it is only the operator's."""
    scope = _SCOPES.get(command)
    if user is not None and scope is None:
        raise Told(f"guestlist {command} is the operator's: leave out --as.")
    _acting_as.set(None if user is None or scope is None else (user, scope))


def request_id() -> str:
    """What the audit knows one command by."""
    return f"cli-{secrets.token_hex(8)}"


@contextmanager
def deployment(
    database: str, *, may_make: bool = False, public_url: str | None = None
) -> Generator[Runtime]:
    """The runtime of the deployment at an address. Raises Misconfigured, Unavailable.

    A missing SQLite file is refused unless the command `may_make` one. Links that are told begin
    with the `public_url`.
    """
    # No web server is needed to print a help page.
    from guestlist.app import deployments  # noqa: PLC0415

    if not may_make:
        check_exists(database)
    settings = Settings(
        database=database,
        threads=1,
        public_url=_public_url(public_url),
        invitation_life=invitation_life(),
        caps=_caps(),
        catalog=catalog(),
        webhook_allow=configuration.allowed(
            environ.get(configuration.WEBHOOK_ALLOW_VARIABLE) or ""
        ),
    )
    runtime = deployments.runtime(settings)
    try:
        yield runtime
    finally:
        runtime.database.close()


def check_exists(database: str) -> None:
    """Raises Misconfigured where an SQLite file is missing."""
    file = configuration.database_file(database)
    if file is not None and not file.exists():
        raise Misconfigured(
            f"There is no database at {file}. Make one with: guestlist account create NAME"
            " --admin-email ADDRESS. Or name another with --database or GUESTLIST_DATABASE."
        )


@contextmanager
def at(database: str, account: str | None, *, public_url: str | None = None) -> Generator[Desk]:
    """Raises Told where no account, or more than one, can be meant."""
    with deployment(database, public_url=public_url) as runtime:
        chosen = _chosen(runtime, account)
        yield Desk(runtime, chosen, _caller(runtime, chosen))


def _caller(runtime: Runtime, account: Account) -> Caller:
    """The operator, or the user that they act as. Raises Told, MissingScope."""
    by = operator(account.key, request_id())
    acting = _acting_as.get()
    if acting is None:
        return by
    user, scope = acting
    try:
        return users.acting_as(runtime, by, user, scope=scope)
    except NotFound as refusal:
        told = f"The account {account.name} has no active user {user} to act as."
        raise Told(told) from refusal
    except MissingScope as refusal:
        told = f"{user} has no power for this in {account.name}; see: guestlist roles."
        raise Told(told) from refusal


def _chosen(runtime: Runtime, account_id: str | None) -> Account:
    if account_id is not None:
        try:
            return accounts.get(runtime, account_id)
        except NotFound as refusal:
            raise Told(
                f"There is no account {account_id}; see: guestlist account list."
            ) from refusal
    every = accounts.every(runtime)
    if len(every) == 1:
        return every[0]
    if not every:
        raise Told(
            "There is no account yet. Make one with:"
            " guestlist account create NAME --admin-email ADDRESS"
        )
    shown = ", ".join(f"{account.id} ({account.name})" for account in every[:_SHOWN_ACCOUNTS])
    more = ", …" if len(every) > _SHOWN_ACCOUNTS else ""
    raise Told(f"There are several accounts; choose one with --account: {shown}{more}.")


def hint_of_url(given: str | None, runtime: Runtime) -> None:
    """Says that a link opens on this machine only, where nobody said what links begin with."""
    if not _given_url(given):
        output.warn(
            f"This link begins with {runtime.public_url}, which opens on this machine only. Give"
            f" the server's address with --public-url https://… or in {URL_VARIABLE}."
        )


def _given_url(given: str | None) -> str | None:
    return given or environ.get(URL_VARIABLE) or None


def _public_url(given: str | None) -> str:
    """What links begin with that are told here: as `serve` has it from the environment."""
    port = environ.get("GUESTLIST_PORT", "")
    return configuration.own_url(
        _given_url(given),
        host="localhost",
        port=int(port) if port.isdecimal() else DEFAULT_PORT,
        insecure_http=True,  # `serve` judges that
    )


def invitation_life() -> int:
    """What `serve` takes as an option holds for invitations made here too."""
    given = environ.get(LIFE_VARIABLE) or str(DEFAULT_LIFE_DAYS)
    if not given.isdecimal():
        raise Misconfigured(f"{LIFE_VARIABLE} must be a number of days; got {given!r}.")
    return configuration.invitation_life(int(given))


def catalog() -> Catalog:
    """The roles and permissions that `serve` has too. Raises Misconfigured."""
    given = environ.get(CATALOG_VARIABLE)
    return configuration.vocabulary(Path(given) if given else None)


def _caps() -> Caps:
    """The same of the limits a day; the operator has none, but what is told of them is true."""
    return Caps(
        _most(INVITATIONS_VARIABLE, INVITATIONS_PER_DAY),
        _most(LETTERS_VARIABLE, LETTERS_PER_DAY),
    )


def _most(variable: str, usual: int) -> int:
    given = environ.get(variable) or str(usual)
    if not given.isdecimal() or not int(given):
        raise Misconfigured(f"{variable} must be a number above zero; got {given!r}.")
    return int(given)
