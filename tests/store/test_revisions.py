"""The account's revision: another after every change a GET could show, the same after all else."""

from typing import Any

from guestlist.actions import things, tokens
from guestlist.store import schema
from tests.stand import START, Stand, Team
from tests.store.reading import revision, rows

CLEO = "/v1/users/user00000000cleo"
D1, T1 = "d0ma1n000000one", "temp1ate0000one"
CHANGES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/users", {"email": "fay@acme.test", "role": "Designer"}),
    ("PUT", CLEO, {"role": "Accountant"}),
    ("PUT", CLEO, {"role": "Designer", "requires_periodic_password_change": True}),
    ("PUT", CLEO, {"role": "Designer", "domains": [D1]}),
    ("DELETE", CLEO, None),
    ("POST", "/v1/invites/{invite}/resend", None),
    ("DELETE", "/v1/invites/{invite}", None),
    ("DELETE", f"/v1/domains/{D1}", None),
    ("DELETE", f"/v1/templates/{T1}", None),
    ("POST", "/v1/token", {"name": "ci", "scopes": ["users_read"]}),
    ("PUT", "/v1/token/{token}", {"name": "nightly"}),
    ("PUT", "/v1/token/{token}/settings", {"status": "pause"}),
    ("DELETE", "/v1/token/{token}", None),
]
NO_CHANGES: list[tuple[str, str, Any]] = [
    ("GET", "/v1/users", None),
    ("GET", "/v1/invites/{invite}", None),
    ("GET", "/v1/token", None),
    ("POST", "/v1/users", {"email": "eve@acme.test", "role": "Designer"}),
    ("POST", "/v1/users", {}),
    ("PUT", "/v1/users/user00000000ana", {"role": "Designer"}),
    ("PUT", "/v1/users/x7m2k9d4rpq1zv83", {"role": "Designer"}),
    ("DELETE", "/v1/users/user00000000ana", None),
    ("DELETE", "/v1/invites/x7m2k9d4rpq1zv83", None),
    ("PUT", "/v1/token/{token}/settings", {"status": "x"}),
]


def ids(team: Team) -> dict[str, str]:
    invite = team.invited("eve@acme.test")["id"]
    return {"invite": invite, "token": team.get("/v1/token").json()["data"][1]["id"]}


def test_a_change_replaces_it_in_its_own_account(stand: Stand) -> None:
    other = Team(stand)
    elsewhere = revision(other)
    for method, path, body in CHANGES:
        team = Team(stand)
        where = path.format(**ids(team))
        before = revision(team)
        assert team.ask(method, where, json=body).is_success
        assert revision(team) != before, (method, path)
    assert revision(other) == elsewhere


def test_what_is_read_or_refused_does_not(team: Team) -> None:
    known = ids(team)
    before = revision(team)
    for method, path, body in NO_CHANGES:
        answer = team.ask(method, path.format(**known), json=body)
        assert answer.is_error == (method != "GET")
        assert revision(team) == before, (method, path)


def test_marks_of_use_and_letters_do_not(team: Team) -> None:
    team.invited("eve@acme.test")
    team.get("/v1/users")
    before = revision(team)
    assert len(team.stand.letters()) == 1
    assert team.stand.runtime.marks
    tokens.flush_marks(team.stand.runtime)
    assert not team.stand.runtime.marks
    assert revision(team) == before


def test_a_mark_of_use_is_kept_once_an_hour(team: Team) -> None:
    runtime, clock, marked = team.stand.runtime, team.stand.clock, []
    for seconds in (0, 3599, 1):
        clock.advance(seconds=seconds)
        for _ in range(2):
            team.get("/v1/api-quota")
        tokens.flush_marks(runtime)
        marked += [row["last_used_at"] for row in rows(team.stand, schema.tokens)][:1]
    assert marked == [START, START, START + 3_600_000_000]


def test_the_operators_changes_replace_it_too(team: Team) -> None:
    runtime, seen = team.stand.runtime, {revision(team)}
    made = things.add_domain(runtime, team.operator, "new.test")
    seen.add(revision(team))
    things.add_template(runtime, team.operator, "New", kind="rt", description=None)
    seen.add(revision(team))
    things.remove(runtime, team.operator, "domains", made.id)
    seen.add(revision(team))
    assert len(seen) == 4
    assert all(-(2**63) <= number < 2**63 for number in seen)
