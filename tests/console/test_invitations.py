"""From an invitation's letter into the account, and every way it does not lead there."""

from typing import Any

import pytest
from sqlalchemy import text

from guestlist.actions import invitations
from guestlist.domain.grants import Draft
from guestlist.store.statements import Statement
from tests.console.arrivals import (
    ACCEPT,
    audited,
    authenticator,
    code,
    copied,
    insist,
    invite_id,
    invites,
    mailed,
    person,
    rows,
    settled,
    signed_in,
    users,
)
from tests.stand import PUBLIC_URL, WORLD, Stand, Team
from tests.visitors import PASSWORD, Visitor

EVE = "eve@else.test"
JOINED = "<h1>You are in<"
ALREADY = "was accepted already"


def joined(visitor: Visitor) -> bool:
    return bool(visitor.page.status_code == 200) and JOINED in visitor.text


def test_a_letter_leads_into_the_account(team: Team) -> None:
    link = mailed(
        team, EVE, "Custom User", permissions=["manage-domain"], domains=["d0ma1n000000one"]
    )
    eve = Visitor(team.stand)
    with team.unchanged():
        eve.get(link)
    assert [str(step.url) for step in eve.page.history] == [link]
    assert str(eve.page.url) == f"{PUBLIC_URL}/invitations"
    set_cookie = eve.page.history[0].headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax"} <= set(set_cookie.split("; "))
    assert "Max-Age=3600" in set_cookie
    assert link.rpartition("/")[2] not in eve.page.text
    for told in ("Ana", "Acme", EVE, "Custom User", "January 22, 2027"):
        assert told in eve.text
    eve.post("/invitations/accept", name="Eve", last_name="Ng", password=PASSWORD)
    assert joined(eve)
    assert users(team)[EVE] == {
        **users(team)[EVE],
        "name": "Eve",
        "last_name": "Ng",
        "2fa": False,
        "role": "Custom User",
        "permissions": ["manage-domain"],
    }
    assert invites(team) == []
    [(actor, _, after)] = audited(team, "invitation.accept")
    assert actor.startswith("invitee of invitation:")
    assert after["user"] == users(team)[EVE]["id"]
    assert person(team.stand, EVE).is_proven
    eve.get("/account")
    assert "Eve" in eve.text
    with team.unchanged():  # the second click, in the same tab and from the letter
        eve.post("/invitations/accept", name="Eve", last_name="Ng", password=PASSWORD)
        assert joined(eve)
        assert joined_again(eve, link)
        other = Visitor(team.stand)
        insist(other, link)
    assert other.page.status_code == 410
    assert ALREADY in other.text
    other.sign_in(EVE)
    assert joined_again(other, link)


def joined_again(visitor: Visitor, link: str) -> bool:
    visitor.get(link)
    return joined(visitor)


def test_the_same_person_joins_a_second_account(stand: Stand) -> None:
    first, second = Team(stand), Team(stand, name="Second", url="https://second.test/start")
    eve = Visitor(stand)
    eve.accept(mailed(first, EVE))
    link = mailed(second, EVE, "Designer")
    eve.get(link)
    assert "password" not in eve.text.partition("<form")[2].partition("</form>")[0]
    session = eve.cookie("session")
    eve.post("/invitations/accept")
    assert joined(eve)
    assert "https://second.test/start" in eve.text
    assert eve.cookie("session") != session
    assert users(second)[EVE]["role"] == "Designer"
    assert users(first)[EVE]["role"] == "Accountant"
    [[people]] = rows(stand, "SELECT count(*) FROM people WHERE email_key = :key", key=EVE)
    assert people == 1


def test_who_has_a_sign_in_uses_it_and_no_other(stand: Stand) -> None:
    team = Team(stand)
    link = mailed(team, EVE)
    eve = signed_in(stand, "bob@acme.test")
    with team.unchanged():
        eve.get(link)
        assert "/sign-out" in eve.text
        assert ACCEPT not in eve.text
        eve.post("/invitations/accept", name="Bob", password=PASSWORD)
        assert not joined(eve)
    eve.post("/sign-out", then="/invitations")
    assert ACCEPT in eve.text
    eve.post("/invitations/accept", name="Eve", password=PASSWORD)
    assert joined(eve)


