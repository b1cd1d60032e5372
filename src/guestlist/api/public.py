"""What anybody may ask: is it alive, is it ready, how is it doing, how is it used."""

from collections.abc import Callable

from guestlist.actions import deployment
from guestlist.actions.runtime import Runtime
from guestlist.api import discovery, docs, refusals
from guestlist.api.documents import Answer, answer
from guestlist.domain.refusals import Unavailable


def healthz(_: Runtime) -> Answer:
    return answer({"status": "ok"})


def readyz(runtime: Runtime) -> Answer:
    """Touches the database."""
    try:
        deployment.check(runtime)
    except Unavailable as refusal:
        return refusals.refused(refusal, is_change=False)
    return answer({"status": "ok"})


def metrics_page(_: Runtime) -> Answer:
    from guestlist.api import metrics  # noqa: PLC0415 - see api.serve

    return metrics.exposition()


def description(runtime: Runtime) -> Answer:
    from guestlist.api import openapi  # noqa: PLC0415 - it loads an example of everything

    return openapi.page(runtime)


PUBLIC: dict[str, Callable[[Runtime], Answer]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics_page,
    "/openapi.json": description,
    discovery.PATH: discovery.page,
    **docs.PAGES,
}
