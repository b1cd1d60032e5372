"""Questions about the small world of `examples`, and what the API would answer."""

from collections.abc import Mapping
from typing import Any

from guestlist.api import decisions, searches
from guestlist.domain.decisions import Decision

_BO = {"type": "user", "id": "bo@acme.test"}
_READ_ACTIVITY = {"name": "read-activity"}
_DOMAIN = {"type": "domain", "id": "p3w8yq5nd2lk7e1g"}

# What the search for users goes on with.
TOKEN = "MS4xLmVkNzQ5NzViOTY0MmYwNGM="  # noqa: S105 - no secret
BODIES: Mapping[str, dict[str, Any]] = {
    "evaluate": {"subject": _BO, "action": _READ_ACTIVITY, "resource": _DOMAIN},
    "evaluateMany": {
        "subject": _BO,
        "resource": _DOMAIN,
        "evaluations": [{"action": _READ_ACTIVITY}, {"action": {"name": "manage-domain"}}],
        "options": {"evaluations_semantic": "execute_all"},
    },
    "searchSubjects": {
        "subject": {"type": "user"},
        "action": _READ_ACTIVITY,
        "resource": _DOMAIN,
        "page": {"limit": 1},
    },
    "searchResources": {
        "subject": _BO,
        "action": _READ_ACTIVITY,
        "resource": {"type": "domain"},
    },
    "searchActions": {"subject": _BO, "resource": _DOMAIN},
}

_LISTED = decisions.document(
    Decision(allowed=True, reason="read-activity is listed for this Custom User, on this domain.")
)
_UNLISTED = decisions.document(
    Decision(allowed=False, reason="Custom User has what is listed, and manage-domain is not.")
)
_END = searches.NextPageDocument("", 1)
ANSWERS: dict[str, Any] = {
    "evaluate": _LISTED,
    "evaluateMany": decisions.DecisionsDocument([_LISTED, _UNLISTED]),
    "searchSubjects": searches.SubjectsDocument(
        page=searches.NextPageDocument(TOKEN, 1),
        results=[searches.FoundSubject("user", "x7m2k9d4rpq1zv83")],
    ),
    "searchResources": searches.ResourcesDocument(
        page=_END, results=[searches.FoundResource(**_DOMAIN)]
    ),
    "searchActions": searches.ActionsDocument(
        page=_END, results=[searches.FoundAction("read-activity")]
    ),
}
