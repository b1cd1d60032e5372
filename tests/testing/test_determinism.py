"""The same seed and the same calls: the same answers, to the last byte."""

import json
import random
from collections import Counter
from threading import Thread
from typing import Any

from tests.testing.hands import Hands, Held
from tests.testing.scripts import WORLD, Script, Told

CALLS = 1_000
PART = 200


def account(held: Held, name: str) -> Hands:
    return held.whole.account(name=name, **WORLD)


def alike(one: list[Told], other: list[Told]) -> bool:
    """Says where they part."""
    for number, (mine, yours) in enumerate(zip(one, other, strict=True)):
        assert mine == yours, f"call {number}"
    return True


def test_a_thousand_calls_are_answered_the_same_twice(database: str | None) -> None:
    plays = []
    for _ in range(2):
        with Held(seed="lucky", database=database, reminds=True) as held:
            plays.append(Script(account(held, "Acme"), 7, strays=True).play(CALLS))
    assert alike(*plays)
    # The calls reach what they are there for.
    statuses = Counter(status for _, status, _, _ in plays[0])
    assert {200, 204, 304, 401, 404, 405, 410, 422} <= statuses.keys()
    assert statuses[200] > CALLS / 3
    did = Counter(call.partition("?")[0] for call, status, *_ in plays[0] if status in {200, 204})
    for call in ("/clock/advance", "/snapshot", "/restore", "/reset", "/world", "/outbox"):
        assert any(f"/_twin{call}" in done for done in did), call
    for end in ("/accept", "/decline", "/resend", "/link", "/bulk", "/deliveries"):
        assert any(done.endswith(end) for done in did), end


def test_another_seed_gives_other_ids() -> None:
    seen: set[str | None] = set()
    for seed in ("1", "2"):
        with Held(seed=seed) as held:
            seen.add(held.first.invited("eve@acme.test"))
            seen.add(held.first.token)
    assert len(seen) == 4


def test_both_databases_answer_the_same(twins_server: str) -> None:
    plays = []
    for database in (None, twins_server):
        with Held(seed="lucky", database=database) as held:
            plays.append(Script(account(held, "Acme"), 3).play(PART))
    assert alike(*plays)


def test_what_happens_in_one_account_changes_no_answer_in_another() -> None:
    """One after the other, by turns, and at the same time."""
    with Held(seed="1") as held:
        apart = [Script(account(held, name), seed) for seed, name in enumerate("AB")]
        for script in apart:
            script.play(PART)
    with Held(seed="1") as held:
        turns = [Script(account(held, name), seed) for seed, name in reversed([*enumerate("AB")])]
        turns.reverse()
        draw = random.Random(5)  # noqa: S311 - no secret: the same every time
        while any(len(script.told) < PART for script in turns):
            draw.choice(turns).step()
    with Held(seed="1") as held:
        at_once = [Script(account(held, name), seed) for seed, name in enumerate("AB")]
        threads = [Thread(target=script.play, args=(PART,)) for script in at_once]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for one, by_turns, other in zip(apart, turns, at_once, strict=True):
        assert alike(one.told[:PART], by_turns.told[:PART])
        assert alike(one.told[:PART], other.told[:PART])


def test_a_request_keeps_its_name_after_a_reset(account: Hands) -> None:
    names = []
    for _ in range(2):
        answers = [account.api("GET", "/v1/users") for _ in range(3)]
        names.append([answer.headers["x-request-id"] for answer in answers])
        account.told("POST", "/reset")
    assert names[0] == names[1]
    assert len(set(names[0])) == 3


def test_requests_at_once_get_ids_of_their_own(account: Hands) -> None:
    """Chance is drawn by many threads, and gives none of it twice."""
    told: list[Any] = []

    def invites(number: int) -> None:
        for count in range(15):
            body = {"email": f"{number}-{count}@acme.test", "role": "Manager"}
            told.append(account.api("POST", "/v1/users", json=body))

    threads = [Thread(target=invites, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in told] == [200] * 120
    assert len({answer.json()["data"]["id"] for answer in told}) == 120
    assert len({answer.headers["x-request-id"] for answer in told}) == 120


def test_pages_name_their_requests_by_the_seed_too() -> None:
    entries = []
    for _ in range(2):
        with Held(seed="1") as held:
            held.first.invited("eve@acme.test")
            [letter] = held.first.told("GET", "/outbox")["data"]
            page = held.whole.http.get(letter["link"])
            token = page.text.partition('name="form" value="')[2].partition('"')[0]
            fields = {"form": token, "name": "Eve", "last_name": "", "password": "correct horse 12"}
            assert held.whole.http.post("/invitations/accept", data=fields).status_code == 200
            entries.append(held.first.api("GET", "/guestlist/v1/audit").json()["data"])
    assert json.dumps(entries[0]) == json.dumps(entries[1])
    assert entries[0][0]["request"].startswith("page-")