def test_a_second_factor_comes_before_joining(stand: Stand) -> None:
    first, second = Team(stand), Team(stand, name="Second")
    Visitor(stand).accept(mailed(first, EVE))
    totp = authenticator(stand, EVE)
    eve = Visitor(stand)
    eve.get(mailed(second, EVE))
    eve.get("/sign-in?then=/invitations")
    eve.post("/sign-in", email=EVE, password=PASSWORD, then="/invitations")
    assert eve.page.url.path == "/sign-in/code"
    token = eve.token
    with second.unchanged():
        eve.post("/invitations/accept", name="Eve", password=PASSWORD)
        assert not joined(eve)
    eve.get("/sign-in/code?then=/invitations")
    assert eve.token
    eve.post("/sign-in/code", code=code(totp, stand), then="/invitations")
    assert ACCEPT in eve.text
    assert eve.token != token
    eve.post("/invitations/accept")
    assert joined(eve)


def test_declining_ends_it(team: Team) -> None:
    link = mailed(team, EVE)
    eve = Visitor(team.stand)
    eve.get(link)
    eve.post("/invitations/decline")
    assert "was declined" in eve.text
    assert invites(team) == []
    assert len(audited(team, "invitation.decline")) == 1
    with team.unchanged():
        assert insist(eve, link, "decline").status_code == 200
        assert insist(eve, link).status_code == 410
    mailed(team, EVE)  # may be invited again


def test_an_expired_one_can_be_asked_for_anew_once_a_day(team: Team) -> None:
    link = mailed(team, EVE, by="bob")
    eve = Visitor(team.stand)
    team.stand.clock.advance(days=7, seconds=-1)
    eve.get(link)
    assert ACCEPT in eve.text
    team.stand.clock.advance(seconds=1)
    with team.unchanged():
        eve.post("/invitations/accept", name="Eve", password=PASSWORD)
    assert eve.page.status_code == 410
    assert "has expired" in eve.text
    for _ in range(2):
        eve.post("/invitations/again")
        assert "asked" in eve.text
        eve.get("/invitations")
    [letter] = team.stand.letters()
    assert (letter.kind, letter.to, letter.facts["email"]) == ("asked", "bob@acme.test", EVE)
    assert team.post(f"/v1/invites/{invite_id(team, EVE)}/resend").status_code == 200
    [letter] = team.stand.letters()
    assert eve.get(link).status_code == 404
    eve.accept(letter.link)
    assert joined(eve)


def test_who_asks_anew_for_the_operators_invitation_is_heard_by_the_first_admin(
    team: Team,
) -> None:
    runtime = team.stand.runtime
    invitations.invite(runtime, team.operator, email=EVE, draft=Draft(role="Designer"))
    [letter] = team.stand.letters()
    team.stand.clock.advance(days=7)
    eve = Visitor(team.stand)
    eve.get(letter.link)
    assert "Ask for a new one" in eve.text
    eve.post("/invitations/again")
    [asked] = team.stand.letters()
    assert (asked.kind, asked.to) == ("asked", "ana@acme.test")
    assert eve.post("/invitations/again").status_code == 200
    invitations.resend(runtime, team.operator, invite_id(team, EVE))
    [letter] = team.stand.letters()
    eve.accept(letter.link)
    assert joined(eve)


