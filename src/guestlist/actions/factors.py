"""Second factors: parts of what a person changes, inside that change's transaction.

Whoever calls these locks the person and records the change.
"""

import hmac
from collections.abc import Callable
from typing import TypeAlias

from guestlist.actions import seals
from guestlist.domain import factors
from guestlist.domain.links import Keys, digest
from guestlist.domain.refusals import Misconfigured
from guestlist.store import factors as store
from guestlist.store.database import Transaction

Random: TypeAlias = Callable[[int], bytes]


def new_seed(random: Random) -> str:
    """A seed in base32, as a person may type it into an authenticator."""
    return factors.seed(random(factors.SEED_BYTES))


def uri(seed: str, *, email: str, issuer: str = factors.ISSUER) -> str:
    """What an authenticator reads from a picture; it holds the seed."""
    import pyotp  # noqa: PLC0415 - most starts see no authenticator

    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=issuer)


def qr(uri: str) -> str:
    """An `<svg>` to stand in a page, black on its own white: it can be read in dark mode too.

    Without style attributes, which a strict Content-Security-Policy forbids.
    """
    import segno  # noqa: PLC0415 - most starts draw none

    picture = segno.make(uri, error="m", micro=False)
    return picture.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )


def matching_step(seed: str, code: str, now: int) -> int | None:
    """The newest step that gives this code, of those that are good at `now` (microseconds)."""
    typed = factors.totp_code(code)
    if typed is None:
        return None
    import pyotp  # noqa: PLC0415

    totp = pyotp.HOTP(seed)
    good = [step for step in factors.steps(now) if hmac.compare_digest(totp.at(step), typed)]
    return max(good, default=None)


def seal_seed(keys: Keys, seed: str, *, about: str, random: Random) -> bytes:
    """`about` says where it is kept: `person:1`, or the session that sets it up, `session:1`."""
    return seals.seal(keys, seed.encode(), about=seals.about_seed(about), random=random)


def unseal_seed(keys: Keys, sealed: bytes, *, about: str) -> str:
    """Raises Misconfigured where the deployment's key is gone."""
    try:
        return seals.unseal(keys, sealed, about=seals.about_seed(about)).decode()
    except KeyError:
        raise Misconfigured(
            "The key that sealed an authenticator's seed is gone: put it back behind the newest in"
            " GUESTLIST_SECRET_KEY, or run: guestlist people reset-factor EMAIL"
        ) from None


def check_code(transaction: Transaction, keys: Keys, person: int, code: str, now: int) -> bool:
    """Whether it is a code of the authenticator, or a recovery code; either works once.

    Raises Misconfigured where the deployment's key is gone.
    """
    recovery = factors.read_recovery_code(code)
    if recovery is not None:
        return store.use_code(transaction, person, digest(recovery))
    sealed = store.seed(transaction, person)
    if sealed is None:
        return False
    step = matching_step(unseal_seed(keys, sealed, about=_person(person)), code, now)
    return step is not None and store.use_step(transaction, person, step)


def set_totp(
    transaction: Transaction, keys: Keys, person: int, seed: str, *, step: int, random: Random
) -> None:
    """Keeps a seed; `step` is of the code that showed the authenticator has it."""
    sealed = seal_seed(keys, seed, about=_person(person), random=random)
    store.set_seed(transaction, person, sealed, step)
    store.refresh_two_factor(transaction, person)


def remove_totp(transaction: Transaction, person: int) -> None:
    """Recovery codes go with the last factor: alone they would be a second password."""
    store.set_seed(transaction, person, None, None)
    store.refresh_two_factor(transaction, person)
    if not store.has_any(transaction, person):
        store.set_codes(transaction, person, [])


def new_recovery_codes(transaction: Transaction, person: int, random: Random) -> list[str]:
    """In place of all there are. They are shown once; what is kept opens nothing."""
    shown = [
        factors.recovery_code(random(factors.RECOVERY_BYTES)) for _ in range(factors.RECOVERY_CODES)
    ]
    kept = [digest(factors.read_recovery_code(code) or "") for code in shown]
    store.set_codes(transaction, person, kept)
    return shown


def recovery_codes_left(transaction: Transaction, person: int) -> int:
    return store.codes(transaction, person)


def has_any(transaction: Transaction, person: int) -> bool:
    return store.has_any(transaction, person)


def clear(transaction: Transaction, person: int) -> None:
    """Seed, recovery codes and passkeys: nothing is left that was set before."""
    store.clear(transaction, person)


def _person(person: int) -> str:
    return f"person:{person}"
