"""`guestlist serve` and `guestlist demo`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from guestlist import settings as configuration
from guestlist.cli import demo as demo_world
from guestlist.cli.desk import LIFE_VARIABLE
from guestlist.cli.options import DatabaseOption
from guestlist.domain.invitations import DEFAULT_LIFE_DAYS, MAX_LIFE_DAYS, MIN_LIFE_DAYS
from guestlist.settings import DEFAULT_DATABASE, Settings


class LogFormat(StrEnum):
    PRETTY = "pretty"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


HostOption = Annotated[
    str,
    typer.Option(
        envvar="GUESTLIST_HOST",
        help="The address to listen on; 0.0.0.0 for all of this machine's.",
    ),
]
PortOption = Annotated[
    int,
    typer.Option(
        envvar="GUESTLIST_PORT",
        min=1,
        max=65535,
        help="The port to listen on.",
    ),
]
PublicUrlOption = Annotated[
    str | None,
    typer.Option(
        envvar="GUESTLIST_PUBLIC_URL",
        metavar="URL",
        help="What links begin with. Left out: http://localhost:PORT; needed beyond loopback.",
        show_default=False,
    ),
]
InsecureOption = Annotated[
    bool,
    typer.Option(
        "--insecure-http",
        envvar="GUESTLIST_INSECURE_HTTP",
        help="Allow a public URL without https, for a network that is trusted.",
    ),
]
ProxiesOption = Annotated[
    str,
    typer.Option(
        envvar="GUESTLIST_TRUSTED_PROXIES",
        metavar="ADDRESSES",
        help="Whose forwarded headers count: addresses or networks with commas between them.",
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        envvar="GUESTLIST_WORKERS",
        min=1,
        max=256,
        help="How many processes serve.",
    ),
]
ThreadsOption = Annotated[
    int,
    typer.Option(
        envvar="GUESTLIST_THREADS",
        min=1,
        max=256,
        help="How many requests each process works on at a time.",
    ),
]
RateOption = Annotated[
    str | None,
    typer.Option(
        envvar="GUESTLIST_RATE_LIMIT",
        metavar="N/SECONDS",
        help="How many requests an account may make in so many seconds; left out: any number.",
        show_default=False,
    ),
]
OutboxOption = Annotated[
    Path | None,
    typer.Option(
        envvar="GUESTLIST_OUTBOX",
        metavar="FOLDER",
        help="Where letters are written. Left out: outbox beside the SQLite file, or here.",
        show_default=False,
    ),
]
LifeOption = Annotated[
    int,
    typer.Option(
        envvar=LIFE_VARIABLE,
        min=MIN_LIFE_DAYS,
        max=MAX_LIFE_DAYS,
        help="How many days an invitation can be accepted.",
    ),
]
LogFormatOption = Annotated[
    LogFormat,
    typer.Option(
        envvar="GUESTLIST_LOG_FORMAT",
        help="Logs for people or for machines.",
    ),
]
LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        envvar="GUESTLIST_LOG_LEVEL",
        help="The least that is worth a line.",
    ),
]


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("serve")(serve)


def serve(  # noqa: PLR0913 - a command's options are its parameters
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    public_url: PublicUrlOption = None,
    insecure_http: InsecureOption = False,
    trusted_proxies: ProxiesOption = "",
    workers: WorkersOption = 1,
    threads: ThreadsOption = 16,
    rate_limit: RateOption = None,
    outbox: OutboxOption = None,
    invitation_days: LifeOption = DEFAULT_LIFE_DAYS,
    log_format: LogFormatOption = LogFormat.PRETTY,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Serve the API until told to stop.

    On SQLite the database is made if it is missing; PostgreSQL needs GUESTLIST_SECRET_KEY.

    Example: guestlist serve --database postgresql://guestlist@db/guestlist --host 0.0.0.0
    --public-url https://people.acme.test --trusted-proxies 10.0.0.0/8 --workers 4
    """
    url = configuration.public_url(public_url, host=host, port=port, insecure_http=insecure_http)
    _run(
        Settings(
            database=database,
            host=host,
            port=port,
            workers=workers,
            threads=threads,
            public_url=url,
            trusted_proxies=configuration.trusted_proxies(trusted_proxies),
            rate_limit=None if rate_limit is None else configuration.rate_limit(rate_limit),
            outbox=outbox or configuration.default_outbox(database),
            invitation_life=configuration.invitation_life(invitation_days),
            log_format=log_format.value,
            log_level=log_level.value,
        )
    )


def demo(
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    port: PortOption = 8000,
    log_format: LogFormatOption = LogFormat.PRETTY,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Serve a small world to try things in.

    The first run makes it and prints a token; later ones serve what is there.

    Example: guestlist demo --port 8080
    """
    settings = Settings(
        database=database,
        port=port,
        public_url=f"http://localhost:{port}",
        outbox=configuration.default_outbox(database),
        log_format=log_format.value,
        log_level=log_level.value,
    )
    demo_world.prepare(settings)
    _run(settings)


def _run(settings: Settings) -> None:
    # No other command, and no help page, should wait for a web server to be loaded.
    from guestlist import app  # noqa: PLC0415

    app.serve(settings)