@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        ("\u00e9" * 3 + " correct horse battery", "e\u0301" * 3 + " correct horse battery"),
        (" " + "four words and blanks" + " ", " " + "four words and blanks" + " "),
        ("Zq7 " * 31 + "\U0001f40e\u2603xy", "Zq7 " * 31 + "\U0001f40e\u2603xy"),
    ],
)
def test_a_password_is_taken_whole_and_however_it_is_composed(
    team: Team, chosen: str, typed: str
) -> None:
    eve = Visitor(team.stand)
    eve.accept(mailed(team, EVE), password=chosen)
    assert joined(eve)
    again = Visitor(team.stand)
    for wrong in (typed.strip()[:-1], typed.upper(), typed[:72]):
        if wrong != typed:
            again.sign_in(EVE, wrong)
            assert again.page.status_code == 422
    again.sign_in(EVE, typed)
    assert again.get("/account").url.path == "/account"


def test_what_was_replaced_opens_nothing_and_what_was_cancelled_says_so(team: Team) -> None:
    old = mailed(team, EVE)
    copy = copied(team, EVE)
    assert team.post(f"/v1/invites/{invite_id(team, EVE)}/resend").status_code == 200
    [letter] = team.stand.letters()
    eve = Visitor(team.stand)
    with team.unchanged():
        for link in (old, copy):
            assert eve.get(link).status_code == 404
            assert "opens nothing" in eve.text
    team.delete(f"/v1/invites/{invite_id(team, EVE)}")
    with team.unchanged():
        eve.get(letter.link)
        assert "was cancelled" in eve.text
        assert insist(eve, letter.link).status_code == 410


BAD: list[tuple[dict[str, str], str]] = [
    ({"name": " "}, "Please fill this in"),
    ({"name": "x" * 256}, "at most 255"),
    ({"last_name": "a\u202eb"}, "character that cannot be used"),
    ({"name": "Eve\r\nBcc: x"}, "character that cannot be used"),
    ({"password": ""}, "15 characters"),
    ({"password": "fourteen chars"}, "15 characters"),
    ({"password": "hunter2 " * 20}, "at most 128"),
    ({"password": "passwordpassword"}, "guessed first"),
    ({"password": "eve@else.test eve"}, "too much like"),
]


def test_bad_input_gets_the_form_again_without_the_password(team: Team) -> None:
    link = mailed(team, EVE)
    eve = Visitor(team.stand)
    good = {"name": "Eve <b>", "last_name": "Ng", "password": PASSWORD}
    for changed, message in BAD:
        typed = good | changed
        with team.unchanged():
            eve.accept(link, **typed)
        assert eve.page.status_code == 422
        assert message in eve.text
        assert ACCEPT in eve.text
        assert not typed["password"] or typed["password"] not in eve.text
        if "name" not in changed:
            assert "Eve &lt;b&gt;" in eve.page.text
    eve.accept(link, **good)
    assert joined(eve)
    assert users(team)[EVE]["name"] == "Eve <b>"


def test_who_was_imported_claims_their_person_by_the_letter(stand: Stand) -> None:
    first = Team(
        stand,
        users=[*WORLD["users"], {"id": "eve", "email": EVE, "role": "Designer", "2fa": True}],
    )
    second = Team(stand, name="Second")
    link = mailed(second, EVE)
    with first.unchanged(), second.unchanged():
        Visitor(stand).accept(link, password="short")
    eve = Visitor(stand)
    eve.accept(link)
    assert users(second)[EVE]["name"] == users(first)[EVE]["name"] == "Eve"
    # The imported second factor ended with the first sign-in, and one must be set up.
    assert users(first)[EVE]["2fa"] is False
    assert eve.get("/account").url.path == "/account/factor"
    assert len(audited(first, "person.prove")) == 1


def test_who_cannot_join_is_not_begun_anew(stand: Stand) -> None:
    team = Team(stand, users=[*WORLD["users"], {"id": "eve", "email": EVE, "role": "Designer"}])
    full = Team(stand, name="Full", seats=5)
    link = mailed(full, EVE)
    with stand.runtime.database.change() as transaction:
        sql = "UPDATE accounts SET seats = 4 WHERE key = :key"
        transaction.run(Statement(text(sql)), key=full.operator.account)
    with full.unchanged(), team.unchanged():
        eve = Visitor(stand)
        eve.accept(link)
    assert eve.page.status_code == 422
    assert "account is full" in eve.text
    assert person(stand, EVE).password is None


