"""What Guestlist says and does of invitations beyond the wire: limits, edits, copied links."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from guestlist.domain.invitations import Caps
from guestlist.store.statements import Statement
from tests.stand import PUBLIC_URL, Stand, Team

INVITES = "/guestlist/v1/invites"
GRANT = ("role", "permissions", "data", "requires_periodic_password_change")


@pytest.fixture
def capped(database_url: str) -> Iterator[Stand]:
    with Stand(database_url, caps=Caps(invitations_per_day=4, letters_per_day=2)) as stand:
        yield stand


def rows(stand: Stand, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with stand.runtime.database.read() as transaction:
        return [tuple(row) for row in transaction.all(Statement(text(sql)), **values)]


def change(stand: Stand, sql: str, **values: Any) -> None:
    with stand.runtime.database.change() as transaction:
        transaction.run(Statement(text(sql)), **values)


def audited(team: Team) -> tuple[Any, ...]:
    """The newest entry: actor, action, subject, before, after."""
    return rows(
        team.stand,
        "SELECT actor, action, subject, before, after FROM audit WHERE account = :account"
        " ORDER BY key DESC LIMIT 1",
        account=team.operator.account,
    )[0]


def refused(answer: Any, words: str) -> None:
    assert answer.status_code == 422
    [message] = answer.json()["errors"]["email"]
    assert words in message
    assert answer.json()["message"] == message


def test_an_account_invites_so_many_a_day_and_no_more(capped: Stand) -> None:
    team, other = Team(capped), Team(capped)
    for number in range(4):
        team.invited(f"eve{number}@acme.test")
    with team.unchanged():
        answer = team.post("/v1/users", {"email": "fay@acme.test", "role": "Designer"})
    refused(answer, "reached its limit of 4 invitations a day")
    # Neither cancelling nor what was refused gives one back; sending again is no invitation.
    invite = team.get("/v1/invites").json()["data"][0]["id"]
    assert team.post(f"/v1/invites/{invite}/resend").status_code == 200
    assert team.delete(f"/v1/invites/{invite}").status_code == 204
    refused(team.post("/v1/users", {"email": "fay@acme.test", "role": "Designer"}), "limit of 4")
    other.invited("gus@acme.test")
    capped.clock.advance(days=1)
    team.invited("fay@acme.test")


def test_an_address_gets_so_many_letters_a_day_whoever_sends_them(capped: Stand) -> None:
    team, other = Team(capped), Team(capped)
    invite = team.invited("Eve@acme.test")
    theirs = other.invited("eve@ACME.test")
    with team.unchanged():
        answer = team.post(f"/v1/invites/{invite['id']}/resend")
    refused(answer, "already got 2 letters today")
    other.delete(f"/v1/invites/{theirs['id']}")
    refused(other.post("/v1/users", {"email": "eve@acme.test", "role": "Admin"}), "2 letters today")
    team.invited("fay@acme.test")
    capped.clock.advance(days=1)
    assert team.post(f"/v1/invites/{invite['id']}/resend").status_code == 200


@pytest.fixture
def invite(team: Team) -> Any:
    """Bob's."""
    return team.invited(
        "eve@acme.test",
        "Custom User",
        permissions=["read-own-templates"],
        templates=["temp1ate0000one"],
        domains=["d0ma1n000000one"],
        requires_periodic_password_change=True,
        by="bob",
    )


def test_an_invite_is_shown_with_how_its_letter_fares(team: Team, invite: Any) -> None:
    path = f"{INVITES}/{invite['id']}"
    shown = team.get(path).json()["data"]
    assert shown == invite | {
        "state": "pending",
        "expires_at": "2027-01-22T08:00:00.000000Z",
        "invited_by": "user00000000bob",
        "delivery": {"state": "queued", "sent_at": None, "trouble": None},
    }
    assert team.get(INVITES).json()["data"] == [shown]
    trouble = "550 5.1.1 no such user"
    change(
        team.stand,
        "UPDATE letters SET state = 'failed', trouble = :trouble WHERE account = :account",
        account=team.operator.account,
        trouble=trouble,
    )
    failed = {"state": "failed", "sent_at": None, "trouble": trouble}
    assert team.get(path).json()["data"]["delivery"] == failed
    team.post(f"/v1/invites/{invite['id']}/resend")
    assert team.get(path).json()["data"]["delivery"]["state"] == "queued"
    team.stand.clock.advance(days=7)
    assert team.get(path).json()["data"]["state"] == "expired"


