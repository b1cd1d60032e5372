"""The secrets in letters' links: derived from the deployment's key, never stored."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

NONCE_BYTES = 16
MIN_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The deployment's keys: the first makes new secrets, older ones still open what they made.

    Raises ValueError for none, or for one shorter than 32 bytes.
    """

    keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) < MIN_KEY_BYTES for key in self.keys):
            raise ValueError("a key has fewer than 32 bytes")

    @property
    def fingerprints(self) -> dict[str, bytes]:
        """Each key under what may be told of it."""
        return {_fingerprint(key): key for key in self.keys}

    @property
    def fingerprint(self) -> str:
        """Of the key that new secrets are made with."""
        return _fingerprint(self.keys[0])

    def invitation_secret(self, account: int, nonce: bytes, fingerprint: str) -> str:
        """The secret of an invitation's link. Raises KeyError where that key is gone."""
        return _derived(self.fingerprints[fingerprint], b"invitation", account, nonce)

    def etag(self, about: bytes) -> str:
        return hmac.digest(self.keys[0], b"etag" + about, "sha256").hex()[:32]


def digest(secret: str) -> bytes:
    """What is kept of a secret that we only have to recognise."""
    return hashlib.sha256(secret.encode()).digest()


def _fingerprint(key: bytes) -> str:
    return hmac.digest(key, b"fingerprint", "sha256").hex()[:16]


def _derived(key: bytes, purpose: bytes, account: int, nonce: bytes) -> str:
    message = b"\0".join((purpose, str(account).encode(), nonce))
    mac = hmac.digest(key, message, "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
