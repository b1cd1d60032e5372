"""Secrets that must be used again, kept so that a stolen database opens none of them."""

from collections.abc import Callable
from functools import partial

from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.domain.links import Keys
from guestlist.store import factors, webhooks

_FINGERPRINT_BYTES = 8
_NONCE_BYTES = 12
_AT_ONCE = 500


def seal(keys: Keys, secret: bytes, *, about: bytes, random: Callable[[int], bytes]) -> bytes:
    """AES-256-GCM; `about` says of what row and column this is, and opens it nowhere else."""
    # Few starts seal anything, and it takes a while to load.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    nonce = random(_NONCE_BYTES)
    sealed = AESGCM(keys.sealing(keys.fingerprint)).encrypt(nonce, secret, about)
    return bytes.fromhex(keys.fingerprint) + nonce + sealed


def unseal(keys: Keys, sealed: bytes, *, about: bytes) -> bytes:
    """Raises KeyError where the key is gone, ValueError where this was sealed about another row."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    key = keys.sealing(sealed[:_FINGERPRINT_BYTES].hex())
    nonce_end = _FINGERPRINT_BYTES + _NONCE_BYTES
    try:
        return AESGCM(key).decrypt(sealed[_FINGERPRINT_BYTES:nonce_end], sealed[nonce_end:], about)
    except InvalidTag:
        raise ValueError("sealed about something else") from None


def about_seed(holder: str) -> bytes:
    """Of an authenticator's seed; `holder` is as `person:1`, or `session:1` while it is set up."""
    return b"totp_seed\0" + holder.encode()


def about_webhook(account: int, webhook_id: str, column: str) -> bytes:
    """Of a webhook's `secret`, or of its `old_secret`."""
    return f"webhooks.{column}\0{account}:{webhook_id}".encode()


def renew(runtime: Runtime) -> int:
    """Seals anew what an older key sealed, so that it can go; returns how much that was.

    What no key opens, or somebody changes at this moment, stays as it is. Raises Unavailable.
    """
    renewed = 0
    for some in (_people, _webhooks):
        last: int | None = 0
        while last is not None:
            done, last = some(runtime, last)
            renewed += done
    return renewed


def _people(runtime: Runtime, after: int) -> tuple[int, int | None]:
    """How many of the people behind `after`, and the last of them, None where there were none."""
    done = 0
    newest = bytes.fromhex(runtime.keys.fingerprint)
    with runtime.database.change() as transaction:
        found = factors.sealed_otherwise(transaction, newest, after=after, most=_AT_ONCE)
        for person, sealed in found:
            anew = _anew(runtime, sealed, about_seed(f"person:{person}"))
            if anew != sealed:
                factors.reseal(transaction, person, anew)
                done += 1
    return done, found[-1][0] if found else None


def _webhooks(runtime: Runtime, after: int) -> tuple[int, int | None]:
    """The same of webhooks."""
    done = 0
    newest = bytes.fromhex(runtime.keys.fingerprint)
    with runtime.database.change() as transaction:
        found = webhooks.sealed_otherwise(transaction, newest, after=after, most=_AT_ONCE)
        for webhook in found:
            kept = {"secret": webhook.secret, "old_secret": webhook.old_secret}
            anew = {
                column: sealed
                and _anew(runtime, sealed, about_webhook(webhook.account, webhook.id, column))
                for column, sealed in kept.items()
            }
            if anew != kept:
                webhooks.reseal(transaction, webhook.key, anew)
                done += 1
    return done, found[-1].key if found else None


def _anew(runtime: Runtime, sealed: bytes, about: bytes) -> bytes:
    """Under the newest key; as it is where that sealed it, or no key opens it."""
    keys = runtime.keys
    if sealed.startswith(bytes.fromhex(keys.fingerprint)):
        return sealed
    try:
        secret = unseal(keys, sealed, about=about)
    except (KeyError, ValueError):
        return sealed
    return seal(keys, secret, about=about, random=partial(runtime.random, NO_ACCOUNT))
