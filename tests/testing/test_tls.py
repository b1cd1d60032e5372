"""Clients that cannot be given another address come to the twin unmodified, and nowhere else."""

import asyncio
import json
import re
import shutil
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from mailersend import (  # type: ignore[import-untyped]
    AsyncMailerSendClient,
    MailerSendClient,
)

from guestlist.testing.authority import Authority
from guestlist.testing.proxy import Proxy
from tests.certificates import certify
from tests.node import FOLDER as NODE
from tests.node import INSTALLED, lacking
from tests.testing.terminals import Started, ran, started
from tests.wire.python_sdk import CALLS

HOST = "api.mailersend.com"
HERE = Path(__file__).parent
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Nobody changes what is in it."""
    with started(tmp_path_factory.mktemp("twin"), "--tls") as found:
        yield found


@pytest.mark.skipif(bool(lacking()), reason=lacking())
def test_the_node_sdk_makes_every_call(tmp_path: Path, subtests: pytest.Subtests) -> None:
    assert INSTALLED, "run `npm ci` in tests/wire/node"
    node = ["node", "--test", "--test-reporter=../reporter.mjs", "users.mjs"]
    done = ran(tmp_path, "--tls", "--", *node, cwd=NODE / "unmodified")
    tests = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(tests) == 4, done.stderr
    for test in tests:
        with subtests.test(test["name"]):
            assert not test["skipped"]
            assert test["passed"], test["told"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_python_sdk_makes_every_call(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(tmp_path, "--tls") as found:
        for name, value in found.told["env"].items():
            monkeypatch.setenv(name, value)
        called = asyncio.run(every_call(kind, found.told["url"]))
    assert called == {name for name in CALLS if name.startswith("users.")}


async def every_call(kind: str, url: str) -> set[str]:
    """By a client that was told nothing; the names of what succeeded."""
    called = set()
    client: Any = {"sync": MailerSendClient, "async": AsyncMailerSendClient}[kind]()

    async def call(name: str, about: str = "") -> Any:
        answer = getattr(client, name.partition(".")[0])
        answer = getattr(answer, name.partition(".")[2])(CALLS[name](about))
        answer = await answer if kind == "async" else answer
        assert answer.success
        called.add(name)
        return answer.data

    invite = (await call("users.invite_user"))["data"]["id"]
    listed = await call("users.list_invites")
    assert [one["id"] for one in listed["data"]] == [invite]
    await call("users.get_invite", invite)
    await call("users.resend_invite", invite)
    async with httpx.AsyncClient() as controls:  # on this machine, so by no proxy
        accepted = (await controls.post(f"{url}/_twin/invites/{invite}/accept")).json()
    user = accepted["user_id"]
    assert len((await call("users.list_users"))["data"]) == 2
    await call("users.get_user", user)
    assert (await call("users.update_user", user))["data"]["role"] == "Designer"
    await call("users.delete_user", user)
    await call("users.cancel_invite", (await call("users.invite_user"))["data"]["id"])
    await close(client, kind)
    return called


async def close(client: Any, kind: str) -> None:
    if kind == "async":
        await client.close()
    else:
        client.session.close()


@pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed")
def test_java_asks_unmodified(tmp_path: Path) -> None:
    done = ran(tmp_path, "--tls", "java", str(HERE / "Unmodified.java"))
    assert done.returncode == 0, done.stderr
    assert [admins(body) for body in done.stdout.splitlines()] == [["admin@twin.test"]] * 2


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_asks_unmodified(tmp_path: Path) -> None:
    ask = 'curl -sS -H "Authorization: Bearer $MAILERSEND_API_KEY"'
    done = ran(tmp_path, "--tls", "sh", "-c", f"{ask} https://{HOST}/v1/users")
    assert done.returncode == 0, done.stderr
    assert admins(done.stdout) == ["admin@twin.test"]


def admins(body: str) -> list[str]:
    return [user["email"] for user in json.loads(body)["data"]]


def test_a_hosts_file_will_do_in_place_of_a_proxy(twin: Started) -> None:
    """What a client sends that looks the name up and finds this machine."""
    told = twin.told["tls"]
    assert told["hosts"] == f"127.0.0.1 {HOST}"
    answer = at_the_address(twin, "/v1/users")
    assert admins(answer.text) == ["admin@twin.test"]


def at_the_address(twin: Started, path: str) -> httpx.Response:
    trusting = ssl.create_default_context(cafile=twin.told["tls"]["authority"])
    with httpx.Client(verify=trusting, trust_env=False) as client:
        return client.get(
            f"{twin.told['tls']['url']}{path}",
            headers={"Host": HOST, "Authorization": f"Bearer {twin.told['token']}"},
            extensions={"sni_hostname": HOST},
        )


def test_the_controls_are_not_under_mailersends_name(twin: Started) -> None:
    refused = at_the_address(twin, "/_twin")
    assert refused.status_code == 403
    assert "for this machine alone" in refused.json()["message"]
    assert httpx.get(f"{twin.told['url']}/_twin", trust_env=False).status_code == 200


def test_only_who_trusts_the_authority_is_led_astray(twin: Started) -> None:
    proxy = twin.told["tls"]["proxy"]
    with (
        httpx.Client(proxy=proxy, trust_env=False) as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(f"https://{HOST}/v1/users")


def test_the_authority_can_vouch_for_one_host_only(tmp_path: Path) -> None:
    authority = Authority()
    shake_hands(authority, HOST, tmp_path)
    for other in ("mailersend.com", "api.mailersend.org", "localhost"):
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            shake_hands(authority, other, tmp_path)


def shake_hands(authority: Authority, host: str, folder: Path) -> None:
    """As a server with a certificate for a host, and a client that trusts the authority."""
    trusting = ssl.create_default_context(cadata=authority.certificate.public_bytes(Encoding.DER))
    certified = authority.certify(host).context(folder)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=host)
    server = certified.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.version() == server.version() == "TLSv1.3"


def test_the_authority_lives_a_day_and_is_another_at_each_start(
    twin: Started, tmp_path: Path
) -> None:
    file = Path(twin.told["tls"]["authority"])
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    assert certificate.not_valid_after_utc <= datetime.now(UTC) + timedelta(days=1)
    narrowed = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert narrowed.critical
    assert narrowed.value.permitted_subtrees == [x509.DNSName(HOST)]
    another = ran(tmp_path, "--tls", "sh", "-c", 'cat "$SSL_CERT_FILE"').stdout
    assert another.partition("-----END")[0] != file.read_text().partition("-----END")[0]


def test_no_key_is_in_what_the_twin_leaves_for_clients(twin: Started) -> None:
    [folder] = twin.folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    found = {file.name: file.read_bytes() for file in folder.rglob("*")}
    assert found.keys() == {"authority.pem", "bundle.pem", "java.p12"}
    with warnings.catch_warnings(action="ignore"):  # some of this machine's roots are odd
        assert pkcs12.load_pkcs12(found.pop("java.p12"), None).key is None
    for name, content in found.items():
        assert not PEM.sub(b"", content), name


def test_whoever_was_trusted_before_is_trusted_still(tmp_path: Path) -> None:
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    named = {name: str(tmp_path / f"{name}.pem") for name in names}
    (folder := tmp_path / "temporary").mkdir()
    for file in named.values():
        certify(Path(file), "intranet.test")
    with started(folder, "--tls", environment=named) as found:
        authority = Path(found.told["tls"]["authority"]).read_bytes()
        [bundle] = {found.told["env"][name] for name in names}
        trusted = PEM.findall(Path(bundle).read_bytes())
    assert {PEM.findall(Path(file).read_bytes())[0] for file in named.values()} < set(trusted)
    system = ssl.create_default_context().get_ca_certs(binary_form=True)
    assert {ssl.DER_cert_to_PEM_cert(one).encode() for one in system} < set(trusted)
    assert trusted[0] == authority
    assert len(trusted) == len(set(trusted))


def test_what_variables_said_before_is_not_lost(tmp_path: Path) -> None:
    before = {
        "NO_PROXY": "*, intranet.test,.mailersend.com,API.mailersend.com:443,localhost,fd00::1",
        "NODE_OPTIONS": "--no-warnings",
        "JAVA_TOOL_OPTIONS": "-Xmx64m",
    }
    with started(tmp_path, "--tls", environment=before) as found:
        env = found.told["env"]
    assert env["NO_PROXY"] == env["no_proxy"] == "intranet.test,localhost,fd00::1,127.0.0.1,::1"
    assert env["HTTPS_PROXY"] == env["https_proxy"] == found.told["tls"]["proxy"]
    assert env["NODE_OPTIONS"].startswith("--no-warnings --require=")
    assert env["JAVA_TOOL_OPTIONS"].startswith("-Xmx64m -Djavax.net.ssl.trustStore=")


@pytest.mark.parametrize(
    ("head", "status", "said"),
    [
        ("CONNECT {other} HTTP/1.1", 403, "leads to api.mailersend.com:443 alone, not to {other}."),
        ("CONNECT api.mailersend.com:80 HTTP/1.1", 403, "leads to api.mailersend.com:443 alone"),
        ("CONNECT api.mailersend.com HTTP/1.1", 403, "leads to api.mailersend.com:443 alone"),
        ("CONNECT x.api.mailersend.com:443 HTTP/1.1", 403, "hosts that are to be reached without"),
        ("GET http://{other}/ HTTP/1.1", 403, "This proxy only tunnels"),
        ("GET http://api.mailersend.com/v1/users HTTP/1.1", 403, "This proxy only tunnels"),
        ("GET / HTTP/1.1", 403, "This proxy only tunnels"),
        ("CONNECT api.mailersend.com:443", 400, "This is no request of HTTP/1.1."),
        ("\x16\x03\x01", 400, "This is no request of HTTP/1.1."),
        ("GET / HTTP/1.1\r\nx: " + "x" * 20_000, 431, "may have 16384 bytes"),
    ],
)
def test_the_proxy_leads_to_one_place(twin: Started, head: str, status: int, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        other = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        answer = proxied(twin, f"{head.format(other=other)}\r\n\r\n".encode())
        elsewhere.settimeout(0)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert said.format(other=other) in answer


def proxied(twin: Started, sent: bytes) -> str:
    """All that the proxy answers, until it closes."""
    with through(twin) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()


def through(twin: Started) -> socket.socket:
    at = urlsplit(twin.told["tls"]["proxy"])
    return socket.create_connection((at.hostname, at.port), timeout=60)


def test_how_an_answer_breaks_off_is_seen_through_the_proxy(twin: Started) -> None:
    with tunnelled(twin, {"kind": "dropped"}) as connection:
        assert rest_of(connection)[-1] == b""
    reset = {"kind": "dropped", "reset": True}
    with tunnelled(twin, reset) as connection, pytest.raises(ConnectionResetError):
        rest_of(connection)


def rest_of(connection: socket.socket) -> list[bytes]:
    """What still comes, enciphered, down to the end."""
    pieces = [connection.recv(65_536)]
    while pieces[-1]:
        pieces.append(connection.recv(65_536))
    return pieces


def tunnelled(twin: Started, fault: dict[str, Any]) -> socket.socket:
    """By the proxy, with a request on its way that will meet a fault; no library words its end."""
    url = twin.told["url"]
    token = httpx.post(f"{url}/_twin/accounts", json={}, trust_env=False).json()["token"]
    asked = {"Authorization": f"Bearer {token}"}
    httpx.post(f"{url}/_twin/faults", json=fault, headers=asked, trust_env=False).raise_for_status()
    connection = through(twin)
    connection.sendall(b"CONNECT api.mailersend.com:443 HTTP/1.1\r\n\r\n")
    assert b" 200 " in connection.recv(65_536)
    trusting = ssl.create_default_context(cafile=twin.told["tls"]["authority"])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(incoming, outgoing, server_hostname=HOST)
    while not client.version():
        with suppress(ssl.SSLWantReadError):
            client.do_handshake()
        connection.sendall(outgoing.read())
        if not client.version():
            incoming.write(connection.recv(65_536))
    head = f"GET /v1/users HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n\r\n"
    client.write(head.encode())
    connection.sendall(outgoing.read())
    return connection


def test_the_proxy_does_not_mind_how_the_host_is_spelt(twin: Started) -> None:
    for spelt in ("API.MailerSend.com:443", "api.mailersend.com.:443"):
        with through(twin) as connection:
            connection.sendall(f"CONNECT {spelt} HTTP/1.1\r\n\r\n".encode())
            assert connection.recv(65_536) == b"HTTP/1.1 200 Connection established\r\n\r\n"


def test_a_head_that_breaks_off_gets_no_answer_and_a_slow_one_an_end(twin: Started) -> None:
    assert not proxied(twin, b"CONNECT api.mailersend.com:443 HTTP/1.1\r\n")
    assert "408 Request Timeout" in asyncio.run(slowly())


async def slowly() -> str:
    """What a proxy that waits for a moment only answers to half a head."""
    proxy = Proxy(HOST, ("127.0.0.1", 1), head_seconds=0.01)
    at = socket.create_server(("127.0.0.1", 0))
    await proxy.start(at)
    reader, writer = await asyncio.open_connection(*at.getsockname())
    writer.write(b"CONNECT api.mailersend.com:443 HTTP/1.1\r\n")
    answer = await reader.read()
    writer.close()
    await proxy.stop()
    return answer.decode()


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = ran(tmp_path, "--tls", "--tls-port", port, "true")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Cannot listen on 127.0.0.1, port {port}: ")
