"""May she? Evaluations of OpenID's AuthZEN Authorization API 1.0, one or many in a request."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from guestlist.actions import decisions
from guestlist.actions.decisions import Known
from guestlist.api.documents import JSON, Answer, encode
from guestlist.api.endpoints import Request
from guestlist.api.fields import PermissionName
from guestlist.domain import decisions as rules
from guestlist.domain.access import Catalog
from guestlist.domain.decisions import Decision, Resource
from guestlist.domain.refusals import Malformed

Body = TypeVar("Body")
Whatever: TypeAlias = dict[str, msgspec.Raw]

MAX_EVALUATIONS = 1_000
_MOST_SAID = 200


class SubjectBody(Struct):
    type: Annotated[str, Meta(description="`user`: there are no others.")]
    id: Annotated[str, Meta(description="A user's id or e-mail address.")]
    properties: Whatever | None = None


class ActionBody(Struct):
    name: Annotated[PermissionName, Meta(description="A permission.")]
    properties: Whatever | None = None


class PropertiesBody(Struct):
    """What a resource of a deployment's own type is in; whatever else there is is ignored."""

    domain: Any = None
    template: Any = None


class ResourceBody(Struct):
    type: Annotated[
        str, Meta(description="`account`, `domain`, `template`, or one of the deployment's own.")
    ]
    id: Annotated[str, Meta(description="An account may be called `self`.")]
    properties: PropertiesBody | None = None


class EvaluationBody(Struct):
    """May this user do that, there? `context` is ignored."""

    subject: SubjectBody
    action: ActionBody
    resource: ResourceBody
    context: Whatever | None = None


class EvaluationItem(Struct):
    """What is left out is what stands beside the list."""

    subject: SubjectBody | None = None
    action: ActionBody | None = None
    resource: ResourceBody | None = None
    context: Whatever | None = None


class OptionsBody(Struct):
    """Whether the first denial, or the first permit, ends it."""

    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = (
        "execute_all"
    )


class EvaluationsBody(EvaluationItem, kw_only=True):
    """Without `evaluations` it is one evaluation."""

    evaluations: Annotated[list[EvaluationItem], Meta(max_length=MAX_EVALUATIONS)] | None = None
    options: OptionsBody | None = None


class ReasonDocument(Struct, frozen=True):
    reason: str


class DecisionDocument(Struct, frozen=True):
    """`reason`: which role, permission and scope allow it, or what is missing."""

    decision: bool
    context: ReasonDocument


class DecisionsDocument(Struct, frozen=True):
    """In the order of the questions."""

    evaluations: list[DecisionDocument]


class Asked(NamedTuple):
    subject_type: str
    subject: str
    action: str
    resource: Resource


_ONE = msgspec.json.Decoder(EvaluationBody)
_MANY = msgspec.json.Decoder(EvaluationsBody)
# The decision that ends a list of them.
_LAST = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}


def evaluate(request: Request) -> Answer:
    return _one(request, decoded(_ONE, request.raw))


def evaluate_many(request: Request) -> Answer:
    body = decoded(_MANY, request.raw)
    if not body.evaluations:
        return _one(request, body)
    asked = [
        _asked(item, body, f"evaluations[{place}].") for place, item in enumerate(body.evaluations)
    ]
    last = _LAST[body.options.evaluations_semantic] if body.options else None
    answered = b",".join(_until(request, asked, last=last))
    return Answer(200, b'{"evaluations":[' + answered + b"]}", JSON)


def document(decision: Decision) -> DecisionDocument:
    return DecisionDocument(decision.allowed, ReasonDocument(decision.reason))


def decoded(decoder: "msgspec.json.Decoder[Body]", raw: bytes) -> Body:
    """Raises Malformed."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)[:_MOST_SAID]) from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error


def resource(body: ResourceBody) -> Resource:
    if body.properties is None:
        return Resource(body.type, body.id)
    inside = body.properties.domain, body.properties.template
    return Resource(body.type, body.id, *(v if isinstance(v, str) else None for v in inside))


def _one(request: Request, body: EvaluationBody | EvaluationsBody) -> Answer:
    asked = _asked(body, body, "")
    known = _known(request, [asked])
    return Answer(200, _fragment(_decided(request.runtime.catalog, known, asked)), JSON)


def _asked(
    item: EvaluationItem | EvaluationBody, default: EvaluationItem | EvaluationBody, place: str
) -> Asked:
    """Raises Malformed."""
    subject = item.subject or default.subject
    action = item.action or default.action
    about = item.resource or default.resource
    if subject is None or action is None or about is None:
        missing = "subject" if subject is None else "action" if action is None else "resource"
        raise Malformed(f"`$.{place}{missing}` is missing")
    return Asked(subject.type, subject.id, action.name, resource(about))


def _until(request: Request, asked: list[Asked], *, last: bool | None) -> Iterator[bytes]:
    """The decisions as they are sent, up to the first that is `last`; repeated ones made once."""
    known = _known(request, asked)
    catalog = request.runtime.catalog
    made: dict[Asked, tuple[bool, bytes]] = {}
    for question in asked:
        found = made.get(question)
        if found is None:
            decision = _decided(catalog, known, question)
            found = made[question] = decision.allowed, _fragment(decision)
        yield found[1]
        if found[0] is last:
            return


def _known(request: Request, asked: list[Asked]) -> Known:
    names = {question.subject for question in asked if question.subject_type == rules.USER}
    return decisions.known(request.runtime, request.caller, names)


def _decided(catalog: Catalog, known: Known, asked: Asked) -> Decision:
    if asked.subject_type != rules.USER:
        return rules.no_subject_type(asked.subject_type)
    holder = known.holders.get(asked.subject)
    return rules.decide(catalog, holder, asked.action, asked.resource, known.places)


@lru_cache(maxsize=4_096)
def _fragment(decision: Decision) -> bytes:
    return encode(document(decision))
