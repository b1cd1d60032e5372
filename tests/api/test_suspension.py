"""A suspended user keeps the place and has no power, from the next request until reactivated."""

from typing import Any

import pytest

from guestlist.actions import tokens
from guestlist.domain.refusals import Invalid
from tests.stand import WORLD, Team

USERS, INVITES = "/v1/users", "/v1/invites"
ANA, BOB, CLEO, DAN, EVE = (
    f"{USERS}/user00000000{name}" for name in ("ana", "bob", "cleo", "dan", "eve")
)
UNAUTHENTICATED = {"message": "Unauthenticated."}
FORBIDDEN = {"message": "This action is unauthorized. #MS40301"}
# A second Admin.
CREW = [*WORLD["users"], {"id": "user00000000eve", "email": "eve@acme.test", "role": "Admin"}]
LAST = "The last admin of the account cannot be changed."


def suspend(team: Team, user: str, **more: Any) -> Any:
    return team.post(f"/guestlist{user}/suspend", **more)


def reactivate(team: Team, user: str, **more: Any) -> Any:
    return team.post(f"/guestlist{user}/reactivate", **more)


def suspended_at(team: Team, user: str) -> Any:
    return team.get(f"/guestlist{user}").json()["data"]["suspended_at"]


def test_a_token_opens_nothing_while_its_owner_is_suspended(team: Team) -> None:
    minted = team.minted("users_read", by="bob")
    for text in ("bob", minted):
        assert team.get(USERS, by=text).status_code == 200
    assert suspend(team, BOB).status_code == 200
    for text in ("bob", minted):
        for method, path in (("GET", USERS), ("GET", "/v1/api-quota"), ("DELETE", CLEO)):
            answer = team.ask(method, path, by=text)
            assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)
    # The tokens are kept as they are.
    listed = [token["status"] for token in team.get("/v1/token").json()["data"]]
    assert listed == ["unpause"] * 5
    assert reactivate(team, BOB).status_code == 200
    for text in ("bob", minted):
        assert team.get(USERS, by=text).status_code == 200


def test_what_the_wire_shows_of_them_stays_as_it_is(team: Team) -> None:
    before = team.get(CLEO).json()["data"]
    team.stand.clock.advance(seconds=60)
    whole = suspend(team, CLEO).json()["data"]
    shown = team.get(CLEO).json()["data"]
    assert list(shown) == list(before)
    assert shown == before | {"updated_at": "2027-01-15T08:01:00.000000Z"}
    assert team.get(USERS).json()["data"][2] == shown
    flag = {"requires_periodic_password_change": False}
    assert whole == shown | flag | {"suspended_at": "2027-01-15T08:01:00.000000Z"}
    assert team.get(f"/guestlist{CLEO}").json()["data"] == whole
    assert reactivate(team, CLEO).json()["data"] == whole | {"suspended_at": None}


def test_whoever_looks_again_sees_the_change(team: Team) -> None:
    paths = (USERS, CLEO, f"/guestlist{CLEO}")
    known = {path: team.get(path).headers["etag"] for path in paths}

    def status(path: str) -> int:
        answer = team.get(path, headers={"if-none-match": known[path]})
        known[path] = answer.headers["etag"]
        return int(answer.status_code)

    for change in (suspend, reactivate):
        assert change(team, CLEO).status_code == 200
        assert {path: status(path) for path in paths} == dict.fromkeys(paths, 200)
        assert {path: status(path) for path in paths} == dict.fromkeys(paths, 304)


def test_done_again_it_changes_nothing(team: Team) -> None:
    with team.unchanged():
        assert reactivate(team, CLEO).json()["data"]["suspended_at"] is None
    first = suspend(team, CLEO)
    team.stand.clock.advance(days=1)
    with team.unchanged():
        assert suspend(team, CLEO).content == first.content
    reactivate(team, CLEO)
    assert suspended_at(team, CLEO) is None


@pytest.mark.parametrize("verb", ["suspend", "reactivate"])
@pytest.mark.parametrize(
    ("by", "user", "code"),
    [
        ("bob", ANA, 403),
        ("dan", CLEO, 403),
        ("no scopes", CLEO, 403),
        ("ana", f"{USERS}/nobody", 404),
        ("bob", CLEO, 200),
        ("bob", BOB, 200),
    ],
)
def test_it_is_for_who_may_change_them(
    team: Team, verb: str, by: str, user: str, code: int
) -> None:
    team = Team(team.stand, users=CREW)
    path = f"/guestlist{user}/{verb}"
    if code == 200:
        assert team.post(path, by=by).status_code == 200
        return
    with team.unchanged():
        answer = team.post(path, by=by)
        assert answer.status_code == code
        if code == 403:
            assert answer.json() == FORBIDDEN
    read = team.minted("users_read")
    with team.unchanged():
        assert team.post(f"/guestlist{CLEO}/{verb}", by=read).status_code == 403


