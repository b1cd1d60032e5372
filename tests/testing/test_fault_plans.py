"""When a planned fault is met, how a plan is kept and told, and what cannot be planned."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from guestlist.testing.faults.documents import KINDS
from guestlist.testing.serve import Served
from guestlist.testing.twins import Options, Twin
from tests.testing.hands import URL, Hands, Held

DOWN = {"kind": "server_error"}
ROUTE = "/v1/users/{user_id}"


def plan(hands: Hands, **fault: Any) -> Any:
    return hands.told("POST", "/faults", json=fault)["faults"]


def left(hands: Hands) -> Any:
    return hands.told("GET", "/faults")["faults"]


def statuses(hands: Hands, path: str = "/v1/users", *, times: int = 6) -> list[int]:
    return [hands.api("GET", path).status_code for _ in range(times)]


def test_the_nth_request_and_so_many_after_it(account: Hands) -> None:
    plan(account, **DOWN, nth=2, times=3)
    assert statuses(account) == [200, 500, 500, 500, 200, 200]
    assert left(account) == []


def test_always_is_until_it_is_cleared(account: Hands) -> None:
    plan(account, **DOWN, nth=3, times="always")
    assert statuses(account) == [200, 200, 500, 500, 500, 500]
    assert account.told("POST", "/faults/clear") == {"faults": []}
    assert statuses(account) == [200] * 6


def test_one_request_meets_one_fault_the_first_whose_turn_it_is(account: Hands) -> None:
    faults = [{"status": 501}, {"status": 502, "nth": 2}, {"status": 503}, {"status": 504}]
    account.told("POST", "/faults", json={"faults": faults})
    assert statuses(account) == [501, 502, 503, 504, 200, 200]


# What is planned for, and the requests of these that meet it.
ASKED = [
    ("GET", "/v1/users"),
    ("POST", "/v1/users"),
    ("GET", "/v1/users/0000000000000000"),
    ("HEAD", "/v1/users/0000000000000000"),
    ("GET", "/v1/users/0000000000000001"),
    ("GET", "/v1/invites"),
    ("GET", "/v1/no/such"),
]
WHERE: dict[str, tuple[dict[str, str], list[int]]] = {
    "everything": ({}, [0, 1, 2, 3, 4, 5, 6]),
    "a method": ({"method": "get"}, [0, 2, 4, 5, 6]),
    "a path": ({"path": "/v1/users/0000000000000000"}, [2, 3]),
    "a route": ({"path": ROUTE}, [2, 3, 4]),
    "a route, with a name of one's own": ({"path": "/v1/users/{id}"}, [2, 3, 4]),
    "a beginning": ({"path": "/v1/users*"}, [0, 1, 2, 3, 4]),
    "both": ({"method": "POST", "path": "/v1/users"}, [1]),
    "what is no route": ({"path": "/v1/no/*"}, [6]),
}


@pytest.mark.parametrize(("where", "expected"), WHERE.values(), ids=WHERE)
def test_where_it_is_met(account: Hands, where: dict[str, str], expected: list[int]) -> None:
    plan(account, status=599, times="always", **where)
    met = [account.api(method, path).status_code == 599 for method, path in ASKED]
    assert [number for number, is_met in enumerate(met) if is_met] == expected


def test_a_fault_of_an_account_is_nobody_else_s(shared: Held) -> None:
    one, other = shared.whole.account(), shared.whole.account()
    plan(one, **DOWN, times="always")
    assert statuses(other, times=2) == [200, 200]
    assert Hands(shared.whole.http, "nobody's").api("GET", "/v1/users").status_code == 401
    assert statuses(one, times=2) == [500, 500]


def test_a_whole_twin_s_fault_is_everybody_s(alone: Held) -> None:
    one, other = alone.whole.account(), alone.whole.account()
    plan(alone.whole, **DOWN, nth=2, times=2)
    assert [hands.api("GET", "/v1/users").status_code for hands in (one, other)] == [200, 500]
    plan(one, status=501, times=1)
    assert statuses(one, times=2) == [501, 500]
    plan(one, **DOWN)
    plan(alone.whole, **DOWN)
    assert alone.whole.told("POST", "/faults/clear") == {"faults": []}
    assert statuses(one, times=2) == [200, 200]


def test_controls_meet_no_fault(alone: Held) -> None:
    plan(alone.whole, **DOWN, times="always")
    assert len(left(alone.whole)) == 1
    assert plan(alone.first, kind="dropped", path="/_twin*")[0]["kind"] == "dropped"
    assert alone.first.control("GET", "/clock").status_code == 200


MANY: list[dict[str, Any]] = [
    {"kind": "rate_limited", "retry_after": 0, "nth": 2, "path": "/v1/users"},
    {"kind": "latency", "seconds": 0.001, "times": 2},
    {"status": 418, "body": {"a": None}, "headers": {"x": "y"}, "times": "always", "chance": 0.5},
    {"kind": "truncated", "bytes": 3, "method": "GET"},
    {"kind": "drip", "bytes_per_second": 1_000_000},
]


def test_a_plan_is_a_file_that_can_be_planned_again(account: Hands) -> None:
    account.told("POST", "/faults", json={"faults": MANY})
    file = account.control("GET", "/faults").content
    seen = statuses(account, times=20)
    account.told("POST", "/faults/clear")
    account.told("POST", "/faults", content=file)
    assert account.control("GET", "/faults").content == file
    assert statuses(account, times=20) == seen
    assert {200, 418, 429} <= set(seen)


def test_what_is_left_of_a_plan_is_a_plan(account: Hands) -> None:
    plan(account, **DOWN, nth=3, times=3)
    assert statuses(account, times=2) == [200, 200]
    assert left(account) == [{"times": 3, "commit": "before", **DOWN}]
    assert statuses(account, times=1) == [500]
    [half] = left(account)
    assert half["times"] == 2
    account.told("POST", "/faults/clear")
    plan(account, **half)
    assert statuses(account) == [500, 500, 200, 200, 200, 200]


def victims(seed: str) -> list[list[int]]:
    with Held(seed=seed) as held:
        one, other = held.whole.account(), held.whole.account()
        seen = []
        for hands in (one, other, one):
            hands.told("POST", "/faults/clear")
            plan(hands, **DOWN, chance=0.3, times="always")
            seen.append(statuses(hands, times=40))
        return seen


def test_chance_has_a_seed() -> None:
    one, other, one_again = first = victims("1")
    assert victims("1") == first
    assert one_again == one
    assert one != other
    assert victims("2")[0] != one
    assert 0 < one.count(500) < 40


def test_chance_takes_nothing_from_ids(alone: Held) -> None:
    alone.first.told("POST", "/snapshot")
    ids = []
    for chance in (0, 0.001):
        plan(alone.first, **DOWN, chance=chance, times="always", method="GET")
        statuses(alone.first)
        ids.append(alone.first.invited("eve@acme.test"))
        alone.first.told("POST", "/restore")
    assert ids[0] == ids[1]


def test_a_snapshot_keeps_the_plan_and_a_reset_ends_it(held: Held) -> None:
    first = held.first
    plan(first, **DOWN, nth=2)
    plan(held.whole, status=501, nth=5)
    assert statuses(first, times=1) == [200]
    first.told("POST", "/snapshot")
    for second in (200, 501):  # the whole twin's plan is no account's, and goes on
        assert statuses(first, times=2) == [500, second]
        first.told("POST", "/restore")
    first.told("POST", "/reset")
    assert statuses(first, times=2) == [200, 200]
    plan(held.whole, **DOWN)
    held.whole.told("POST", "/reset")
    assert (left(held.whole), statuses(first, times=1)) == ([], [200])


# A fault that cannot be, and a word of what is said about it.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "kind or a status"),
    ({"kind": "server_error", "status": 500}, "one of the two"),
    ({"kind": "explosion"}, "bad_gateway"),
    ({"kind": "server_error", "when": 1}, "when"),
    ({"kind": "server_error", "nth": 0}, "nth"),
    ({"kind": "server_error", "nth": 1.5}, "nth"),
    ({"kind": "server_error", "times": "often"}, "times"),
    ({"kind": "server_error", "chance": 1.1}, "chance"),
    ({"kind": "server_error", "commit": "during"}, "commit"),
    ({"kind": "server_error", "method": "FETCH"}, "PATCH"),
    ({"kind": "server_error", "path": "v1/users"}, "begin with a /"),
    ({"kind": "server_error", "path": "/v1/people/{id}"}, "no route"),
    ({"kind": "server_error", "retry_after": 1}, "nothing more"),
    ({"kind": "rate_limited", "seconds": 1}, "retry_after"),
    ({"kind": "rate_limited", "retry_after": -1}, "retry_after"),
    ({"kind": "forbidden", "body": "x"}, "body"),
    ({"kind": "latency"}, "needs seconds"),
    ({"kind": "latency", "seconds": 3_601}, "seconds"),
    ({"kind": "drip"}, "needs bytes_per_second"),
    ({"kind": "drip", "bytes_per_second": 0}, "bytes_per_second"),
    ({"kind": "truncated"}, "needs bytes"),
    ({"kind": "truncated", "bytes": 1, "commit": "before"}, "commit is after"),
    ({"kind": "dropped", "reset": "yes"}, "reset"),
    ({"status": 99}, "status"),
    ({"status": 600}, "status"),
    ({"status": 204, "body": ""}, "no body"),
    ({"status": 200, "headers": {"a b": "c"}}, "header"),
    ({"status": 200, "headers": {"a": "b\r\nc: d"}}, "header"),
    ({"status": 200, "headers": {"Content-Length": "1"}}, "truncated"),
    ({"faults": [], "kind": "server_error"}, "not both"),
    ({"faults": [{"kind": "server_error", "x": 1}]}, "x"),
]


@pytest.mark.parametrize(("fault", "word"), WRONG, ids=json.dumps)
def test_what_cannot_be_planned_is_refused_in_words(
    account: Hands, fault: dict[str, Any], word: str
) -> None:
    answer = account.control("POST", "/faults", json=fault)
    assert answer.status_code == 422, answer.text
    assert word in answer.json()["message"]
    assert left(account) == []


def test_of_a_list_with_one_that_cannot_be_none_is_planned(account: Hands) -> None:
    answer = account.control("POST", "/faults", json={"faults": [DOWN, {"kind": "explosion"}]})
    assert (answer.status_code, left(account)) == (422, [])


def test_every_kind_can_be_planned_by_its_name(account: Hands) -> None:
    needed = {"seconds": 1, "bytes_per_second": 1, "bytes": 1}
    for kind, takes in KINDS.items():
        plan(account, kind=kind, **{name: needed[name] for name in takes if name in needed})
    assert [fault["kind"] for fault in left(account)] == list(KINDS)


def test_in_the_same_process_a_connection_drops_too() -> None:
    twin = Twin(Options(public_url=URL))
    token = twin.accounts[0].tokens[0]["token"]
    with TestClient(Served(twin), base_url=URL) as client:
        first = Hands(client, token)
        for commit, expected in (("before", []), ("after", ["eve@acme.test"])):
            plan(first, kind="dropped", commit=commit)
            with pytest.raises(ConnectionResetError):
                first.invited("eve@acme.test")
            assert first.emails("/v1/invites") == expected


def test_in_the_same_process_bytes_are_missing_too(account: Hands) -> None:
    whole = account.api("GET", "/v1/users")
    plan(account, kind="truncated", bytes=7)
    cut = account.api("GET", "/v1/users")
    assert cut.content == whole.content[:7]
    assert cut.headers["content-length"] == str(len(whole.content))
