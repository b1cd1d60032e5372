"""What is asked, as the documents of the OpenID AuthZEN Authorization API 1.0."""

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, TypedDict

# What the server takes as the account of the token that asks.
OWN_ACCOUNT = "self"

Resource = tuple[str, str] | tuple[str, str, Mapping[str, Any]]


class Thing(TypedDict, total=False):
    """At most one; a resource is its type, its id and, where there are some, its properties."""

    domain: str | None
    template: str | None
    resource: Resource | None


class About(Thing, total=False):
    context: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Question:
    """What `allowed_all` takes many of.

    May `user`, an id or an e-mail address, do what `permission` names, to one domain, template or
    resource (type, id and, where there are some, properties), or else in the account? `ValueError`
    where something is empty, or two things are given.
    """

    user: str
    permission: str
    _: KW_ONLY
    domain: str | None = None
    template: str | None = None
    resource: Resource | None = None
    context: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        required("user", self.user)
        required("permission", self.permission)
        target(self.domain, self.template, self.resource)

    def document(self, account: str) -> dict[str, Any]:
        document: dict[str, Any] = {
            "subject": subject(self.user),
            "action": {"name": self.permission},
            "resource": target(self.domain, self.template, self.resource, account=account),
        }
        if self.context is not None:
            document["context"] = self.context
        return document


def subject(user: str) -> dict[str, str]:
    return {"type": "user", "id": required("user", user)}


def target(
    domain: str | None = None,
    template: str | None = None,
    resource: Resource | None = None,
    *,
    account: str = OWN_ACCOUNT,
) -> dict[str, Any]:
    """The one thing that is given, or the account."""
    if sum(it is not None for it in (domain, template, resource)) > 1:
        raise ValueError("ask of one thing: a domain, a template or a resource")
    if domain is not None:
        return {"type": "domain", "id": required("domain", domain)}
    if template is not None:
        return {"type": "template", "id": required("template", template)}
    if resource is None:
        return {"type": "account", "id": account}
    kind, identity, *properties = resource
    document: dict[str, Any] = {
        "type": required("the resource's type", kind),
        "id": required("the resource's id", identity),
    }
    return document | ({"properties": properties[0]} if properties else {})


def required(what: str, text: object) -> str:
    """An empty id is a mistake, and must not become a question about something else."""
    if not isinstance(text, str) or not text:
        raise ValueError(f"{what} must be a text that is not empty, not {text!r}")
    return text


def encoded(document: Mapping[str, Any]) -> bytes:
    """The same bytes for the same question, whatever the order of its keys."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    ).encode()


def _plain(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON")
