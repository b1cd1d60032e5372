"""What is logged, and how it looks."""

import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from guestlist.actions import logs

if TYPE_CHECKING:
    import structlog

    from guestlist.settings import Settings


def configure_logs(settings: "Settings") -> None:
    """One line per event on standard error, for machines or for people."""
    _set_up(_level(settings.log_level), is_for_machines=settings.log_format == "json")


def configure_logs_late(log_level: str) -> None:
    """The same for people, with the first event that is worth a line.

    Until then structlog is not loaded, without which a start takes a tenth of a second less.
    """
    logs.set_up_by(partial(_set_up, _level(log_level), is_for_machines=False))


def _level(name: str) -> int:
    level = logging.getLevelNamesMapping()[name.upper()]
    logging.getLogger("guestlist").setLevel(level)
    return level


def _set_up(level: int, *, is_for_machines: bool) -> None:
    import structlog  # noqa: PLC0415 - see configure_logs_late

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if is_for_machines
        else [_for_people()]
    )
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


def _for_people() -> "structlog.dev.ConsoleRenderer":
    import structlog  # noqa: PLC0415 - see configure_logs_late

    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # the default one shows the values of variables, and a letter's holds a secret
        exception_formatter=structlog.dev.plain_traceback,
    )
