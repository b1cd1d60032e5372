"""`guestlist serve` and `guestlist demo`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from guestlist import settings as configuration
from guestlist.cli import demo as demo_world
from guestlist.cli import desk
from guestlist.cli.desk import (
    CATALOG_VARIABLE,
    INVITATIONS_VARIABLE,
    LETTERS_VARIABLE,
    LIFE_VARIABLE,
)
from guestlist.cli.levels import LogLevel
from guestlist.cli.mail import (
    LanguageName,
    LanguageOption,
    MailFromOption,
    MailOption,
    NoOutboxOption,
    OutboxOption,
    RemindersOption,
    WebhookAllowOption,
)
from guestlist.cli.options import DatabaseOption
from guestlist.domain.invitations import (
    DEFAULT_LIFE_DAYS,
    INVITATIONS_PER_DAY,
    LETTERS_PER_DAY,
    MAX_LIFE_DAYS,
    MIN_LIFE_DAYS,
)
from guestlist.settings import DEFAULT_DATABASE, DEFAULT_LIMITS, Settings


class LogFormat(StrEnum):
    PRETTY = "pretty"
    JSON = "json"


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
        help="Whose X-Forwarded-For is believed: addresses or networks with commas between them.",
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
LifeOption = Annotated[
    int,
    typer.Option(
        envvar=LIFE_VARIABLE,
        min=MIN_LIFE_DAYS,
        max=MAX_LIFE_DAYS,
        help="How many days an invitation can be accepted.",
    ),
]
InvitationsOption = Annotated[
    int,
    typer.Option(
        envvar=INVITATIONS_VARIABLE,
        min=1,
        help="How many invitations an account may make in a day.",
    ),
]
LettersOption = Annotated[
    int,
    typer.Option(
        envvar=LETTERS_VARIABLE,
        min=1,
        help="How many invitation letters one address may get in a day, over all accounts.",
    ),
]
CatalogOption = Annotated[
    Path | None,
    typer.Option(
        envvar=CATALOG_VARIABLE,
        metavar="FILE",
        help="Roles and permissions of your own, as TOML; left out: MailerSend's.",
        show_default=False,
    ),
]
LimitsOption = Annotated[
    str,
    typer.Option(
        envvar="GUESTLIST_LIMITS",
        metavar="URL",
        help="Where attempts to sign in and the like are counted: memory:// or redis://host:6379.",
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
    mail: MailOption = None,
    mail_from: MailFromOption = None,
    outbox: OutboxOption = None,
    no_outbox: NoOutboxOption = False,
    reminders: RemindersOption = False,
    webhook_allow: WebhookAllowOption = "",
    language: LanguageOption = LanguageName.EN,
    invitation_days: LifeOption = DEFAULT_LIFE_DAYS,
    invitations_per_day: InvitationsOption = INVITATIONS_PER_DAY,
    letters_per_day: LettersOption = LETTERS_PER_DAY,
    catalog: CatalogOption = None,
    limits: LimitsOption = DEFAULT_LIMITS,
    log_format: LogFormatOption = LogFormat.PRETTY,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Serve the API and the pages, and send letters and webhooks, until told to stop.

    On SQLite the database is made if it is missing; PostgreSQL needs GUESTLIST_SECRET_KEY.

    Example: guestlist serve --database postgresql://guestlist@db/guestlist --host 0.0.0.0
    --public-url https://people.acme.test --trusted-proxies 10.0.0.0/8 --workers 4
    """
    _run(configuration.serving(**locals()))


def demo(
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    port: PortOption = 8000,
    log_format: LogFormatOption = LogFormat.PRETTY,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Serve a small world to try things in.

    The first run makes it and prints a token and a link to sign in; later ones serve what is there.

    Example: guestlist demo --port 8080
    """
    settings = Settings(
        database=database,
        port=port,
        public_url=f"http://localhost:{port}",
        outbox=configuration.default_outbox(database),
        catalog=desk.catalog(),
        log_format=log_format.value,
        log_level=log_level.value,
    )
    demo_world.prepare(settings)
    _run(settings)


def _run(settings: Settings) -> None:
    # No other command, and no help page, should wait for a web server to be loaded.
    from guestlist.app import serving  # noqa: PLC0415

    serving.serve(settings)
