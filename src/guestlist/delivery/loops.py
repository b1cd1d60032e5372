"""What runs beside the doors."""

from guestlist.delivery.outbox import Outbox
from guestlist.delivery.webhooks import Webhooks


class Loops:
    """Letters and webhooks, each in its thread: one that hangs does not hold up the other."""

    def __init__(self, *loops: Outbox | Webhooks) -> None:
        self._loops = loops

    def start(self) -> None:
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        for loop in self._loops:
            loop.stop()
