"""What a test can do to a twin, and that nobody else can."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import jsonschema_rs
import pytest

from guestlist.domain.refusals import BrokenFile
from guestlist.testing.controls.routes import CONTROLS
from guestlist.testing.twins import Options, Twin
from tests.testing.hands import URL, Hands, Held

REFUSED_HEADERS = [
    {"origin": "http://127.0.0.1:8025"},
    {"origin": "null"},
    {"host": "api.mailersend.com"},
    {"host": "evil.test:8025"},
    {"host": "127.0.0.1.evil.test"},
    {"host": "[2001:db8::1]:80"},
    {"host": ""},
]


def scratch_folders() -> list[Path]:
    places = (Path(tempfile.gettempdir()), Path("/dev/shm"))  # noqa: S108 - where twins are
    return [folder for place in places for folder in place.glob(f"guestlist-twin-{os.getpid()}-*")]


@pytest.mark.parametrize("headers", REFUSED_HEADERS, ids=str)
@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"{c.method} {c.path}")
def test_no_page_and_no_other_host_reaches_a_control(
    shared: Held, control: Any, headers: dict[str, str]
) -> None:
    before = shared.whole.told("GET", "/world")
    path = control.path.replace("{id}", "x")
    answer = shared.whole.control(control.method, path, headers=headers)
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.json()["message"] or "Origin" in answer.json()["message"]
    assert shared.whole.told("GET", "/world") == before


@pytest.mark.parametrize("host", ["localhost:8025", "127.0.0.1", "[::1]:8025", "LOCALHOST"])
def test_this_machine_reaches_them(shared: Held, host: str) -> None:
    assert shared.whole.control("GET", "", headers={"host": host}).status_code == 200


def test_a_token_that_nobody_has_means_nothing(shared: Held) -> None:
    stranger = Hands(shared.whole.http, "mlsn.nobodys")
    answer = stranger.control("POST", "/reset")
    assert answer.status_code == 401
    assert "whole twin" in answer.json()["message"]


def test_what_is_no_control_says_so(shared: Held) -> None:
    assert shared.whole.control("GET", "/nothing").status_code == 404
    assert shared.whole.control("GET", "/invites//accept").status_code == 404
    assert shared.whole.control("PUT", "/reset").status_code == 405
    for broken in (b"{", b"[1]", b"\xff"):
        assert shared.whole.control("POST", "/reset", content=broken).status_code == 400


def test_accounts_never_meet(shared: Held) -> None:
    """The same addresses, other people: one test's Eve is not another's."""
    one, two = (shared.whole.account(name="The same") for _ in range(2))
    for hands, name in ((one, "Eve"), (two, "Evita")):
        invite = hands.invited("eve@acme.test")
        hands.told("POST", f"/invites/{invite}/accept", json={"name": name})
    names = [
        [user["name"] for user in hands.api("GET", "/v1/users").json()["data"]]
        for hands in (one, two)
    ]
    assert names == [["Ada", "Eve"], ["Ada", "Evita"]]
    assert [letter["to"] for letter in one.told("GET", "/outbox")["data"]] == ["eve@acme.test"]


def test_an_account_can_be_made_as_it_is_wanted(shared: Held) -> None:
    team = [
        {"email": "ana@acme.test", "role": "Admin", "name": "Ana"},
        {"email": "bo@acme.test", "role": "Manager"},
    ]
    hands = shared.whole.account(
        name="Acme", seats=3, users=team, tokens=[{"scopes": ["users_full"]}]
    )
    assert hands.emails("/v1/users") == ["ana@acme.test", "bo@acme.test"]
    hands.invited("cleo@acme.test")
    answer = hands.api("POST", "/v1/users", json={"email": "dan@acme.test", "role": "Admin"})
    assert answer.json()["errors"] == {"email": ["The account has no free seat."]}


def test_an_account_that_cannot_be_is_refused_in_words(shared: Held) -> None:
    answer = shared.whole.control("POST", "/accounts", json={"users": [{"email": "no"}], "x": 1})
    assert answer.status_code == 422
    assert "users[0].email" in answer.json()["message"]
    assert answer.json()["message"].count("\n") >= 2


def test_a_world_goes_out_and_in_again(shared: Held) -> None:
    one = shared.whole.account(name="Acme", domains=[{"id": "1dom", "name": "mail.acme.test"}])
    one.invited("eve@acme.test")
    [exported] = one.told("GET", "/world")["accounts"]
    other = shared.whole.account(name="Beside")
    fresh = {k: v for k, v in exported.items() if k not in {"id", "tokens"}}
    made = other.told("POST", "/world", json={"accounts": [fresh]})["accounts"]
    copy = Hands(other.http, made[0]["token"])
    assert copy.emails("/v1/invites") == ["eve@acme.test"]
    assert copy.api("GET", "/v1/domains").json()["data"][0]["id"] == "1dom"


def test_the_click_of_an_invited_person(account: Hands) -> None:
    invite = account.invited("eve@acme.test", "Manager")
    [letter] = account.told("GET", "/outbox?to=EVE@acme.test&wait=5")["data"]
    assert letter["kind"] == "invitation"
    assert letter["link"] in letter["text"]
    page = account.http.get(letter["link"])
    assert page.status_code == 200
    assert "Manager" in page.text
    user = account.told("POST", f"/invites/{invite}/accept", json={"name": "Eve"})["user_id"]
    assert account.api("GET", f"/v1/users/{user}").json()["data"]["role"] == "Manager"
    again = account.told("POST", f"/invites/{invite}/accept", json={"name": "Eve"})
    assert again["user_id"] == user
    answer = account.control("POST", f"/invites/{invite}/decline")
    assert (answer.status_code, "accepted" in answer.json()["message"]) == (410, True)


def test_who_was_there_before_joins_again(account: Hands) -> None:
    """She has a sign-in by then, so the second click signs her in."""
    ids = []
    for _ in range(2):
        invite = account.invited("eve@acme.test")
        ids.append(account.told("POST", f"/invites/{invite}/accept", json={"name": "E"})["user_id"])
        assert account.api("DELETE", f"/v1/users/{ids[-1]}").status_code == 204
    assert ids[0] != ids[1]


def test_no_is_an_answer_too(account: Hands) -> None:
    invite = account.invited("eve@acme.test")
    account.told("POST", f"/invites/{invite}/decline")
    assert account.api("GET", f"/v1/invites/{invite}").status_code == 404


def test_an_invite_that_no_letter_was_sent_for(account: Hands, shared: Held) -> None:
    answer = account.control("POST", "/invites/0000000000000000/accept")
    assert answer.status_code == 404
    world = {"invites": [{"id": "lost", "email": "eve@acme.test", "role": "Manager"}]}
    imported = shared.whole.account(**world)
    assert "resent" in imported.control("POST", "/invites/lost/accept").json()["message"]
    assert imported.api("POST", "/v1/invites/lost/resend").status_code == 200
    imported.told("POST", "/invites/lost/accept")


def test_an_expired_invite_opens_nothing_until_it_is_resent(account: Hands) -> None:
    invite = account.invited("eve@acme.test")
    account.told("POST", "/clock/advance", json={"days": 8})
    answer = account.control("POST", f"/invites/{invite}/accept")
    assert (answer.status_code, "expired" in answer.json()["message"]) == (410, True)
    assert account.api("POST", f"/v1/invites/{invite}/resend").status_code == 200
    account.told("POST", f"/invites/{invite}/accept")
    assert account.emails("/v1/users") == ["admin@twin.test", "eve@acme.test"]


def test_reset_is_the_start_again_and_gives_the_same_ids(held: Held) -> None:
    first = held.first
    seen = []
    for _ in range(2):
        seen.append((first.invited("eve@acme.test"), first.told("GET", "/outbox")["data"]))
        first.told("POST", "/clock/advance", json={"days": 1})
        first.told("POST", "/reset")
        assert first.emails("/v1/invites") == []
        assert first.told("GET", "/outbox")["data"] == []
        assert first.told("GET", "/clock")["now"].startswith("2026-01-01T00:00:00")
    assert seen[0] == seen[1]


def test_a_reset_of_the_whole_twin_ends_the_accounts_made_since(held: Held) -> None:
    account = held.whole.account()
    account.invited("eve@acme.test")
    held.first.invited("bo@acme.test")
    held.whole.told("POST", "/reset")
    assert account.api("GET", "/v1/users").status_code == 401
    assert held.first.emails("/v1/invites") == []
    assert held.whole.account().token == account.token


def test_a_reset_of_one_account_leaves_the_others(held: Held) -> None:
    one, other = held.whole.account(), held.whole.account()
    for hands in (one, other, held.first):
        hands.invited("eve@acme.test")
    one.told("POST", "/reset")
    assert [hands.emails("/v1/invites") for hands in (one, other, held.first)] == [
        [],
        ["eve@acme.test"],
        ["eve@acme.test"],
    ]


def test_a_snapshot_is_a_place_to_go_back_to_again_and_again(held: Held) -> None:
    first = held.first
    invite = first.invited("eve@acme.test")
    first.told("POST", "/snapshot", json={"name": "invited"})
    answers = []
    for _ in range(3):
        user = first.told("POST", f"/invites/{invite}/accept", json={"name": "Eve"})["user_id"]
        first.told("POST", "/clock/advance", json={"days": 400})
        answers.append(first.api("GET", f"/v1/users/{user}").content)
        first.told("POST", "/restore", json={"name": "invited"})
        assert first.emails("/v1/invites") == ["eve@acme.test"]
        assert first.emails("/v1/users") == ["admin@twin.test"]
    assert len(set(answers)) == 1
    assert first.control("POST", "/restore", json={"name": "other"}).status_code == 404


def test_nothing_is_remembered_of_what_was_set_back(held: Held) -> None:
    """The same revision can come again with something else behind it."""
    first = held.first
    first.told("POST", "/snapshot")
    seen = []
    for email in ("a@acme.test", "b@acme.test"):
        invite = first.invited(email)
        answer = first.api("GET", f"/v1/invites/{invite}")
        seen.append((answer.json()["data"]["email"], answer.headers["etag"]))
        first.told("POST", "/restore")
    assert [email for email, _ in seen] == ["a@acme.test", "b@acme.test"]


def test_a_token_made_by_the_api_names_its_account_too(account: Hands) -> None:
    answer = account.api("POST", "/v1/token", json={"name": "ci", "scopes": ["users_read"]})
    text = answer.json()["data"]["accessToken"]
    other = Hands(account.http, text)
    assert other.emails("/v1/users") == ["admin@twin.test"]
    other.told("POST", "/clock/advance", json={"hours": 1})
    assert account.told("GET", "/clock") == other.told("GET", "/clock")


def test_the_clock_of_one_account_is_no_other_s(shared: Held) -> None:
    one, other = shared.whole.account(), shared.whole.account()
    one.told("POST", "/clock/advance", json={"days": 1, "hours": 2})
    assert one.told("GET", "/clock")["now"] == "2026-01-02T02:00:00.000000Z"
    assert other.told("GET", "/clock")["now"] == "2026-01-01T00:00:00.000000Z"
    for wrong in ({"days": -1}, {"days": "x"}, {"to": "yesterday"}, {"to": "2020-01-01"}):
        assert one.control("POST", "/clock/advance", json=wrong).status_code == 422


def test_the_pages_of_an_account_are_found_by_what_they_gave_out(shared: Held) -> None:
    """A letter's link, and then the cookie that it leaves."""
    account = shared.whole.account(name="Beyond")
    account.invited("eve@acme.test")
    [letter] = account.told("GET", "/outbox")["data"]
    page = account.http.get(letter["link"])
    assert page.status_code == 200
    assert "Beyond" in page.text
    assert re.search(r"/invitation", str(page.url))


