"""The wire's templates. What Guestlist cannot know of one is null, empty or 0."""

from typing import Any

from msgspec import Struct

from guestlist.actions import things
from guestlist.api import pages
from guestlist.api.documents import EMPTY, Answer, answer, instant
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, WireId
from guestlist.domain.things import Template

PATH = "/v1/templates"


class TemplateVariables(Struct, frozen=True):
    variables: list[str] = []
    personalization: list[str] = []


class TemplateDocument(Struct, frozen=True):
    id: WireId
    name: str
    description: str | None
    type: str
    image_path: str | None
    variables: TemplateVariables
    created_at: Instant
    category: str | None
    categories: list[str]


class TemplateStats(Struct, frozen=True):
    total: int = 0
    queued: int = 0
    sent: int = 0
    rejected: int = 0
    delivered: int = 0
    last_email_sent_at: Instant | None = None


class SingleTemplateDocument(TemplateDocument, frozen=True):
    domain: str | None
    template_stats: TemplateStats


_VARIABLES = TemplateVariables()
_STATS = TemplateStats()


def document(template: Template) -> TemplateDocument:
    return TemplateDocument(**_values(template))


def whole(template: Template) -> SingleTemplateDocument:
    return SingleTemplateDocument(**_values(template), domain=None, template_stats=_STATS)


def _values(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "type": template.type,
        "image_path": None,
        "variables": _VARIABLES,
        "created_at": instant(template.created_at),
        "category": None,
        "categories": [],
    }


def list_templates(request: Request) -> Answer:
    """Templates here are the account's, on every domain, so `domain_id` leaves none out."""
    found = things.list_things(request.runtime, request.caller, "templates")
    page = request.page
    shown = found[page.offset : page.offset + page.size]
    base = request.runtime.public_url + PATH
    more = page.offset + page.size < len(found)
    paged = pages.simple(base, page, shown=len(shown), more=more)
    return answer({"data": [document(template) for template in shown], **paged})


def get(request: Request) -> Answer:
    found = things.get(request.runtime, request.caller, "templates", request.id)
    return answer({"data": whole(found)})


def remove(request: Request) -> Answer:
    things.remove(request.runtime, request.caller, "templates", request.id)
    return EMPTY


def exists(request: Request) -> bool:
    return things.exists(request.runtime, request.caller, "templates", request.id)
