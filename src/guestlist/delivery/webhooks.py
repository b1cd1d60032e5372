"""The loop that tells webhooks of events, in a thread of its own: it holds up no letter."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Thread
from typing import Any, TypeVar

from guestlist.actions import webhook_deliveries as deliveries
from guestlist.actions.logs import Logger
from guestlist.actions.runtime import Runtime
from guestlist.actions.webhook_deliveries import EACH, Heard, Post
from guestlist.delivery.posting import NotPosted, Poster
from guestlist.domain.refusals import Unavailable
from guestlist.domain.webhooks import Taken

IDLE_SECONDS = 0.5
STOP_SECONDS = 10
# So long the next event to the same webhook waits for a request to leave.
LEAVE_SECONDS = 2
MOST_AT_ONCE = 256

_log = Logger("guestlist.webhooks")
_T = TypeVar("_T")


class Webhooks(Thread):
    """Starts attempts in order for each webhook, many at a time over all."""

    def __init__(self, runtime: Runtime, poster: Poster | None = None) -> None:
        super().__init__(name="guestlist-webhooks", daemon=True)
        self._runtime = runtime
        self._poster = poster or Poster(runtime.webhook_allow)
        self._stopping = Event()
        # What is kept is kept by one thread: no request waits for the database, nor the other way.
        self._keeper = ThreadPoolExecutor(1, "guestlist-webhooks-keeper")
        self._under_way: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving = 0

    def run(self) -> None:
        asyncio.run(self._run())
        self._keeper.shutdown()

    def stop(self) -> None:
        """Lets the attempts in hand end, if they do soon."""
        self._stopping.set()
        self.join(STOP_SECONDS)

    async def _run(self) -> None:
        self._more = asyncio.Event()
        while not self._stopping.is_set():
            self._more.clear()
            try:
                if await self._takes():
                    continue
            except Unavailable as refusal:
                _log.warning("webhooks wait", reason=str(refusal))
            except Exception:  # noqa: BLE001 - the loop outlives what one round did not foresee
                _log.exception("webhooks failed")
            await _until(self._more, IDLE_SECONDS)
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=STOP_SECONDS / 2)
            for task in left:
                task.cancel()

    async def _takes(self) -> bool:
        """Begins what is due; False where nothing is, or nothing more can be begun now."""
        taken = sum(self._under_way.values()) + EACH * self._serving
        most = (MOST_AT_ONCE - taken) // EACH
        if most <= 0:
            return False
        busy = [webhook for webhook, count in self._under_way.items() if count >= EACH]
        leases = await self._kept(deliveries.lease, busy=busy, most=most)
        for lease in leases:
            self._serving += 1
            self._go(self._serve(lease))
        return bool(leases)

    async def _serve(self, taken: Taken) -> None:
        """Starts what is due to one webhook, each once the one before has left."""
        before: int | None = None
        try:
            for delivery in taken.deliveries:
                if self._stopping.is_set():
                    break
                post = await self._kept(deliveries.start, taken, delivery, left=before)
                if post is not None:
                    left = asyncio.Event()
                    self._under_way[taken.webhook] += 1
                    self._go(self._attempt(post, left))
                    await _until(left, LEAVE_SECONDS)
                    before = delivery
            await self._kept(deliveries.release, taken, left=before)
        finally:
            self._serving -= 1
            self._more.set()

    async def _attempt(self, post: Post, left: asyncio.Event) -> None:
        webhook = post.started.webhook.key
        try:
            came = await heard(self._poster, post, on_sent=left.set)
            await self._kept(deliveries.settle, post.started, came)
        finally:
            left.set()
            self._under_way[webhook] -= 1
            if not self._under_way[webhook]:
                del self._under_way[webhook]
            self._more.set()

    async def _kept(self, act: Callable[..., _T], *args: object, **more: object) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._keeper, partial(act, self._runtime, *args, **more))

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def heard(poster: Poster, post: Post, *, on_sent: Callable[[], None]) -> Heard:
    """What comes of an attempt, whatever goes wrong; `on_sent` hears that the request has left."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    status, trouble, wait = None, None, 0
    try:
        answer = await poster.post(post.url, post.headers, post.body, on_sent=on_sent)
        status, wait = answer.status, answer.wait
    except NotPosted as error:
        trouble = str(error)
    except Exception as error:  # noqa: BLE001 - one delivery holds no other up
        # Only its kind is told: its words may be anything.
        trouble = type(error).__name__
    took = int((loop.time() - began) * 1_000)
    return Heard(took, status=status, trouble=trouble, wait=wait)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    """What fails is tried again when its lease ends."""
    try:
        await work
    except Unavailable as refusal:
        _log.warning("webhooks wait", reason=str(refusal))
    except Exception:  # noqa: BLE001 - as above
        _log.exception("webhooks failed")


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
