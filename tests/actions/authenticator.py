"""An authenticator in software, beside a browser that passes on its word (WebAuthn, level 2)."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """Holds one credential; `count` goes up at each use, `verifies` says whether it asks a PIN."""

    origin: str
    credential: bytes
    verifies: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: str, **client: str) -> str:
        asked = json.loads(options)
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        said = self._said(asked["rp"]["id"], _ATTESTED) + attested + self._public_key()
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": said})
        data = self._client("webauthn.create", asked["challenge"], client)
        return self._answer(clientDataJSON=data, attestationObject=statement)

    def get(self, options: str, **client: str) -> str:
        asked = json.loads(options)
        self.count += 1
        said = self._said(asked["rpId"])
        data = self._client("webauthn.get", asked["challenge"], client)
        signed = said + hashlib.sha256(data).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=data, authenticatorData=said, signature=signature)

    def _said(self, party: str, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        digest = hashlib.sha256(party.encode()).digest()
        return digest + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, changed: dict[str, str]) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin} | changed
        return json.dumps(data).encode()

    def _answer(self, **response: bytes) -> str:
        said: dict[str, Any] = {name: _text(value) for name, value in response.items()}
        own = _text(self.credential)
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": said})

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