def test_a_full_account_lets_nobody_in(stand: Stand) -> None:
    team = Team(stand, seats=6)
    links = [mailed(team, f"{name}@else.test") for name in ("eve", "fay")]
    with stand.runtime.database.change() as transaction:
        sql = "UPDATE accounts SET seats = 5 WHERE key = :key"
        transaction.run(Statement(text(sql)), key=team.operator.account)
    with team.unchanged():
        eve = Visitor(stand)
        eve.accept(links[0])
    assert eve.page.status_code == 422
    assert "account is full" in eve.text
    team.delete(f"/v1/invites/{invite_id(team, 'fay@else.test')}")
    eve.accept(links[0])
    assert joined(eve)


@pytest.mark.parametrize("way", ["declined", "cancelled", "expired", "accepted", "removed"])
def test_a_seat_is_free_again_when_nobody_has_it(stand: Stand, way: str) -> None:
    team = Team(stand, seats=5)
    link = mailed(team, EVE)
    eve = Visitor(stand)
    fay = {"email": "fay@else.test", "role": "Accountant"}
    with team.unchanged():
        assert team.post("/v1/users", fay).status_code == 422
    if way == "declined":
        eve.get(link)
        eve.post("/invitations/decline")
    elif way == "cancelled":
        team.delete(f"/v1/invites/{invite_id(team, EVE)}")
    elif way == "expired":
        stand.clock.advance(days=7)
    else:
        eve.accept(link)
        assert joined(eve)
        with team.unchanged():  # it became the user's
            assert team.post("/v1/users", fay).status_code == 422
    if way == "removed":
        assert team.delete(f"/v1/users/{users(team)[EVE]['id']}").is_success
    assert team.post("/v1/users", fay).status_code == (422 if way == "accepted" else 200)


def test_what_was_deleted_meanwhile_falls_out_of_the_grant(team: Team) -> None:
    domains = ["d0ma1n000000one", "d0ma1n000000two"]
    lists = {"permissions": ["manage-domain", "read-own-templates"], "domains": domains}
    link = mailed(team, EVE, "Custom User", templates=["temp1ate0000one"], **lists)
    assert team.delete("/v1/domains/d0ma1n000000one").is_success
    assert team.delete("/v1/templates/temp1ate0000one").is_success
    eve = Visitor(team.stand)
    eve.accept(link)
    assert joined(eve)
    made = users(team)[EVE]
    assert [domain["id"] for domain in made["domains"]] == domains[1:]
    assert made["templates"] == []


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_nobody_joins_by_whoever_lost_the_power_to_invite(team: Team, how: str) -> None:
    link = mailed(team, EVE, by="bob")
    if how == "removed":
        assert team.delete("/v1/users/user00000000bob").is_success
    else:
        assert team.put("/v1/users/user00000000bob", {"role": "Designer"}).is_success
    assert invites(team) == []
    eve = Visitor(team.stand)
    with team.unchanged():
        assert insist(eve, link).status_code == 410
        assert "was cancelled" in eve.text


@pytest.mark.parametrize(
    "address",
    [
        "eve+tag@else.test",
        "gräfin.łucja@else.test",
        "иван@почта.рф",
        "eve@bücher.test",
        '"eve ng"@else.test',
        "EVE@Else.Test",
        "o'eve/x@else.test",
    ],
)
def test_every_kind_of_address_gets_through_the_whole_journey(team: Team, address: str) -> None:
    link = mailed(team, address)
    eve = Visitor(team.stand)
    eve.get(link)
    assert address in eve.text
    eve.accept(link)
    assert joined(eve)
    assert users(team)[address]["email"] == address
    again = Visitor(team.stand)
    again.sign_in(address)
    assert again.get("/account").url.path == "/account"
    settled(team.stand, address, "a second passphrase")
    again.sign_in(address, "a second passphrase")
    assert again.get("/account").url.path == "/account"


