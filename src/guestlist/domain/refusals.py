"""What can be refused, one class per rule. The doors word them; nothing here knows of HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What a field can fail."""

    REQUIRED = "required"
    REQUIRED_FOR_CUSTOM_USER = "required for a Custom User"
    STRING = "a string"
    EMAIL = "an e-mail address"
    HOST = "a host name"
    URL = "an https URL"
    PUBLIC = "a host of the internet at large"
    MAX_CHARACTERS = "not too long"
    TAKEN = "free"
    SELECTED = "one of the known"
    ARRAY = "an array"
    MAX_ITEMS = "not too many"
    READ_OWN_TEMPLATES = "given beside read-own-templates"
    BOOLEAN = "true or false"
    INTEGER = "an integer"
    INSTANT = "a date, or a date and time with an offset"
    AT_LEAST = "not too small"
    AT_MOST = "not too large"
    MAY_OWN_TOKENS = "allowed to own API tokens"
    PASSWORD_SHORT = "a longer password"
    PASSWORD_LONG = "a shorter password"
    PASSWORD_COMMON = "a password that others do not guess first"
    PASSWORD_SAME = "another password than the one there is"
    PASSWORD_LIKE_EMAIL = "a password unlike the address, the names and the account"
    PICTURE = "a picture: PNG, JPEG, WebP or GIF"
    PICTURE_BYTES = "a picture of fewer bytes"
    PICTURE_PIXELS = "a picture of fewer pixels"


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that one field failed; `field` is the wire's path, as in `permissions.0`."""

    field: str
    rule: Rule
    limit: int = 0


class Refusal(Exception):
    """Something asked for is not done, for a reason the one who asked can understand."""


class Invalid(Refusal):
    """The request's fields break rules. Faults stand in the order they are told."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: must be {fault.rule}" for fault in faults))
        self.faults = tuple(faults)


class BrokenFile(Refusal):
    """A file to import breaks its format; each fault is a JSON path and what is wrong there."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {wrong}" for path, wrong in faults))
        self.faults = tuple(faults)


class Malformed(Refusal):
    """What was asked is no question of its kind; `wrong` says what is wrong with it, and where."""

    def __init__(self, wrong: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong


class NotFound(Refusal):
    """No such thing in this account."""


class Unauthenticated(Refusal):
    """Nobody this deployment knows is asking."""


class MissingScope(Refusal):
    """The one who asks has no power of this kind."""


class OutOfReach(Refusal):
    """The target, or what would be given, is beyond the power of the one who asks."""


class LastAdmin(Refusal):
    """The account would be left without an active Admin."""


class NoFreeSeat(Refusal):
    """Every seat of the account is taken by a user or an unexpired invitation."""


class TooManyInvitations(Refusal):
    """The account made as many invitations today as it may in a day."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"limit of {limit} invitations a day")
        self.limit = limit


class TooManyLetters(Refusal):
    """The address got as many letters with links today as it may in a day."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"limit of {limit} letters a day")
        self.limit = limit


class TooManyWebhooks(Refusal):
    """The account has as many webhooks as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"limit of {limit} webhooks")
        self.limit = limit


class Disabled(Refusal):
    """The webhook is disabled: nothing is sent to it."""


class Repeated(Refusal):
    """A list names one address twice; `first` is the number of the row that did first."""

    def __init__(self, first: int) -> None:
        super().__init__(f"the same address as in row {first}")
        self.first = first


class BrokenKey(Refusal):
    """What should tell repeated requests is no key."""


class KeyReused(Refusal):
    """A key that tells repeated requests came before, with something else."""


class Unavailable(Refusal):
    """The database cannot be reached or is too busy; the same request may succeed soon."""


class Unreachable(Unavailable):
    """It cannot be reached; where it is concerns its operator only."""

    def __init__(self, address: str) -> None:
        super().__init__(f"The database {address} cannot be reached; try again in a moment.")


class Misconfigured(Refusal):
    """The deployment cannot run as it is set up; the message says what to do."""


class BrokenAudit(Refusal):
    """The audit is not what was written, so nothing of it is deleted; `sequence` is the first."""

    def __init__(self, sequence: int) -> None:
        super().__init__(sequence)
        self.sequence = sequence


class NotRemembered(Refusal):
    """What was so before the instant `since` was deleted from the audit, as retention has it."""

    def __init__(self, since: int) -> None:
        super().__init__(since)
        self.since = since


class HeadPruned(Refusal):
    """The entry that a noted head names was deleted: the audit's chain goes on from `sequence`."""

    def __init__(self, sequence: int) -> None:
        super().__init__(sequence)
        self.sequence = sequence


class AtBrowser(Refusal):
    """What is refused to who signs in or answers an invitation: only pages have words for it."""


class WrongSignIn(AtBrowser):
    """The address and the password do not go together, or nobody has that address."""


class WrongCode(AtBrowser):
    """Not a second factor of this person, or one that was used before."""


class PasskeyRefused(WrongCode):
    """A passkey's answer does not hold: not asked for, answered before, late, or not its own."""


class SignInAgain(AtBrowser):
    """What is asked needs a sign-in that is only minutes old."""


class FactorRequired(AtBrowser):
    """A second factor must stay: an account of the person's requires one."""


class LastSignIn(AtBrowser):
    """Nothing would be left to sign in with."""


class ShortPassword(AtBrowser):
    """The password would stand alone, and is too short for that."""


class TooOften(AtBrowser):
    """Tried too often; `seconds` says when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class DeadLink(AtBrowser):
    """A link that was used, is over, or never was."""


class Ended(Refusal):
    """The invitation is not open to an answer; `state` is its state, or `expired`."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Withdrawn(AtBrowser):
    """Whoever offered the invitation may no longer give what it offers."""


class WrongPerson(AtBrowser):
    """Somebody else is signed in than the one the invitation is for."""


class Owing(AtBrowser):
    """Something must be done before anything else; `duty` is what."""

    def __init__(self, duty: str) -> None:
        super().__init__(duty)
        self.duty = duty


class MustSignIn(AtBrowser):
    """The invitation's address belongs to a person who has a sign-in: they join by it."""


class Unproven(Refusal):
    """Somebody has a sign-in with an address whose mail nobody showed to read: no other account."""

    def __init__(self, email: str) -> None:
        super().__init__(email)
        self.email = email


class MustProve(AtBrowser):
    """Nobody has shown yet to read mail at this address, and a copied link does not show it."""