def test_a_manager_gives_no_admin_their_power_back(team: Team) -> None:
    team = Team(team.stand, users=CREW)
    suspend(team, EVE)
    with team.unchanged():
        assert reactivate(team, EVE, by="bob").json() == FORBIDDEN


def test_one_active_admin_stays(team: Team) -> None:
    """Suspended ones do not count, whatever is done to whom."""
    team = Team(team.stand, users=CREW)
    assert suspend(team, EVE).status_code == 200
    with team.unchanged():
        refused = [
            (suspend(team, ANA), "user"),
            (team.delete(ANA), "user"),
            (team.put(ANA, {"role": "Manager"}), "role"),
        ]
        for answer, field in refused:
            assert answer.status_code == 422
            assert answer.json() == {"message": LAST, "errors": {field: [LAST]}}
    # Nor does one who becomes Admin while suspended.
    suspend(team, BOB)
    assert team.put(BOB, {"role": "Admin"}).status_code == 200
    with team.unchanged():
        assert suspend(team, ANA).status_code == 422
    reactivate(team, BOB)
    assert suspend(team, ANA).status_code == 200
    with team.unchanged():
        assert suspend(team, BOB, by="bob").status_code == 422
    # Of those who do not count, anyone may go.
    assert team.put(EVE, {"role": "Designer"}, by="bob").status_code == 200
    assert team.delete(ANA, by="bob").status_code == 204
    assert team.kept()["row"].admins == 1


def test_the_place_keeps_its_seat_and_its_address(team: Team) -> None:
    team = Team(team.stand, seats=4)
    suspend(team, CLEO)
    fay = {"email": "fay@acme.test", "role": "Designer"}
    with team.unchanged():
        assert "seat" in team.post(USERS, fay).text
    team = Team(team.stand, seats=5)
    suspend(team, CLEO)
    with team.unchanged():
        answer = team.post(USERS, fay | {"email": "CLEO@acme.test"})
        assert answer.json()["errors"] == {"email": ["The email has already been taken."]}
    assert team.post(USERS, fay).status_code == 200
    # Their own seat is theirs, also where all are taken.
    assert reactivate(team, CLEO).status_code == 200


def test_a_change_meanwhile_counts_from_their_return(team: Team) -> None:
    invite = team.invited("fay@acme.test", "Designer", by="bob")
    suspend(team, BOB)
    assert team.put(BOB, {"role": "Designer"}).status_code == 200
    # What they can no longer give and own has ended with it.
    assert team.get(f"{INVITES}/{invite['id']}").status_code == 404
    assert team.put(BOB, {"role": "Manager"}).status_code == 200
    assert suspended_at(team, BOB) is not None
    reactivate(team, BOB)
    assert team.get(USERS, by="bob").status_code == 401
    assert team.delete(BOB).status_code == 204


def test_tokens_go_from_a_suspended_user_and_not_to_one(team: Team) -> None:
    runtime = team.stand.runtime
    suspend(team, BOB)
    [held] = [
        t for t in team.get("/v1/token").json()["data"] if t["name"] == team.tokens["bob"][-8:]
    ]
    with team.unchanged():
        [own] = [
            t for t in team.get("/v1/token").json()["data"] if t["name"] == team.tokens["ana"][-8:]
        ]
        with pytest.raises(Invalid):
            tokens.transfer(runtime, team.operator, own["id"], to="user00000000bob")
        with pytest.raises(Invalid):
            tokens.create(
                runtime,
                team.operator,
                name="his",
                scopes=["users_full"],
                owner_id="user00000000bob",
            )
    tokens.transfer(runtime, team.operator, held["id"], to="user00000000ana")
    assert team.get(USERS, by="bob").status_code == 200  # production goes on


def test_suspended_in_one_account_they_go_on_in_another(team: Team) -> None:
    other = Team(team.stand, name="Other")
    suspend(team, BOB)
    assert team.get(USERS, by="bob").status_code == 401
    assert other.get(USERS, by="bob").status_code == 200
    assert suspended_at(other, BOB) is None


def test_an_export_says_since_when_and_an_import_takes_it_back(team: Team) -> None:
    team = Team(team.stand, users=CREW)
    suspend(team, EVE)
    kept = team.kept()
    assert [user["suspended_at"] for user in kept["users"]] == [None] * 4 + [
        "2027-01-15T08:00:00.000000Z"
    ]
    again = Team(
        team.stand, users=kept["users"], domains=kept["domains"], templates=kept["templates"]
    )
    assert suspended_at(again, EVE) == "2027-01-15T08:00:00.000000Z"
    assert again.kept()["row"].admins == 1
    with again.unchanged():
        assert suspend(again, ANA).status_code == 422
