"""What a view requires, whatever the web framework."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar

from guestlist.client.errors import GuestlistError, Malformed
from guestlist.client.questions import Question, Resource

NOBODY = "Nobody is signed in."
UNKNOWN = "This cannot be asked."
UNAVAILABLE = "Whether you may cannot be told right now. Try again later."

_log = logging.getLogger("guestlist.client")
_R = TypeVar("_R")


class Where(TypedDict, Generic[_R], total=False):
    """Of what a view asks: at most one, else of the account.

    `domain` and `template` are the name of a parameter of the path, or a function of the request
    that gives the id; `resource` is one that gives (type, id) or (type, id, properties).
    """

    domain: str | Callable[[_R], str]
    template: str | Callable[[_R], str]
    resource: Callable[[_R], Resource]


@dataclass(frozen=True, slots=True)
class Requirement(Generic[_R]):
    permission: str
    where: Where[_R]

    def __post_init__(self) -> None:
        if len(self.where) > 1:
            raise ValueError("ask of one thing: a domain, a template or a resource")

    def question(self, user: str, request: _R, path: Mapping[str, Any]) -> Question:
        """`ValueError` where the path or the function has no id: then nothing else is asked."""
        found: dict[str, Any] = {}
        for kind, source in self.where.items():
            if isinstance(source, str):
                if source not in path:
                    raise ValueError(f"the path of this view has no parameter {source!r}")
                found[kind] = str(path[source])
            else:
                found[kind] = source(request)  # type: ignore[operator]
                if found[kind] is None:
                    raise ValueError(f"the function for the {kind} gave none")
        return Question(user, self.permission, **found)


def refused(error: GuestlistError) -> tuple[int, str]:
    """The status and the words for who asks, to whom the cause is of no use; the log has it."""
    _log.error("Not let in, because no decision was had: %s", error)
    if isinstance(error, Malformed):  # an id in the path that can belong to nothing
        return 403, UNKNOWN
    return 503, UNAVAILABLE
