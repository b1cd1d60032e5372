"""Invitations with how their letters fare and who gave them, which the wire does not show."""

from dataclasses import dataclass
from typing import Any

from guestlist.actions import invitations as actions
from guestlist.actions.invitations import Invitations
from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import Delivery, Invitation
from guestlist.domain.pages import Page
from guestlist.domain.refusals import NotFound
from guestlist.store import deliveries, invitations, users
from guestlist.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Delivered:
    """A page of invitations as of `now`.

    `deliveries` are by the invitation's key: one that is missing has no letter. `givers` are
    users' ids by theirs: one that is missing is gone.
    """

    found: Invitations
    deliveries: dict[int, Delivery]
    givers: dict[int, str]
    now: int


def list_invitations(runtime: Runtime, caller: Caller, page: Page) -> Delivered:
    """The pending ones, expired or not."""
    with read(runtime, caller) as (transaction, account):
        found = invitations.page(transaction, account.key, page)
        things = runtime.things(transaction, account, keep=True)
        listed = Invitations(found, account.invitations, things, account.revision)
        return _delivered(transaction, account.key, listed, runtime.now(account.key))


def get(runtime: Runtime, caller: Caller, invitation_id: str) -> Delivered:
    """The one pending invitation of that id. Raises NotFound."""
    with read(runtime, caller) as (transaction, account):
        invitation = invitations.find(transaction, account.key, invitation_id)
        if invitation is None:
            raise NotFound
        things = runtime.things(transaction, account, keep=True)
        found = Invitations([invitation], 1, things, account.revision)
        return _delivered(transaction, account.key, found, runtime.now(account.key))


def invite(runtime: Runtime, caller: Caller, *, email: Any, draft: Draft) -> Delivered:
    """As `invitations.invite`."""
    with begin(runtime, caller) as unit:
        return _made(unit, actions.invited(unit, email=email, draft=draft))


def edit(runtime: Runtime, caller: Caller, invitation_id: str, draft: Draft) -> Delivered:
    """As `invitations.edit`."""
    with begin(runtime, caller) as unit:
        return _made(unit, actions.edited(unit, invitation_id, draft))


def resend(runtime: Runtime, caller: Caller, invitation_id: str) -> Delivered:
    """As `invitations.resend`."""
    with begin(runtime, caller) as unit:
        return _made(unit, actions.resent(unit, invitation_id))


def _made(unit: Unit, invitation: Invitation) -> Delivered:
    """Told from the change itself: a moment later the invitation may be answered, and gone."""
    found = actions.seen(unit, invitation)
    return _delivered(unit.transaction, unit.account.key, found, unit.now)


def _delivered(transaction: Transaction, account: int, found: Invitations, now: int) -> Delivered:
    listed = found.invitations
    givers = {it.invited_by for it in listed if it.invited_by is not None}
    return Delivered(
        found,
        deliveries.of_invitations(transaction, [invitation.key for invitation in listed]),
        users.ids(transaction, account, list(givers)) if givers else {},
        now,
    )
