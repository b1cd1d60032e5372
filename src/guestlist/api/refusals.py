"""How each refusal is worded on the wire (contract, sections 3 and 4): the door's one table."""

from collections.abc import Sequence

from msgspec import Struct

from guestlist.api.documents import JSON, Answer, answer
from guestlist.domain.refusals import (
    BrokenKey,
    Disabled,
    Ended,
    Fault,
    Invalid,
    KeyReused,
    LastAdmin,
    Malformed,
    MissingScope,
    NoFreeSeat,
    NotFound,
    OutOfReach,
    Refusal,
    Repeated,
    Rule,
    TooManyInvitations,
    TooManyLetters,
    TooManyWebhooks,
    Unauthenticated,
    Unavailable,
    Unreachable,
)

WORDS = {
    Rule.REQUIRED: "The {name} field is required. #MS42209",
    Rule.REQUIRED_FOR_CUSTOM_USER: (
        "The {name} field is required when role is custom user. #MS42232"
    ),
    Rule.STRING: "The {name} must be a string. #MS42221",
    Rule.EMAIL: "The {name} must be a valid email address. #MS42208",
    Rule.URL: "The {name} must be an https URL.",
    Rule.PUBLIC: "The {name} must be at a public address.",
    Rule.MAX_CHARACTERS: "The {name} must not be greater than {limit} characters.",
    Rule.TAKEN: "The {name} has already been taken.",
    Rule.SELECTED: "The selected {name} is invalid.",
    Rule.ARRAY: "The {name} must be an array.",
    Rule.MAX_ITEMS: "The {name} must not have more than {limit} items.",
    Rule.READ_OWN_TEMPLATES: "Templates require a read own templates permission. #MS42224",
    Rule.BOOLEAN: "The {name} field must be true or false.",
    Rule.INTEGER: "The {name} must be an integer.",
    Rule.INSTANT: "The {name} must be a date, as in 2026-05-03 or 2026-05-03T09:30:00Z.",
    Rule.AT_LEAST: "The {name} must be at least {limit}.",
    Rule.AT_MOST: "The {name} must not be greater than {limit}.",
    Rule.MAY_OWN_TOKENS: "The {name} may not own API tokens.",
    Rule.PASSWORD_SHORT: "The {name} must be at least {limit} characters.",
    Rule.PASSWORD_LONG: "The {name} must not be greater than {limit} characters.",
    Rule.PASSWORD_COMMON: "The {name} is too easy to guess.",
    Rule.PASSWORD_SAME: "The {name} must be another one.",
    Rule.PASSWORD_LIKE_EMAIL: "The {name} is too much like the email, the name or the account.",
    Rule.PICTURE: "The {name} must be a PNG, JPEG, WebP or GIF picture.",
    Rule.PICTURE_BYTES: "The {name} must not be greater than {limit} MiB.",
    Rule.PICTURE_PIXELS: "The {name} must not have more than {limit} megapixels.",
}
NO_FREE_SEAT = "The account has no free seat."
TOO_MANY_INVITATIONS = (
    "The account reached its limit of {limit} invitations a day. Invite again after midnight UTC,"
    " or ask the operator of this deployment for more."
)
TOO_MANY_LETTERS = (
    "This address already got {limit} letters today. Send the next after midnight UTC,"
    " or hand over a copied link of its invite."
)
TOO_MANY_WEBHOOKS = "The account has {limit} webhooks, and may have no more. Delete one first."
DISABLED = "The webhook is disabled, so nothing is sent to it. Enable it first."
EXPIRED = "The invite has expired and its links open nothing. Send it again, then copy its link."
REPEATED = "The email is the same as in row {first}. Leave one of them out."
BROKEN_KEY = "The Idempotency-Key header must be 1 to 255 printable ASCII characters."
KEY_REUSED = (
    "This Idempotency-Key came with another body less than 24 hours ago, and nothing was done now."
    " To repeat that request, send its body again; for a new one, make a new key."
)
MALFORMED = "The question cannot be read: {wrong}. Ask as AuthZEN 1.0 says."
LAST_ADMIN = "The last admin of the account cannot be changed."
UNAUTHORIZED = "This action is unauthorized. #MS40301"
TOO_LARGE = "The request body is larger than 1 MiB. Send less at once."
TOO_SLOW = "The request body did not arrive in time. Send it again."
UNREADABLE = {
    400: "The request is not HTTP/1.1.",
    431: "The request's address and headers are larger than 64 KiB.",
}
SERVER_ERROR = "Server Error"
UNREACHABLE = "The database cannot be reached; try again in a moment."
A_MINUTE = 60
RATE_LIMITED = (
    "Your account reached its rate limit of {limit}. Please wait before trying again. #MS42903"
)
QUOTA = "Your account reached its API daily quota limit. Upgrade to increase it. #MS42901"


