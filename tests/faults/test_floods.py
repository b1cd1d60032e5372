"""What a stranger sends costs little: no memory without bound, no place that others need."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.servers import HOST, LiveServer

UPGRADE = b"GET /v1/users HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
STRANGER = b"GET /v1/users HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
MANY = 700
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("floods")
    with LiveServer(f"sqlite:///{folder}/guestlist.db", folder) as running:
        yield running


def connected(server: LiveServer) -> socket.socket:
    return socket.create_connection((HOST, server.port), timeout=30)


def answers(connection: socket.socket, number: int) -> int:
    """How many 401 arrive, up to `number`."""
    got = b""
    while got.count(b"HTTP/1.1 401") < number:
        more = connection.recv(65_536)
        if not more:
            break
        got += more
    return got.count(b"HTTP/1.1 401")


def resident(server: LiveServer) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def flood(connection: socket.socket, first: bytes, rest: bytes) -> None:
    connection.sendall(CHUNKED + first)
    for _ in range(3_000):
        connection.sendall(rest)


@pytest.mark.parametrize(
    ("first", "rest"),
    [(b"", b"x: y\r\n" * 2_000), (b"x: ", b"y" * 12_000)],
    ids=["many", "one without end"],
)
def test_trailers_do_not_grow_for_ever(server: LiveServer, first: bytes, rest: bytes) -> None:
    with closing(connected(server)) as connection, pytest.raises(ConnectionError):
        flood(connection, first, rest)


def test_offers_sent_in_a_row_are_each_answered(server: LiveServer) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(UPGRADE * 3_500)
        assert answers(connection, 3_500) == 3_500


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_bodies_that_never_end_neither_fill_the_memory_nor_shut_others_out(
    server: LiveServer,
) -> None:
    before = resident(server)
    head = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with ExitStack() as stack:
        for number in range(MANY):
            connection = stack.enter_context(closing(connected(server)))
            connection.sendall(head % (b"nowhere" if number % 2 else b"v1/users") + b"a" * 200_000)
        other = stack.enter_context(closing(connected(server)))
        other.sendall(STRANGER)
        assert answers(other, 1) == 1
        # What is kept of bodies, and what each connection has been read ahead.
        assert resident(server) - before < 64 * MIB + MANY * 160_000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_halves_of_forms_fill_no_memory_and_end_before_the_server_does(tmp_path: Path) -> None:
    head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: %b\r\nContent-Length: 6000000\r\n\r\n"
    picture = head % (b"/account/avatar", b"multipart/form-data; boundary=b")
    form = head % (b"/sign-in", b"application/x-www-form-urlencoded")
    with LiveServer(f"sqlite:///{tmp_path}/guestlist.db", tmp_path) as server, ExitStack() as stack:
        before = resident(server)
        for _ in range(40):
            connection = stack.enter_context(closing(connected(server)))
            with suppress(ConnectionError):  # it is told at once that it may not
                connection.sendall(picture + b"a" * 5_900_000)
        slow = stack.enter_context(closing(connected(server)))
        slow.sendall(form + b"a" * 1_000)
        assert resident(server) - before < 64 * MIB
        assert server.stop() == 0
        slow.settimeout(5)
        assert slow.recv(65_536).startswith(b"HTTP/1.1 408"), server.log
        assert "Traceback" not in server.log
