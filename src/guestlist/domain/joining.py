"""What an invitation's link opens, and the way from there into the account."""

from dataclasses import dataclass
from enum import StrEnum

from guestlist.domain import emails
from guestlist.domain.access import Catalog, Grant
from guestlist.domain.invitations import EXPIRED, Invitation, State
from guestlist.domain.people import Person
from guestlist.domain.refusals import Ended, MustProve, MustSignIn, Withdrawn, WrongPerson


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as its link shows it. `accepted_by` is a person's key.

    `is_copy`: the link was copied, so it shows nothing of who reads the address's mail.
    """

    invitation: Invitation
    state: State
    email_key: str
    account: int
    account_id: str
    account_name: str
    account_url: str | None
    inviter: str | None
    inviter_id: str | None
    is_copy: bool
    accepted_by: int | None

    @property
    def given_by(self) -> str:
        """As the audit tells it; who offers it, while that user is there."""
        return "operator" if self.invitation.invited_by is None else f"user:{self.inviter_id}"

    def shown_state(self, now: int) -> str:
        """Its state, or `expired`."""
        if self.state == State.PENDING and self.invitation.is_expired(now):
            return EXPIRED
        return self.state.value


class Way(StrEnum):
    """How whoever opened the link gets in."""

    # A name and a password make the person.
    NEW = "new"
    # There is a person nobody has proven to be: the mailed link proves it, and begins them anew.
    CLAIM = "claim"
    # Signed in as the invited person.
    JOIN = "join"
    SIGN_IN = "sign in"
    # Somebody else is signed in.
    SWITCH = "switch"
    # Only a letter shows who reads the address's mail.
    PROVE = "prove"


def way(offer: Offer, *, person: Person | None, signed_in: int | None) -> Way:
    """`person` has the invited address; `signed_in` is the key of who sits at the browser."""
    if signed_in is not None and (person is None or person.key != signed_in):
        return Way.SWITCH
    if person is None:
        return Way.NEW
    if not (person.is_proven and person.has_sign_in):
        return Way.CLAIM if _proves(offer, person) else Way.PROVE
    return Way.SIGN_IN if signed_in is None else Way.JOIN


def _proves(offer: Offer, person: Person) -> bool:
    """Whether who has this link reads the mail of the person's own address."""
    return not offer.is_copy and emails.same_mailbox(offer.invitation.email, person.email)


def check_way(found: Way) -> None:
    """Raises what is in the way of getting in at once: WrongPerson, MustSignIn, MustProve."""
    match found:
        case Way.SWITCH:
            raise WrongPerson
        case Way.SIGN_IN:
            raise MustSignIn
        case Way.PROVE:
            raise MustProve


def check_open(offer: Offer, *, now: int) -> None:
    """Raises Ended unless the invitation can be answered."""
    state = offer.shown_state(now)
    if state != State.PENDING:
        raise Ended(state)


def check_giver(catalog: Catalog, offer: Offer, giver: Grant | None) -> None:
    """Nobody gives what they do not hold, now either. Raises Withdrawn.

    `giver` is what the inviter holds, None where they are gone or suspended.
    """
    if offer.invitation.invited_by is None:
        return
    if giver is None or not catalog.reaches(giver, offer.invitation.grant):
        raise Withdrawn
