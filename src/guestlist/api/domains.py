"""The wire's domains. What Guestlist cannot know of one is null, false or 0."""

from msgspec import Struct

from guestlist.actions import things
from guestlist.api import pages
from guestlist.api.documents import NO_CONTENT, Answer, answer, instant
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, WireId
from guestlist.domain.things import Domain

PATH = "/v1/domains"


class DomainStats(Struct, frozen=True):
    total: int = 0
    queued: int = 0
    sent: int = 0
    rejected: int = 0
    delivered: int = 0


class DomainSettings(Struct, frozen=True):
    send_paused: bool = False
    track_clicks: bool = False
    track_opens: bool = False
    track_opens_pixel_on_top: bool = False
    track_unsubscribe: bool = False
    track_unsubscribe_html: str | None = None
    track_unsubscribe_html_enabled: bool = False
    track_unsubscribe_plain: str | None = None
    track_unsubscribe_plain_enabled: bool = False
    track_content: bool = False
    custom_tracking_enabled: bool = False
    custom_tracking_subdomain: str | None = None
    return_path_subdomain: str | None = None
    inbound_routing_enabled: bool = False
    inbound_routing_subdomain: str | None = None
    precedence_bulk: bool = False
    ignore_duplicated_recipients: bool = False
    show_dmarc: bool = False


class DomainDocument(Struct, frozen=True):
    id: WireId
    name: str
    dkim: bool | None
    spf: bool | None
    tracking: bool | None
    is_verified: bool
    is_cname_verified: bool
    is_dns_active: bool
    is_cname_active: bool
    is_tracking_allowed: bool
    domain_stats: DomainStats
    has_not_queued_messages: bool
    not_queued_messages_count: int
    domain_settings: DomainSettings
    created_at: Instant
    updated_at: Instant
    totals: list[int]


_STATS = DomainStats()
_SETTINGS = DomainSettings()


def document(domain: Domain) -> DomainDocument:
    return DomainDocument(
        id=domain.id,
        name=domain.name,
        dkim=None,
        spf=None,
        tracking=None,
        is_verified=False,
        is_cname_verified=False,
        is_dns_active=False,
        is_cname_active=False,
        is_tracking_allowed=False,
        domain_stats=_STATS,
        has_not_queued_messages=False,
        not_queued_messages_count=0,
        domain_settings=_SETTINGS,
        created_at=instant(domain.created_at),
        updated_at=instant(domain.updated_at),
        totals=[],
    )


def list_domains(request: Request) -> Answer:
    """No domain is known to be verified, so asking for verified ones finds none."""
    found = things.list_things(request.runtime, request.caller, "domains")
    if request.query.get("verified") in {"1", "true"}:
        found = []
    page = request.page
    shown = found[page.offset : page.offset + page.size]
    base = request.runtime.public_url + PATH
    paged = pages.length_aware(base, page, total=len(found), shown=len(shown))
    return answer({"data": [document(domain) for domain in shown], **paged})


def get(request: Request) -> Answer:
    found = things.get(request.runtime, request.caller, "domains", request.id)
    return answer({"data": document(found)})


def remove(request: Request) -> Answer:
    things.remove(request.runtime, request.caller, "domains", request.id)
    return NO_CONTENT


def exists(request: Request) -> bool:
    return things.exists(request.runtime, request.caller, "domains", request.id)
