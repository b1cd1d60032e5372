"""The clock: what falls due on its way falls due in order, once, and at its own instant."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guestlist.domain import instants
from tests.receiver import Handler, Post, Receiver
from tests.testing.hands import Hands, Held
from tests.testing.listening import Failing, deliveries, listen

SECOND = 1_000_000
DAY = 86_400 * SECOND
START = 1_767_225_600 * SECOND
# An invitation lives seven days, and three before its end its reader is reminded.
LIFE, REMINDED = 7 * DAY, 4 * DAY
# How long after each attempt that failed comes the next: the waits of docs/webhooks.md, and half of
# the fifth that chance may add.
RETRIES = [int(seconds * 1.1 * SECOND) for seconds in (5, 300, 1_800, 7_200, 18_000)]
SPANS = [0, RETRIES[0], RETRIES[1], 3_600 * SECOND, DAY, LIFE - REMINDED, REMINDED, LIFE, 9 * DAY]
spans = st.sampled_from(SPANS) | st.integers(0, 8 * DAY)
waits = st.tuples(st.just("wait"), spans, st.lists(spans, min_size=1, max_size=3))
numbers = st.integers(0, 3)
deeds = st.tuples(st.sampled_from(["resend", "cancel", "accept", "decline"]), numbers, st.none())
invites = st.tuples(st.just("invite"), numbers, st.none())
stories = st.lists(st.one_of(waits, waits, invites, deeds), min_size=2, max_size=9).map(
    lambda steps: [("invite", 0, None), *steps]
)


@dataclass(slots=True)
class Life:
    """An invitation since it was made, or resent."""

    email: str
    since: int
    ends: list[int] = field(default_factory=list)
    is_open: bool = True


@dataclass
class Played:
    """What a story left: every answer, and what was told of it in the end."""

    answers: list[Any] = field(default_factory=list)
    world: Any = None
    letters: list[Any] = field(default_factory=list)
    deliveries: list[Any] = field(default_factory=list)
    posts: list[tuple[Any, bytes]] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    # Whom of which invitation, and when: what the rules say should have been told by the end.
    reminded: list[tuple[str, int]] = field(default_factory=list)
    expired: list[tuple[str, int]] = field(default_factory=list)


class Stage:
    """One account, whose stories all begin at the same snapshot."""

    def __init__(self, hands: Hands, receiver: Receiver) -> None:
        self.hands = hands
        self.receiver = receiver
        self.webhook = listen(hands, receiver)
        hands.told("POST", "/snapshot", json={"name": "before"})

    def play(self, story: list[Any], failing: list[int], *, in_parts: bool) -> Played:
        self.hands.told("POST", "/restore", json={"name": "before"})
        self.receiver.answer = Failing(failing)
        self.receiver.taken()
        self.now, played = START, Played()
        self._invites: list[str] = []
        for deed, what, cuts in story:
            if deed == "wait":
                self._wait(played, what, cuts if in_parts else [])
            else:
                self._do(played, deed, what)
        self._wait(played, 0, [])
        played.world = self.hands.told("GET", "/world")
        played.letters = self.hands.told("GET", "/outbox")["data"]
        played.deliveries = deliveries(self.hands, self.webhook)
        posts = sorted(self.receiver.taken(), key=lambda post: post.number)
        played.posts = [(post.headers, post.body) for post in posts]
        return played

    def _wait(self, played: Played, span: int, cuts: list[int]) -> None:
        marks = [0, *sorted(cut for cut in cuts if cut < span), span]
        for begin, end in itertools.pairwise(marks):
            self.hands.told("POST", "/clock/advance", json={"seconds": (end - begin) / SECOND})
        before, self.now = self.now, self.now + span
        for life in played.lives:
            if life.is_open and before < life.since + REMINDED <= self.now:
                played.reminded.append((life.email, life.since + REMINDED))
            if life.is_open and before < life.since + LIFE <= self.now:
                played.expired.append((life.email, life.since + LIFE))

    def _do(self, played: Played, deed: str, number: int) -> None:
        hands, lives = self.hands, played.lives
        if deed == "invite":
            email = f"p{len(lives)}@acme.test"
            self._invites.append(hands.invited(email))
            lives.append(Life(email, self.now))
        elif number < len(lives):
            invite, life = self._invites[number], lives[number]
            if deed == "resend":
                answer = hands.api("POST", f"/v1/invites/{invite}/resend")
            elif deed == "cancel":
                answer = hands.api("DELETE", f"/v1/invites/{invite}")
            else:
                answer = hands.control("POST", f"/invites/{invite}/{deed}")
            played.answers.append((answer.status_code, dict(answer.headers), answer.content))
            is_over = self.now >= life.since + LIFE
            works = life.is_open and (deed in {"resend", "cancel"} or not is_over)
            if works:
                assert answer.status_code < 300, answer.text
                life.is_open, life.since = deed == "resend", self.now


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture(scope="module")
def stage(receiver: Receiver) -> Iterator[Stage]:
    with Held(seed="1", reminds=True) as held:
        yield Stage(held.whole.account(), receiver)


@pytest.fixture(scope="module")
def reminding() -> Iterator[Held]:
    with Held(seed="1", reminds=True) as held:
        yield held


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=stories, failing=st.lists(st.integers(0, 4), min_size=1, max_size=3))
def test_time_in_parts_is_time_at_once(stage: Stage, story: list[Any], failing: list[int]) -> None:
    whole = stage.play(story, failing, in_parts=False)
    parts = stage.play(story, failing, in_parts=True)
    assert parts == whole
    check_instants(whole, stage, failing)


def check_instants(played: Played, stage: Stage, failing: list[int]) -> None:
    """Everything that had to be told was, once, and when it had to be."""
    told = [
        (letter["to"], instants.parse(letter["at"]))
        for letter in played.letters
        if letter["kind"] == "reminder"
    ]
    assert sorted(told) == sorted(played.reminded)
    events = {}
    for _, body in played.posts:
        event = Post(0, "", {}, body).document
        events[event["sequence"]] = event
    ended = [
        (event["data"]["before"]["email"], instants.parse(event["timestamp"]))
        for event in events.values()
        if event["type"] == "invite.expired"
    ]
    assert sorted(ended) == sorted(played.expired)
    for found in played.deliveries:
        at = instants.parse(events[found["sequence"]]["timestamp"])
        times = failing[(found["sequence"] - 1) % len(failing)]
        due = [at + sum(RETRIES[:n]) for n in range(times + 1)]
        tried = [attempt["started_at"] for attempt in found["attempts"]]
        assert tried == [seconds(instant) for instant in due if instant <= stage.now]
        is_done = len(tried) == times + 1
        assert found["state"] == ("delivered" if is_done else "queued")
    sequences = [found["sequence"] for found in played.deliveries]
    assert sequences == list(range(1, len(sequences) + 1))


def seconds(instant: int) -> str:
    """As the API writes it."""
    return f"{instants.written(instant - instant % SECOND)}"


def test_what_falls_due_falls_due_in_its_order(reminding: Held) -> None:
    hands = reminding.whole.account()
    with Receiver() as receiver:
        listen(hands, receiver)
        for day, email in enumerate(("a@acme.test", "b@acme.test")):
            hands.invited(email)
            hands.told("POST", "/clock/advance", json={"days": 1 - day})
        answer = hands.told("POST", "/clock/advance", json={"days": 100})
        assert answer == {"now": "2026-04-12T00:00:00.000000Z", "frozen": True}
        told = [(p.document["type"], p.document["timestamp"][:10]) for p in receiver.take(4)]
        assert told == [
            ("user.invited", "2026-01-01"),
            ("user.invited", "2026-01-02"),
            ("invite.expired", "2026-01-08"),
            ("invite.expired", "2026-01-09"),
        ]
        assert receiver.taken() == []
    letters = hands.told("GET", "/outbox")["data"]
    assert [(letter["kind"], letter["to"][0], letter["at"][:10]) for letter in letters] == [
        ("invitation", "a", "2026-01-01"),
        ("invitation", "b", "2026-01-02"),
        ("reminder", "a", "2026-01-05"),
        ("reminder", "b", "2026-01-06"),
    ]


def test_a_story_comes_out_the_same_on_each_database(
    database: str | None, receiver: Receiver
) -> None:
    """With what stands in a database's own words: leases, what is due, and in which order."""
    story = [
        *[("invite", 0, None)] * 3,
        ("wait", DAY, [RETRIES[0]]),
        ("resend", 0, None),
        ("wait", REMINDED, [RETRIES[1], DAY]),
        ("accept", 1, None),
        ("wait", LIFE, [LIFE - REMINDED]),
        ("cancel", 2, None),
        ("wait", 9 * DAY, [SECOND]),
    ]
    with Held(seed="1", reminds=True, database=database) as held:
        stage = Stage(held.whole.account(), receiver)
        whole, parts = (stage.play(story, [2, 0, 5], in_parts=cut) for cut in (False, True))
        assert parts == whole
        check_instants(whole, stage, [2, 0, 5])
        assert [len(whole.reminded), len(whole.expired)] == [3, 2]


