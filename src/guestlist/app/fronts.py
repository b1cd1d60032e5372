"""Both doors of a runtime, on one port."""

from functools import cache
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from guestlist.actions.runtime import Runtime
from guestlist.api.serve import Door
from guestlist.app.loading import load_everything
from guestlist.languages import SOURCE

if TYPE_CHECKING:
    from guestlist.console.serve import Console


def front(runtime: Runtime, door: Door, *, language: str = SOURCE, at_once: bool = True) -> ASGIApp:
    """Both doors on one port: what is no page is the API's.

    The pages take a second to load: `at_once`, with whatever else a request may need, or with the
    first path that the API does not have.
    """

    @cache
    def console() -> "Console":
        from guestlist.api import metrics  # noqa: PLC0415 - see api.serve
        from guestlist.console.serve import Console  # noqa: PLC0415 - see above

        return Console(
            runtime,
            in_thread=door.in_thread,
            bodies=door.bodies,
            observe=metrics.observe,
            request_id=door.request_id,
            language=language,
        )

    if at_once:
        load_everything()
        console()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or door.has(scope["path"]) or not console().find(scope["path"]):
            await door(scope, receive, send)
        else:
            await console()(scope, receive, send)

    return serve
