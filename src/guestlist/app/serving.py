"""Serving a deployment, or only sending its letters, until told to stop."""

import functools
import multiprocessing
import os
import signal
import socket
import tempfile
from contextlib import suppress
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from guestlist.actions.runtime import Runtime
from guestlist.api.allowance import Fixed
from guestlist.api.connections import Connection
from guestlist.api.serve import Door
from guestlist.app.deployments import runtime
from guestlist.app.fronts import front
from guestlist.app.logs import configure_logs
from guestlist.app.mail import sender
from guestlist.delivery.loops import Loops
from guestlist.delivery.outbox import Outbox
from guestlist.delivery.webhooks import Webhooks
from guestlist.domain.refusals import Misconfigured
from guestlist.settings import Settings

GRACE_SECONDS = 30
# Longer than a proxy keeps an idle connection, so that it never sends into one being closed.
KEEP_ALIVE_SECONDS = 75
# A worker that has not answered its parent for so long is replaced: a slow start is no death.
WORKER_SECONDS = 15
MOST_OPEN_FILES = 65_536
_OF_A_TWIN = "GUESTLIST_TWIN_"


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
        allowance=Fixed(made, settings.rate_limit),
        on_start=loops.start,
        on_stop=loops.stop,
    )
    return front(made, door, language=settings.language)


def _loops(made: Runtime, settings: Settings) -> Loops:
    if not settings.sends:
        return Loops(Outbox(made, None))
    return Loops(Outbox(made, sender(settings), reminds=settings.reminds), Webhooks(made))


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
    _check_is_no_twin()
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
    _check_is_no_twin()
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


def _check_is_no_twin() -> None:
    """Whoever set one up must not find strangers' people behind it. Raises Misconfigured."""
    for name in sorted(os.environ):
        # Where one runs is no setting: `twin run` tells it to whatever it runs.
        if name.startswith(_OF_A_TWIN) and not name.endswith("_URL"):
            raise Misconfigured(
                f"{name} is a setting of guestlist twin, and this is no twin: unset it, or run"
                " guestlist twin instead."
            )


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
