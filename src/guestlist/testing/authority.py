"""An authority of one start and for one host; its key is never written down."""

import secrets
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "api.mailersend.com"
# By the real clock, which is the clients': a twin's own may stand still.
LIFE = timedelta(days=1)
# A client in a container can be a little behind.
_SLACK = timedelta(minutes=5)
_ONLY_SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
# Where no address is named at all, any would be allowed.
_ONLY_HOST = x509.NameConstraints(
    permitted_subtrees=[x509.DNSName(HOST)],
    excluded_subtrees=[
        x509.IPAddress(IPv4Network("0.0.0.0/0")),
        x509.IPAddress(IPv6Network("::/0")),
    ],
)


@dataclass(frozen=True, slots=True)
class Certified:
    """A server's key and the certificate that goes with it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def context(self, folder: Path) -> ssl.SSLContext:
        """For a server that speaks HTTP/1.1.

        OpenSSL takes keys from files only, so for a moment there is one in the folder, enciphered
        by a password that nobody else has.
        """
        password = secrets.token_hex(32).encode()
        key = self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.set_alpn_protocols(["http/1.1"])
        file = folder / "key.pem"
        try:
            file.touch(0o600)
            file.write_bytes(key + self.certificate.public_bytes(Encoding.PEM))
            made.load_cert_chain(file, password=password)
        finally:
            file.unlink(missing_ok=True)
        return made


class Authority:
    """Whoever trusts its `certificate` trusts nobody for any host but one, and only for a day."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        # Two starts are two authorities: a client that knows both must be able to tell them apart.
        self._name = _named(f"Guestlist twin {secrets.token_hex(4)}")
        public = self._key.public_key()
        self.certificate = self._sign(
            _certificate(self._name, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(_ONLY_HOST, critical=True)
        )

    def certify(self, host: str) -> Certified:
        """A key and a certificate for a host, whichever: it is its clients who refuse others."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = self._sign(
            _certificate(_named(host), key.public_key())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(issuer, critical=False)
        )
        return Certified(key, certificate)

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        return builder.issuer_name(self._name).sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(name: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + LIFE)
        .add_extension(_ONLY_SERVERS, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
