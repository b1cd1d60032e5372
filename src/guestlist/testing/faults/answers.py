"""The answers that take the true one's place (contract, section 4 and 4b)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from msgspec import UNSET

from guestlist.api import refusals
from guestlist.api.catalog import next_midnight
from guestlist.api.documents import HTML, JSON, Answer, answer
from guestlist.testing.faults.documents import Fault
from guestlist.testing.quota import Bucket

_CREATE_LOCK = Answer(
    429,
    b'{\n    "message": "You cannot create a resource at the moment. Please wait a while before'
    b' retrying."\n}',
    JSON,
)
# Where no limit is set, what the documentation says of most requests.
_REQUESTS, _SECONDS = 60, 60
_RETRY_AFTER = 1


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, ready to leave."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def told(fault: Fault, bucket: Bucket, *, now: int) -> Told:
    """Of a fault that answers; the headers tell the realm's `bucket` as it is `now`."""
    if fault.kind is None:
        found, more = _own(fault), dict(fault.headers or {})
    else:
        make, counted = _KINDS[fault.kind]
        found = make(fault, bucket)
        more = {name: value for header in counted for name, value in header(bucket, now).items()}
        if fault.kind == "quota":
            more["x-apiquota-remaining"] = "0"
    headers = {"cache-control": "no-cache, private"}
    if found.content_type is not None:
        headers["content-type"] = found.content_type
    said = {name.lower(): value for name, value in more.items()}
    return Told(found.status, headers | dict(found.headers) | said, found.body)


def _own(fault: Fault) -> Answer:
    status = fault.status or 200
    if fault.body is UNSET:
        return Answer(status)
    if isinstance(fault.body, str):
        return Answer(status, fault.body.encode(), HTML)
    return answer(fault.body, status=status)


def _rate_limited(fault: Fault, bucket: Bucket) -> Answer:
    rate = bucket.rate
    requests, seconds = (_REQUESTS, _SECONDS) if rate is None else (rate.requests, rate.seconds)
    return refusals.rate_limited(requests, seconds, retry_after=_retry_after(fault))


def _unavailable(fault: Fault, _: Bucket) -> Answer:
    made = refusals.unavailable(refusals.UNREACHABLE)
    headers = (("retry-after", str(_retry_after(fault))),)
    return Answer(made.status, made.body, made.content_type, headers=headers)


def _retry_after(fault: Fault) -> int:
    return _RETRY_AFTER if fault.retry_after is UNSET else fault.retry_after


def _of_a_gateway(status: HTTPStatus) -> Answer:
    """What stands before the API knows no JSON."""
    words = f"{status.value} {status.phrase}"
    lines = [
        f"<html>\r\n<head><title>{words}</title></head>",
        f"<body>\r\n<center><h1>{words}</h1></center>",
        "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n",
    ]
    return Answer(status.value, "\r\n".join(lines).encode(), "text/html")


def _quota_headers(bucket: Bucket, now: int) -> dict[str, str]:
    return {
        "x-apiquota-remaining": str(bucket.quota().remaining),
        "x-apiquota-reset": next_midnight(now),
    }


def _rate_headers(bucket: Bucket, _: int) -> dict[str, str]:
    requests = _REQUESTS if bucket.rate is None else bucket.rate.requests
    return {"x-ratelimit-limit": str(requests), "x-ratelimit-remaining": "0"}


def _always(made: Answer) -> Callable[[Fault, Bucket], Answer]:
    return lambda _fault, _bucket: made


_Headers = Callable[[Bucket, int], dict[str, str]]
_KINDS: dict[str, tuple[Callable[[Fault, Bucket], Answer], tuple[_Headers, ...]]] = {
    "rate_limited": (_rate_limited, (_rate_headers, _quota_headers)),
    "quota": (_always(refusals.QUOTA_REACHED), (_quota_headers,)),
    "create_lock": (_always(_CREATE_LOCK), (_quota_headers,)),
    "unauthenticated": (_always(refusals.UNAUTHENTICATED), ()),
    "forbidden": (_always(refusals.FORBIDDEN), (_quota_headers,)),
    "server_error": (_always(refusals.plain(500, refusals.SERVER_ERROR)), ()),
    "bad_gateway": (_always(_of_a_gateway(HTTPStatus.BAD_GATEWAY)), ()),
    "unavailable": (_unavailable, ()),
    "timeout": (_always(_of_a_gateway(HTTPStatus.GATEWAY_TIMEOUT)), ()),
}
