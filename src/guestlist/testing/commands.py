"""A command that is run while something else lasts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

# As shells have it.
NOT_FOUND = 127
CANNOT_RUN = 126
_KILLED = 128
_PASSED_ON = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if hasattr(signal, name)
]
_FROM_A_KEY = {"SIGINT", "SIGQUIT"}


class CannotRun(Exception):
    """`code` is what a shell would end with."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def run(command: Sequence[str], surroundings: Mapping[str, str]) -> int:
    """Its exit code; where a signal ended it, 128 and the signal's number. Raises CannotRun.

    Its input and output are this process's own, and so are the signals it gets.
    """
    with _passing_on() as running:
        try:
            process = subprocess.Popen(command, env=surroundings)  # noqa: S603 - as its user says
        except OSError as error:
            raise _cannot(command[0], error) from error
        running.have(process)
        code = process.wait()
    return code if code >= 0 else _KILLED - code


class _Running:
    """What signals are for, which may come before there is a process to have them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def have(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def signalled(self, number: int, _frame: FrameType | None) -> None:
        if _has_it(number):
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


@contextmanager
def _passing_on() -> Iterator[_Running]:
    """What was ignored stays ignored, by the command too."""
    running = _Running()
    before = {
        number: signal.signal(number, running.signalled)
        for number in _PASSED_ON
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield running
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_it(number: int) -> bool:
    """Ctrl-C at a terminal goes to everything in its foreground: the command has it already."""
    if signal.Signals(number).name not in _FROM_A_KEY:
        return False
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:  # there is none
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


def _cannot(name: str, error: OSError) -> CannotRun:
    if isinstance(error, FileNotFoundError):
        return CannotRun(NOT_FOUND, f"There is no command {name}: is it installed, and on PATH?")
    return CannotRun(CANNOT_RUN, f"{name} cannot be run: {error.strerror}.")
