"""An invitation's life as the wire shows it: made, listed, resent, expired, cancelled, replaced."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mail import rendered, secret
from tests.stand import PUBLIC_URL, Stand, Team

INVITES = "/v1/invites"
TAKEN = {
    "message": "The email has already been taken.",
    "errors": {"email": ["The email has already been taken."]},
}
NO_SEAT = {
    "message": "The account has no free seat.",
    "errors": {"email": ["The account has no free seat."]},
}


@pytest.fixture
def alone(database_url: str) -> Iterator[Team]:
    """A team whose letters are the only ones of its database."""
    with Stand(database_url) as stand:
        yield Team(stand)


def listed(team: Team) -> list[str]:
    return [invite["email"] for invite in team.get(INVITES).json()["data"]]


def path(invite: dict[str, Any]) -> str:
    return f"{INVITES}/{invite['id']}"


def test_an_invite_is_pending_and_no_user_yet(team: Team) -> None:
    users = team.get("/v1/users").content
    invite = team.invited("Eve@Acme.test", "Manager")
    assert invite["email"] == "Eve@Acme.test"  # as typed
    assert listed(team) == ["Eve@Acme.test"]
    assert team.get(path(invite)).json() == {"data": invite}
    assert team.get("/v1/users").content == users
    assert team.get(f"/v1/users/{invite['id']}").status_code == 404


@pytest.mark.parametrize(
    "email",
    [
        "ana@acme.test",
        "ANA@acme.test",
        '"ana"@ACME.TEST',
        "eve@acme.test",
        "Eve@ACME.test",
        " eve@acme.test ",
    ],
)
def test_an_address_in_use_is_taken_however_it_is_spelled(team: Team, email: str) -> None:
    team.invited("eve@acme.test")
    with team.unchanged():
        answer = team.post("/v1/users", {"email": email, "role": "Designer"})
    assert (answer.status_code, answer.json()) == (422, TAKEN)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("eve@bücher.test", "EVE@xn--bcher-kva.test"),
        ("jos\u00e9@acme.test", "JOSE\u0301@acme.test"),
        ("stra\u00dfe@acme.test", "STRASSE@acme.test"),
        ("eve@faß.test", "eve@xn--fa-hia.test"),
        ("eve@acme\u3002test", "eve@acme.test"),
        ("eve@ac\u200bme.test", "eve@acme.test"),
        ('"eve.x"@acme.test', "eve.x@acme.test"),
        ('"e\\ve x"@acme.test', '"e\\VE X"@acme.test'),
    ],
)
def test_one_mailbox_in_two_spellings_is_taken(team: Team, first: str, second: str) -> None:
    assert team.invited(first)["email"] == first
    answer = team.post("/v1/users", {"email": second, "role": "Designer"})
    assert (answer.status_code, answer.json()) == (422, TAKEN)


def test_an_address_is_taken_in_its_own_account_only(team: Team) -> None:
    other = Team(team.stand, users=[{"email": "zoe@other.test", "role": "Admin"}])
    team.invited("eve@acme.test")
    for email in ("eve@acme.test", "ana@acme.test"):
        body = {"email": email, "role": "Designer"}
        assert other.post("/v1/users", body, by="zoe").status_code == 200


def test_cancelling_ends_it_and_frees_the_address(team: Team) -> None:
    invite = team.invited("eve@acme.test")
    answer = team.delete(path(invite))
    assert (answer.status_code, answer.content) == (204, b"")
    for again in (
        team.get(path(invite)),
        team.delete(path(invite)),
        team.post(path(invite) + "/resend"),
    ):
        assert again.status_code == 404
        assert "x-apiquota-remaining" not in again.headers
    assert listed(team) == []
    assert team.invited("eve@acme.test")["id"] != invite["id"]


def test_resending_keeps_the_invite_as_it_reads(team: Team) -> None:
    invite = team.invited("eve@acme.test", "Designer", domains=["d0ma1n000000two"])
    team.stand.clock.advance(days=2)
    assert team.post(path(invite) + "/resend").json() == {"data": invite}
    assert team.get(path(invite)).json() == {"data": invite}


@pytest.mark.parametrize("body", [b"", b"null\n", b"[]", b"{}", b'{"email":"x"}', b"{broken"])
@pytest.mark.parametrize("content_type", ["application/json", None])
def test_resending_takes_whatever_body_a_client_sends(
    team: Team, body: bytes, content_type: str | None
) -> None:
    invite = team.invited("eve@acme.test")
    headers = {"content-type": content_type} if content_type else {}
    answer = team.ask("POST", path(invite) + "/resend", content=body, headers=headers)
    assert answer.json() == {"data": invite}
    assert team.ask("DELETE", path(invite), content=body, headers=headers).status_code == 204


def test_an_expired_invite_is_listed_and_a_resend_revives_it(team: Team) -> None:
    invite = team.invited("eve@acme.test")
    team.stand.clock.advance(days=7)
    assert listed(team) == ["eve@acme.test"]
    assert team.get(path(invite)).json() == {"data": invite}
    assert team.post(path(invite) + "/resend").json() == {"data": invite}
    answer = team.post("/v1/users", {"email": "eve@acme.test", "role": "Designer"})
    assert answer.json() == TAKEN
    team.stand.clock.advance(days=7)
    assert team.delete(path(invite)).status_code == 204


def test_inviting_an_expired_address_replaces_the_invite(team: Team) -> None:
    old = team.invited("eve@acme.test", "Designer")
    team.invited("fay@acme.test")
    team.stand.clock.advance(days=7, seconds=-1)
    body = {"email": "EVE@acme.test", "role": "Manager"}
    assert team.post("/v1/users", body).json() == TAKEN
    team.stand.clock.advance(seconds=1)
    new = team.post("/v1/users", body).json()["data"]
    assert new["id"] != old["id"]
    assert (new["email"], new["role"]) == ("EVE@acme.test", "Manager")
    assert team.get(path(old)).status_code == 404
    assert listed(team) == ["fay@acme.test", "EVE@acme.test"]
    assert team.get(INVITES).json()["meta"]["total"] == 2


def test_a_refused_reinvite_leaves_the_expired_one(team: Team) -> None:
    invite = team.invited("eve@acme.test", "Designer")
    team.stand.clock.advance(days=8)
    with team.unchanged():
        body = {"email": "eve@acme.test", "role": "Admin"}
        assert team.post("/v1/users", body, by="bob").status_code == 403
        assert team.post("/v1/users", body | {"role": "x"}).status_code == 422
    assert team.get(path(invite)).status_code == 200


def test_replacing_an_expired_invite_to_admin_is_a_matter_of_reach(team: Team) -> None:
    """Inviting anew cancels the old one, which a Manager may not do to an Admin's."""
    invite = team.invited("eve@acme.test", "Admin")
    team.stand.clock.advance(days=8)
    with team.unchanged():
        assert team.delete(path(invite), by="bob").status_code == 403
        body = {"email": "eve@acme.test", "role": "Designer"}
        assert team.post("/v1/users", body, by="bob").status_code == 403


