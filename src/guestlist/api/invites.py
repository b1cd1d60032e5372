"""The wire's invites: pending invitations."""

from msgspec import Struct

from guestlist.actions import invitations
from guestlist.actions.invitations import Invitations
from guestlist.api import pages
from guestlist.api.documents import NO_CONTENT, Answer, answer, instant
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, PermissionName, RoleName, WireId
from guestlist.domain.invitations import Invitation
from guestlist.domain.refusals import NotFound
from guestlist.domain.things import Things

PATH = "/v1/invites"


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


def single(found: Invitations) -> Answer:
    [invitation] = found.invitations
    return answer({"data": document(invitation, found.things)}, revision=found.revision)


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
