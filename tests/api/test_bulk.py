"""Many invites in one request: a dry run that tells each row's fate, then each row by itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from guestlist.actions import bulk as bulk_actions
from guestlist.actions import tokens
from guestlist.actions.bulk import Row
from guestlist.api.bulk import document
from guestlist.domain.audit import Cause
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import Caps
from guestlist.domain.refusals import Unauthenticated
from tests.api.test_queries import Statements, statements
from tests.stand import Stand, Team

BULK = "/guestlist/v1/invites/bulk"
__all__ = ["statements"]


def person(name: str, role: Any = "Designer", **more: Any) -> dict[str, Any]:
    return {"email": f"{name}@acme.test", "role": role, **more}


def bulk(team: Team, *rows: Any, dry: bool = False, key: str | None = None, **more: Any) -> Any:
    headers = {} if key is None else {"idempotency-key": key}
    body = {"invitations": list(rows), "dry_run": dry}
    answer = team.post(BULK, body, headers=headers, **more)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [row["row"] for row in told["data"]] == list(range(len(rows)))
    counted = {name: number for name, number in told["meta"].items() if number}
    assert counted == {
        status: [row["status"] for row in told["data"]].count(status)
        for status in {row["status"] for row in told["data"]}
    }
    return told["data"]


def fates(rows: Any) -> list[Any]:
    """Of each row its status and what it was told."""
    return [(row["status"], row["errors"] or row["message"]) for row in rows]


MIXED: list[Any] = [
    person("eve"),
    person("ana"),
    person("EVE"),
    person("fay", "Admin"),
    person("gus", "boss", permissions=["fly"]),
    "no object",
    person("hal", "Custom User", permissions=["read-sms"], domains=["d0ma1n000000one"]),
]
TOLD: list[Any] = [
    ("ok", None),
    ("refused", {"email": ["The email has already been taken."]}),
    ("refused", {"email": ["The email is the same as in row 0. Leave one of them out."]}),
    ("refused", "This action is unauthorized. #MS40301"),
    (
        "refused",
        {
            "role": ["The selected role is invalid."],
            "permissions.0": ["The selected permissions.0 is invalid."],
        },
    ),
    (
        "refused",
        {
            "email": ["The email field is required. #MS42209"],
            "role": ["The role field is required. #MS42209"],
        },
    ),
    ("ok", None),
]


def test_a_dry_run_tells_what_would_become_of_each_row_and_changes_nothing(team: Team) -> None:
    with team.unchanged():
        rehearsed = bulk(team, *MIXED, dry=True, by="bob")
    expected = [("can_be_invited" if status == "ok" else status, told) for status, told in TOLD]
    assert fates(rehearsed) == expected
    done = bulk(team, *MIXED, by="bob")
    expected = [("invited" if status == "ok" else status, told) for status, told in TOLD]
    assert fates(done) == expected
    listed = team.get("/v1/invites").json()["data"]
    assert [row["invite"] for row in done if row["invite"]] == listed
    assert [row["email"] for row in done] == [
        row["email"] if isinstance(row, dict) else None for row in MIXED
    ]


@pytest.mark.parametrize("dry", [True, False])
def test_seats_and_limits_are_counted_from_row_to_row(database_url: str, dry: bool) -> None:  # noqa: FBT001
    with Stand(database_url, caps=Caps(invitations_per_day=4, letters_per_day=1)) as stand:
        team = Team(stand, seats=6)
        Team(stand).invited("fay@acme.test")
        rows = bulk(team, person("eve"), person("fay"), person("gus"), person("hal"), dry=dry)
        assert [row["status"] == "refused" for row in rows] == [False, True, False, True]
        assert "already got 1 letters today" in rows[1]["message"]
        assert rows[3]["message"] == "The account has no free seat."
        wide = Team(stand)
        rows = bulk(wide, *(person(f"i{n}") for n in range(6)), dry=dry)
        assert [row["status"] == "refused" for row in rows] == 4 * [False] + 2 * [True]
        assert "limit of 4 invitations a day" in rows[5]["errors"]["email"][0]


def test_an_expired_invite_gives_way(team: Team) -> None:
    old = team.invited("eve@acme.test")
    team.stand.clock.advance(days=8)
    [rehearsed] = bulk(team, person("eve"), dry=True)
    assert rehearsed["status"] == "can_be_invited"
    [done] = bulk(team, person("eve"))
    assert (done["status"], done["invite"]["id"] == old["id"]) == ("invited", False)


def test_with_a_key_a_list_goes_on_where_it_ended(team: Team) -> None:
    first = bulk(team, person("eve"), person("fay", "boss"), key="monday")
    assert [row["status"] for row in first] == ["invited", "refused"]
    # Rows may move, and be mended; what was done is told again.
    again = [person("fay"), person("eve"), person("gus")]
    with team.unchanged():
        rehearsed = bulk(team, *again, dry=True, key="monday")
    assert [row["status"] for row in rehearsed] == ["can_be_invited", "repeated", "can_be_invited"]
    second = bulk(team, *again, key="monday")
    assert [row["status"] for row in second] == ["invited", "repeated", "invited"]
    assert second[1]["invite"] == rehearsed[1]["invite"] == first[0]["invite"]
    with team.unchanged():
        for dry in (True, False):
            [other] = bulk(team, person("eve", "Manager"), key="monday", dry=dry)
            assert other["status"] == "refused"
            assert "came with another body" in other["message"]
    [without] = bulk(team, person("eve"))
    assert without["errors"] == {"email": ["The email has already been taken."]}
    # The key of a list and the same of a single invite are two.
    alone = team.post("/v1/users", person("ida"), headers={"idempotency-key": "monday"})
    assert alone.status_code == 200


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"invitations": ["The invitations field is required. #MS42209"]}),
        ({"invitations": []}, {"invitations": ["The invitations field is required. #MS42209"]}),
        ({"invitations": "eve"}, {"invitations": ["The invitations must be an array."]}),
        (
            {"invitations": 501 * [{}]},
            {"invitations": ["The invitations must not have more than 500 items."]},
        ),
        (
            {"invitations": [person("eve")], "dry_run": "true"},
            {"dry_run": ["The dry run field must be true or false."]},
        ),
    ],
)
def test_what_is_no_list_is_refused_whole(team: Team, body: Any, errors: Any) -> None:
    with team.unchanged():
        answer = team.post(BULK, body)
    assert (answer.status_code, answer.json()["errors"]) == (422, errors)


def test_five_hundred_rows_go_in_one_call(team: Team) -> None:
    rows = [person(f"p{number}") for number in range(500)]
    done = bulk(team, *rows, key="all")
    assert {row["status"] for row in done} == {"invited"}
    assert team.get("/v1/invites").json()["meta"]["total"] == 500
    again = bulk(team, *rows, key="all")
    assert {row["status"] for row in again} == {"repeated"}


def test_what_ends_the_list_leaves_what_was_done(team: Team) -> None:
    runtime, text = team.stand.runtime, team.minted("users_full")
    caller = tokens.authenticate(runtime, text, cause=Cause("test"), scope="users_full")
    fates = bulk_actions.invite(
        runtime, caller, [Row(f"{name}@acme.test", Draft(role="Designer")) for name in "abc"]
    )
    first = next(fates)
    tokens.revoke(runtime, team.operator, caller.actor.token_id or "")
    others = list(fates)
    assert first.refusal is None
    assert [(type(fate.refusal), fate.untried) for fate in others] == 2 * [(Unauthenticated, True)]
    told = document([first, *others], dry_run=False)
    assert [row.status for row in told.data] == ["invited", "untried", "untried"]
    assert told.data[1].message == "Unauthenticated."
    assert [invite["email"] for invite in team.get("/v1/invites").json()["data"]] == ["a@acme.test"]
    with pytest.raises(Unauthenticated):
        next(bulk_actions.invite(runtime, caller, [Row("d@acme.test", Draft(role="Designer"))]))


@pytest.fixture
def watched(statements: Statements, shared_url: str) -> Iterator[Stand]:
    assert not statements
    with Stand(shared_url) as stand:
        yield stand


def test_a_dry_run_asks_as_much_for_many_rows_as_for_few(
    watched: Stand, statements: Statements
) -> None:
    team = Team(watched)
    bulk(team, person("eve"), key="monday")
    bulk(team, person("fay"), dry=True)  # which reads the account's things
    costs = []
    for size in (2, 200):
        rows = [person("eve"), *(person(f"p{number}") for number in range(size))]
        with statements.counted() as count:
            bulk(team, *rows, dry=True, key="monday")
        costs += count
    assert costs[0] == costs[1] <= 12, len(statements)
