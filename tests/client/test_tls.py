"""Over TLS the same holds, and only whom an authority vouches for gets the token."""

import datetime as dt
import ipaddress
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from guestlist.client import Unavailable
from tests.client.conftest import Asking
from tests.client.peer import HOST, Peer, decision

Make = Callable[..., Asking]
Start = Callable[..., Peer]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "people.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "people.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def served(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_named_authority_is_trusted(
    client: Make, peer: Start, certificate: Path, served: ssl.SSLContext
) -> None:
    there = peer(decision(allowed=True), tls=served)
    ask = client(there.url, tls=ssl.create_default_context(cafile=certificate), timeout=30)
    assert [ask.allowed(), ask.allowed()] == [True, True]
    assert there.connections == 1


def test_nobody_else_gets_the_token(client: Make, peer: Start, served: ssl.SSLContext) -> None:
    there = peer(decision(allowed=True), tls=served)
    with pytest.raises(Unavailable, match=r"(?i)certificate"):
        client(there.url, attempts=1, timeout=30).allowed()
    assert there.asked == []


def test_an_answer_takes_no_longer_than_told(
    client: Make, peer: Start, certificate: Path, served: ssl.SSLContext
) -> None:
    there = peer(decision(allowed=True), tls=served)
    there.answers = [there.drip(b"HTTP/1.1 200 x\r\n", b"x: y\r\n")]
    began = time.monotonic()
    with pytest.raises(Unavailable, match="in time"):
        client(there.url, tls=ssl.create_default_context(cafile=certificate), timeout=0.6).allowed()
    assert time.monotonic() - began < 3