def test_a_reminder_brings_the_same_link_and_only_where_they_are_wanted(
    reminding: Held, shared: Held
) -> None:
    for held, expected in ((reminding, ["invitation", "reminder"]), (shared, ["invitation"])):
        hands = held.whole.account()
        hands.invited("eve@acme.test")
        hands.told("POST", "/clock/advance", json={"days": 4})
        letters = hands.told("GET", "/outbox")["data"]
        assert [letter["kind"] for letter in letters] == expected
        assert len({letter["link"] for letter in letters}) == 1


def test_an_answer_waits_for_no_receiver(shared: Held) -> None:
    hands = shared.whole.account()
    with Receiver() as receiver:
        receiver.answer = receiver.hangs
        webhook = listen(hands, receiver)
        hands.invited("eve@acme.test")
        receiver.take()
        [found] = deliveries(hands, webhook)
        [attempt] = found["attempts"]
        assert (found["state"], attempt["milliseconds"]) == ("queued", None)
        receiver.rest.set()
        hands.told("POST", "/clock/advance")
        [found] = deliveries(hands, webhook)
        assert [bool(attempt["trouble"]) for attempt in found["attempts"]] == [True]
        receiver.answer = Failing([])
        hands.told("POST", "/clock/advance", json={"seconds": 5.5})
        [found] = deliveries(hands, webhook)
        assert found["state"] == "delivered"


