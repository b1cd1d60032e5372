"""The loop beside the doors: letters as they fall due, and what is done from time to time."""

import time
from collections.abc import Callable
from threading import Event, Thread

from guestlist.actions import outbox, sessions, tokens, webhook_deliveries
from guestlist.actions.logs import Logger
from guestlist.actions.runtime import Runtime
from guestlist.delivery.senders import Sender
from guestlist.domain.refusals import Unavailable

IDLE_SECONDS = 0.5
STOP_SECONDS = 10
REMIND_SECONDS = 60
EXPIRE_SECONDS = 60
TIDY_SECONDS = 3_600

_log = Logger("guestlist.outbox")


class Outbox(Thread):
    """Sends letters, keeps when tokens were used, reminds and tidies.

    Without a sender, letters wait for another process.
    """

    def __init__(self, runtime: Runtime, sender: Sender | None, *, reminds: bool = False) -> None:
        super().__init__(name="guestlist-outbox", daemon=True)
        self._runtime = runtime
        self._sender = sender
        self._stopping = Event()
        self._rounds = [_Round(TIDY_SECONDS, outbox.tidy)]
        if sender is not None:
            self._rounds.append(_Round(EXPIRE_SECONDS, webhook_deliveries.expire_due))
        if sender is not None and reminds:
            self._rounds.append(_Round(REMIND_SECONDS, _reminds))

    def run(self) -> None:
        _log.info("letters", to="another process" if self._sender is None else str(self._sender))
        while not self._stopping.wait(0.0 if self._is_busy() else IDLE_SECONDS):
            pass
        if self._sender is not None:
            self._sender.close()

    def stop(self) -> None:
        """Lets the batch in hand end."""
        self._stopping.set()
        self.join(STOP_SECONDS)

    def _is_busy(self) -> bool:
        try:
            tokens.flush_marks(self._runtime)
            sessions.flush_marks(self._runtime)
            for round_ in self._rounds:
                round_.go(self._runtime)
            return self._sends()
        except Unavailable as refusal:
            _log.warning("outbox waits", reason=str(refusal))
        except Exception:  # noqa: BLE001 - the loop outlives what one round did not foresee
            _log.exception("outbox failed")
        return False

    def _sends(self) -> bool:
        if self._sender is None:
            return False
        sent = outbox.send_due(self._runtime, self._sender.send, overwrites=self._sender.overwrites)
        if not sent:
            self._sender.rest()
        return sent == outbox.BATCH


def _reminds(runtime: Runtime) -> bool:
    return outbox.remind_due(runtime) == outbox.BATCH


class _Round:
    """What is done every so many seconds; the first time as soon as the loop runs.

    Where `act` says that more is left, it goes on when the loop comes by again.
    """

    def __init__(self, seconds: float, act: Callable[[Runtime], bool]) -> None:
        self._seconds = seconds
        self._act = act
        self._next = 0.0

    def go(self, runtime: Runtime) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._seconds
            if self._act(runtime):
                self._next = now