class RefusalDocument(Struct, frozen=True):
    message: str


class InvalidDocument(Struct, frozen=True):
    """`message` is the first of all messages, with the number of the others."""

    message: str
    errors: dict[str, list[str]]


UNAUTHENTICATED = answer(RefusalDocument("Unauthenticated."), status=401)
FORBIDDEN = answer(RefusalDocument(UNAUTHORIZED), status=403)
NOT_FOUND = Answer(404, b'{\n    "message": "Resource not found."\n}', JSON)


def refused(refusal: Refusal, *, is_change: bool) -> Answer:
    """The answer to a refusal; `is_change`: a user's grant was to change."""
    known = _WHOLE.get(type(refusal))
    if known is not None:
        return known
    if isinstance(refusal, Unavailable):
        return unavailable(str(refusal))
    if isinstance(refusal, Malformed):
        return plain(400, MALFORMED.format(wrong=refusal.wrong))
    return answer(_invalid(_told(refusal, is_change=is_change)), status=422)


def said(refusal: Refusal) -> InvalidDocument:
    """The same words where the refusal is of one row among many."""
    known = _OF_A_ROW.get(type(refusal))
    if known is not None:
        return InvalidDocument(known, {})
    if isinstance(refusal, Unavailable):
        return InvalidDocument(str(refusal), {})
    return _invalid(_told(refusal, is_change=False))


def _told(refusal: Refusal, *, is_change: bool) -> list[tuple[str, str]]:
    match refusal:
        case Invalid():
            return [(fault.field, worded(fault)) for fault in refusal.faults]
        case LastAdmin():
            return [("role" if is_change else "user", LAST_ADMIN)]
        case TooManyInvitations() | TooManyLetters():
            return [("email", _LIMITS[type(refusal)].format(limit=refusal.limit))]
        case TooManyWebhooks():
            return [("webhook", TOO_MANY_WEBHOOKS.format(limit=refusal.limit))]
        case Repeated():
            return [("email", REPEATED.format(first=refusal.first))]
    if type(refusal) in _FIELDS:
        return [_FIELDS[type(refusal)]]
    raise refusal


def worded(fault: Fault) -> str:
    # Dotted names are kept, the others are turned to words (contract, section 3).
    name = fault.field if "." in fault.field else fault.field.replace("_", " ")
    return WORDS[fault.rule].format(name=name, limit=fault.limit)


def _invalid(told: Sequence[tuple[str, str]]) -> InvalidDocument:
    """422: the first message leads, with the number of all the others."""
    errors: dict[str, list[str]] = {}
    for field, message in told:
        errors.setdefault(field, []).append(message)
    more = len(told) - 1
    suffix = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return InvalidDocument(told[0][1] + suffix, errors)


def unavailable(message: str) -> Answer:
    return plain(503, message, ("retry-after", "1"))


def rate_limited(requests: int, seconds: int, *, retry_after: int) -> Answer:
    window = "min" if seconds == A_MINUTE else f"{seconds} s"
    limit = f"{requests} requests/{window}"
    return plain(429, RATE_LIMITED.format(limit=limit), ("retry-after", str(retry_after)))


def method_not_allowed(method: str, path: str, allowed: Sequence[str]) -> Answer:
    message = (
        f"The {method} method is not supported for route {path.strip('/')}."
        f" Supported methods: {', '.join(allowed)}."
    )
    return plain(405, message, ("allow", ", ".join(allowed)))


def plain(status: int, message: str, *headers: tuple[str, str]) -> Answer:
    made = answer(RefusalDocument(message), status=status)
    return Answer(status, made.body, made.content_type, headers=headers)


QUOTA_REACHED = plain(429, QUOTA)
_WHOLE = {
    Unauthenticated: UNAUTHENTICATED,
    MissingScope: FORBIDDEN,
    OutOfReach: FORBIDDEN,
    NotFound: NOT_FOUND,
    BrokenKey: plain(400, BROKEN_KEY),
    KeyReused: plain(409, KEY_REUSED),
    Unreachable: unavailable(UNREACHABLE),
}
_OF_A_ROW = {
    Unauthenticated: "Unauthenticated.",
    MissingScope: UNAUTHORIZED,
    OutOfReach: UNAUTHORIZED,
    KeyReused: KEY_REUSED,
    Unreachable: UNREACHABLE,
}
_LIMITS = {TooManyInvitations: TOO_MANY_INVITATIONS, TooManyLetters: TOO_MANY_LETTERS}
_FIELDS = {
    NoFreeSeat: ("email", NO_FREE_SEAT),
    Ended: ("invite", EXPIRED),
    Disabled: ("webhook", DISABLED),
}
