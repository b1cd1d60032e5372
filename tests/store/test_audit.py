"""The audit: one entry per thing changed, with who, when, what was and what is."""

import pytest

from guestlist.actions import audit, invitations, users
from guestlist.domain.grants import Draft
from guestlist.domain.standings import Question
from tests.audited import check_whole, entries, last
from tests.stand import START, WORLD, Team
from tests.visitors import Visitor

D1, T1 = "d0ma1n000000one", "temp1ate0000one"
DAN = "user00000000dan"
EVE = "eve@else.test"
GRANT = {
    "role": "Custom User",
    "permissions": ["read-own-templates", "manage-domain", "manage-api-token"],
    "domains": ["d0ma1n000000two"],
    "templates": [T1],
    "requires_periodic_password_change": False,
}


def test_making_an_account_leaves_an_entry_for_each_thing_in_it(team: Team) -> None:
    first, *more = entries(team)
    assert (first["action"], first["subject"]) == ("account.import", f"account:{team.id}")
    assert first["after"]["users"] == 4
    assert {(e["actor"], e["at"], e["request"], e["origin"]) for e in (first, *more)} == {
        ("operator", START, "test", None)
    }
    kinds = ["domain.import"] * 2 + ["template.import"] * 2 + ["user.import"] * 4
    assert [entry["action"] for entry in more] == kinds + ["token.import"] * 4
    by_subject = {entry["subject"]: entry["after"] for entry in more}
    assert by_subject[f"domain:{D1}"] == {"name": "mail.acme.test"}
    assert by_subject[f"user:{DAN}"] == GRANT | {"email": "dan@acme.test"}
    check_whole(team)


def test_pending_invitations_of_an_import_tell_who_gave_them(team: Team) -> None:
    invites = [
        {"id": "1nv1te0000000one", "email": "eve@acme.test", "role": "Designer"},
        {"email": "fay@acme.test", "role": "Designer", "invited_by": "bob@acme.test"},
    ]
    made = Team(team.stand, invites=invites)
    told = [e["after"] for e in entries(made) if e["action"] == "invitation.import"]
    assert [(one["email"], one["role"], one["invited_by"]) for one in told] == [
        ("eve@acme.test", "Designer", "operator"),
        ("fay@acme.test", "Designer", "user:user00000000bob"),
    ]


def test_every_change_through_the_api_leaves_its_entry_with_the_requests_id(team: Team) -> None:
    token = team.post("/v1/token", {"name": "ci", "scopes": ["users_read"]})
    token_id = token.json()["data"]["id"]
    before = last(team) - 1
    invite = team.post("/v1/users", {"email": "eve@acme.test", **GRANT})
    invite_id = invite.json()["data"]["id"]
    told = GRANT | {"email": "eve@acme.test"}
    team.stand.clock.advance(days=1)
    later = START + 86_400_000_000
    answers = [
        token,
        invite,
        team.post(f"/v1/invites/{invite_id}/resend"),
        team.delete(f"/v1/invites/{invite_id}"),
        team.put(f"/v1/users/{DAN}", {"role": "Designer", "domains": [D1]}),
        team.put(f"/v1/token/{token_id}", {"name": "nightly", "status": "pause"}),
        team.delete(f"/v1/token/{token_id}"),
        team.delete(f"/v1/domains/{D1}"),
        team.delete(f"/v1/templates/{T1}"),
        team.delete("/v1/users/user00000000cleo"),
    ]
    assert all(answer.is_success for answer in answers)
    found = entries(team, since=before)
    assert {entry["origin"] for entry in found} == {"testclient"}
    assert {entry["actor"] for entry in found} == {"user:user00000000ana"}
    requests = [answer.headers["x-request-id"] for answer in answers]
    # Dan's change ended his token too.
    requests.insert(5, requests[4])
    assert [entry["request"] for entry in found] == requests
    ids = {invite_id: "INVITE", token_id: "TOKEN"}

    def short(subject: str) -> str:
        kind, _, thing = subject.partition(":")
        return f"{kind}:{ids.get(thing, thing)}"

    designer = GRANT | {"role": "Designer", "domains": [D1], "templates": []}
    nobody = {"role": "Designer", "permissions": [], "domains": [], "templates": []}
    ended = found.pop(5)
    assert (ended["action"], ended["before"]) == ("token.end", {"owner": DAN})
    assert [(e["action"], short(e["subject"]), e["before"], e["after"]) for e in found] == [
        (
            "token.create",
            "token:TOKEN",
            None,
            {"name": "ci", "scopes": ["users_read"], "owner": "user00000000ana"},
        ),
        ("invitation.create", "invitation:INVITE", None, told),
        (
            "invitation.resend",
            "invitation:INVITE",
            {"expires_at": later + 6 * 86_400_000_000},
            {"expires_at": later + 7 * 86_400_000_000},
        ),
        ("invitation.cancel", "invitation:INVITE", told, None),
        ("user.update", f"user:{DAN}", GRANT, designer),
        (
            "token.change",
            "token:TOKEN",
            {"name": "ci", "paused": False},
            {"name": "nightly", "paused": True},
        ),
        ("token.end", "token:TOKEN", {"owner": "user00000000ana"}, None),
        ("domain.remove", f"domain:{D1}", {"name": "mail.acme.test"}, None),
        ("template.remove", f"template:{T1}", {"name": "Receipt"}, None),
        (
            "user.remove",
            "user:user00000000cleo",
            nobody | {"requires_periodic_password_change": False, "email": "cleo@acme.test"},
            None,
        ),
    ]


