"""How one request is judged and answered, in a thread: contract section 1, order of checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from guestlist import __version__
from guestlist.actions import tokens
from guestlist.actions.runtime import Caller, Runtime
from guestlist.api import forms, refusals
from guestlist.api.allowance import ENDLESS, Allowance, Quota
from guestlist.api.catalog import next_midnight
from guestlist.api.documents import JSON, Answer
from guestlist.api.endpoints import Endpoint, Request
from guestlist.api.memory import Key, Memory
from guestlist.domain.audit import Cause
from guestlist.domain.ids import is_wire_id
from guestlist.domain.invitations import check_key
from guestlist.domain.refusals import MissingScope, NotFound, Refusal, Unauthenticated

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came over the network, as far as any endpoint may look at it.

    `until` is when, on the monotonic clock, a refusal is better than waiting on.
    """

    id: str
    query: bytes
    body: bytes
    headers: Mapping[bytes, bytes]
    cause: Cause
    until: float


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who asks, and what every answer to them carries; `refused` where it ends here."""

    caller: Caller | None
    headers: Headers
    refused: Answer | None = None
    quota: Quota = ENDLESS

    @property
    def account(self) -> int:
        return 0 if self.caller is None else self.caller.account


class Dispatch:
    """Serves the endpoints of one runtime."""

    def __init__(self, runtime: Runtime, allowance: Allowance) -> None:
        self._runtime = runtime
        self._allowance = allowance
        self._memory = Memory()

    def answer(self, endpoint: Endpoint, asked: Asked) -> tuple[Answer, Headers]:
        """All at once, for what changes nothing."""
        return self.perform(endpoint, asked, self.admit(endpoint, asked))

    def admit(self, endpoint: Endpoint, asked: Asked) -> Admitted:
        """Who asks (401, 503), and whether they ask too often (429)."""
        try:
            caller = tokens.authenticate(
                self._runtime,
                _bearer(asked.headers),
                cause=asked.cause,
                scope=endpoint.scope or None,
                until=asked.until,
            )
            return self._counted(caller, counts=endpoint.counts)
        except Refusal as refusal:
            refused = refusals.refused(refusal, is_change=False)
            return Admitted(None, self.rate_headers(0), refused)

    def perform(
        self, endpoint: Endpoint, asked: Asked, admitted: Admitted
    ) -> tuple[Answer, Headers]:
        """The guard (404 of bound things, 403), then memory or the handler."""
        caller = admitted.caller
        if caller is None:
            return admitted.refused or refusals.UNAUTHENTICATED, admitted.headers
        headers = admitted.headers | self._quota_headers(caller, admitted.quota)
        if admitted.refused is not None:
            return admitted.refused, headers
        try:
            answer, etag = self._performed(endpoint, asked, caller, admitted.quota)
        except NotFound:
            # What is bound to the route is missing before the quota is looked at.
            return refusals.NOT_FOUND, admitted.headers if endpoint.binds else headers
        except Refusal as refusal:
            return refusals.refused(refusal, is_change=endpoint.method == "PUT"), headers
        return answer, headers | etag

    def _performed(
        self, endpoint: Endpoint, asked: Asked, caller: Caller, quota: Quota
    ) -> tuple[Answer, Headers]:
        query = forms.query(asked.query)
        wire_id = asked.id if is_wire_id(asked.id) else ""  # no query runs for what can be no id
        request = Request(self._runtime, caller, wire_id, query, quota=quota)
        _guard(endpoint, request)
        if endpoint.asks:
            request.raw = asked.body
            return endpoint.handler(request), {}
        if endpoint.repeatable:
            request.key = _key_of(asked.headers)
        if endpoint.changes:
            request.body = forms.body(asked.body)
            return endpoint.handler(request), {}
        if endpoint.paged:
            request.page = forms.page(query)
        if endpoint.remembered:
            return self._remembered(endpoint, request, asked.headers.get(b"if-none-match"))
        return endpoint.handler(request), {}

    def _remembered(
        self, endpoint: Endpoint, request: Request, known: bytes | None
    ) -> tuple[Answer, Headers]:
        """The caller's revision was read in this very request: what was true at it still is."""
        key = _key(endpoint, request, request.caller.revision)
        etag = self._etag(key)
        if known is not None and etag.encode() in known:
            return Answer(304), {"etag": etag}
        body = self._memory.get(key)
        if body is not None:
            return Answer(200, body, JSON), {"etag": etag}
        answer = endpoint.handler(request)
        if answer.revision is None:
            return answer, {}
        key = _key(endpoint, request, answer.revision)
        self._memory.put(key, answer.body)
        return answer, {"etag": self._etag(key)}

    def _etag(self, key: Key) -> str:
        catalog = self._runtime.catalog.version
        about = f"{__version__} {catalog} {self._runtime.public_url} {key}"
        return f'"{self._runtime.keys.etag(about.encode())}"'

    def _counted(self, caller: Caller, *, counts: bool) -> Admitted:
        spent = self._allowance.spend(caller, counts=counts)
        limit, headers = self._allowance.rate_limit, self.rate_headers(spent.used)
        refused = None
        if limit is not None and spent.used > limit.requests:
            refused = refusals.rate_limited(
                limit.requests, limit.seconds, retry_after=spent.ends_in
            )
        elif spent.quota.is_over:
            refused = refusals.QUOTA_REACHED
        return Admitted(caller, headers, refused, spent.quota)

    def rate_headers(self, used: int) -> Headers:
        """Only where a limit is set (contract C14); a stranger has used nothing."""
        limit = self._allowance.rate_limit
        if limit is None:
            return {}
        return {
            "x-ratelimit-limit": str(limit.requests),
            "x-ratelimit-remaining": str(max(0, limit.requests - used)),
        }

    def _quota_headers(self, caller: Caller, quota: Quota) -> Headers:
        return {
            "x-apiquota-remaining": str(quota.remaining),
            "x-apiquota-reset": next_midnight(self._runtime.now(caller.account)),
        }


def _guard(endpoint: Endpoint, request: Request) -> None:
    """Raises NotFound for a bound thing that is not there, then MissingScope."""
    catalog = request.runtime.catalog
    if not endpoint.scope or catalog.permits(request.caller.actor, endpoint.scope):
        return
    if endpoint.binds is not None and not endpoint.binds(request):
        raise NotFound
    raise MissingScope


def _key_of(headers: Mapping[bytes, bytes]) -> str | None:
    """Raises BrokenKey."""
    given = headers.get(b"idempotency-key")
    return None if given is None else check_key(given.decode("latin-1"))


def _key(endpoint: Endpoint, request: Request, revision: int) -> Key:
    page = request.page
    return request.caller.account, revision, endpoint.path, request.id, page.number, page.size


def _bearer(headers: Mapping[bytes, bytes]) -> str:
    """The token's text. Raises Unauthenticated."""
    scheme, _, text = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Unauthenticated
    return text.strip()