def test_who_has_no_letter_and_no_giver_shows_neither(stand: Stand) -> None:
    team = Team(stand, invites=[{"id": "1mported", "email": "i@acme.test", "role": "Designer"}])
    [shown] = team.get(INVITES).json()["data"]
    assert (shown["delivery"], shown["invited_by"]) == (None, None)


def test_an_edit_replaces_what_is_offered_and_makes_it_the_editors(team: Team, invite: Any) -> None:
    stand = team.stand
    [[secret]] = rows(
        stand, "SELECT secret_sha256 FROM invitations WHERE id = :id", id=invite["id"]
    )
    stand.clock.advance(days=8)  # expired ones can be edited, and stay expired
    edited = team.put(
        f"{INVITES}/{invite['id']}", {"role": "designer", "domains": ["d0ma1n000000two"]}
    ).json()["data"]
    assert [edited[key] for key in GRANT] == [
        "Designer",
        ["read-own-templates"],
        {"domains": ["d0ma1n000000two"], "templates": []},
        True,
    ]
    assert (edited["invited_by"], edited["state"]) == ("user00000000ana", "expired")
    assert edited["created_at"] == invite["created_at"] < edited["updated_at"]
    assert team.get(f"/v1/invites/{invite['id']}").json()["data"]["role"] == "Designer"
    _, action, subject, before, after = audited(team)
    assert (action, subject) == ("invitation.update", f"invitation:{invite['id']}")
    assert '"role": "Custom User"' in before
    assert '"role": "Designer"' in after
    # Its giver may go: it is no longer theirs to take along.
    assert team.delete("/v1/users/user00000000bob").status_code == 204
    assert team.get(f"/v1/invites/{invite['id']}").status_code == 200
    kept = "SELECT secret_sha256 FROM invitations WHERE id = :id"
    assert rows(stand, kept, id=invite["id"]) == [(secret,)]


def test_nobody_edits_or_copies_what_they_could_not_give(team: Team, invite: Any) -> None:
    admins = team.invited("fay@acme.test", "Admin")
    with team.unchanged():
        for answer in (
            team.put(f"{INVITES}/{invite['id']}", {"role": "Admin"}, by="bob"),
            team.put(f"{INVITES}/{admins['id']}", {"role": "Designer"}, by="bob"),
            team.post(f"{INVITES}/{admins['id']}/link", by="bob"),
        ):
            assert answer.status_code == 403
        nothing = team.put(f"{INVITES}/{invite['id']}", {"role": "Custom User", "permissions": []})
        assert nothing.status_code == 422
        assert list(nothing.json()["errors"]) == ["permissions"]


def copied(team: Team, invite: Any) -> bytes:
    """What the link is looked up by."""
    answer = team.post(f"{INVITES}/{invite['id']}/link")
    assert answer.headers["cache-control"] == "no-store"
    link = answer.json()["data"]["link"]
    assert link.startswith(f"{PUBLIC_URL}/invitations/")
    return hashlib.sha256(link.rpartition("/")[2].encode()).digest()


def test_a_copied_link_is_one_of_its_own_until_the_next(team: Team, invite: Any) -> None:
    def kept() -> list[Any]:
        sql = "SELECT secret_sha256, copy_sha256 FROM invitations WHERE id = :id"
        return list(rows(team.stand, sql, id=invite["id"])[0])

    mailed, _ = kept()
    first = copied(team, invite)
    assert kept() == [mailed, first]
    actor, action, _, before, after = audited(team)
    assert (action, before) == ("invitation.copy_link", None)
    assert actor.startswith("user:user00000000ana token:")
    assert '"role": "Custom User"' in after
    second = copied(team, invite)
    assert kept() == [mailed, second]
    assert first != second
    team.post(f"/v1/invites/{invite['id']}/resend")
    renewed, none = kept()
    assert renewed != mailed
    assert none is None
    team.stand.clock.advance(days=7)
    with team.unchanged():
        answer = team.post(f"{INVITES}/{invite['id']}/link")
    assert answer.status_code == 422
    assert "has expired" in answer.json()["errors"]["invite"][0]
