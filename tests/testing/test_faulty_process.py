"""A twin as it is started: strict or not, and with connections that really end."""

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.testing.hands import Hands
from tests.testing.sockets import SECONDS
from tests.testing.terminals import started


@pytest.mark.parametrize(
    ("options", "environment", "status"),
    [
        ([], {}, 200),
        (["--strict"], {}, 400),
        ([], {"GUESTLIST_TWIN_STRICT": "1"}, 400),
    ],
    ids=["left out", "an option", "a variable"],
)
def test_strictness_is_chosen(
    tmp_path: Path, options: list[str], environment: dict[str, str], status: int
) -> None:
    with (
        started(tmp_path, *options, environment=environment) as twin,
        httpx.Client(base_url=twin.told["url"], trust_env=False, timeout=SECONDS) as http,
    ):
        answer = Hands(http, twin.told["token"]).api("GET", "/v1/users?pages=1")
    assert answer.status_code == status
    assert (status == 200) != ("pages" in answer.text)


def ends(url: httpx.URL, token: str) -> Any:
    """What a connection brought until it ended, and whether that was by RST."""
    ask = f"GET /v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with socket.create_connection((url.host, url.port or 0), SECONDS) as connection:
        connection.sendall(ask)
        whole = b""
        try:
            while part := connection.recv(65_536):
                whole += part
        except ConnectionResetError:
            return whole, True
        return whole, False


def test_a_started_twin_drops_real_connections_and_serves_on(tmp_path: Path) -> None:
    with (
        started(tmp_path) as twin,
        httpx.Client(base_url=twin.told["url"], trust_env=False, timeout=SECONDS) as http,
    ):
        hands = Hands(http, twin.told["token"])
        planned = [
            {"kind": "dropped"},
            {"kind": "dropped", "reset": True},
            {"kind": "truncated", "bytes": 9},
        ]
        hands.told("POST", "/faults", json={"faults": planned})
        seen = [ends(http.base_url, twin.told["token"]) for _ in planned]
        whole = hands.api("GET", "/v1/users")
    assert seen[:2] == [(b"", False), (b"", True)]
    cut, was_reset = seen[2]
    assert (cut.partition(b"\r\n\r\n")[2], was_reset) == (whole.content[:9], False)
