"""Events reach webhooks in order and none is lost, whatever receivers do and whoever is killed."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError

from guestlist.actions import webhook_deliveries, webhooks
from guestlist.actions.runtime import Runtime
from guestlist.actions.webhook_deliveries import LEASE
from guestlist.actions.webhooks import Told
from guestlist.delivery.posting import Poster
from guestlist.delivery.webhooks import Webhooks
from guestlist.domain import destinations
from guestlist.domain.pages import Page
from guestlist.domain.webhooks import MOST, Delivery, Shape, standard_secret
from guestlist.store.database import Database
from tests.faults.accounts import Account, make_account
from tests.faults.crowd import ask
from tests.receiver import Handler, Post, Receiver, answers
from tests.servers import LiveServer

EVERYWHERE = destinations.read("127.0.0.0/8")
SOON = 0.5
PATIENCE_SECONDS = 60
EVENTS = ["user.updated"]
CLEO = "user00000000cleo"


@pytest.fixture
def runtime(crowd_runtime: Runtime) -> Runtime:
    return replace(crowd_runtime, webhook_allow=EVERYWHERE)


@pytest.fixture
def account(runtime: Runtime) -> Account:
    return make_account(runtime)


@contextmanager
def sending(*runtimes: Runtime, seconds: float = SOON) -> Iterator[None]:
    """Loops as of so many processes."""
    loops = [Webhooks(one, Poster(one.webhook_allow, seconds=seconds)) for one in runtimes]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.stop()
        assert not [loop for loop in loops if loop.is_alive()]


def hook(runtime: Runtime, account: Account, receiver: Receiver) -> Told:
    shape = Shape(name="crew", url=receiver.url, events=EVENTS)
    return webhooks.create(runtime, account.operator, shape)


def happen(runtime: Runtime, account: Account, told: Told, count: int) -> None:
    """So many events, one after the other."""
    for _ in range(count):
        webhooks.send_test(runtime, account.operator, told.webhook.id)


def deliveries(runtime: Runtime, account: Account, told: Told) -> list[Delivery]:
    """All, in the order of their events."""
    page = Page(1, 1_000)
    found = webhooks.list_deliveries(runtime, account.operator, told.webhook.id, page)
    return found.deliveries[::-1]


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


def settled(runtime: Runtime, account: Account, told: Told, attempts: int = 1) -> list[Delivery]:
    """Once each has so many attempts, all of them over."""

    def are_over() -> bool:
        return all(
            len(delivery.attempts) >= attempts
            and all(attempt.milliseconds is not None for attempt in delivery.attempts)
            for delivery in deliveries(runtime, account, told)
        )

    wait_for(are_over)
    return deliveries(runtime, account, told)


def sequences(posts: Sequence[Post]) -> list[int]:
    return [post.sequence for post in posts]


def closes(handler: Handler, _: Post) -> None:
    handler.close_connection = True


BEHAVIOURS: dict[str, tuple[Callable[[Receiver], Callable[[Handler, Post], Any]], Any, str]] = {
    "200": (lambda _: answers(200), 200, "delivered"),
    "204": (lambda _: answers(204), 204, "delivered"),
    "500": (lambda _: answers(500), 500, "queued"),
    "404": (lambda _: answers(404), 404, "queued"),
    "redirect": (lambda r: answers(307, location=f"{r.url}/inside"), 307, "queued"),
    "hang": (lambda r: r.hangs, "There was no answer within 0.5 s.", "queued"),
    "drip": (lambda r: r.drips, "There was no answer within 0.5 s.", "queued"),
    "close": (lambda _: closes, "RemoteProtocolError", "queued"),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_each_attempt_is_recorded_and_none_holds_up_the_next(
    runtime: Runtime, account: Account, behaviour: str
) -> None:
    answer, outcome, state = BEHAVIOURS[behaviour]
    with Receiver() as receiver:
        receiver.answer = answer(receiver)
        told = hook(runtime, account, receiver)
        happen(runtime, account, told, 12)
        with sending(runtime):
            came = receiver.take(12)
            found = settled(runtime, account, told)
        assert sequences(came) == list(range(1, 13))
        assert receiver.posts.empty(), "a redirect was followed, or one came twice"
        assert {post.path for post in came} == {"/hook"}
    assert [delivery.state for delivery in found] == 12 * [state]
    for delivery in found:
        [attempt] = delivery.attempts
        if isinstance(outcome, int):
            assert (attempt.status, attempt.trouble) == (outcome, None)
        else:
            assert attempt.status is None
            assert (attempt.trouble or "").startswith(outcome)


def test_410_ends_it_and_what_waits_is_dropped(runtime: Runtime, account: Account) -> None:
    with Receiver() as receiver:

        def gone_at_the_third(handler: Handler, post: Post) -> None:
            handler.say(410 if post.sequence == 3 else 200)

        receiver.answer = gone_at_the_third
        told = hook(runtime, account, receiver)
        happen(runtime, account, told, 40)
        with sending(runtime):
            wait_for(
                lambda: not webhooks.get(runtime, account.operator, told.webhook.id).is_enabled
            )
    found = deliveries(runtime, account, told)
    assert [delivery.state for delivery in found[:3]] == ["delivered", "delivered", "dropped"]
    assert found[-1].state == "dropped"
    assert {delivery.state for delivery in found} == {"delivered", "dropped"}
    assert found[-1].attempts == ()


def test_what_failed_is_tried_again_with_the_same_id_and_a_new_signature(
    runtime: Runtime, account: Account
) -> None:
    tried: list[int] = []

    def fails_once(handler: Handler, post: Post) -> None:
        tried.append(post.sequence)
        handler.say(200 if tried.count(post.sequence) > 1 else 503)

    with Receiver(fails_once) as receiver:
        told = hook(runtime, account, receiver)
        happen(runtime, account, told, 3)
        with sending(runtime):
            first = receiver.take(3)
            settled(runtime, account, told)
        later = replace(runtime, now=lambda key: runtime.now(key) + 10_000_000)
        happen(runtime, account, told, 1)
        with sending(later):
            # What is new comes before what is late.
            [new, *again] = receiver.take(4)
            found = settled(later, account, told)
    assert (new.sequence, sorted(sequences(again))) == (4, [1, 2, 3])
    ids = {post.headers["webhook-id"] for post in first}
    assert {post.headers["webhook-id"] for post in again if post.sequence < 4} == ids
    assert not (
        {post.headers["webhook-signature"] for post in first}
        & {post.headers["webhook-signature"] for post in again}
    )
    assert [[a.status for a in delivery.attempts] for delivery in found[:3]] == 3 * [[503, 200]]


def test_a_hanging_receiver_holds_up_no_other(runtime: Runtime) -> None:
    with Receiver() as deaf, Receiver() as quick:
        deaf.answer = deaf.hangs
        theirs, mine = make_account(runtime), make_account(runtime)
        stuck, told = hook(runtime, theirs, deaf), hook(runtime, mine, quick)
        happen(runtime, theirs, stuck, 30)
        with sending(runtime, seconds=20):
            deaf.take(8)
            happen(runtime, mine, told, 20)
            began = time.monotonic()
            assert sequences(quick.take(20)) == list(range(1, 21))
            assert time.monotonic() - began < 15
            deaf.rest.set()


def test_a_hanging_receiver_holds_up_no_letter(
    runtime: Runtime, account: Account, database_url: str, tmp_path: Path
) -> None:
    with Receiver() as deaf:
        deaf.answer = deaf.hangs
        shape = Shape(name="crew", url=deaf.url, events=["user.invited"])
        webhooks.create(runtime, account.operator, shape)
        with LiveServer(database_url, tmp_path, "--webhook-allow", deaf.place) as server:
            invite(server, account, 20)
            deaf.take()
            wait_for(lambda: len(list((tmp_path / "outbox").glob("*.eml"))) == 20)
            assert not deaf.rest.is_set()
            deaf.rest.set()


def test_two_processes_send_each_event_once_and_in_order(
    runtime: Runtime, account: Account, database_url: str
) -> None:
    other = replace(runtime, database=Database(database_url))
    with Receiver() as receiver:
        told = hook(runtime, account, receiver)
        with sending(runtime, other):
            happen(runtime, account, told, 60)
            came = receiver.take(60)
            settled(runtime, account, told)
        assert sequences(came) == list(range(1, 61))
        assert receiver.posts.empty()
    other.database.close()


def test_a_process_that_died_between_two_attempts_loses_none_and_no_order(
    runtime: Runtime, account: Account
) -> None:
    """What nobody knows to have left comes first; what did leave is sent once more, later."""
    with Receiver() as receiver:
        told = hook(runtime, account, receiver)
        happen(runtime, account, told, 6)
        [taken] = webhook_deliveries.lease(runtime, busy=[], most=10)
        left = None
        for delivery in taken.deliveries[:3]:
            assert webhook_deliveries.start(runtime, taken, delivery, left=left) is not None
            left = delivery
        happen(runtime, account, told, 2)
        assert webhook_deliveries.lease(runtime, busy=[], most=10) == []
        later = replace(runtime, now=lambda key: runtime.now(key) + 2 * LEASE)
        with sending(later):
            came = receiver.take(8)
    assert sequences(came) == [3, 4, 5, 6, 7, 8, 1, 2]


def test_nothing_is_lost_over_kill_9(runtime: Runtime, database_url: str, tmp_path: Path) -> None:
    """Three times, each while events to another webhook are on their way."""
    count, hooks = 25, []
    seen: dict[str, list[Post]] = {}
    with Receiver() as receiver:

        def slow_now_and_then(handler: Handler, post: Post) -> None:
            receiver.rest.wait(0.2 if post.sequence % 5 == 0 else 0)
            handler.say(200)

        receiver.answer = slow_now_and_then
        with LiveServer(database_url, tmp_path, "--webhook-allow", receiver.place) as server:
            for _ in range(3):
                account = make_account(runtime)
                hooks.append((account, hook(runtime, account, receiver)))
                change(server, account, count)
                for post in receiver.take(5):  # it is in the middle of sending
                    seen.setdefault(post.document["account_id"], []).append(post)
                server.kill()
                server.start()
        later = replace(runtime, now=lambda key: runtime.now(key) + 2 * LEASE)
        with sending(later, seconds=10):
            for account, told in hooks:
                wait_for(partial(all_delivered, later, account, told))
        for post in receiver.taken():
            seen.setdefault(post.document["account_id"], []).append(post)
    for account, told in hooks:
        came = sequences(sorted(seen[account.id], key=lambda post: post.number))
        assert list(dict.fromkeys(came)) == list(range(1, count + 1))
        recorded = [len(one.attempts) for one in deliveries(runtime, account, told)]
        # Each that came is recorded; so is one that nobody was left to hear of.
        assert recorded >= [came.count(sequence) for sequence in range(1, count + 1)]


def all_delivered(runtime: Runtime, account: Account, told: Told) -> bool:
    return {one.state for one in deliveries(runtime, account, told)} == {"delivered"}


def change(server: LiveServer, account: Account, count: int) -> None:
    roles = ("Accountant", "Designer")
    for number in range(count):
        body = {"role": roles[number % 2]}
        answer = ask(server.base_url, account.token, "PUT", f"/v1/users/{CLEO}", body)
        assert answer.status == 200, answer.body


def invite(server: LiveServer, account: Account, count: int) -> None:
    for number in range(count):
        body = {"email": f"eve{number}@acme.test", "role": "Designer"}
        answer = ask(server.base_url, account.token, "POST", "/v1/users", body)
        assert answer.status == 200, answer.body


def verify(secret: str, post: Post) -> None:
    """As a receiver does."""
    Standard(standard_secret(secret)).verify(post.body, dict(post.headers))


def test_both_secrets_verify_while_they_overlap(runtime: Runtime, account: Account) -> None:
    with Receiver() as receiver:
        told = hook(runtime, account, receiver)
        rotated = webhooks.rotate(runtime, account.operator, told.webhook.id)
        happen(runtime, account, told, 1)
        with sending(runtime):
            [post] = receiver.take()
            verify(told.secret, post)
            verify(rotated.secret, post)
            webhooks.rotate(runtime, account.operator, told.webhook.id, overlap_hours=0)
            happen(runtime, account, told, 1)
            [last] = receiver.take()
    for old in (told, rotated):
        with pytest.raises(WebhookVerificationError):
            verify(old.secret, last)


def test_names_that_nobody_answers_for_hold_up_no_other_and_no_end(
    runtime: Runtime, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a name server decides how long a lookup takes, and a lookup holds a thread."""
    found, over = socket.getaddrinfo, threading.Event()

    def looked_up(host: str, *rest: Any, **more: Any) -> Any:
        if host.endswith(".slow.test"):
            over.wait()
        return found(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    try:
        with Receiver() as receiver, sending(runtime, seconds=5):
            for number in range(MOST - 1):
                shape = Shape(name="slow", url=f"https://{number}.slow.test/", events=EVENTS)
                happen(runtime, account, webhooks.create(runtime, account.operator, shape), 1)
            told = hook(runtime, account, receiver)
            happen(runtime, account, told, 1)
            [delivery] = settled(runtime, account, told)
        assert delivery.state == "delivered"
    finally:
        over.set()
