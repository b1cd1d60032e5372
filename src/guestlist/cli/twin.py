"""`guestlist twin`: the same server, in a test's hands."""

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from guestlist.cli import recordings
from guestlist.cli.refusals import Told
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS, MAX_LIFE_DAYS, MIN_LIFE_DAYS

app = typer.Typer(invoke_without_command=True, no_args_is_help=False)
recordings.add_to(app)

PortOption = Annotated[
    int,
    typer.Option(
        envvar="GUESTLIST_TWIN_PORT", min=0, max=65535, help="The port; 0 for any that is free."
    ),
]
WorldOption = Annotated[
    Path | None,
    typer.Option(
        envvar="GUESTLIST_TWIN_WORLD",
        metavar="FILE",
        help="What it begins with, as guestlist export writes it. Left out: one account.",
        show_default=False,
    ),
]
SeedOption = Annotated[
    str | None,
    typer.Option(
        envvar="GUESTLIST_TWIN_SEED",
        help="The same seed and calls give the same ids, secrets and times; the clock stands still"
        " until it is moved. Left out: another one each time, and the clock runs.",
        show_default=False,
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        envvar="GUESTLIST_TWIN_DATABASE",
        metavar="URL",
        help="A PostgreSQL server, on which databases are made and thrown away. Left out: SQLite.",
        show_default=False,
    ),
]
LifeOption = Annotated[
    int,
    typer.Option(
        envvar="GUESTLIST_TWIN_INVITATION_DAYS",
        min=MIN_LIFE_DAYS,
        max=MAX_LIFE_DAYS,
        help="How many days an invitation can be accepted.",
    ),
]
RemindersOption = Annotated[
    bool,
    typer.Option(
        "--reminders",
        envvar="GUESTLIST_TWIN_REMINDERS",
        help="Remind invitees three days before their invitation ends.",
    ),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict",
        envvar="GUESTLIST_TWIN_STRICT",
        help="Refuse with 400 what no known client sends: unknown fields and parameters, a slash at"
        " the end, a body without its type.",
    ),
]


@app.callback(invoke_without_command=True)
def twin(
    context: typer.Context,
    *,
    port: PortOption = 8025,
    world: WorldOption = None,
    seed: SeedOption = None,
    database: DatabaseOption = None,
    invitation_days: LifeOption = DEFAULT_LIFE_DAYS,
    reminders: RemindersOption = False,
    strict: StrictOption = False,
) -> None:
    """Serve a twin for tests: the same API, in a world, on a clock and with faults that you hold.

    It keeps nothing and is for this machine alone. When it is ready it prints one line of JSON.

    Example: guestlist twin --seed 1 --world world.json
    """
    if context.invoked_subcommand is not None:
        return
    from guestlist.testing import running  # noqa: PLC0415 - no help page waits for a web server
    from guestlist.testing.twins import Options, Twin  # noqa: PLC0415

    at = running.listening(port)
    url = f"http://{running.HOST}:{at.getsockname()[1]}"
    options = Options(
        public_url=url,
        database=database,
        seed=seed,
        world=None if world is None else _read(world),
        invitation_life=invitation_days * DAY,
        reminds=reminders,
        is_strict=strict,
    )
    made = Twin(options)
    running.serve(made, at, on_ready=lambda: _tell(told(made, url)))


def told(twin: Any, url: str) -> dict[str, Any]:
    """What whoever starts one needs to know."""
    first = twin.accounts[0] if twin.accounts else None
    token = first.tokens[0]["token"] if first and first.tokens else ""
    return {
        "url": url,
        "token": token,
        "seed": twin.seed,
        "env": {
            "GUESTLIST_TWIN_URL": url,
            "MAILERSEND_API_BASE_URL": f"{url}/v1",
            "MAILERSEND_API_KEY": token,
            "MAILERSEND_API_TOKEN": token,
        },
    }


def _tell(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document))


def _read(file: Path) -> Any:
    try:
        return msgspec.json.decode(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Told(f"{file} is not JSON: {error}.") from error
