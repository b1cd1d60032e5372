"""Searches of OpenID's AuthZEN Authorization API 1.0, page by page."""

import base64
import binascii
import hashlib
import re
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from guestlist.actions import searches
from guestlist.actions.searches import Found, Window
from guestlist.api.decisions import (
    ActionBody,
    ReasonDocument,
    ResourceBody,
    SubjectBody,
    Whatever,
    decoded,
    resource,
)
from guestlist.api.documents import Answer, answer
from guestlist.api.endpoints import Request
from guestlist.api.fields import PermissionName, WireId
from guestlist.domain import decisions as rules
from guestlist.domain.refusals import Malformed

DEFAULT_SIZE = 100
MAX_SIZE = 1_000

# Behind which place it goes on, how many a page holds, and of which question.
_TOKEN = re.compile(r"(\d{1,18})\.(\d{1,4})\.([0-9a-f]{16})")
_UNKNOWN = "`$.page.token` is none that this question was answered with"
_OTHER_LIMIT = "`$.page.limit` is another than `$.page.token` was given for"


class PageBody(Struct):
    token: Annotated[str, Meta(description="The `next_token` of the page before.")] = ""
    limit: (
        Annotated[int, Meta(ge=0, description=f"{DEFAULT_SIZE} if left out, {MAX_SIZE} at most.")]
        | None
    ) = None


class TypeBody(Struct):
    """An `id` is ignored."""

    type: str
    properties: Whatever | None = None


class SubjectSearchBody(Struct):
    subject: TypeBody
    action: ActionBody
    resource: ResourceBody
    context: Whatever | None = None
    page: PageBody | None = None


class ResourceSearchBody(Struct):
    subject: SubjectBody
    action: ActionBody
    resource: TypeBody
    context: Whatever | None = None
    page: PageBody | None = None


class ActionSearchBody(Struct):
    subject: SubjectBody
    resource: ResourceBody
    context: Whatever | None = None
    page: PageBody | None = None


class NextPageDocument(Struct, frozen=True):
    """`next_token` is empty at the end; `count` is how many results this page holds."""

    next_token: str
    count: int


class FoundSubject(Struct, frozen=True):
    type: str
    id: WireId


class FoundResource(Struct, frozen=True):
    type: str
    id: str


class FoundAction(Struct, frozen=True):
    name: PermissionName


class _Results(Struct, frozen=True, kw_only=True):
    """`context` tells why there can be none."""

    page: NextPageDocument
    context: ReasonDocument | UnsetType = UNSET


class SubjectsDocument(_Results, frozen=True, kw_only=True):
    results: list[FoundSubject]


class ResourcesDocument(_Results, frozen=True, kw_only=True):
    results: list[FoundResource]


class ActionsDocument(_Results, frozen=True, kw_only=True):
    results: list[FoundAction]


_SUBJECTS = msgspec.json.Decoder(SubjectSearchBody)
_RESOURCES = msgspec.json.Decoder(ResourceSearchBody)
_ACTIONS = msgspec.json.Decoder(ActionSearchBody)


def subjects(request: Request) -> Answer:
    body = decoded(_SUBJECTS, request.raw)
    about = resource(body.resource)
    asked = _digest("subject", body.subject.type, body.action.name, about)
    window = _window(body.page, asked)
    found = _of_users(body.subject) or searches.users(
        request.runtime, request.caller, body.action.name, about, window
    )
    results = [FoundSubject(rules.USER, name) for name in found.names]
    return answer(SubjectsDocument(results=results, **_around(found, window, asked)))


def resources(request: Request) -> Answer:
    body = decoded(_RESOURCES, request.raw)
    kind = body.resource.type
    asked = _digest("resource", body.subject.type, body.subject.id, body.action.name, kind)
    window = _window(body.page, asked)
    found = _of_users(body.subject) or searches.resources(
        request.runtime, request.caller, body.subject.id, body.action.name, kind, window
    )
    results = [FoundResource(kind, name) for name in found.names]
    return answer(ResourcesDocument(results=results, **_around(found, window, asked)))


def actions(request: Request) -> Answer:
    body = decoded(_ACTIONS, request.raw)
    about = resource(body.resource)
    asked = _digest("action", body.subject.type, body.subject.id, about)
    window = _window(body.page, asked)
    found = _of_users(body.subject) or searches.actions(
        request.runtime, request.caller, body.subject.id, about, window
    )
    results = [FoundAction(name) for name in found.names]
    return answer(ActionsDocument(results=results, **_around(found, window, asked)))


def _of_users(subject: SubjectBody | TypeBody) -> Found | None:
    """That there is nothing to be found, where it is not about users."""
    if subject.type == rules.USER:
        return None
    return Found(reason=rules.no_subject_type(subject.type).reason)


def _around(found: Found, window: Window, asked: str) -> dict[str, Any]:
    token = "" if found.after is None else _token(found.after, window.size, asked)
    told: dict[str, Any] = {"page": NextPageDocument(token, len(found.names))}
    return told if found.reason is None else told | {"context": ReasonDocument(found.reason)}


def _digest(*asked: object) -> str:
    """What a token goes with: another question has other pages."""
    return hashlib.blake2b(repr(asked).encode(), digest_size=8).hexdigest()


def _token(after: int, size: int, asked: str) -> str:
    # From 0, for nothing is behind -1.
    return base64.urlsafe_b64encode(f"{after + 1}.{size}.{asked}".encode()).decode()


def _window(page: PageBody | None, asked: str) -> Window:
    """Raises Malformed."""
    limit = None if page is None or page.limit is None else min(page.limit, MAX_SIZE)
    if page is None or not page.token:
        return Window(-1, DEFAULT_SIZE if limit is None else limit)
    found = _TOKEN.fullmatch(_text(page.token))
    if found is None or found[3] != asked:
        raise Malformed(_UNKNOWN)
    size = int(found[2])
    if size > MAX_SIZE:
        raise Malformed(_UNKNOWN)
    if limit is not None and limit != size:
        raise Malformed(_OTHER_LIMIT)
    return Window(int(found[1]) - 1, size)


def _text(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""
