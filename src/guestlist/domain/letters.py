"""What letters say."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it leaves: to one address, as plain text. `name` is the same at every attempt."""

    name: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation's letter tells: who invites, to what, until when (microseconds, UTC)."""

    to: str
    account: str
    inviter: str | None
    role: str
    link: str
    expires_at: int


_INVITATION = """\
Hello,

{inviter} to join {account} as {role}.

To accept or decline, open this link:

{link}

It works until {until} and only for you: please do not forward this letter.
If you did not expect it, you need not do anything.
"""


def invitation(offer: Offer, *, name: str) -> Letter:
    account = _one_line(offer.account)
    until = datetime.fromtimestamp(offer.expires_at // 1_000_000, UTC)
    text = _INVITATION.format(
        inviter=f"{_one_line(offer.inviter)} invites you" if offer.inviter else "You are invited",
        account=account,
        role=offer.role,
        link=offer.link,
        until=until.strftime("%Y-%m-%d %H:%M UTC"),
    )
    return Letter(name, offer.to, f"You are invited to {account}", text)


def _one_line(words: str) -> str:
    """No name may begin a line of its own: it could pass for a header or for our words."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
