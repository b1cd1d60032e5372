"""`guestlist twin`: the same server, in a test's hands."""

import gc
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from guestlist.cli import ready, recordings
from guestlist.cli.commands import HELP
from guestlist.cli.levels import LogLevel
from guestlist.cli.light import LightCommand, LightGroup
from guestlist.cli.options import JsonOption
from guestlist.cli.refusals import Told
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS, MAX_LIFE_DAYS, MIN_LIFE_DAYS

app = typer.Typer(
    cls=LightGroup,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=HELP,
    rich_markup_mode=None,
)
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


TlsOption = Annotated[
    bool,
    typer.Option(
        "--tls",
        envvar="GUESTLIST_TWIN_TLS",
        help="Be https://api.mailersend.com too, for clients that cannot be given another address.",
    ),
]
TlsPortOption = Annotated[
    int,
    typer.Option(
        envvar="GUESTLIST_TWIN_TLS_PORT",
        min=0,
        max=65535,
        help="The port of --tls; 0 for any that is free. A hosts file leads to 443.",
    ),
]
LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        envvar="GUESTLIST_TWIN_LOG_LEVEL",
        help="The least that is worth a line on standard error. See /_twin/requests for requests.",
    ),
]
CommandArgument = Annotated[
    list[str], typer.Argument(metavar="COMMAND...", help="What to run, and its arguments.")
]


@app.callback(invoke_without_command=True)
def twin(  # noqa: PLR0913 - a command's options are its parameters
    context: typer.Context,
    *,
    port: PortOption = 8025,
    world: WorldOption = None,
    seed: SeedOption = None,
    database: DatabaseOption = None,
    invitation_days: LifeOption = DEFAULT_LIFE_DAYS,
    reminders: RemindersOption = False,
    strict: StrictOption = False,
    tls: TlsOption = False,
    tls_port: TlsPortOption = 0,
    log_level: LogLevelOption = LogLevel.WARNING,
    as_json: JsonOption = False,
) -> None:
    """Serve a twin for tests: the same API, in a world, on a clock and with faults that you hold.

    It keeps nothing and is for this machine alone. When it is ready it says where it is: in a line
    of JSON, where standard output is no terminal.

    Example: guestlist twin --seed 1 --world world.json
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    given = dict(locals())
    del given["context"], given["as_json"], given["log_level"]
    _log(log_level)
    with _started(**given) as start:
        from guestlist.testing import running  # noqa: PLC0415 - no help page waits for it

        running.serve(
            start.twin,
            start.at,
            on_ready=lambda: ready.tell(start.told, as_json=as_json),
            address=start.address,
        )


@app.command("run", cls=LightCommand, context_settings={"allow_interspersed_args": False})
def run(  # noqa: PLR0913 - a command's options are its parameters
    *,
    command: CommandArgument,
    port: PortOption = 0,
    world: WorldOption = None,
    seed: SeedOption = None,
    database: DatabaseOption = None,
    invitation_days: LifeOption = DEFAULT_LIFE_DAYS,
    reminders: RemindersOption = False,
    strict: StrictOption = False,
    tls: TlsOption = False,
    tls_port: TlsPortOption = 0,
    log_level: LogLevelOption = LogLevel.WARNING,
) -> None:
    """Run a command beside a twin of its own, told where it is by variables of the environment.

    The twin lasts as long as the command, and what it ends with is the command's own exit code.

    Example: guestlist twin run --tls -- npm test
    """
    given = dict(locals())
    del given["command"], given["log_level"]
    _log(log_level)
    with _started(**given) as start:
        from guestlist.testing import commands, running  # noqa: PLC0415

        with running.serving(start.twin, start.at, address=start.address):
            try:
                code = commands.run(command, os.environ | start.told["env"])
            except commands.CannotRun as refused:
                typer.echo(str(refused), err=True)
                code = refused.code
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class _Start:
    """A twin that nobody serves yet, and what its line of JSON will say."""

    twin: Any
    at: socket.socket
    address: Any
    told: dict[str, Any]


@contextmanager
def _started(
    *,
    port: int,
    world: Path | None,
    seed: str | None,
    database: str | None,
    invitation_days: int,
    reminders: bool,
    strict: bool,
    tls: bool,
    tls_port: int,
) -> Iterator[_Start]:
    gc.disable()  # what a start loads stays: to look for what of it could go costs a tenth of it
    # No help page waits for a web server.
    from guestlist.testing import running  # noqa: PLC0415
    from guestlist.testing.twins import Options, Twin  # noqa: PLC0415

    with ExitStack() as stack:
        at = stack.enter_context(running.listening(port))
        url = f"http://{running.HOST}:{at.getsockname()[1]}"
        address = _address(tls_port, stack) if tls else None
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
        gc.freeze()
        gc.enable()
        yield _Start(made, at, address, ready.document(made, url, address))


def _log(level: LogLevel) -> None:
    from guestlist.app.logs import configure_logs_late  # noqa: PLC0415

    configure_logs_late(level.value)


def _address(port: int, stack: ExitStack) -> Any:
    from guestlist.testing import running  # noqa: PLC0415
    from guestlist.testing.address import FixedAddress  # noqa: PLC0415 - it loads cryptography

    at = stack.enter_context(running.listening(port))
    proxy_at = stack.enter_context(running.listening(0))
    made = FixedAddress(at, proxy_at, os.environ)
    stack.callback(made.close)
    return made


def _refuse_options(context: typer.Context) -> None:
    """Raises Told."""
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise Told(
                f"{option.opts[0]} goes behind {context.invoked_subcommand}, as in: guestlist twin"
                f" {context.invoked_subcommand} {option.opts[0]} …"
            )


def _read(file: Path) -> Any:
    try:
        return msgspec.json.decode(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Told(f"{file} is not JSON: {error}.") from error
