"""A letter of each kind, with everything it can tell."""

from typing import Any

from guestlist.domain.letters import Factor, Kind, Letter
from tests.stand import START

LINK = "https://people.acme.test/invitations/" + "Sec-ret_" * 5 + "abc"
FACTS: dict[str, Any] = {
    "account": "Acme & Söhne",
    "inviter": "Bob <b>",
    "role": "Designer",
    "before": "Admin",
    "link": LINK,
    "expires_at": START,
    "at": START,
    "network": "192.0.2.7",
    "agent": "Firefox",
    "what": Factor.PASSKEY_ADDED.value,
    "email": "eve@acme.test",
    "new_email": "new@acme.test",
    "name": "Eve",
}
# What a letter of each kind has to tell, whatever its words.
TOLD: dict[Kind, tuple[str, ...]] = {
    Kind.INVITATION: ("account", "inviter", "role"),
    Kind.REMINDER: ("account", "inviter", "role"),
    Kind.ASKED: ("account", "email", "role"),
    Kind.RESET: (),
    Kind.SIGN_IN_NEW: ("network", "agent"),
    Kind.FACTOR_CHANGED: (),
    Kind.PASSWORD_CHANGED: (),
    Kind.ROLE_CHANGED: ("account", "role", "before"),
    Kind.REMOVED: ("account",),
    Kind.EMAIL_OLD: ("new_email",),
    Kind.EMAIL_NEW: ("new_email",),
    Kind.EMAIL_CHANGED: ("new_email",),
}
LINKED = {Kind.INVITATION, Kind.REMINDER, Kind.RESET, Kind.EMAIL_OLD, Kind.EMAIL_NEW}
# Whether it says when something happened or ends.
DATED = LINKED | {
    Kind.SIGN_IN_NEW,
    Kind.FACTOR_CHANGED,
    Kind.PASSWORD_CHANGED,
    Kind.EMAIL_CHANGED,
}


def letter(kind: Kind, language: str | None = None, to: str = "eve@x.test", **facts: Any) -> Letter:
    return Letter(f"{kind}-12", kind, to, language, START, FACTS | facts)
