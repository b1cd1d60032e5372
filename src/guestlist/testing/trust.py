"""What makes a client trust the twin's authority beside those that it trusts already."""

import re
import ssl
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_java_truststore,
)

# Where people name authorities of their own.
_NAMED = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_PEM = re.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


@dataclass(frozen=True, slots=True)
class Trust:
    """Files with the authority alone; with it and all others, as PEM; the same for Java.

    A client that is given a bundle trusts nothing else, and the twin is not all it talks to: so
    the others are in it.
    """

    authority: Path
    bundle: Path
    java: Path


def written(folder: Path, authority: x509.Certificate, surroundings: Mapping[str, str]) -> Trust:
    """`surroundings` are the variables of the environment, in which more may be named."""
    trust = Trust(folder / "authority.pem", folder / "bundle.pem", folder / "java.p12")
    others = _others(surroundings)
    own = authority.public_bytes(Encoding.PEM)
    trust.authority.write_bytes(own)
    trust.bundle.write_bytes(own + "".join(map(ssl.DER_cert_to_PEM_cert, others)).encode())
    certificates = [authority, *_read(others)]
    named = [PKCS12Certificate(one, b"%d" % number) for number, one in enumerate(certificates)]
    # Without a password: there is nothing to hide, and Java then needs to be told none.
    trust.java.write_bytes(serialize_java_truststore(named, NoEncryption()))
    return trust


def _read(others: list[bytes]) -> Iterator[x509.Certificate]:
    """Roots are old, and some are odd: those that cannot be read any more are left out."""
    with warnings.catch_warnings(action="ignore"):
        for other in others:
            with suppress(ValueError):
                yield x509.load_der_x509_certificate(other)


def _others(surroundings: Mapping[str, str]) -> list[bytes]:
    """The authorities of this machine and those that are named, as DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    found = context.get_ca_certs(binary_form=True)
    default = ssl.get_default_verify_paths()
    named = [surroundings[name] for name in _NAMED if surroundings.get(name)]
    for path in map(Path, (*named, default.openssl_cafile, default.openssl_capath)):
        with suppress(OSError, ValueError):  # what is no use to its client is none here
            for file in path.iterdir() if path.is_dir() else [path]:
                text = file.read_text("utf-8", errors="replace")
                found += map(ssl.PEM_cert_to_DER_cert, _PEM.findall(text))
    return list(dict.fromkeys(found))
