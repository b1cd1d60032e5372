"""What one can do with invitations."""

from dataclasses import dataclass
from typing import Any

from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.actions.users import known_things
from guestlist.domain import emails, links
from guestlist.domain import invitations as rules
from guestlist.domain.access import Grant
from guestlist.domain.emails import Email
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import Invitation, State
from guestlist.domain.pages import Page
from guestlist.domain.refusals import NotFound
from guestlist.domain.things import Things
from guestlist.domain.users import check_reach
from guestlist.store import invitations, letters
from guestlist.store.invitations import Link


@dataclass(frozen=True, slots=True)
class Invitations:
    """A page of invitations, what their keys refer to, and the revision at which it was so."""

    invitations: list[Invitation]
    total: int
    things: Things
    revision: int


def list_invitations(runtime: Runtime, caller: Caller, page: Page) -> Invitations:
    """The pending ones, expired or not."""
    with read(runtime, caller) as (transaction, account):
        found = invitations.page(transaction, account.key, page)
        things = runtime.things(transaction, account, keep=True)
        return Invitations(found, account.invitations, things, account.revision)


def get(runtime: Runtime, caller: Caller, invitation_id: str) -> Invitations:
    """The one pending invitation of that id. Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        invitation = invitations.find(transaction, account.key, invitation_id)
        if invitation is None:
            raise NotFound
        things = runtime.things(transaction, account, keep=True)
        return Invitations([invitation], 1, things, account.revision)


def id_of(runtime: Runtime, caller: Caller, email: str) -> str:
    """The id of the pending invitation to an address, however it is spelled. Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        _, found = invitations.holder(transaction, account.key, emails.key(email) or "")
        if found is None:
            raise NotFound
        return found.id


def invite(runtime: Runtime, caller: Caller, *, email: Any, draft: Draft) -> Invitations:
    """Offers a user's place to whoever reads mail at an address, and puts the letter in the outbox.

    Raises Invalid, OutOfReach, NoFreeSeat.
    """
    with begin(runtime, caller) as unit:
        key = emails.key(email) if isinstance(email, str) else None
        user, before = _holder(unit, key)
        expired = before is not None and before.is_expired(unit.now)
        address, grant = rules.examine(
            email,
            draft,
            taken=user is not None or (before is not None and not expired),
            **known_things(unit, draft),
        )
        if before is not None:
            check_reach(by=unit.by, target=before.grant)
        rules.check_invite(
            by=unit.by, grant=grant, seats=unit.account.seats, seats_taken=_seats_taken(unit)
        )
        if before is not None:
            _cancel(unit, before)
        made = _add(unit, address, grant)
        unit.record(
            "invitation.create",
            f"invitation:{made.id}",
            after=unit.told(grant) | {"email": made.email},
        )
        return _seen(unit, made)


def resend(runtime: Runtime, caller: Caller, invitation_id: str) -> Invitations:
    """Sends a new link with a new life; the old one opens nothing from now on.

    Raises NotFound, OutOfReach, NoFreeSeat.
    """
    with begin(runtime, caller) as unit:
        invitation = _found(unit, invitation_id)
        check_reach(by=unit.by, target=invitation.grant)
        if invitation.is_expired(unit.now):
            rules.check_seat(seats=unit.account.seats, seats_taken=_seats_taken(unit))
        link = _new_link(unit)
        expires_at = unit.now + runtime.invitation_life
        invitations.renew_link(unit.transaction, invitation, link, expires_at=expires_at)
        _queue_letter(unit, invitation.key, link)
        unit.record(
            "invitation.resend",
            f"invitation:{invitation.id}",
            before={"expires_at": invitation.expires_at},
            after={"expires_at": expires_at},
        )
        return _seen(unit, invitation)


def cancel(runtime: Runtime, caller: Caller, invitation_id: str) -> None:
    """Raises NotFound, OutOfReach."""
    with begin(runtime, caller) as unit:
        invitation = _found(unit, invitation_id)
        check_reach(by=unit.by, target=invitation.grant)
        _cancel(unit, invitation)


def renew(unit: Unit, invitation: Invitation) -> None:
    """A new link and letter in place of those whose key is gone; the end stays."""
    link = _new_link(unit)
    invitations.renew_link(unit.transaction, invitation, link, expires_at=invitation.expires_at)
    _queue_letter(unit, invitation.key, link)
    unit.record("invitation.renew", f"invitation:{invitation.id}")


def _found(unit: Unit, invitation_id: str) -> Invitation:
    invitation = invitations.find(unit.transaction, unit.account.key, invitation_id)
    if invitation is None:
        raise NotFound
    return invitation


def _seen(unit: Unit, invitation: Invitation) -> Invitations:
    listed = invitation.grant.domains or invitation.grant.templates
    things = unit.things if listed else Things({}, {})
    return Invitations([invitation], 1, things, unit.account.revision)


def _holder(unit: Unit, key: str | None) -> tuple[int | None, Invitation | None]:
    if key is None:
        return None, None
    return invitations.holder(unit.transaction, unit.account.key, key)


def _add(unit: Unit, address: Email, grant: Grant) -> Invitation:
    link = _new_link(unit)
    row: dict[str, Any] = {
        "account": unit.account.key,
        "id": unit.new_id(),
        "place": unit.account.next_invitation,
        "email": address.address,
        "email_key": address.key,
        "invited_by": unit.by.user,
        "expires_at": unit.now + unit.runtime.invitation_life,
        "created_at": unit.now,
        "updated_at": unit.now,
    }
    key = invitations.add(unit.transaction, unit.account.key, row, link, grant)
    unit.count(invitations=1, next_invitation=1)
    _queue_letter(unit, key, link)
    shown = {name: row[name] for name in ("id", "email", "invited_by")}
    return Invitation(
        key=key,
        grant=grant,
        expires_at=row["expires_at"],
        created_at=unit.now,
        updated_at=unit.now,
        **shown,
    )


def _seats_taken(unit: Unit) -> int:
    if unit.account.seats is None:
        return unit.account.users
    return unit.account.users + invitations.unexpired(unit.transaction, unit.account.key, unit.now)


def _cancel(unit: Unit, invitation: Invitation) -> None:
    invitations.end(unit.transaction, unit.account.key, invitation, State.CANCELLED, now=unit.now)
    unit.count(invitations=-1)
    unit.record(
        "invitation.cancel",
        f"invitation:{invitation.id}",
        before=unit.told(invitation.grant) | {"email": invitation.email},
    )


def _new_link(unit: Unit) -> Link:
    keys = unit.runtime.keys
    nonce = unit.random(links.NONCE_BYTES)
    secret = keys.invitation_secret(unit.account.key, nonce, keys.fingerprint)
    return Link(nonce, keys.fingerprint, links.digest(secret))


def _queue_letter(unit: Unit, invitation: int, link: Link) -> None:
    letters.queue(
        unit.transaction,
        account=unit.account.key,
        invitation=invitation,
        nonce=link.nonce,
        now=unit.now,
    )
