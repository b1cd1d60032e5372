"""What one can do with invitations."""

from dataclasses import dataclass, replace
from typing import Any

from guestlist.actions import repeats
from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.actions.users import cancel_invitation, known_things
from guestlist.domain import emails, links
from guestlist.domain import invitations as rules
from guestlist.domain.access import Grant
from guestlist.domain.accounts import Account
from guestlist.domain.emails import Email
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import Invitation
from guestlist.domain.pages import Page
from guestlist.domain.refusals import NotFound
from guestlist.domain.things import Things
from guestlist.domain.users import changed_grant, check_reach
from guestlist.store import invitations, letters, mailings
from guestlist.store.database import Transaction
from guestlist.store.invitations import Link


@dataclass(frozen=True, slots=True)
class Invitations:
    """A page of invitations, what their keys refer to, and the revision at which it was so.

    `repeated`: a request came again and nothing was made for it.
    """

    invitations: list[Invitation]
    total: int
    things: Things
    revision: int
    repeated: bool = False


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


def invite(
    runtime: Runtime, caller: Caller, *, email: Any, draft: Draft, key: str | None = None
) -> Invitations:
    """Offers a user's place to whoever reads mail at an address, and puts the letter in the outbox.

    Asked again by who asks with the same `key`, within a day, it tells what it made then.
    Raises Invalid, OutOfReach, NoFreeSeat, TooManyInvitations, TooManyLetters, KeyReused.
    """
    with begin(runtime, caller) as unit:
        if key is None:
            return seen(unit, invited(unit, email=email, draft=draft))
        body_sha256 = rules.digest(email, draft)
        made = repeats.recall(unit, key, body_sha256)
        if made is not None:
            unit.change_nothing()
            return replace(seen(unit, made), repeated=True)
        made = invited(unit, email=email, draft=draft)
        repeats.keep(unit, key, body_sha256, made)
        return seen(unit, made)


def resend(runtime: Runtime, caller: Caller, invitation_id: str) -> Invitations:
    """Sends a new link with a new life; the old ones open nothing from now on.

    From now on it is the sender's to give: whoever gave it before may have lost the power to.
    Raises NotFound, OutOfReach, NoFreeSeat, TooManyLetters.
    """
    with begin(runtime, caller) as unit:
        return seen(unit, resent(unit, invitation_id))


def edit(runtime: Runtime, caller: Caller, invitation_id: str, draft: Draft) -> Invitations:
    """Replaces what an invitation offers; from now on it is the editor's to give.

    A copied link opens nothing any more: whoever copied it might not give this.
    Domains and templates left out are none, permissions and flag left out stay, as for a user.
    Raises NotFound, Invalid, OutOfReach.
    """
    with begin(runtime, caller) as unit:
        return seen(unit, edited(unit, invitation_id, draft))


def cancel(runtime: Runtime, caller: Caller, invitation_id: str) -> None:
    """Raises NotFound, OutOfReach."""
    with begin(runtime, caller) as unit:
        invitation = _found(unit, invitation_id)
        check_reach(unit.catalog, by=unit.by, target=invitation.grant)
        cancel_invitation(unit, invitation)


def renew(unit: Unit, invitation: Invitation) -> None:
    """A new link and letter in place of those whose key is gone; the end stays."""
    link = _new_link(unit)
    invitations.renew_link(unit.transaction, invitation, link)
    _queue_letter(unit, invitation.key, link)
    unit.record("invitation.renew", f"invitation:{invitation.id}")


def seats_taken(transaction: Transaction, account: Account, now: int) -> int:
    """By users and unexpired invitations; not counted where seats are without bound."""
    if account.seats is None:
        return account.users
    return account.users + invitations.unexpired(transaction, account.key, now)


def seen(unit: Unit, invitation: Invitation) -> Invitations:
    """What a change made of an invitation."""
    listed = invitation.grant.domains or invitation.grant.templates
    things = unit.things if listed else Things({}, {})
    return Invitations([invitation], 1, things, unit.account.revision)


