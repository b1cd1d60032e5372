"""A request that names itself by an Idempotency-Key is done once."""

from collections.abc import Iterator
from typing import Any

import pytest

from guestlist.domain.invitations import Caps
from tests.stand import Stand, Team

EVE = {"email": "eve@acme.test", "role": "Designer"}


@pytest.fixture
def small(database_url: str) -> Iterator[Team]:
    with Stand(database_url, caps=Caps(invitations_per_day=2, letters_per_day=1)) as stand:
        yield Team(stand)


def invite(team: Team, body: Any = EVE, *, key: str = "monday 7", **more: Any) -> Any:
    return team.post("/v1/users", body, headers={"idempotency-key": key}, **more)


def test_the_same_again_answers_the_same_and_changes_nothing(small: Team) -> None:
    first = invite(small)
    assert "idempotency-replayed" not in first.headers
    reordered = dict(reversed(EVE.items())) | {"unknown": "to be ignored"}
    with small.unchanged():
        for body in (EVE, reordered):
            again = invite(small, body)
            assert (again.status_code, again.content) == (200, first.content)
            assert again.headers["idempotency-replayed"] == "true"


def test_it_tells_of_the_invite_as_it_is_now(team: Team) -> None:
    first = invite(team).json()["data"]
    team.put(f"/guestlist/v1/invites/{first['id']}", {"role": "Manager"})
    assert invite(team).json()["data"]["role"] == "Manager"
    team.delete(f"/v1/invites/{first['id']}")
    with team.unchanged():
        assert invite(team).json()["data"]["id"] == first["id"]
    assert team.get("/v1/invites").json()["data"] == []


def test_another_body_is_a_conflict_and_says_what_to_do(team: Team) -> None:
    invite(team)
    with team.unchanged():
        for body in ({**EVE, "role": "Manager"}, {**EVE, "email": "fay@acme.test"}, {}):
            answer = invite(team, body)
            assert answer.status_code == 409
            assert "make a new key" in answer.json()["message"]
            assert answer.headers["x-apiquota-remaining"] == "-1"


def test_a_key_is_the_tokens_and_the_accounts_own(team: Team) -> None:
    invite(team)
    taken = invite(team, by="bob")
    assert taken.status_code == 422
    other = Team(team.stand)
    assert "idempotency-replayed" not in invite(other).headers


def test_what_was_refused_is_not_kept(team: Team) -> None:
    assert invite(team, {"email": "eve@acme.test"}).status_code == 422
    assert invite(team).status_code == 200


def test_a_key_lives_for_a_day(team: Team) -> None:
    first = invite(team).json()["data"]
    team.stand.clock.advance(days=1, seconds=-1)
    assert invite(team).json()["data"]["id"] == first["id"]
    team.stand.clock.advance(seconds=1)
    assert invite(team).json()["errors"] == {"email": ["The email has already been taken."]}
    assert invite(team, {**EVE, "email": "fay@acme.test"}).status_code == 200


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "clé".encode(), b"a\tb"])
def test_what_is_no_key_is_refused(team: Team, key: Any) -> None:
    with team.unchanged():
        answer = invite(team, key=key)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("The Idempotency-Key header must be 1 to 255")


def test_a_key_opens_nothing(team: Team) -> None:
    invite(team)
    assert invite(team, by="no scopes").status_code == 403
    assert invite(team, by="nobody").status_code == 401


def test_keys_of_255_characters_are_kept_whole(team: Team) -> None:
    first = invite(team, key="k" * 254 + "1").json()["data"]
    assert invite(team, key="k" * 254 + "2").status_code == 422
    assert invite(team, key="k" * 254 + "1").json()["data"] == first