def test_a_reset_is_exact_whatever_strangers_ask_meanwhile(held: Held) -> None:
    """Whoever asks with no token, with nobody's or for everything has nothing open of it."""
    account = held.whole.account()
    stranger = Hands(account.http, "mlsn.nobodys")
    is_over = Event()

    def ask() -> None:
        while not is_over.is_set():
            assert stranger.api("GET", "/v1/users").status_code == 401
            account.told("GET", "/world")

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(ask) for _ in range(2)]
        try:
            ids = set()
            for _ in range(20):
                ids.add((account.invited("a@acme.test"), account.invited("b@acme.test")))
                account.told("POST", "/reset")
        finally:
            is_over.set()
        for one in asking:
            one.result()
    assert len(ids) == 1


def test_who_drops_an_account_leaves_strangers_behind(held: Held) -> None:
    for _ in range(5):
        account = held.whole.account()
        with ThreadPoolExecutor() as threads:
            asking = [threads.submit(account.api, "GET", "/v1/users") for _ in range(12)]
            account.told("POST", "/accounts/drop")
            assert {one.result().status_code for one in asking} <= {200, 401}
        assert account.api("GET", "/v1/users").status_code == 401
        assert account.control("GET", "/clock").status_code == 401


def test_the_whole_twin_is_reset_beside_others_that_go_on(held: Held) -> None:
    made = [held.whole.account() for _ in range(3)]

    def ask(hands: Hands) -> set[int]:
        return {hands.control("GET", "/world").status_code for _ in range(10)} | {
            hands.api(
                "POST", "/v1/users", json={"email": f"{n}@a.test", "role": "Admin"}
            ).status_code
            for n in range(10)
        }

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(ask, hands) for hands in made]
        for _ in range(3):
            held.whole.told("POST", "/reset")
        seen = set.union(*(one.result() for one in asking))
    assert seen <= {200, 401}
    assert held.first.emails("/v1/invites") == []