def test_seats_are_users_and_unexpired_invites(team: Team) -> None:
    team = Team(team.stand, seats=6)
    first = team.invited("eve@acme.test")
    team.stand.clock.advance(days=1)
    second = team.invited("fay@acme.test")
    gus = {"email": "gus@acme.test", "role": "Designer"}
    with team.unchanged():
        answer = team.post("/v1/users", gus)
    assert (answer.status_code, answer.json()) == (422, NO_SEAT)
    assert team.post(path(second) + "/resend").status_code == 200  # it has its seat

    team.stand.clock.advance(days=6)  # the first one's time is over, and its seat free
    third = team.post("/v1/users", gus).json()["data"]
    with team.unchanged():
        answer = team.post(path(first) + "/resend")
        assert (answer.status_code, answer.json()) == (422, NO_SEAT)
        again = team.post("/v1/users", {"email": "eve@acme.test", "role": "Designer"})
        assert (again.status_code, again.json()) == (422, NO_SEAT)
    assert team.delete(path(third)).status_code == 204
    assert team.post(path(first) + "/resend").status_code == 200
    assert team.post("/v1/users", gus).json() == NO_SEAT
    assert team.delete("/v1/users/user00000000cleo").status_code == 204
    assert team.post("/v1/users", gus).status_code == 200


def test_each_send_is_a_letter_with_a_link_of_its_own(alone: Team) -> None:
    invite = alone.invited("Eve@Acme.test", "Designer", by="bob")
    [first] = alone.stand.letters()
    alone.post(path(invite) + "/resend", by="bob")
    [second] = alone.stand.letters()
    assert {first.to, second.to} == {"Eve@Acme.test"}
    assert first.link != second.link
    for letter in (first, second):
        assert letter.link.startswith(f"{PUBLIC_URL}/invitations/")
        assert len(secret(letter)) >= 43  # 256 bits, and nothing else
        said = rendered(letter)
        assert "Bob" in said.text
        assert "Acme" in said.subject
        assert invite["id"] not in said.text + said.html
        assert "January 22, 2027, 08:00 UTC" in said.text
    assert first.name != second.name
    alone.post(path(invite) + "/resend")
    [third] = alone.stand.letters()
    assert "Ana" in rendered(third).text  # who sends it again offers it from now on


def test_no_refused_or_unanswered_request_leaves_a_letter(alone: Team) -> None:
    alone.post("/v1/users", {"email": "ana@acme.test", "role": "Designer"})
    alone.post("/v1/users", {"email": "eve@acme.test", "role": "Admin"}, by="bob")
    alone.post("/v1/users", {"email": "eve@acme.test", "role": "Designer"}, by="no scopes")
    alone.get(INVITES)
    assert alone.stand.letters() == []


def test_domains_and_templates_deleted_meanwhile_fall_out(team: Team) -> None:
    invite = team.invited(
        "eve@acme.test",
        "Custom User",
        permissions=["read-own-templates"],
        domains=["d0ma1n000000one", "d0ma1n000000two"],
        templates=["temp1ate0000two"],
    )
    team.delete("/v1/domains/d0ma1n000000one")
    data = {"domains": ["d0ma1n000000two"], "templates": ["temp1ate0000two"]}
    assert team.get(path(invite)).json()["data"] == invite | {"data": data}
    assert team.post(path(invite) + "/resend").json()["data"] == invite | {"data": data}
    team.delete("/v1/domains/d0ma1n000000two")
    team.delete("/v1/templates/temp1ate0000two")
    assert team.get(path(invite)).json()["data"] == invite | {"data": None}
    answer = team.post(
        "/v1/users", {"email": "fay@acme.test", "role": "Designer", "domains": ["d0ma1n000000two"]}
    )
    assert answer.json()["errors"] == {"domains.0": ["The selected domains.0 is invalid."]}