FORGED = {
    "host": "evil.test",
    "x-forwarded-host": "evil.test",
    "x-forwarded-proto": "gopher",
    "forwarded": "host=evil.test",
    "x-original-url": "/evil",
}


def test_a_forged_host_changes_no_link_and_no_redirect(team: Team) -> None:
    answer = team.post("/v1/users", {"email": EVE, "role": "Designer"}, headers=FORGED)
    assert answer.status_code == 200
    [letter] = team.stand.letters()
    assert letter.link.startswith(f"{PUBLIC_URL}/invitations/")
    invite = answer.json()["data"]["id"]
    copy = team.post(f"/guestlist/v1/invites/{invite}/link", headers=FORGED)
    assert copy.json()["data"]["link"].startswith(f"{PUBLIC_URL}/invitations/")
    eve = Visitor(team.stand)
    eve.get(letter.link, headers=FORGED, follow_redirects=False)
    assert eve.page.headers["location"] == "/invitations"
    eve.get("/invitations", headers=FORGED)
    assert "evil" not in eve.page.text
    eve.get("/forgotten", headers=FORGED)
    eve.post("/forgotten", email="ana@acme.test", headers=FORGED)
    [reset] = team.stand.letters()
    assert reset.link.startswith(f"{PUBLIC_URL}/links/")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "https://guestlist.test"},
        {"origin": f"{PUBLIC_URL}.evil.test"},
        {"origin": "http://guestlist.test:81"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"origin": "https://evil.test", "host": "evil.test"},
    ],
)
def test_a_post_from_elsewhere_is_refused(team: Team, headers: dict[str, str]) -> None:
    eve = Visitor(team.stand)
    eve.get(mailed(team, EVE))
    fields = {"name": "Eve", "password": PASSWORD}
    with team.unchanged():
        assert eve.post("/invitations/accept", headers=headers, **fields).status_code == 403
        assert eve.post("/invitations/decline", headers=headers).status_code == 403
    # A page that sends no referrer, as ours, has browsers say so of its forms.
    own = {"origin": "null", "sec-fetch-site": "same-origin"}
    eve.get("/invitations")
    eve.post("/invitations/accept", headers=own, **fields)
    assert joined(eve)


@pytest.mark.parametrize("path", ["/invitations", "/links"])
def test_what_is_no_link_at_all_opens_nothing(team: Team, path: str) -> None:
    visitor = Visitor(team.stand)
    for wrong in (
        "%E2%82%AC",
        "x",
        "a%0D%0ASet-Cookie:x",
        "%00",
        "x" * 5_000,
        "%22;%20y=z",
        "A" * 43,
    ):
        with team.unchanged():
            visitor.get(f"{path}/{wrong}")
        assert visitor.page.status_code == 404, wrong
        assert "opens nothing" in visitor.text
    visitor.get(path)
    assert visitor.page.status_code == 404


def test_a_removed_user_is_not_told_they_are_in(team: Team) -> None:
    link = mailed(team, EVE)
    eve = Visitor(team.stand)
    eve.accept(link)
    assert team.delete(f"/v1/users/{users(team)[EVE]['id']}").is_success
    eve.get(link)
    assert JOINED not in eve.text
    eve.accept(mailed(team, EVE))
    assert joined(eve)


def test_no_page_of_a_link_shows_its_secret(team: Team) -> None:
    link = mailed(team, EVE)
    team.stand.letters()
    eve = Visitor(team.stand)
    told: list[Any] = [eve.get(link), eve.accept(link, password="short"), eve.accept(link)]
    assert not [page for page in told if secret_of(link) in page.text]
    assert all(page.headers["referrer-policy"] == "no-referrer" for page in told)
    assert all(page.headers["cache-control"] == "no-store" for page in told)


def secret_of(link: str) -> str:
    return link.rpartition("/")[2]
