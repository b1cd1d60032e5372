"""The twin in a test's own process, without a socket: from any loop and any thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2
import pytest
from mailersend import AsyncMailerSendClient, UsersBuilder  # type: ignore[import-untyped]
from starlette.testclient import TestClient

from guestlist.testing.handles import Guestlist

CROWD = 8


@pytest.fixture
def headers(guestlist: Guestlist) -> dict[str, str]:
    return {"authorization": f"Bearer {guestlist.token}"}


def invite(number: int) -> dict[str, str]:
    return {"email": f"eve{number}@acme.test", "role": "Manager"}


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda it: it.__name__)
def test_a_loop_of_a_test_s_own_reaches_it_by_asgi(
    guestlist: Guestlist, headers: dict[str, str], library: Any
) -> None:
    async def crowd() -> list[Any]:
        transport = library.ASGITransport(guestlist.asgi)
        async with library.AsyncClient(
            transport=transport, base_url=guestlist.base_url, headers=headers
        ) as http:
            return await asyncio.gather(
                *(http.post("/users", json=invite(number)) for number in range(CROWD))
            )

    first = asyncio.run(crowd())
    assert [answer.status_code for answer in first] == [200] * CROWD
    guestlist.account.reset()  # which waits for whoever uses the account, on the twin's own loop
    again = asyncio.run(crowd())
    assert [answer.status_code for answer in again] == [200] * CROWD


def test_any_thread_reaches_it_by_wsgi(guestlist: Guestlist, headers: dict[str, str]) -> None:
    with (
        httpx.Client(
            transport=httpx.WSGITransport(guestlist.wsgi),
            base_url=guestlist.base_url,
            headers=headers,
        ) as http,
        ThreadPoolExecutor(CROWD) as threads,
    ):
        answers = threads.map(lambda it: http.post("/users", json=invite(it)), range(CROWD))
        assert [answer.status_code for answer in answers] == [200] * CROWD
        listed = http.get("/invites", params={"limit": 10, "page": 1})
        refused = http.post("/users", json={"email": "ünï@acme.test"})
    assert len(listed.json()["data"]) == CROWD
    assert listed.headers["content-type"] == "application/json"
    assert refused.json()["errors"] == {"role": ["The role field is required. #MS42209"]}


def test_both_answer_as_the_socket_does(guestlist: Guestlist, headers: dict[str, str]) -> None:
    async def by_asgi() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guestlist.asgi)) as http:
            return await http.get(url, headers=headers)

    url = f"{guestlist.base_url}/users?limit=10"
    socket = httpx.get(url, headers=headers, timeout=60)
    with httpx.Client(transport=httpx.WSGITransport(guestlist.wsgi)) as http:
        answers = [socket, http.get(url, headers=headers), asyncio.run(by_asgi())]
    seen = [
        (
            answer.status_code,
            answer.content,
            {k: v for k, v in answer.headers.items() if k not in {"date", "x-request-id"}},
        )
        for answer in answers
    ]
    assert seen[0] == seen[1] == seen[2]


def test_a_client_that_ends_an_application_does_not_end_the_twin(
    guestlist: Guestlist, headers: dict[str, str]
) -> None:
    for _ in range(2):
        with TestClient(guestlist.asgi, base_url=guestlist.base_url, headers=headers) as http:
            assert http.get("/users").status_code == 200


def test_the_controls_are_there_too(guestlist: Guestlist, headers: dict[str, str]) -> None:
    with httpx.Client(transport=httpx.WSGITransport(guestlist.wsgi), headers=headers) as http:
        assert http.get(f"{guestlist.url}/_twin/clock").json()["frozen"]
        assert http.get("http://acme.test/_twin/clock").status_code == 403


def test_the_sdk_s_async_client_reaches_it_by_its_url(guestlist: Guestlist) -> None:
    async def listed() -> Any:
        async with AsyncMailerSendClient(guestlist.token, base_url=guestlist.base_url) as client:
            return await client.users.list_users(UsersBuilder().build_users_list())

    [admin] = asyncio.run(listed()).data["data"]
    assert admin["email"] == guestlist.account.admin
