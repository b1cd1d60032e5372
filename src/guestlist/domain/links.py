"""The secrets in letters' links: derived from the deployment's key, never stored."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

NONCE_BYTES = 16
MIN_KEY_BYTES = 32

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


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

    def copy_secret(self, account: int, nonce: bytes, fingerprint: str) -> str:
        """The secret of a link that was copied, which proves no address."""
        return _derived(self.fingerprints[fingerprint], b"copy", account, nonce)

    def proof_secret(self, person: int, nonce: bytes, fingerprint: str) -> str:
        """The secret of a link that proves something of a person."""
        return _derived(self.fingerprints[fingerprint], b"proof", person, nonce)

    def sealing(self, fingerprint: str) -> bytes:
        """32 bytes to seal secrets under that we must use again."""
        return hmac.digest(self.fingerprints[fingerprint], b"seal", "sha256")

    def form_token(self, about: bytes) -> str:
        """What a form must bring back to show that a page of ours made it."""
        return _text(hmac.digest(self.keys[0], b"form\0" + about, "sha256"))

    def person_handle(self, person: int) -> bytes:
        """What an authenticator knows a person by; it tells nothing of them."""
        return hmac.digest(self.keys[0], b"handle\0" + str(person).encode(), "sha256")

    def etag(self, about: bytes) -> str:
        return hmac.digest(self.keys[0], b"etag" + about, "sha256").hex()[:32]


def is_secret(text: str) -> bool:
    """Whether it can be the secret of a link at all."""
    return _SECRET.fullmatch(text) is not None


def digest(secret: str) -> bytes:
    """What is kept of a secret that we only have to recognise."""
    return hashlib.sha256(secret.encode()).digest()


def _fingerprint(key: bytes) -> str:
    return hmac.digest(key, b"fingerprint", "sha256").hex()[:16]


def _derived(key: bytes, purpose: bytes, account: int, nonce: bytes) -> str:
    message = b"\0".join((purpose, str(account).encode(), nonce))
    return _text(hmac.digest(key, message, "sha256"))


def _text(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
