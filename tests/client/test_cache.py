"""What a remembered answer may and may not be."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.client import Cache, Decision, Malformed, Question, Unavailable
from tests.client.conftest import TOKEN, Asking
from tests.client.peer import Asked, Peer, answer, decision

Make = Callable[..., Asking]
Start = Callable[..., Peer]

YES, NO = decision(allowed=True), decision(allowed=False)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def cache(seconds: float = 5, entries: int = 10, clock: Clock | None = None) -> Cache:
    return Cache(seconds, entries, clock=clock or Clock())


def test_without_a_cache_every_question_is_asked(client: Make, peer: Start) -> None:
    there = peer(YES, NO, YES)
    ask = client(there.url)
    assert [ask.allowed(), ask.allowed(), ask.allowed()] == [True, False, True]


@pytest.mark.parametrize(("first", "then"), [(YES, NO), (NO, YES)])
def test_a_change_is_seen_once_the_seconds_are_over(
    client: Make, peer: Start, first: bytes, then: bytes
) -> None:
    clock = Clock()
    there = peer(first, then)
    ask = client(there.url, cache=cache(5, clock=clock))
    before = ask.allowed()
    clock.now += 4.999
    assert ask.allowed() is before
    assert len(there.asked) == 1
    clock.now += 0.001
    assert ask.allowed() is not before


def test_the_seconds_begin_before_the_question_leaves(client: Make, peer: Start) -> None:
    clock = Clock()

    def slowly(_asked: Asked) -> bytes:
        clock.now += 3
        return YES

    there = peer(by=slowly)
    ask = client(there.url, cache=cache(5, clock=clock))
    ask.allowed()
    clock.now += 2
    ask.allowed()
    assert len(there.asked) == 2


def test_errors_are_not_remembered(client: Make, peer: Start) -> None:
    there = peer(answer(400, {}), answer(500, {}), YES)
    ask = client(there.url, cache=cache())
    with pytest.raises(Malformed):
        ask.allowed()
    with pytest.raises(Unavailable):
        ask.allowed()
    assert ask.allowed() is True


@pytest.mark.parametrize(
    "other",
    [
        {"user": "bob"},
        {"permission": "read-invoice"},
        {"domain": "d2"},
        {"domain": None, "template": "d1"},
        {"domain": None, "resource": ("shop", "d1")},
        {"domain": None},
        {"context": {"hour": 9}},
        {"context": {}},
    ],
)
def test_another_question_has_another_answer(
    client: Make, peer: Start, other: dict[str, Any]
) -> None:
    there = peer(YES, NO)
    ask = client(there.url, cache=cache())
    assert ask.allowed(domain="d1") is True
    assert ask.allowed(**{"domain": "d1"} | other) is False


@pytest.mark.parametrize("other", [{"token": TOKEN[:-1] + "d"}, {"account": "acc0unt"}])
def test_clients_that_share_a_cache_share_no_answers_of_others(
    client: Make, peer: Start, other: dict[str, str]
) -> None:
    there, shared = peer(YES, NO), cache()
    assert client(there.url, cache=shared).allowed() is True
    assert client(there.url, cache=shared).allowed() is True
    assert client(there.url, cache=shared, **other).allowed() is False
    assert client(peer(NO).url, cache=shared).allowed() is False


def test_many_questions_ask_only_what_is_not_known(client: Make, peer: Start) -> None:
    there = peer(YES, answer(200, {"evaluations": [{"decision": False}]}))
    ask = client(there.url, cache=cache())
    ana, bob = Question("ana", "read-activity"), Question("bob", "read-activity")
    assert ask.allowed("ana") is True
    assert ask("allowed_all", [bob, ana, bob]) == [False, True, False]
    assert [one["subject"]["id"] for one in there.asked[1].document["evaluations"]] == ["bob"]
    assert ask("allowed_all", [ana, bob]) == [True, False]
    assert len(there.asked) == 2


def test_what_was_not_used_for_longest_makes_room(client: Make, peer: Start) -> None:
    there, kept = peer(YES), cache(entries=2)
    ask = client(there.url, cache=kept)
    for user in ("ana", "bob", "ana", "cleo", "ana", "bob"):
        ask.allowed(user)
    asked = [one.document["subject"]["id"] for one in there.asked]
    assert asked == ["ana", "bob", "cleo", "bob"]
    assert len(kept) == 2
    kept.clear()
    ask.allowed("ana")
    assert len(there.asked) == 5


def test_a_late_answer_does_not_replace_a_newer_one() -> None:
    clock = Clock()
    kept = cache(clock=clock)
    kept.put("key", Decision(allowed=False), asked=clock.now)
    kept.put("key", Decision(allowed=True), asked=clock.now - 1)
    assert kept.get("key") == Decision(allowed=False)


@pytest.mark.parametrize(
    "bounds", [(0, 1), (-1, 1), (float("inf"), 1), (float("nan"), 1), (1, 0), (1, -1)]
)
def test_a_cache_has_bounds(bounds: tuple[float, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Cache(*bounds)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "change", "late"]),
        st.integers(0, 3),
        st.floats(0, 4, allow_nan=False),
    ),
    max_size=60,
)


@given(STEPS, st.floats(0.01, 10), st.integers(1, 4))
def test_no_answer_is_older_than_the_seconds(
    steps: list[tuple[str, int, float]], seconds: float, entries: int
) -> None:
    """Answers that come late, and in another order than they were asked, included."""
    clock = Clock()
    kept = Cache(seconds, entries, clock=clock)
    truth = {key: [(clock.now, Decision(allowed=False, reason="0"))] for key in range(4)}
    late: list[tuple[int, float, Decision]] = []
    for count, (what, key, passed) in enumerate(steps, 1):
        clock.now += passed
        held = truth[key]
        if what == "change":
            held.append((clock.now, Decision(allowed=not held[-1][1].allowed, reason=f"{count}")))
        elif what == "late":
            late.append((key, clock.now, held[-1][1]))
        elif (known := kept.get(key)) is None:
            kept.put(key, held[-1][1], asked=clock.now)
        else:
            ended = [at for (at, _), (_, was) in zip(held[1:], held, strict=False) if was == known]
            assert not ended or clock.now - ended[0] < seconds
        if count % 3 == 0 and late:
            number, asked, old = late.pop()
            kept.put(number, old, asked=asked)
        assert len(kept) <= entries
