"""What anybody may ask: is it alive, is it ready, how is it doing, how is it used."""

from collections.abc import Callable

from guestlist.actions import deployment
from guestlist.actions.runtime import Runtime
from guestlist.api import discovery, docs, metrics, openapi, refusals
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
    return metrics.exposition()


PUBLIC: dict[str, Callable[[Runtime], Answer]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics_page,
    "/openapi.json": openapi.page,
    discovery.PATH: discovery.page,
    **docs.PAGES,
}
