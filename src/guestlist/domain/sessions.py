"""A session: one browser in which a person is signed in."""

from dataclasses import dataclass, field
from enum import StrEnum

SECRET_BYTES = 32
MINUTE = 60_000_000
HOUR = 60 * MINUTE
# Both ends of NIST SP 800-63B-4's AAL1, which leaves the idle one open: a working week apart.
IDLE = 7 * 24 * HOUR
LIFE = 30 * 24 * HOUR
# Between the password and the second factor nobody needs longer.
HALF_LIFE = 10 * MINUTE
# A mark of use is kept no oftener, so that reading a page writes nothing.
MARK_EVERY = 5 * MINUTE
MAX_AGENT = 300


class Stage(StrEnum):
    """How far a sign-in got."""

    HALF = "half"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Session:
    """`account` is the one being looked at. Instants are microseconds since 1970, UTC."""

    key: int
    person: int
    account: int | None
    stage: Stage
    network: str
    agent: str
    totp_seed: bytes | None = field(repr=False)
    created_at: int
    seen_at: int
    ended_at: int | None

    def is_live(self, now: int) -> bool:
        if self.ended_at is not None:
            return False
        if self.stage == Stage.HALF:
            return now < self.created_at + HALF_LIFE
        return now < min(self.created_at + LIFE, self.seen_at + IDLE)
