"""Threads, forked workers and event loops, each with what is theirs."""

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from guestlist.client import AsyncGuestlist, Cache, Guestlist
from tests.client.conftest import TOKEN
from tests.client.peer import Asked, Peer, answer, decision

Start = Callable[..., Peer]

# What else there is of Guestlist, and what only servers need.
LIGHT = """
import sys
import guestlist.client
names = {name.partition(".")[0] for name in sys.modules}
ours = {name for name in sys.modules if name.startswith("guestlist.")}
print(*{name for name in ours if not name.startswith("guestlist.client")})
print(*names & {"sqlalchemy", "msgspec", "starlette", "uvicorn", "fastapi", "django", "structlog",
                "jinja2", "typer", "alembic", "psycopg", "cryptography"})
"""

WITHOUT_CLIENTS = """
import sys
missing = dict.fromkeys(sys.argv[1:])
sys.modules.update(missing)
import guestlist.client
from guestlist.client.libraries import httpx
print(httpx.__name__)
guestlist.client.Guestlist("http://127.0.0.1:9", "t", attempts=1, on_error="deny").allowed("a", "b")
"""


def run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )


def test_importing_it_loads_no_server() -> None:
    done = run(LIGHT)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stdout + done.stderr


def test_httpx_will_do_and_nothing_will_not() -> None:
    assert run(WITHOUT_CLIENTS).stdout == "httpx2\n"
    with_httpx = run(WITHOUT_CLIENTS, "httpx2")
    assert (with_httpx.stdout, with_httpx.returncode) == ("httpx\n", 0), with_httpx.stderr
    with_nothing = run(WITHOUT_CLIENTS, "httpx2", "httpx")
    assert "pip install 'guestlist[client]'" in with_nothing.stderr


def is_ana(asked: Asked) -> bytes:
    return decision(allowed=asked.document["subject"]["id"] == "ana")


@pytest.mark.parametrize("kept", [None, Cache(seconds=60, entries=3)])
def test_threads_get_their_own_answers(peer: Start, kept: Cache | None) -> None:
    there = peer(by=is_ana)
    users = ["ana", "bob", "cleo", "dan", "eve"] * 40
    with Guestlist(there.url, TOKEN, cache=kept) as guestlist, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda user: guestlist.allowed(user, "read-activity"), users))
    assert answers == [user == "ana" for user in users]


@contextmanager
def forked() -> Iterator[int]:
    """0 in the child, which ends with the block: 0 if all was well, 1 otherwise."""
    child = os.fork()
    if child == 0:
        try:
            yield 0
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    yield child
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_worker_has_connections_and_locks_of_its_own(peer: Start) -> None:
    there, kept = peer(by=is_ana), Cache(seconds=60)
    guestlist = Guestlist(there.url, TOKEN, cache=kept)
    assert guestlist.allowed("ana", "read-activity")
    held = [guestlist._lock, kept._lock]  # noqa: SLF001
    for lock in held:  # as another thread may have, in the moment of the fork
        lock.acquire()
    with forked() as child:
        if child == 0:
            assert not guestlist.allowed("bob", "read-activity")
    for lock in held:
        lock.release()
    assert guestlist.allowed("ana", "read-invoice")
    assert [asked.connection for asked in there.asked] == [1, 2, 1]
    guestlist.close()


def test_each_event_loop_has_connections_of_its_own(peer: Start) -> None:
    there = peer(by=is_ana)
    guestlist = AsyncGuestlist(there.url, TOKEN)

    async def twice() -> list[bool]:
        async with guestlist:
            return [await guestlist.allowed(user, "read-activity") for user in ("ana", "bob")]

    assert [asyncio.run(twice()) for _ in range(3)] == [[True, False]] * 3
    assert [asked.connection for asked in there.asked] == [1, 1, 2, 2, 3, 3]
    gc.collect()


def test_questions_go_side_by_side(peer: Start) -> None:
    there = peer(by=is_ana)
    users = ["ana", "bob"] * 20

    async def all_at_once() -> list[bool]:
        async with AsyncGuestlist(there.url, TOKEN) as guestlist, asyncio.TaskGroup() as group:
            tasks = [group.create_task(guestlist.allowed(user, "read-activity")) for user in users]
        return [task.result() for task in tasks]

    assert asyncio.run(all_at_once()) == [user == "ana" for user in users]


def test_who_gives_up_waiting_leaves_the_client_usable(peer: Start) -> None:
    there = peer(decision(allowed=True))
    there.answers = [there.silence, answer(200, {"decision": True})]

    async def giving_up() -> bool:
        async with AsyncGuestlist(there.url, TOKEN) as guestlist:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(guestlist.allowed("ana", "read-activity"), 0.1)
            return await guestlist.allowed("ana", "read-activity")

    assert asyncio.run(giving_up())
