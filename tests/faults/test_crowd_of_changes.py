"""Nobody can climb, many at once: 8 clients over two pools change one account on PostgreSQL."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from guestlist.actions.runtime import Runtime
from guestlist.domain.refusals import DeadLink, Unauthenticated
from tests.faults.crowding import WISHES, Board, Client
from tests.model import ground, history, invariants, rows
from tests.model.budget import CROWD_SECONDS, FIRST_ROUND
from tests.model.doors import Doors
from tests.model.rows import Rows
from tests.stand import Clock

CLIENTS = 8
# Each pool stands for a process.
POOLS = 2


@pytest.fixture
def runtimes(database_url: str) -> Iterator[list[Runtime]]:
    """Of one database and one clock."""
    clock = Clock()
    made = [ground.runtime(database_url, clock, connections=CLIENTS) for _ in range(POOLS)]
    yield made
    for runtime in made:
        runtime.database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_crowd_breaks_the_rules(
    runtimes: list[Runtime], record_property: Callable[[str, object], None]
) -> None:
    doors, facts, number = ground.account(runtimes[0])
    board = Board.of(facts, runtimes[0].now, number)
    clients = [
        Client(
            Doors(runtimes[client % POOLS], doors.account, doors.account_id),
            board,
            f"{FIRST_ROUND} {client}",
        )
        for client in range(CLIENTS)
    ]
    looks = _crowded(clients, doors)
    found = _read(doors)
    invariants.check(found)
    history.chain_is_whole(doors)
    history.leads_to(doors, found)
    _doors_open_to_what_is_live(doors, board, found)
    done = sum((client.done for client in clients), Counter[str]())
    refused = sum((client.refused for client in clients), Counter[str]())
    record_property(
        "summary",
        f"Crowd: {done.total()} changes of {len(done)} kinds done and {refused.total()} refused"
        f" ({refused['Unavailable']} for lack of time) by {CLIENTS} clients"
        f" in {CROWD_SECONDS:.0f} s, all invariants asked {looks + 1} times",
    )
    # Most kinds of change were among them, on however slow a machine.
    assert len(done) > len(WISHES) / 2, done


def _crowded(clients: list[Client], doors: Doors) -> int:
    """Lets them, and meanwhile asks of one snapshot after the other; how many those were."""
    end = time.monotonic() + CROWD_SECONDS

    def busy(client: Client) -> None:
        while time.monotonic() < end:
            client.change()

    looks = 0
    with ThreadPoolExecutor(len(clients)) as threads:
        jobs = [threads.submit(busy, client) for client in clients]
        while not all(job.done() for job in jobs):
            invariants.check(_read(doors))
            looks += 1
            time.sleep(0.05)
        for job in jobs:
            job.result()
    return looks


def _read(doors: Doors) -> Rows:
    with doors.runtime.database.read() as transaction:
        return rows.read(transaction, doors.account)


def _doors_open_to_what_is_live(doors: Doors, board: Board, found: Rows) -> None:
    """Every token, session and link that there ever was."""
    active = {user.key: user for user in found.users if not user.suspended}
    kept = {token.id: token for token in found.tokens}
    for token_id, text in board.tokens:
        token = kept.get(token_id)
        works = token is not None and not token.paused and token.owner in active
        if token is not None and token.expires_at is not None:
            works = works and board.clock.now < token.expires_at
        assert _opens(partial(doors.by_token, text, None), Unauthenticated) == works
    places = {user.person: user.id for user in active.values()}
    for secret in board.sessions:
        signed = doors.signed(secret)
        here = [] if signed is None else [place.user_id for place in signed.places]
        assert signed is None or here == [i for p, i in places.items() if p == signed.person.key]
    pending = {invite.id: invite for invite in found.invites}
    for secret in board.links:
        if _opens(partial(doors.open, secret), DeadLink):
            opened = doors.open(secret)
            is_pending = opened.offer.invitation.id in pending
            assert is_pending == (opened.state in {"pending", "expired"})


def _opens(act: Callable[[], object], refusal: type[Exception]) -> bool:
    try:
        act()
    except refusal:
        return False
    return True