def test_a_reset_that_is_called_off_locks_nobody_out() -> None:
    async def journey() -> None:
        realm = Twin(Options(public_url=URL, seed="1")).first
        async with realm.used():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), realm.held():
                    pass
        async with asyncio.timeout(60), realm.held():
            pass

    asyncio.run(journey())


def test_a_token_names_one_account(shared: Held) -> None:
    tokens = [{"token": "mlsn.the-same-of-two", "scopes": ["users_full"]}]
    one = shared.whole.account(tokens=tokens)
    answer = shared.whole.control("POST", "/accounts", json={"tokens": tokens})
    assert answer.status_code == 422
    assert answer.json()["message"].endswith("is a token that exists already")
    assert one.emails("/v1/users") == ["admin@twin.test"]


def test_an_account_that_cannot_be_takes_no_other_away(shared: Held) -> None:
    one = Hands(
        shared.whole.http, shared.whole.told("POST", "/accounts", json={"realm": "a"})["token"]
    )
    assert shared.whole.control("POST", "/accounts", json={"name": "\0a"}).status_code == 422
    assert one.emails("/v1/users") == ["admin@twin.test"]
    one.told("POST", "/accounts/drop")
    assert one.api("GET", "/v1/users").status_code == 401


@pytest.mark.parametrize(
    "world", [[], {}, [1], 5, "x", {"accounts": 5}, {"accounts": [{"name": 1}]}]
)
def test_a_world_that_is_none_leaves_nothing_behind(world: Any) -> None:
    before = set(scratch_folders())
    with pytest.raises(BrokenFile):
        Twin(Options(public_url=URL, world=world))
    assert set(scratch_folders()) <= before


