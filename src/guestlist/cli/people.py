"""`guestlist people`: who signs in, whatever accounts they are in."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from guestlist.actions import erasing, people
from guestlist.actions.runtime import Runtime
from guestlist.cli import desk, documents, output
from guestlist.cli.options import DatabaseOption, JsonOption, LinkUrlOption
from guestlist.cli.refusals import Told
from guestlist.domain.people import Person
from guestlist.domain.refusals import LastAdmin, NotFound
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(
    no_args_is_help=True, help="Help people who cannot sign in; erase them. In all accounts."
)

EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address.")]


@app.command("show")
def show(
    email: EmailArgument,
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Show a person: how they sign in, when they last did, and their accounts.

    Example: guestlist people show ana@acme.test
    """
    with desk.deployment(database) as runtime, _somebody(runtime, email):
        document = documents.of_person(people.known(runtime, email))
    if not as_json:
        document |= {"accounts": [_place(account) for account in document["accounts"]]}
    output.show_one(document, as_json=as_json)


@app.command("link")
def link(
    email: EmailArgument,
    *,
    public_url: LinkUrlOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Print a link that signs a person in.

    It works once, within an hour, for whoever has it. A second factor is still asked for.

    Example: guestlist people link ana@acme.test
    """
    with (
        desk.deployment(database, public_url=public_url) as runtime,
        _somebody(runtime, email) as person,
    ):
        made = people.sign_in_link(runtime, person.key, request=desk.request_id())
        desk.hint_of_url(public_url, runtime)
    if as_json:
        output.show_json({"data": {"link": made}})
        return
    output.say(made)
    output.hint(
        f"It works once, within an hour, and signs in whoever has it as {person.email}."
        " A second factor is still asked for."
    )


@app.command("reset-factor")
def reset_factor(email: EmailArgument, *, database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """Take all second factors of a person away, and end their sessions.

    At the next sign-in they must choose another password. Be sure first that it is they who ask.

    Example: guestlist people reset-factor ana@acme.test
    """
    with desk.deployment(database) as runtime, _somebody(runtime, email) as person:
        people.reset_factor(runtime, person.key, request=desk.request_id())
    output.say(
        f"Took every second factor of {person.email} away and ended their sessions."
        " A letter tells them."
    )


@app.command("sign-out")
def sign_out(email: EmailArgument, *, database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """End all sessions of a person; links mailed to them or printed for them open nothing.

    Example: guestlist people sign-out ana@acme.test
    """
    with desk.deployment(database) as runtime, _somebody(runtime, email) as person:
        ended = people.sign_out(runtime, person.key, request=desk.request_id())
    output.say(f"Ended {ended} session{'' if ended == 1 else 's'} of {person.email}.")


@app.command("erase")
def erase(
    email: EmailArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Remove a person from every account, and what says who they were. It cannot be undone.

    Example: guestlist people erase ana@acme.test --yes
    """
    with desk.deployment(database) as runtime, _somebody(runtime, email) as person:
        if not yes:
            _confirm(people.known(runtime, email))
        try:
            erasing.erase(runtime, person.key, request=desk.request_id())
        except LastAdmin as last:
            raise Told(
                f"{person.email} is the last Admin of {last}: make somebody else Admin first."
                " Nothing was erased."
            ) from last
    output.say(
        f"Erased {person.email}. Files of letters, logs and backups are not touched by this."
    )


@contextmanager
def _somebody(runtime: Runtime, email: str) -> Generator[Person]:
    """Raises Told where nobody has the address, or not any more."""
    try:
        yield people.find(runtime, email)
    except NotFound as refusal:
        raise Told(
            f"Nobody has the address {email}. Who was only invited is no person yet; see:"
            " guestlist invites list."
        ) from refusal


def _confirm(known: people.Known) -> None:
    if not sys.stdin.isatty():
        raise Told("To erase cannot be undone; where nobody can be asked, say it with --yes.")
    count = len(known.places)
    accounts = f"{count} account{'' if count == 1 else 's'}"
    question = f"Erase {known.person.email} ({known.person.called}), in {accounts}, for good?"
    typer.confirm(output.printable(question), abort=True)


def _place(account: dict[str, Any]) -> str:
    state = ", suspended" if account["suspended"] else ""
    return f"{account['name']} ({account['id']}): {account['role']}, user {account['user']}{state}"
