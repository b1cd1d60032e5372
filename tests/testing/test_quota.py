"""A bucket that requests empty: by the day, and at a rate."""

from typing import Any

import pytest

from tests.testing.hands import Hands, Held

MIDNIGHT = "2026-01-02T00:00:00Z"
NONE = {"daily": None, "remaining": None, "reset": MIDNIGHT, "rate": None}
OVER = "Your account reached its API daily quota limit. Upgrade to increase it. #MS42901"


def put(hands: Hands, **quota: Any) -> Any:
    return hands.told("POST", "/quota", json=quota)


def left(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.headers.get("x-apiquota-remaining")


def test_nothing_is_limited_until_it_is_said(alone: Held) -> None:
    assert alone.first.told("GET", "/quota") == NONE
    answer = alone.first.api("GET", "/v1/users")
    assert left(answer) == (200, "-1")
    assert "x-ratelimit-limit" not in answer.headers


def test_a_day_s_quota_is_used_up_by_whatever_was_asked(held: Held) -> None:
    first = held.first
    assert put(first, daily=4) == NONE | {"daily": 4, "remaining": 4}
    assert left(first.api("GET", "/v1/users")) == (200, "3")
    assert left(first.api("POST", "/v1/users", json={})) == (422, "2")
    assert left(first.api("GET", "/v1/users/0000000000000000")) == (404, "1")
    assert left(first.api("GET", "/v1/nothing")) == (404, None)
    assert left(Hands(first.http, "nobody's").api("GET", "/v1/users")) == (401, None)
    assert first.api("GET", "/v1/api-quota").json() == {
        "quota": 4,
        "remaining": 1,
        "reset": MIDNIGHT,
    }
    unbound = first.api("DELETE", "/v1/invites/0000000000000000")
    assert left(unbound) == (404, None)
    for method in ("GET", "POST"):
        over = first.api(method, "/v1/users", json={"email": "a@b.test", "role": "Admin"})
        assert left(over) == (429, "0")
        assert over.json() == {"message": OVER}
        assert over.headers["x-apiquota-reset"] == MIDNIGHT
        assert "retry-after" not in over.headers
    assert first.api("GET", "/v1/api-quota").json()["remaining"] == 0
    assert first.told("GET", "/quota")["remaining"] == 0
    first.told("POST", "/clock/advance", json={"hours": 24})
    assert left(first.api("GET", "/v1/invites")) == (200, "3")


def test_a_rate_is_a_window_of_the_realm_s_clock(held: Held) -> None:
    first = held.first
    first.told("POST", "/clock/advance", json={"seconds": 70})
    rate = {"requests": 2, "seconds": 60}
    assert put(first, rate=rate)["rate"] == rate | {"remaining": 2}
    seen = [first.api("GET", path) for path in ("/v1/users", "/v1/nothing", "/v1/api-quota")]
    assert [answer.headers["x-ratelimit-remaining"] for answer in seen] == ["1", "2", "0"]
    over = first.api("GET", "/v1/users")
    assert over.status_code == 429
    assert over.headers["retry-after"] == "50"
    assert over.headers["x-ratelimit-limit"] == "2"
    assert "60" not in over.json()["message"]
    assert over.json()["message"].startswith(
        "Your account reached its rate limit of 2 requests/min"
    )
    assert over.json()["message"].endswith("#MS42903")
    stranger = Hands(first.http, "nobody's").api("GET", "/v1/users")
    assert (stranger.status_code, stranger.headers["x-ratelimit-limit"]) == (401, "2")
    first.told("POST", "/clock/advance", json={"seconds": 50})
    assert first.api("GET", "/v1/users").status_code == 200


def test_what_is_put_begins_full_and_null_takes_it_away(account: Hands) -> None:
    for _ in range(2):
        put(account, daily=1, rate={"requests": 1})
        assert account.api("GET", "/v1/users").status_code == 200
        assert account.api("GET", "/v1/users").status_code == 429
    assert put(account, rate=None)["daily"] == 1
    assert account.api("GET", "/v1/users").json()["message"] == OVER
    assert put(account, daily=None) == NONE
    assert account.api("GET", "/v1/users").status_code == 200
    assert put(account, daily=0)["remaining"] == 0
    assert account.api("GET", "/v1/users").status_code == 429


def test_a_bucket_is_one_account_s_or_everybody_s(alone: Held) -> None:
    one, other = alone.whole.account(), alone.whole.account()
    put(one, daily=5)
    assert left(other.api("GET", "/v1/users")) == (200, "-1")
    put(alone.whole, daily=9)
    for hands in (one, other, alone.first, alone.whole.account()):
        assert left(hands.api("GET", "/v1/users")) == (200, "8")
    alone.whole.told("POST", "/reset")
    assert alone.first.told("GET", "/quota") == NONE
    assert alone.whole.account().told("GET", "/quota") == NONE


def test_a_snapshot_keeps_how_full_it_is(held: Held) -> None:
    first = held.first
    put(first, daily=3, rate={"requests": 3})
    first.api("GET", "/v1/users")
    first.told("POST", "/snapshot")
    for _ in range(2):
        assert left(first.api("GET", "/v1/users")) == (200, "1")
        first.told("POST", "/restore")
    first.told("POST", "/reset")
    assert first.told("GET", "/quota") == NONE


def test_an_answer_that_was_planned_tells_the_same_bucket(account: Hands) -> None:
    put(account, daily=5, rate={"requests": 7, "seconds": 10})
    account.api("GET", "/v1/users")
    account.told("POST", "/faults", json={"kind": "rate_limited"})
    answer = account.api("GET", "/v1/users")
    assert left(answer) == (429, "4")
    assert answer.headers["x-ratelimit-limit"] == "7"
    assert "7 requests/10 s" in answer.json()["message"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"daily": -1}, "daily"),
    ({"daily": "many"}, "daily"),
    ({"weekly": 1}, "weekly"),
    ({"rate": 60}, "rate"),
    ({"rate": {"requests": 0}}, "requests"),
    ({"rate": {"seconds": 60}}, "requests"),
    ({"rate": {"requests": 1, "seconds": 0}}, "seconds"),
]


@pytest.mark.parametrize(("quota", "word"), WRONG, ids=str)
def test_what_is_no_quota_is_refused(account: Hands, quota: dict[str, Any], word: str) -> None:
    answer = account.control("POST", "/quota", json=quota)
    assert (answer.status_code, word in answer.json()["message"]) == (422, True)
    assert account.told("GET", "/quota") == NONE
