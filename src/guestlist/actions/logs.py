"""Loggers that are there before their library is: it takes a tenth of a second to load.

Whether an event is worth a line is asked of the standard library's logger of the same name: where
nobody has said anything, of warnings and errors.
"""

import logging
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any


class Logger:
    """structlog's, loaded with the first event that is worth a line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._gate = logging.getLogger(name)

    def info(self, event: str, **facts: Any) -> None:
        self._tell(logging.INFO, event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        self._tell(logging.WARNING, event, facts)

    def error(self, event: str, **facts: Any) -> None:
        self._tell(logging.ERROR, event, facts)

    def exception(self, event: str, **facts: Any) -> None:
        """An error, with the exception in hand."""
        self._tell(logging.ERROR, event, facts | {"exc_info": True})

    def _tell(self, level: int, event: str, facts: dict[str, Any]) -> None:
        if self._gate.isEnabledFor(level):
            _LIBRARY.logger(self._name).log(level, event, **facts)


class _Library:
    def __init__(self) -> None:
        self._lock = Lock()
        self._set_up: Callable[[], None] | None = None
        self.logger = cache(self._logger)

    def set_up_by(self, set_up: Callable[[], None]) -> None:
        with self._lock:
            self._set_up = set_up

    def _logger(self, name: str) -> Any:
        import structlog  # noqa: PLC0415 - it loads all that it could write lines with

        with self._lock:
            if self._set_up is not None:
                self._set_up()
                self._set_up = None
        return structlog.get_logger(name)


_LIBRARY = _Library()


def set_up_by(set_up: Callable[[], None]) -> None:
    """How structlog is set up before the first event that is worth a line."""
    _LIBRARY.set_up_by(set_up)