MANY = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
from tests.testing.hands import Held
with Held(seed="1") as held:
    made = [held.whole.account() for _ in range(150)]
    for hands in made:
        hands.invited("eve@acme.test")
    assert held.whole.http.get(
        "/v1/users", headers={"authorization": "Bearer nobodys"}
    ).status_code == 401
    print(sum(len(hands.emails("/v1/invites")) for hands in reversed(made)))
    for hands in made:
        hands.told("POST", "/accounts/drop")
    print([hands.api("GET", "/v1/users").status_code for hands in made] == [401] * len(made))
"""


def test_many_accounts_need_few_open_files() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MANY], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout) == (0, "150\nTrue\n"), done.stderr


def test_a_world_that_is_half_wrong_is_not_made_by_half(account: Hands) -> None:
    before = account.told("GET", "/world")
    world = {"accounts": [{"name": "Good"}, {"name": ""}, 3]}
    answer = account.control("POST", "/world", json=world)
    assert answer.status_code == 422
    assert "accounts[1].name" in answer.json()["message"]
    assert "accounts[2]" in answer.json()["message"]
    assert account.told("GET", "/world") == before
    assert account.control("POST", "/world", json={}).status_code == 422


def test_the_controls_describe_themselves(shared: Held) -> None:
    described = shared.whole.told("GET", "/openapi.json")
    for schema in described["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    told = {
        (method.upper(), path.removeprefix("/_twin"))
        for path, methods in described["paths"].items()
        for method in methods
    }
    assert told == {(control.method, control.path) for control in CONTROLS}


def test_what_a_control_does_not_know_is_refused(shared: Held) -> None:
    for path, body in (("/snapshot", {"names": "x"}), ("/snapshot", {"name": 1})):
        answer = shared.whole.control("POST", path, json=body)
        assert (answer.status_code, "name" in answer.json()["message"]) == (422, True)
    answer = shared.whole.control("POST", "/reset", json={"nonsense": 1})
    assert (answer.status_code, "nonsense" in answer.json()["message"]) == (422, True)
    assert shared.whole.control("POST", "/snapshot", json={"name": ""}).status_code == 422
    for query in ("?form=x", "?after=x", "?wait=x"):
        assert shared.whole.control("GET", f"/outbox{query}").status_code == 422
