"""What webhooks are told of: types of events, and which of them a change of an account is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Asked for by hand, so nobody subscribes to it.
TEST = "webhook.test"
EXPIRED = "invitation.expire"
# By the action that the audit keeps; one that is missing is told to nobody.
_TYPES = {
    "invitation.create": "user.invited",
    "invitation.resend": "invite.resent",
    "invitation.cancel": "invite.cancelled",
    "invitation.decline": "invite.declined",
    "invitation.accept": "invite.accepted",
    EXPIRED: "invite.expired",
    "user.update": "user.updated",
    "user.reactivate": "user.updated",
    "person.rename": "user.updated",
    "person.change_email": "user.updated",
    "person.set_avatar": "user.updated",
    "user.remove": "user.removed",
    "user.leave": "user.removed",
    "user.suspend": "user.suspended",
    "token.create": "token.created",
    "token.end": "token.revoked",
}
TYPES = tuple(dict.fromkeys(_TYPES.values()))
# What says who somebody is.
_PERSONAL = frozenset(("email", "name", "last_name", "avatar"))
_ERASED = "erased"
# The wire's word for what is an invitation everywhere else.
_KINDS = {"invitation": "invite"}


@dataclass(frozen=True, slots=True)
class Event:
    """`sequence` counts the account's; `data` holds no secret."""

    sequence: int
    type: str
    at: int
    data: dict[str, Any]


def type_of(action: str) -> str | None:
    return _TYPES.get(action)


def told(
    subject: str,
    *,
    actor: str,
    request: str | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The data of an event, from what the audit keeps of the same change."""
    kind, _, thing = subject.partition(":")
    return {
        "id": thing,
        "kind": _KINDS.get(kind, kind),
        "actor": actor,
        "before": before,
        "after": after,
        "request_id": request,
    }


def nameless(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same, without what says who it is about."""
    blanked = {
        side: {
            name: _ERASED if name in _PERSONAL and value else value
            for name, value in data[side].items()
        }
        for side in ("before", "after")
        if isinstance(data.get(side), dict)
    }
    return {**data, **blanked}