@pytest.mark.parametrize("advancing", [False, True])
def test_a_receiver_may_ask_the_twin_before_it_answers(shared: Held, *, advancing: bool) -> None:
    hands = shared.whole.account()
    asked: list[list[str]] = []

    def asks(handler: Handler, post: Post) -> None:
        if post.document["type"] == "user.invited" and not asked:
            asked.append(hands.emails("/v1/invites"))
            hands.invited("other@acme.test")
        handler.say(200)

    with Receiver(asks) as receiver:
        webhook = listen(hands, receiver)
        if advancing:
            hands.api("PUT", f"/guestlist/v1/webhooks/{webhook}", json={"url": f"{receiver.url}/"})
        hands.invited("eve@acme.test")
        hands.told("POST", "/clock/advance")
        assert asked == [["eve@acme.test"]]
        found = deliveries(hands, webhook)
        assert [[a["status"] for a in one["attempts"]] for one in found] == [[200], [200]]


def test_what_comes_to_no_end_is_left_off() -> None:
    """Who is told of an invite makes another one, of which they are told."""
    with Held(seed="1", attempts=20) as held, Receiver() as receiver:
        hands = held.first
        count = iter(range(1_000_000))

        def invites(handler: Handler, _: Post) -> None:
            hands.api(
                "POST", "/v1/users", json={"email": f"{next(count)}@a.test", "role": "Manager"}
            )
            handler.say(200)

        receiver.answer = invites
        listen(hands, receiver)
        hands.invited("eve@acme.test")
        answer = hands.control("POST", "/clock/advance", json={"days": 1})
        assert (answer.status_code, "left off" in answer.json()["message"]) == (503, True)
        assert hands.told("GET", "/clock")["now"].startswith("2026-01-01T00:00:00")
        receiver.answer = Failing([])
        hands.told("POST", "/clock/advance", json={"days": 1})
        assert hands.told("GET", "/clock")["now"].startswith("2026-01-02T00:00:00")


def test_what_falls_due_while_the_clock_runs_happens_by_itself() -> None:
    with Held(reminds=True) as held, Receiver() as receiver:
        hands = held.first
        webhook = listen(hands, receiver)
        invite = hands.invited("eve@acme.test")
        assert receiver.take()[0].document["type"] == "user.invited"
        ends = hands.told("GET", "/world")["accounts"][0]["invites"][0]["expires_at"]
        near = instants.written(instants.parse(ends) - 3 * DAY - SECOND // 10)
        hands.told("POST", "/clock/advance", json={"to": near})
        [letter] = hands.told("GET", "/outbox?kind=reminder&wait=30")["data"]
        assert instants.parse(letter["at"]) >= instants.parse(ends) - 3 * DAY
        shy = instants.written(instants.parse(ends) - SECOND // 10)
        assert hands.told("POST", "/clock/advance", json={"to": shy})["frozen"] is False
        [post] = receiver.take()
        assert (post.document["type"], post.document["data"]["id"]) == ("invite.expired", invite)
        hands.told("POST", "/clock/freeze")
        hands.told("POST", "/clock/advance")
        assert [found["state"] for found in deliveries(hands, webhook)] == ["delivered"] * 2


def test_a_clock_stands_still_or_runs_as_it_is_told(account: Hands) -> None:
    frozen = account.told("GET", "/clock")
    assert frozen == account.told("GET", "/clock") == account.told("POST", "/clock/freeze")
    assert account.told("POST", "/clock/resume")["frozen"] is False
    then = account.told("GET", "/clock")["now"]
    while account.told("GET", "/clock")["now"] == then:
        pass
    told = account.told("POST", "/clock/freeze", json={"at": "2026-03-01"})
    assert told == {"now": "2026-03-01T00:00:00.000000Z", "frozen": True}
    assert account.api("GET", "/v1/users").headers["x-apiquota-reset"] == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"days": -1}, "forward only"),
        ({"days": 2, "hours": -1}, "forward only"),
        ({"to": "2025-12-31T23:59:59Z"}, "2026-01-01T00:00:00.000000Z already"),
        ({"to": "yesterday"}, "2026-01-31T09:30:00Z"),
        ({"to": "9999-01-01"}, "year 9998"),
        ({"days": 3e9}, "year 9998"),
        ({"days": 10**30}, "year 9998"),
        ({"day": 1}, "day"),
        ({"days": "8"}, "days"),
        ({"days": True}, "days"),
        ({"days": 1, "to": "2026-02-01"}, "not both"),
    ],
)
def test_an_advance_that_cannot_be(shared: Held, body: dict[str, Any], words: str) -> None:
    """None of the clocks is moved where one cannot be."""
    hands = shared.whole.account()
    before = [realm.now for realm in shared.twin]
    for asked in (hands, shared.whole):
        answer = asked.control("POST", "/clock/advance", json=body)
        assert (answer.status_code, words in answer.json()["message"]) == (422, True), answer.text
    assert [realm.now for realm in shared.twin] == before


