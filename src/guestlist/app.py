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
from uvicorn.supervisors import Multiprocess

from guestlist import settings as configuration
from guestlist.actions import deployment, outbox, tokens
from guestlist.actions.runtime import Runtime
from guestlist.api.connections import Connection
from guestlist.api.serve import Door
from guestlist.delivery.letters import Folder
from guestlist.domain.refusals import Misconfigured, Unavailable
from guestlist.settings import Settings
from guestlist.store.database import Database
from guestlist.store.migrations import is_current, migrate

IDLE_SECONDS = 0.5
STOP_SECONDS = 10
GRACE_SECONDS = 30
# Longer than a proxy keeps an idle connection, so that it never sends into one being closed.
KEEP_ALIVE_SECONDS = 75
# A worker that has not answered its parent for so long is replaced: a slow start is no death.
WORKER_SECONDS = 15
MOST_OPEN_FILES = 65_536

_log = structlog.get_logger("guestlist.app")


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


def application(settings: Settings) -> Door:
    """The ASGI application of a deployment, its outbox running beside it.

    Raises Misconfigured, Unavailable.
    """
    configure_logs(settings)
    _end_with_parent()
    made = runtime(settings)
    sending = Outbox(made, Folder(settings.outbox))
    return Door(
        made,
        threads=settings.threads,
        rate_limit=settings.rate_limit,
        on_start=sending.start,
        on_stop=sending.stop,
    )


def _end_with_parent() -> None:
    """Workers whose parent was killed would serve on, and keep the port from the next one."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        Thread(target=watch, name="guestlist-parent", daemon=True).start()


class Outbox(Thread):
    """Sends letters as they fall due, and keeps when tokens were used."""

    def __init__(self, runtime: Runtime, folder: Folder) -> None:
        super().__init__(name="guestlist-outbox", daemon=True)
        self._runtime = runtime
        self._folder = folder
        self._stopping = Event()

    def run(self) -> None:
        while not self._stopping.wait(0.0 if self._busy() else IDLE_SECONDS):
            pass

    def stop(self) -> None:
        """Lets the batch in hand end."""
        self._stopping.set()
        self.join(STOP_SECONDS)

    def _busy(self) -> bool:
        try:
            tokens.flush_marks(self._runtime)
            return outbox.send_due(self._runtime, self._folder.send) == outbox.BATCH
        except Unavailable as refusal:
            _log.warning("outbox waits", reason=str(refusal))
        except Exception:  # noqa: BLE001 - the loop outlives what one round did not foresee
            _log.exception("outbox failed")
        return False


def serve(settings: Settings) -> None:
    """Serves until it is told to stop, then ends what is in hand.

    Raises Misconfigured, Unavailable.
    """
    runtime(settings).database.close()  # what is wrong is said once, before any worker starts
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
