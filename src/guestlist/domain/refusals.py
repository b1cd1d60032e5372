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
    MAX_CHARACTERS = "not too long"
    TAKEN = "free"
    SELECTED = "one of the known"
    ARRAY = "an array"
    MAX_ITEMS = "not too many"
    READ_OWN_TEMPLATES = "given beside read-own-templates"
    BOOLEAN = "true or false"
    INTEGER = "an integer"
    AT_LEAST = "not too small"
    AT_MOST = "not too large"
    MAY_OWN_TOKENS = "allowed to own API tokens"


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


class Unavailable(Refusal):
    """The database cannot be reached or is too busy; the same request may succeed soon."""


class Unreachable(Unavailable):
    """It cannot be reached; where it is concerns its operator only."""

    def __init__(self, address: str) -> None:
        super().__init__(f"The database {address} cannot be reached; try again in a moment.")


class Misconfigured(Refusal):
    """The deployment cannot run as it is set up; the message says what to do."""
