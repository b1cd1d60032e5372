"""Before anything is measured: all servers give the same, right answers."""

import http.client
import json
import socket
import sys
from collections.abc import Sequence
from typing import Any

from bench.data import World
from bench.load import HOST
from bench.servers import Server

PAGES = ((1, 25), (2, 10), (7, 25), (8, 25), (40, 100), (1999, 25), (4000, 25), (4001, 25))
# JSON may be escaped in more than one way; more than this is another document.
SIZE_TOLERANCE = 0.1


def get(server: Server, page: int, limit: int, token: str | None) -> tuple[int, bytes]:
    """Ask for a page of users; answer the status and the body."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request("GET", f"/v1/users?page={page}&limit={limit}", headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def post(server: Server, request: bytes) -> None:
    """Send a ready-made request, which must succeed."""
    with socket.create_connection((HOST, server.port), timeout=30) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
    _require(response.status == 200, server, f"a POST got {response.status}: {body[:500]!r}")


def check(servers: Sequence[Server], world: World) -> None:
    """End the program at the first answer that is not the right one."""
    for server in servers:
        for token in (None, "mlsn." + "0" * 64):
            status, _ = get(server, 1, 25, token)
            _require(status == 401, server, f"a request with token {token} got {status}")
    for page, limit in PAGES:
        pager = None
        for server in servers:
            document = _document(server, world, page, limit)
            pager = pager or document
            same = document == pager
            _require(same, server, f"links or meta of page {page}, limit {limit}: {document}")


def _document(server: Server, world: World, page: int, limit: int) -> dict[str, Any]:
    """Check the users of a page; answer links and meta without the server's own address."""
    status, body = get(server, page, limit, world.token)
    where = f"page {page}, limit {limit}"
    _require(status == 200, server, f"{where}: status {status}: {body[:500]!r}")
    document: dict[str, Any] = json.loads(body)
    expected = world.page(page, limit)
    shown = document.pop("data")
    _require(len(shown) == len(expected), server, f"{where}: {len(shown)} users")
    for user, right in zip(shown, expected, strict=True):
        _require(user == right, server, f"{where}: {user}\ninstead of {right}")
    pager = json.dumps(document).replace(server.public_url, "")
    compact = {"data": expected, **document}
    size = len(json.dumps(compact, ensure_ascii=False, separators=(",", ":")).encode())
    _require(abs(len(body) - size) <= SIZE_TOLERANCE * size, server, f"{where}: {len(body)} bytes")
    stripped: dict[str, Any] = json.loads(pager)
    return stripped


def _require(truth: bool, server: Server, what: str) -> None:  # noqa: FBT001
    if not truth:
        sys.exit(f"wrong answer of {server.name}: {what}")
