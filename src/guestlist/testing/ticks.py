"""What is looked at again and again while clocks run."""

from collections.abc import Callable
from threading import Event, Lock, Thread

SECONDS = 0.25


class Ticks:
    """Calls what it watches every so often, each until it says False, in a thread of its own.

    The thread starts with the first: a twin whose clocks stand still has none.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._watched: dict[Callable[[], bool], None] = {}
        self._stopping = Event()
        self._thread: Thread | None = None

    def watch(self, look: Callable[[], bool]) -> None:
        with self._lock:
            self._watched[look] = None
            if self._thread is None:
                self._thread = Thread(target=self._run, name="guestlist-twin-ticks", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(SECONDS):
            with self._lock:
                watched, self._watched = self._watched, {}
            # Who says so again meanwhile is watched on, whatever this look finds.
            for look in watched:
                if look():
                    with self._lock:
                        self._watched[look] = None