def invited(unit: Unit, *, email: Any, draft: Draft) -> Invitation:
    """`invite` without a key, as a part of a change."""
    user, before = _holder(unit, emails.key(email) if isinstance(email, str) else None)
    expired = before is not None and before.is_expired(unit.now)
    address, grant = rules.examine(
        email,
        draft,
        taken=user is not None or (before is not None and not expired),
        catalog=unit.catalog,
        **known_things(unit, draft),
    )
    if before is not None:
        check_reach(unit.catalog, by=unit.by, target=before.grant)
    rules.check_invite(
        unit.catalog,
        by=unit.by,
        grant=grant,
        seats=unit.account.seats,
        seats_taken=_seats_taken(unit),
    )
    _count_invitation(unit)
    _count_letter(unit, address)
    if before is not None:
        cancel_invitation(unit, before)
    made = _add(unit, address, grant)
    unit.record(
        "invitation.create",
        f"invitation:{made.id}",
        after=unit.told(grant) | {"email": made.email},
    )
    return made


def resent(unit: Unit, invitation_id: str) -> Invitation:
    """`resend`, as a part of a change."""
    invitation = _found(unit, invitation_id)
    check_reach(unit.catalog, by=unit.by, target=invitation.grant)
    if invitation.is_expired(unit.now):
        rules.check_seat(seats=unit.account.seats, seats_taken=_seats_taken(unit))
    _count_letter(unit, emails.parse(invitation.email))
    link = _new_link(unit)
    expires_at = unit.now + unit.runtime.invitation_life
    renewed = replace(invitation, expires_at=expires_at, invited_by=unit.by.user)
    invitations.renew_link(unit.transaction, renewed, link)
    _queue_letter(unit, invitation.key, link)
    unit.record(
        "invitation.resend",
        f"invitation:{invitation.id}",
        before={"expires_at": invitation.expires_at},
        after={"expires_at": expires_at},
    )
    return renewed


def edited(unit: Unit, invitation_id: str, draft: Draft) -> Invitation:
    """`edit`, as a part of a change."""
    stored = _found(unit, invitation_id)
    wanted = changed_grant(
        draft, catalog=unit.catalog, stored=stored.grant, **known_things(unit, draft)
    )
    check_reach(unit.catalog, by=unit.by, target=stored.grant)
    check_reach(unit.catalog, by=unit.by, target=wanted)
    giver = unit.by.user
    invitations.change(unit.transaction, stored, wanted, giver=giver, now=unit.now)
    unit.record(
        "invitation.update",
        f"invitation:{stored.id}",
        before=unit.told(stored.grant),
        after=unit.told(wanted),
    )
    return replace(stored, grant=wanted, invited_by=giver, updated_at=unit.now)


def _seats_taken(unit: Unit) -> int:
    return seats_taken(unit.transaction, unit.account, unit.now)


def _count_invitation(unit: Unit) -> None:
    """Raises TooManyInvitations; the operator has no limits and is not counted."""
    if not unit.by.is_operator:
        invited = unit.account.invited_today(unit.today)
        rules.check_day(invited=invited, caps=unit.runtime.caps)
        unit.count_invitation()


def _count_letter(unit: Unit, address: Email) -> None:
    """Raises TooManyLetters; the operator has no limits and is not counted."""
    if not unit.by.is_operator:
        sent = mailings.count(unit.transaction, address.key, unit.today) - 1
        rules.check_letters(sent=sent, caps=unit.runtime.caps)


def _found(unit: Unit, invitation_id: str) -> Invitation:
    invitation = invitations.find(unit.transaction, unit.account.key, invitation_id)
    if invitation is None:
        raise NotFound
    return invitation


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


def _new_link(unit: Unit) -> Link:
    keys = unit.runtime.keys
    nonce = unit.random(links.NONCE_BYTES)
    secret = keys.invitation_secret(unit.account.key, nonce, keys.fingerprint)
    return Link(nonce, keys.fingerprint, links.digest(secret))


def _queue_letter(unit: Unit, invitation: int, link: Link) -> None:
    letters.queue(
        unit.transaction,
        kind="invitation",
        account=unit.account.key,
        invitation=invitation,
        nonce=link.nonce,
        now=unit.now,
    )
