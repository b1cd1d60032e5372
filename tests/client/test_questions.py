"""What goes over the wire for each question, and what comes back."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from guestlist.client import Malformed, Question, Unavailable
from tests.client.conftest import TOKEN, Asking
from tests.client.peer import Asked, Peer, answer, decision

Make = Callable[..., Asking]
Start = Callable[..., Peer]


def asked_of(thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": "ana@acme.test"},
        "action": {"name": "control-sendings"},
        "resource": thing,
    } | more


@pytest.mark.parametrize(
    ("about", "thing"),
    [
        ({}, {"type": "account", "id": "self"}),
        ({"domain": "d1"}, {"type": "domain", "id": "d1"}),
        ({"template": "t1", "domain": None}, {"type": "template", "id": "t1"}),
        ({"resource": ("shop", "s1")}, {"type": "shop", "id": "s1"}),
        (
            {"resource": ("shop", "s1", {"open": True})},
            {"type": "shop", "id": "s1", "properties": {"open": True}},
        ),
    ],
)
def test_a_question_is_an_evaluation_of_one_thing(
    client: Make, peer: Start, about: dict[str, Any], thing: dict[str, Any]
) -> None:
    there = peer(decision(allowed=True, reason="role Admin"), decision(allowed=False, reason="no"))
    ask = client(there.url)
    yes = ask("decide", "ana@acme.test", "control-sendings", **about)
    no = ask("decide", "ana@acme.test", "control-sendings", **about)
    assert (bool(yes), yes.reason, bool(no), no.reason) == (True, "role Admin", False, "no")
    [asked, _] = there.asked
    assert (asked.path, asked.document) == ("/access/v1/evaluation", asked_of(thing))
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_account_context_and_a_path_before_are_said(client: Make, peer: Start) -> None:
    there = peer(decision(allowed=True))
    ask = client(f"{there.url}/people/", account="acc0unt")
    assert ask.allowed("ana@acme.test", "control-sendings", context={"hour": 9}) is True
    [asked] = there.asked
    assert asked.path == "/people/access/v1/evaluation"
    account = {"type": "account", "id": "acc0unt"}
    assert asked.document == asked_of(account, context={"hour": 9})


@pytest.mark.parametrize(
    "about",
    [
        {"user": ""},
        {"user": None},
        {"permission": ""},
        {"domain": ""},
        {"template": ""},
        {"resource": ("shop", "")},
        {"domain": "d1", "template": "t1"},
        {"context": {"score": float("nan")}},
    ],
)
def test_what_is_no_question_is_never_sent(
    client: Make, peer: Start, about: dict[str, Any]
) -> None:
    there = peer(decision(allowed=True))
    ask = client(there.url, on_error="deny")
    assert ask.allowed("ana", "read-activity")
    with pytest.raises(ValueError, match=r"empty|one thing|JSON"):
        ask.allowed(**about)
    assert len(there.asked) == 1


def _every_third(asked: Asked) -> bytes:
    answers = [
        {"decision": int(one["resource"]["id"]) % 3 == 0} for one in asked.document["evaluations"]
    ]
    return answer(200, {"evaluations": answers})


def test_many_questions_are_asked_a_thousand_at_once(client: Make, peer: Start) -> None:
    there = peer(by=_every_third)
    questions = [Question("ana", "read-activity", domain=f"{n}") for n in range(2_001)]
    answers = client(there.url)("allowed_all", questions)
    assert answers == [n % 3 == 0 for n in range(2_001)]
    assert {asked.path for asked in there.asked} == {"/access/v1/evaluations"}
    assert [len(asked.document["evaluations"]) for asked in there.asked] == [1_000, 1_000, 1]


def test_questions_are_split_before_a_body_is_too_large(client: Make, peer: Start) -> None:
    there = peer(by=_every_third)
    context = {"note": "x" * 300_000}
    questions = [Question("ana", "read-activity", domain=f"{n}", context=context) for n in range(7)]
    assert client(there.url)("allowed_all", questions) == [n % 3 == 0 for n in range(7)]
    for asked in there.asked:
        assert len(json.dumps(asked.document)) <= 1024 * 1024
    assert len(there.asked) == 3


def test_no_questions_need_no_server(client: Make) -> None:
    assert client("http://127.0.0.1:9")("allowed_all", []) == []


@pytest.mark.parametrize("answers", [[], [{"decision": True}] * 3, [{"decision": True}, {}]])
def test_answers_that_fit_no_question_are_no_answers(
    client: Make, peer: Start, answers: list[Any]
) -> None:
    there = peer(answer(200, {"evaluations": answers}))
    questions = [Question("ana", "a"), Question("bob", "a")]
    with pytest.raises(Unavailable, match="something that Guestlist does not"):
        client(there.url)("allowed_all", questions)
    assert client(there.url, on_error="deny")("allowed_all", questions) == [False, False]


def test_searches_go_through_all_pages(client: Make, peer: Start) -> None:
    def pages(asked: Asked) -> bytes:
        key = "name" if asked.path.endswith("action") else "id"
        token = asked.document.get("page", {}).get("token", "")
        following = {"": "second", "second": ""}[token]
        results = [{"type": "x", key: f"{n}{token}"} for n in "ab"]
        return answer(200, {"results": results, "page": {"next_token": following}})

    there = peer(by=pages)
    ask = client(there.url)
    everything = ["a", "b", "asecond", "bsecond"]
    assert ask("users_allowed", "read-activity", domain="d1") == everything
    assert ask("things_allowed", "ana", "read-activity", "template") == everything
    assert ask("permissions", "ana") == everything
    documents = {asked.path: asked.document for asked in there.asked}
    page = {"page": {"token": "second"}}
    assert documents == {
        "/access/v1/search/subject": {
            "subject": {"type": "user"},
            "action": {"name": "read-activity"},
            "resource": {"type": "domain", "id": "d1"},
        }
        | page,
        "/access/v1/search/resource": {
            "subject": {"type": "user", "id": "ana"},
            "action": {"name": "read-activity"},
            "resource": {"type": "template"},
        }
        | page,
        "/access/v1/search/action": {
            "subject": {"type": "user", "id": "ana"},
            "resource": {"type": "account", "id": "self"},
        }
        | page,
    }


def test_a_search_that_turns_in_circles_ends(client: Make, peer: Start) -> None:
    there = peer(answer(200, {"results": [], "page": {"next_token": "again"}}))
    with pytest.raises(Unavailable, match="again and again"):
        client(there.url)("permissions", "ana")


def test_a_page_without_ids_is_no_page(client: Make, peer: Start) -> None:
    there = peer(answer(200, {"results": [{"type": "user"}]}))
    with pytest.raises(Unavailable):
        client(there.url)("users_allowed", "read-activity")


def test_what_the_server_says_is_passed_on(client: Make, peer: Start) -> None:
    there = peer(answer(400, {"message": "There is no permission fly."}))
    with pytest.raises(Malformed, match=r"There is no permission fly\."):
        client(there.url).allowed("ana", "fly")