def test_what_ends_with_a_user_has_an_entry_each_under_one_request(team: Team) -> None:
    mine = [team.minted("users_full", by="bob") for _ in range(2)]
    assert len(mine) == 2
    invites = [team.invited(f"{n}@acme.test", "Designer", by="bob")["id"] for n in range(3)]
    before = last(team)
    answer = team.delete("/v1/users/user00000000bob")
    found = entries(team, since=before)
    assert {entry["request"] for entry in found} == {answer.headers["x-request-id"]}
    actions = sorted(entry["action"] for entry in found)
    assert actions == ["invitation.cancel"] * 3 + ["token.end"] * 3 + ["user.remove"]
    cancelled = {e["subject"] for e in found if e["action"] == "invitation.cancel"}
    assert cancelled == {f"invitation:{invite}" for invite in invites}
    assert all(entry["before"] for entry in found)


def test_replacing_an_expired_invite_is_two_changes(team: Team) -> None:
    old = team.invited("eve@acme.test", "Designer")
    team.stand.clock.advance(days=8)
    before = last(team)
    new = team.invited("eve@acme.test", "Manager")
    assert [(entry["action"], entry["subject"]) for entry in entries(team, since=before)] == [
        ("invitation.cancel", f"invitation:{old['id']}"),
        ("invitation.create", f"invitation:{new['id']}"),
    ]


def test_the_operator_is_named_as_such(team: Team) -> None:
    users.update(team.stand.runtime, team.operator, DAN, Draft(role="Admin"))
    entry = entries(team)[-1]
    assert (entry["action"], entry["actor"], entry["request"]) == (
        "user.update",
        "operator",
        "test",
    )


def test_what_is_refused_or_only_read_leaves_none(team: Team) -> None:
    before = entries(team)
    team.get("/v1/users")
    team.get("/v1/token")
    team.post("/v1/users", {"email": "ana@acme.test", "role": "Designer"})
    team.put("/v1/users/user00000000ana", {"role": "Designer"})
    team.delete("/v1/users/user00000000ana", by="bob")
    team.delete("/v1/users/user00000000cleo", by="no scopes")
    team.delete("/v1/invites/none")
    assert entries(team) == before


@pytest.mark.parametrize(("by", "giver"), [("bob", "user:user00000000bob"), (None, "operator")])
def test_who_accepts_is_told_with_who_gave_it_and_from_where(
    team: Team, by: str | None, giver: str
) -> None:
    if by is None:
        draft = Draft(role="Designer")
        invitations.invite(team.stand.runtime, team.operator, email=EVE, draft=draft)
    else:
        team.invited(EVE, "Designer", by=by)
    [letter] = team.stand.letters()
    Visitor(team.stand).accept(letter.link)
    [user] = [u["id"] for u in team.get("/v1/users").json()["data"] if u["email"] == EVE]
    [accepted] = [e for e in entries(team) if e["action"] == "invitation.accept"]
    assert accepted["actor"] == f"invitee of {accepted['subject']}"
    assert accepted["origin"] == "192.0.2.1"
    assert accepted["request"].startswith("page-")
    told = {"user": user, "granted_by": giver, "email": EVE, "role": "Designer"}
    assert told.items() <= accepted["after"].items()


def test_who_was_imported_suspended_or_is_so_now_could_not(team: Team) -> None:
    managers = {"suspended_at": "2027-01-01T00:00:00Z"}
    crew = [user | (managers if user["role"] == "Manager" else {}) for user in WORLD["users"]]
    made = Team(team.stand, users=crew)
    users.suspend(made.stand.runtime, made.operator, DAN)
    asked = Question("manage-domain", domain="d0ma1n000000two")
    moment = made.stand.clock.now
    bob, ana = "user00000000bob", "user00000000ana"
    for could in ({ana}, {ana, bob, DAN}):
        found = audit.access(made.stand.runtime, made.operator, asked, at=moment)
        assert {one.user_id for one in found.standings} == could
        for user in (bob, DAN):
            users.reactivate(made.stand.runtime, made.operator, user)
