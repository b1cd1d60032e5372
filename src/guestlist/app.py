"""The composition root: settings in, a runtime out."""

import functools
import logging
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from guestlist import settings as configuration
from guestlist.actions import deployment
from guestlist.actions.limits import Limits
from guestlist.actions.runtime import Runtime
from guestlist.api import metrics
from guestlist.api.connections import Connection
from guestlist.api.serve import Door
from guestlist.console.serve import Console
from guestlist.delivery import messages, senders
from guestlist.delivery.loops import Loops
from guestlist.delivery.outbox import Outbox
from guestlist.delivery.senders import Sender
from guestlist.delivery.webhooks import Webhooks
from guestlist.domain.refusals import Misconfigured
from guestlist.languages import SOURCE
from guestlist.settings import Settings
from guestlist.store.database import Database
from guestlist.store.migrations import is_current, migrate

GRACE_SECONDS = 30
# Longer than a proxy keeps an idle connection, so that it never sends into one being closed.
KEEP_ALIVE_SECONDS = 75
# A worker that has not answered its parent for so long is replaced: a slow start is no death.
WORKER_SECONDS = 15
MOST_OPEN_FILES = 65_536


def now(_account: int) -> int:
    return time.time_ns() // 1_000


def random(_account: int, size: int) -> bytes:
    return secrets.token_bytes(size)


def runtime(settings: Settings) -> Runtime:
    """The runtime of a deployment whose database is ready. Raises Misconfigured, Unavailable.

    An embedded SQLite database is made and migrated here; a PostgreSQL one is its operator's.
    """
    database = open_database(settings)
    try:
        return _over(database, settings)
    except BaseException:
        database.close()
        raise


def _over(database: Database, settings: Settings) -> Runtime:
    if database.is_sqlite:
        migrate(database)
    elif not is_current(database):
        raise Misconfigured(
            f"The database {database.address} is not at this version's schema."
            " Run: guestlist migrate"
        )
    made = Runtime(
        database=database,
        keys=configuration.keys(database),
        now=now,
        random=random,
        public_url=settings.public_url,
        invitation_life=settings.invitation_life,
        catalog=settings.catalog,
        caps=settings.caps,
        limits=Limits(settings.limits),
        webhook_allow=settings.webhook_allow,
    )
    deployment.claim(made)
    return made


def open_database(settings: Settings) -> Database:
    """One connection per thread, and a few for the outbox, health and last-used marks."""
    database = Database(settings.database, connections=settings.threads + 4)
    if database.file is not None and not database.file.exists():
        database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(database.file, os.O_CREAT | os.O_RDWR, 0o600))
    return database


def sender(settings: Settings) -> Sender:
    """How letters leave. Raises Misconfigured."""
    try:
        stationery = messages.stationery(
            settings.public_url, sender=settings.mail_from, language=settings.language
        )
    except ValueError as error:
        raise Misconfigured(
            "Letters are from an address, as in people@acme.test or Acme <people@acme.test>; got"
            f" {settings.mail_from!r} (setting --mail-from)."
        ) from error
    return senders.opened(
        settings.mail or f"folder:{settings.outbox}",
        password=os.environ.get(configuration.SMTP_PASSWORD_VARIABLE),
        stationery=stationery,
    )


def application(settings: Settings) -> ASGIApp:
    """The ASGI application of a deployment, its outbox running beside it.

    Raises Misconfigured, Unavailable.
    """
    configure_logs(settings)
    _end_with_parent()
    made = runtime(settings)
    loops = _loops(made, settings)
    door = Door(
        made,
        threads=settings.threads,
        rate_limit=settings.rate_limit,
        on_start=loops.start,
        on_stop=loops.stop,
    )
    return front(made, door, language=settings.language)


def _loops(made: Runtime, settings: Settings) -> Loops:
    if not settings.sends:
        return Loops(Outbox(made, None))
    return Loops(Outbox(made, sender(settings), reminds=settings.reminds), Webhooks(made))


def front(runtime: Runtime, door: Door, *, language: str = SOURCE) -> ASGIApp:
    """Both doors on one port: what is no page is the API's."""
    console = Console(
        runtime,
        in_thread=door.in_thread,
        bodies=door.bodies,
        observe=metrics.observe,
        language=language,
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and console.find(scope["path"]) is not None
        await (console if is_page else door)(scope, receive, send)

    return serve


def _end_with_parent() -> None:
    """Workers whose parent was killed would serve on, and keep the port from the next one."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        Thread(target=watch, name="guestlist-parent", daemon=True).start()


def send_letters(settings: Settings) -> None:
    """Sends letters until it is told to stop, then ends the one in hand.

    Raises Misconfigured, Unavailable.
    """
    letters = sender(settings)
    made = runtime(settings)
    configure_logs(settings)
    sending = Loops(Outbox(made, letters, reminds=settings.reminds), Webhooks(made))
    told = Event()
    for signalled in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signalled, lambda *_: told.set())
    sending.start()
    told.wait()
    sending.stop()
    made.database.close()


def serve(settings: Settings) -> None:
    """Serves until it is told to stop, then ends what is in hand.

    Raises Misconfigured, Unavailable.
    """
    # What is wrong is said once, before any worker starts.
    runtime(settings).database.close()
    if settings.sends:
        sender(settings)
    _allow_open_files()
    config = uvicorn.Config(
        functools.partial(application, settings),
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_worker_healthcheck=WORKER_SECONDS,
    )
    listening = _listen(settings)
    configure_logs(settings)  # what was wrong so far is the caller's to say
    if settings.workers == 1:
        # uvicorn, having ended in peace, raises the signal that asked for it once more
        for signalled in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signalled, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listening])
        return
    with tempfile.TemporaryDirectory(prefix="guestlist-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Multiprocess(config, [listening]).run()


def _allow_open_files() -> None:
    """Every connection is an open file; many systems begin with 1,024 and allow far more."""
    try:
        import resource  # noqa: PLC0415 - Windows has neither this nor the limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        wanted = MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)
        with suppress(OSError, ValueError):  # macOS allows less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _listen(settings: Settings) -> socket.socket:
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
            backlog=2048,
        )
    except OSError as error:
        raise Misconfigured(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}."
            " Choose another with --port."
        ) from error


def _for_people() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # the default one shows the values of variables, and a letter's holds a secret
        exception_formatter=structlog.dev.plain_traceback,
    )


def configure_logs(settings: Settings) -> None:
    """One line per event on standard error, for machines or for people."""
    machine = settings.log_format == "json"
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if machine
        else [_for_people()]
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
