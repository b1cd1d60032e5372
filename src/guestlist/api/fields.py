"""What single fields hold, so that the API's description can tell it; encoding looks at none."""

from typing import Annotated, TypeAlias

from msgspec import Meta

from guestlist.domain import tokens
from guestlist.domain.events import TYPES
from guestlist.domain.invitations import EXPIRED, State

# What a deployment's own vocabulary takes the place of, where the description is written.
ROLES, PERMISSIONS = ["roles"], ["permissions"]

WireId: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-z]{1,80}$")]
Instant: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
RoleName: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": ROLES})]
PermissionName: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": PERMISSIONS})]
InviteState: TypeAlias = Annotated[
    str,
    Meta(
        description="`expired`: its links open nothing until it is sent again.",
        extra_json_schema={"enum": [State.PENDING.value, EXPIRED]},
    ),
]
DeliveryState: TypeAlias = Annotated[
    str, Meta(extra_json_schema={"enum": ["queued", "sent", "failed", "dropped"]})
]
ScopeName: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": sorted(tokens.SCOPES)})]
TokenStatus: TypeAlias = Annotated[
    str,
    Meta(description="`pause`: opens nothing.", extra_json_schema={"enum": tokens.STATUSES}),
]
EventType: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": TYPES})]
WebhookDeliveryState: TypeAlias = Annotated[
    str, Meta(extra_json_schema={"enum": ["queued", "delivered", "failed", "dropped"]})
]