def test_the_last_instant_there_is(account: Hands) -> None:
    """What is made then ends in a year that can still be written."""
    account.told("POST", "/clock/advance", json={"to": "9998-12-31T23:59:59.999999Z"})
    invite = account.invited("eve@acme.test")
    assert account.api("GET", f"/v1/invites/{invite}").status_code == 200
    account.told("GET", "/world")
    assert account.control("POST", "/clock/advance", json={"seconds": 1}).status_code == 422


def test_the_whole_twin_goes_forward_together() -> None:
    with Held(seed="1") as held:
        accounts = [held.first, held.whole.account(), held.whole.account()]
        accounts[1].told("POST", "/clock/advance", json={"hours": 1})
        held.whole.told("POST", "/clock/advance", json={"days": 1})
        told = [hands.told("GET", "/clock")["now"][5:16] for hands in accounts]
        assert told == ["01-02T00:00", "01-02T01:00", "01-02T00:00"]
        later = held.whole.account()
        assert later.told("GET", "/clock")["now"][5:16] == "01-02T00:00"


def test_a_snapshot_is_taken_when_webhooks_were_told(shared: Held) -> None:
    hands = shared.whole.account()
    with Receiver() as receiver:
        webhook = listen(hands, receiver)
        hands.invited("eve@acme.test")
        hands.told("POST", "/snapshot")
        before = deliveries(hands, webhook)
        assert [found["state"] for found in before] == ["delivered"]
        hands.told("POST", "/restore")
        hands.told("POST", "/clock/advance", json={"days": 1})
        assert deliveries(hands, webhook) == before
        assert len(receiver.taken()) == 1


def test_a_reset_while_a_receiver_is_waited_for(shared: Held) -> None:
    """Its answer is to a world that is no more."""
    hands = shared.whole.account()
    with Receiver() as receiver:
        receiver.answer = receiver.hangs
        listen(hands, receiver)
        hands.invited("eve@acme.test")
        receiver.take()
        hands.told("POST", "/reset")
        assert not receiver.rest.is_set()
        receiver.rest.set()
        receiver.answer = Failing([])
        webhook = listen(hands, receiver)
        hands.invited("eve@acme.test")
        hands.told("POST", "/clock/advance")
        assert [found["state"] for found in deliveries(hands, webhook)] == ["delivered"]
        assert len(receiver.taken()) == 1


PASSWORD = "violet harbour lantern of 1979"


def test_a_password_grows_old_on_the_twin_s_clock(held: Held) -> None:
    first = held.first
    body = {
        "email": "eve@acme.test",
        "role": "Manager",
        "requires_periodic_password_change": True,
    }
    invite = first.api("POST", "/v1/users", json=body).json()["data"]["id"]
    first.told("POST", f"/invites/{invite}/accept")
    # It is good for ninety days.
    for days, path in ((89, "/account"), (1, "/account/password")):
        first.told("POST", "/clock/advance", json={"days": days})
        assert signed_in(first) == path


def signed_in(hands: Hands) -> str:
    """The page that she is led to."""
    hands.http.cookies.clear()
    page = hands.http.get("/sign-in")
    [token] = set(re.findall(r'name="form" value="([^"]+)"', unescape(page.text)))
    fields = {"form": token, "email": "eve@acme.test", "password": PASSWORD}
    assert hands.http.post("/sign-in", data=fields).status_code == 200
    return str(hands.http.get("/account").url.path)
