"""A link that is copied and not mailed, for deployments without mail: it proves no address."""

from guestlist.actions.runtime import Caller, Runtime, begin
from guestlist.domain import links
from guestlist.domain.invitations import check_copy
from guestlist.domain.refusals import NotFound
from guestlist.store import invitations
from guestlist.store.invitations import Link


def copy_link(runtime: Runtime, caller: Caller, invitation_id: str) -> str:
    """A link of its own beside the mailed one; an older copy opens nothing from now on.

    Raises NotFound, OutOfReach, Ended.
    """
    with begin(runtime, caller) as unit:
        invitation = invitations.find(unit.transaction, unit.account.key, invitation_id)
        if invitation is None:
            raise NotFound
        check_copy(unit.catalog, by=unit.by, invitation=invitation, now=unit.now)
        keys = runtime.keys
        nonce = unit.random(links.NONCE_BYTES)
        secret = keys.copy_secret(unit.account.key, nonce, keys.fingerprint)
        link = Link(nonce, keys.fingerprint, links.digest(secret))
        invitations.copy_link(unit.transaction, invitation, link)
        unit.record(
            "invitation.copy_link", f"invitation:{invitation.id}", after=unit.told(invitation.grant)
        )
        return f"{runtime.public_url}/invitations/{secret}"
