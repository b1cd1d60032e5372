"""Leaving an account, which is a removal by oneself."""

from dataclasses import dataclass

from guestlist.actions import users as acting
from guestlist.actions.runtime import Caller, Runtime, begin
from guestlist.actions.sessions import Signed
from guestlist.domain import users as rules
from guestlist.domain.access import ADMIN, CUSTOM_USER, Actor, Grant
from guestlist.domain.audit import Cause
from guestlist.domain.people import Place
from guestlist.domain.refusals import NotFound
from guestlist.store import accounts, invitations, tokens, users


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends with a place: API tokens, and pending invitations that its user gave."""

    place: Place
    tokens: int
    invitations: int
    is_last_admin: bool


def what_ends(runtime: Runtime, signed: Signed, account_id: str) -> Ends:
    """Raises NotFound."""
    place = _place(signed, account_id)
    with runtime.database.read() as transaction:
        account = accounts.get(transaction, place.account)
        return Ends(
            place,
            tokens=len(tokens.of_owner(transaction, place.user)),
            invitations=len(invitations.of_inviter(transaction, place.user)),
            is_last_admin=place.role == ADMIN and account.admins <= 1,
        )


def leave(runtime: Runtime, signed: Signed, account_id: str, cause: Cause) -> None:
    """Takes one's own place away. Raises NotFound, LastAdmin, Unauthenticated."""
    place = _place(signed, account_id)
    # Who asks, and with what power, is read under the account's lock.
    nobody = Actor(Grant(CUSTOM_USER), user=place.user, user_id=place.user_id)
    caller = Caller(place.account, nobody, cause, session=signed.session.key)
    with begin(runtime, caller) as unit:
        user = users.find(unit.transaction, unit.account.key, unit.by.user_id or "")
        if user is None:
            raise NotFound
        rules.check_admin_stays(user, admins=unit.account.admins)
        acting.take_place(unit, user, "user.leave")


def _place(signed: Signed, account_id: str) -> Place:
    for place in signed.places:
        if place.account_id == account_id:
            return place
    raise NotFound
