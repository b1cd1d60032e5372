"""What a browser sends is read within bounds that all share, and a picture only from who may."""

import asyncio
from collections.abc import Awaitable, MutableMapping
from typing import Any

import pytest

from guestlist.bodies import MAX_HELD, MAX_SHARE
from guestlist.console.forms import MAX_FORM
from tests.stand import Stand

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data; boundary=b"
# Of the anonymous; the next one finds no room.
MANY = MAX_HELD // MAX_FORM
MANY_OF_ONE = MAX_SHARE // MAX_FORM


class Sender:
    """Sends a piece of a form, and then no more."""

    def __init__(
        self,
        stand: Stand,
        path: str,
        kind: str,
        *,
        cookie: str = "",
        address: str | None = "192.0.2.1",
    ) -> None:
        self.stand = stand
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [(b"content-type", kind.encode()), (b"cookie", cookie.encode())],
            "client": None if address is None else (address, 50_000),
        }
        self.pieces = [b"a" * MAX_FORM]
        self.asked = 0
        self.is_stuck = asyncio.Event()
        self.answer: dict[str, Any] = {}

    async def go(self) -> None:
        await self.stand.front(self.scope, self._receive, self._send)

    async def _receive(self) -> MutableMapping[str, Any]:
        self.asked += 1
        if not self.pieces:
            self.is_stuck.set()
            await asyncio.Event().wait()
        return {"type": "http.request", "body": self.pieces.pop(), "more_body": True}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.answer.update(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.answer["headers"])


async def crowded(senders: list[Sender], late: Awaitable[None]) -> None:
    """Waits for who comes late, while each of the senders has sent half."""
    waiting = [asyncio.create_task(sender.go()) for sender in senders]
    for sender in senders:
        await sender.is_stuck.wait()
    await late
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("cookie", ["", "guestlist-session=of-nobody"])
def test_a_picture_is_not_even_read_from_who_is_not_signed_in(stand: Stand, cookie: str) -> None:
    sender = Sender(stand, "/account/avatar", UPLOAD, cookie=cookie)
    asyncio.run(sender.go())
    assert sender.asked == 0
    assert (sender.answer["status"], sender.headers[b"location"]) == (303, b"/sign-in")
    assert sender.headers[b"connection"] == b"close"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_halves_of_forms_share_one_room_with_the_api(stand: Stand) -> None:
    api = Sender(stand, "/v1/users", "application/json")
    page = Sender(stand, "/sign-in", FORM)

    async def late() -> None:
        for sender in (api, page):
            await asyncio.wait_for(sender.go(), 10)

    asyncio.run(
        crowded(
            [
                Sender(stand, "/sign-in", FORM, address=f"198.51.100.{number % 16}")
                for number in range(MANY)
            ],
            late(),
        )
    )
    assert api.answer["status"] == page.answer["status"] == 503
    assert b"The server is busy" in page.answer["body"]
    # And then there is room again.
    assert stand.http.post("/sign-in", data={"email": "x"}).status_code == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("crowd", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("2001:db8::{}", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        (None, None, "192.0.2.1"),
    ],
)
def test_halves_from_one_network_leave_room_for_the_others(
    stand: Stand, crowd: str | None, same: str | None, other: str
) -> None:
    refused = Sender(stand, "/sign-in", FORM, address=same)
    heard = Sender(stand, "/v1/users", "application/json", address=other)

    async def late() -> None:
        await asyncio.wait_for(refused.go(), 10)
        reading = asyncio.create_task(heard.go())
        await asyncio.wait_for(heard.is_stuck.wait(), 10)
        reading.cancel()

    addresses = [crowd and crowd.format(number) for number in range(MANY_OF_ONE)]
    senders = [Sender(stand, "/sign-in", FORM, address=address) for address in addresses]
    asyncio.run(crowded(senders, late()))
    assert refused.answer["status"] == 503
    assert heard.answer == {}
