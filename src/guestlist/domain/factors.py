"""Second factors: how codes are written and read."""

import base64
import unicodedata

ISSUER = "Guestlist"
PERIOD_SECONDS = 30
# How many steps a clock may be off, either way.
WINDOW = 1
DIGITS = 6
SEED_BYTES = 20

RECOVERY_CODES = 10
RECOVERY_BYTES = 17
_RECOVERY_CHARACTERS = 28
_GROUP = 4
# What base32 does not have, as people read it.
_MISREAD = str.maketrans("018", "olb")


def seed(random: bytes) -> str:
    """An authenticator's seed in base32, from `SEED_BYTES` random bytes."""
    return base64.b32encode(random).decode()


def steps(now: int) -> range:
    """The steps whose codes are good now (RFC 6238, section 5.2); `now` is in microseconds."""
    current = now // (PERIOD_SECONDS * 1_000_000)
    return range(current - WINDOW, current + WINDOW + 1)


def totp_code(typed: str) -> str | None:
    """The digits of an authenticator's code; None if this is none."""
    bare = _bare(typed)
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdecimal() else None


def recovery_code(random: bytes) -> str:
    """A code as it is shown, from `RECOVERY_BYTES` random bytes: `abcd-efgh-…`."""
    text = base64.b32encode(random).decode().rstrip("=").lower()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def read_recovery_code(typed: str) -> str | None:
    """What is kept and compared of a recovery code; None if this is none."""
    bare = _bare(typed).casefold().translate(_MISREAD)
    is_one = len(bare) == _RECOVERY_CHARACTERS and bare.isascii() and bare.isalnum()
    return bare if is_one else None


def _bare(typed: str) -> str:
    """Without the blanks and hyphens of groups; some keyboards type wide digits."""
    if len(typed) > 4 * _RECOVERY_CHARACTERS:
        return ""
    return "".join(c for c in unicodedata.normalize("NFKC", typed) if c.isalnum())
