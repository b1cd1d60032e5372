"""Where the operator sits: a deployment's runtime, and the account that a command is about."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ

from guestlist import settings as configuration
from guestlist.actions import accounts
from guestlist.actions.runtime import Caller, Runtime, operator
from guestlist.cli.refusals import Told
from guestlist.domain.accounts import Account
from guestlist.domain.invitations import DEFAULT_LIFE_DAYS
from guestlist.domain.refusals import Misconfigured, NotFound
from guestlist.settings import Settings

LIFE_VARIABLE = "GUESTLIST_INVITATION_DAYS"
_SHOWN_ACCOUNTS = 10


@dataclass(frozen=True, slots=True)
class Desk:
    runtime: Runtime
    account: Account
    caller: Caller


def request_id() -> str:
    """What the audit knows one command by."""
    return f"cli-{secrets.token_hex(8)}"


@contextmanager
def deployment(database: str, *, may_make: bool = False) -> Generator[Runtime]:
    """The runtime of the deployment at an address. Raises Misconfigured, Unavailable.

    A missing SQLite file is refused unless the command `may_make` one.
    """
    # No web server is needed to print a help page.
    from guestlist import app  # noqa: PLC0415

    if not may_make:
        check_exists(database)
    settings = Settings(database=database, threads=1, invitation_life=_invitation_life())
    runtime = app.runtime(settings)
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
def at(database: str, account: str | None) -> Generator[Desk]:
    """Raises Told where no account, or more than one, can be meant."""
    with deployment(database) as runtime:
        chosen = _chosen(runtime, account)
        yield Desk(runtime, chosen, operator(chosen.key, request_id()))


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


def _invitation_life() -> int:
    """What `serve` takes as an option holds for invitations made here too."""
    given = environ.get(LIFE_VARIABLE) or str(DEFAULT_LIFE_DAYS)
    if not given.isdecimal():
        raise Misconfigured(f"{LIFE_VARIABLE} must be a number of days; got {given!r}.")
    return configuration.invitation_life(int(given))
