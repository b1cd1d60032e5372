"""What Prometheus is told: how often each endpoint answered what, and how long it took."""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from guestlist.api.documents import Answer

_REQUESTS = Counter(
    "guestlist_requests", "Requests by endpoint and status.", ("endpoint", "status")
)
_SECONDS = Histogram(
    "guestlist_request_seconds",
    "Seconds from the first byte of a request to its answer.",
    ("endpoint",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def observe(endpoint: str, status: int, seconds: float) -> None:
    _REQUESTS.labels(endpoint, status).inc()
    _SECONDS.labels(endpoint).observe(seconds)


def exposition() -> Answer:
    """Of all workers, where there are several."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
