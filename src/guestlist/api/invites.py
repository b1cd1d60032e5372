"""The wire's invites: pending invitations."""

import dataclasses
from typing import Any

import msgspec
from msgspec import Struct

from guestlist.actions import deliveries, invitations, links
from guestlist.actions.deliveries import Delivered
from guestlist.actions.invitations import Invitations
from guestlist.api import pages
from guestlist.api.documents import NO_CONTENT, Answer, answer, instant
from guestlist.api.endpoints import Request
from guestlist.api.fields import (
    DeliveryState,
    Instant,
    InviteState,
    PermissionName,
    RoleName,
    WireId,
)
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import EXPIRED, Invitation, State
from guestlist.domain.refusals import NotFound
from guestlist.domain.things import Things

PATH = "/v1/invites"
WHOLE_PATH = "/guestlist/v1/invites"
REPLAYED = ("idempotency-replayed", "true")
# Whoever has the link has what it offers: nobody on the way may keep this answer.
_NO_STORE = ("cache-control", "no-store")


class InviteData(Struct, frozen=True):
    domains: list[WireId]
    templates: list[WireId]


class InviteDocument(Struct, frozen=True):
    """`data` is null where neither list has an item."""

    id: WireId
    email: str
    data: InviteData | None  # contract C10
    role: RoleName
    permissions: tuple[PermissionName, ...]
    requires_periodic_password_change: bool
    created_at: Instant
    updated_at: Instant


class DeliveryDocument(Struct, frozen=True):
    """`trouble` is what the mail server said, of a letter that waits to be tried again too."""

    state: DeliveryState
    sent_at: Instant | None
    trouble: str | None


class WholeInviteDocument(InviteDocument, frozen=True):
    """An invite as `/v1/invites` shows it, and what that cannot show.

    `invited_by` is null where it was the operator or somebody who is gone; `delivery` is of the
    letter with the link of now, null where there is none.
    """

    state: InviteState
    expires_at: Instant
    invited_by: WireId | None
    delivery: DeliveryDocument | None


class LinkDocument(Struct, frozen=True):
    link: str


def document(invitation: Invitation, things: Things) -> InviteDocument:
    grant = invitation.grant
    data = None
    if grant.domains or grant.templates:
        data = InviteData(
            [things.domains[key].id for key in grant.domains],
            [things.templates[key].id for key in grant.templates],
        )
    return InviteDocument(
        invitation.id,
        invitation.email,
        data,
        grant.role,
        grant.permissions,
        grant.requires_periodic_password_change,
        instant(invitation.created_at),
        instant(invitation.updated_at),
    )


def whole(invitation: Invitation, found: Delivered) -> WholeInviteDocument:
    delivery = found.deliveries.get(invitation.key)
    giver = invitation.invited_by
    shown = msgspec.structs.asdict(document(invitation, found.found.things))
    return WholeInviteDocument(
        **shown,
        state=EXPIRED if invitation.is_expired(found.now) else State.PENDING.value,
        expires_at=instant(invitation.expires_at),
        invited_by=None if giver is None else found.givers.get(giver),
        delivery=None
        if delivery is None
        else DeliveryDocument(
            delivery.state,
            None if delivery.sent_at is None else instant(delivery.sent_at),
            delivery.trouble,
        ),
    )


def draft(body: dict[str, Any]) -> Draft:
    return Draft(**{field.name: body.get(field.name) for field in dataclasses.fields(Draft)})


def single(found: Invitations) -> Answer:
    [invitation] = found.invitations
    made = answer({"data": document(invitation, found.things)}, revision=found.revision)
    return msgspec.structs.replace(made, headers=(REPLAYED,)) if found.repeated else made


def single_whole(delivered: Delivered) -> Answer:
    [invitation] = delivered.found.invitations
    return answer({"data": whole(invitation, delivered)})


def list_invites(request: Request) -> Answer:
    found = invitations.list_invitations(request.runtime, request.caller, request.page)
    documents = [document(invitation, found.things) for invitation in found.invitations]
    base = request.runtime.public_url + PATH
    paged = pages.length_aware(base, request.page, total=found.total, shown=len(documents))
    return answer({"data": documents, **paged}, revision=found.revision)


def get(request: Request) -> Answer:
    return single(invitations.get(request.runtime, request.caller, request.id))


def resend(request: Request) -> Answer:
    return single(invitations.resend(request.runtime, request.caller, request.id))


def cancel(request: Request) -> Answer:
    invitations.cancel(request.runtime, request.caller, request.id)
    return NO_CONTENT


def exists(request: Request) -> bool:
    try:
        invitations.get(request.runtime, request.caller, request.id)
    except NotFound:
        return False
    return True


def list_whole(request: Request) -> Answer:
    found = deliveries.list_invitations(request.runtime, request.caller, request.page)
    documents = [whole(invitation, found) for invitation in found.found.invitations]
    base = request.runtime.public_url + WHOLE_PATH
    paged = pages.length_aware(base, request.page, total=found.found.total, shown=len(documents))
    return answer({"data": documents, **paged})


def get_whole(request: Request) -> Answer:
    return single_whole(deliveries.get(request.runtime, request.caller, request.id))


def edit(request: Request) -> Answer:
    wanted = draft(request.body)
    return single_whole(deliveries.edit(request.runtime, request.caller, request.id, wanted))


def copy_link(request: Request) -> Answer:
    link = links.copy_link(request.runtime, request.caller, request.id)
    made = answer({"data": LinkDocument(link)})
    return msgspec.structs.replace(made, headers=(_NO_STORE,))
