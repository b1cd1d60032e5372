"""My account: what people change of themselves, and what nobody else can."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from PIL import Image
from sqlalchemy import bindparam, select

from guestlist.actions import accounts
from guestlist.actions import people as operator
from guestlist.actions.enrolment import Changed, Setup
from guestlist.console import answers
from guestlist.store import people, schema
from guestlist.store.statements import Statement
from tests.actions.authenticator import Authenticator
from tests.stand import PUBLIC_URL, QUICK, Stand, Team
from tests.visitors import PASSWORD, Visitor

ANA, BOB = "ana@acme.test", "bob@acme.test"
NEW_PASSWORD = "another long staple of words"
SHORT_PASSWORD = "fjord-9x"
AUDIT = Statement(
    select(schema.audit.c.action, schema.audit.c.actor)
    .where(schema.audit.c.account == bindparam("account"))
    .order_by(schema.audit.c.key)
)


@pytest.fixture
def stand(database_url: str) -> Iterator[Stand]:
    with Stand(database_url) as made:
        yield made


@pytest.fixture
def team(stand: Stand) -> Team:
    """Ana and Bob have signed in before."""
    made = Team(stand)
    for email in (ANA, BOB):
        change(stand, email, password=QUICK.hashed(PASSWORD), proven_at=stand.clock.now)
        change(stand, email, password_changed_at=stand.clock.now, signed_in_at=stand.clock.now)
    return made


@pytest.fixture
def ana(team: Team) -> Visitor:
    return signed_in(team.stand, ANA)


def change(stand: Stand, email: str, **values: Any) -> None:
    with stand.runtime.database.change() as transaction:
        found = people.find(transaction, email)
        assert found is not None
        people.change(transaction, found.key, **values)


def require_factor(team: Team, *, required: bool) -> None:
    accounts.change(team.stand.runtime, team.operator, {"requires_second_factor": required})


def signed_in(stand: Stand, email: str, **more: Any) -> Visitor:
    visitor = Visitor(stand, **more)
    visitor.sign_in(email)
    assert path(visitor) == "/account", visitor.text
    return visitor


def path(visitor: Visitor) -> str:
    return str(visitor.page.url).removeprefix(PUBLIC_URL).partition("?")[0]


def recorded(team: Team) -> list[tuple[str, str]]:
    with team.stand.runtime.database.read() as transaction:
        rows = transaction.all(AUDIT, account=team.operator.account)
    return [(row[0], row[1]) for row in rows]


def told(stand: Stand) -> list[tuple[str, str]]:
    return [(letter.kind.value, letter.to) for letter in stand.letters()]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(out, "PNG")
    return out.getvalue()


def set_up(visitor: Visitor) -> pyotp.TOTP:
    """An authenticator of the visitor's, whose recovery codes are on the page."""
    visitor.get("/account/factor")
    visitor.post("/account/factor/start", current=PASSWORD)
    totp = seed(visitor)
    visitor.post("/account/factor/setup", code=code(visitor, totp))
    assert visitor.page.status_code == 200
    return totp


def seed(visitor: Visitor) -> pyotp.TOTP:
    found = re.search(r'class="seed">([^<]+)<', visitor.text)
    assert found
    return pyotp.TOTP(found[1].replace(" ", ""))


def code(visitor: Visitor, totp: pyotp.TOTP) -> str:
    return totp.at(visitor.stand.clock.now // 1_000_000)


def codes(visitor: Visitor) -> list[str]:
    found = re.search(r"<textarea[^>]*>([^<]+)</textarea>", visitor.text)
    return found[1].split() if found else []


def refused(visitor: Visitor, status: int, sentence: str) -> None:
    assert visitor.page.status_code == status, visitor.text
    assert sentence in visitor.text
    assert PASSWORD not in visitor.text
    assert NEW_PASSWORD not in visitor.text


def test_the_overview_and_every_page_behind_it_open(ana: Visitor) -> None:
    pages = set(re.findall(r'href="(/account/[^"#]+)"', ana.get("/account").text))
    assert len(pages) >= 6
    for page in pages:
        assert ana.get(page).status_code == 200, page
        assert path(ana) == page.partition("?")[0]


def test_a_name_changes_and_an_empty_one_is_told(ana: Visitor, team: Team) -> None:
    ana.post("/account", name="Anna", last_name="Ng")
    assert "Your name is saved." in ana.text
    assert team.get("/v1/users/user00000000ana").json()["data"]["name"] == "Anna"
    ana.post("/account", name=" ", last_name="Ng")
    refused(ana, 422, "Please fill this in.")
    ana.post("/account", name="Eve", form="forged")
    refused(ana, 403, "The form was not accepted")
    assert team.get("/v1/users/user00000000ana").json()["data"]["name"] == "Anna"


def test_a_picture_is_kept_shown_and_removed(ana: Visitor, team: Team) -> None:
    user = "/v1/users/user00000000ana"
    ana.upload("/account/avatar", picture())
    assert "Your picture is saved." in ana.text
    shown = team.get(user).json()["data"]["avatar"]
    assert ana.get(shown).headers["content-type"] == "image/webp"

    ana.get("/account")
    ana.upload("/account/avatar", b"no picture")
    refused(ana, 422, "This is no picture that can be read.")
    ana.upload("/account/avatar", bytes(7 * 1_024 * 1_024))
    refused(ana, 413, "This is too large")
    ana.post("/account/avatar", name="a form without a file")
    refused(ana, 415, "The form could not be read")
    assert team.get(user).json()["data"]["avatar"] == shown

    ana.get("/account")
    ana.post("/account/avatar/remove")
    assert team.get(user).json()["data"]["avatar"] is None
    assert ana.get(shown).status_code == 404


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    ana: Visitor, stand: Stand
) -> None:
    other = signed_in(stand, ANA, network="192.0.2.9")
    ana.get("/account/password")
    ana.post("/account/password", current="not mine at all", password=NEW_PASSWORD)
    refused(ana, 422, "This is not your password.")
    ana.post("/account/password", current=PASSWORD, password="short")
    refused(ana, 422, "Use at least 15 characters.")
    ana.post("/account/password", current=PASSWORD, password=PASSWORD)
    refused(ana, 422, "This is the password you have now.")
    before = ana.cookie("session")
    stand.letters()
    ana.post("/account/password", current=PASSWORD, password=NEW_PASSWORD)
    assert "Your password is changed." in ana.text
    assert ana.cookie("session") != before
    assert told(stand) == [("password_changed", ANA)]
    other.get("/account")
    assert path(other) == "/sign-in"
    other.sign_in(ANA, NEW_PASSWORD)
    assert path(other) == "/account"


def test_an_old_password_is_changed_before_anything_else(team: Team, stand: Stand) -> None:
    team.put(
        "/v1/users/user00000000bob",
        {"role": "Manager", "requires_periodic_password_change": True},
    )
    stand.clock.advance(days=91)
    bob = Visitor(stand)
    bob.sign_in(BOB)
    assert path(bob) == "/account/password"
    assert "Acme wants a new password every 90 days" in bob.text
    for page in ("/account", "/account/factor", "/account/passkeys"):
        bob.get(page)
        assert path(bob) == "/account/password"
    bob.post("/account/password", current=PASSWORD, password=PASSWORD)
    refused(bob, 422, "This is the password you have now.")
    bob.post("/account/password", current=PASSWORD, password=NEW_PASSWORD)
    assert path(bob) == "/account"


def test_an_authenticator_is_set_up_used_once_a_code_and_turned_off(
    ana: Visitor, team: Team, stand: Stand
) -> None:
    other = signed_in(stand, ANA, network="192.0.2.9")
    ana.get("/account/factor")
    ana.post("/account/factor/start", current="not mine at all")
    refused(ana, 422, "This is not your password.")
    ana.post("/account/factor/start", current=PASSWORD)
    totp = seed(ana)
    assert "<svg" in ana.text
    assert "style=" not in ana.text
    ana.post("/account/factor/setup", code="000000")
    refused(ana, 422, "This code is not right")
    assert seed(ana).secret == totp.secret

    before = ana.cookie("session")
    stand.letters()
    used = code(ana, totp)
    ana.post("/account/factor/setup", code=used)
    shown = codes(ana)
    assert len(set(shown)) == 10
    assert ana.page.headers["cache-control"] == "no-store"
    assert ana.cookie("session") != before
    assert told(stand) == [("factor_changed", ANA)]
    assert ("person.set_factor", "user:user00000000ana") in recorded(team)
    assert team.get("/v1/users/user00000000ana").json()["data"]["2fa"] is True
    other.get("/account")
    assert path(other) == "/sign-in"
    # Forms of a page that brought a new session are good for that one.
    ana.post("/account/factor/setup", code=used)
    assert path(ana) == "/account/factor"
    assert "10 are left" in ana.text

    other.sign_in(ANA)
    assert path(other) == "/sign-in/code"
    other.post("/sign-in/code", code=used)
    refused(other, 422, "This code is not right")
    other.post("/sign-in/code", code=shown[0])
    assert path(other) == "/account"
    other.get("/account/factor/codes")
    other.post("/account/factor/codes", current=PASSWORD)
    assert len(set(codes(other)) - set(shown)) == 10

    ana.get("/account/factor/off")
    ana.post("/account/factor/off", current="not mine at all")
    refused(ana, 422, "This is not your password.")
    require_factor(team, required=True)
    ana.post("/account/factor/off", current=PASSWORD)
    refused(ana, 422, "The second factor must stay")
    require_factor(team, required=False)
    ana.get("/account/factor/off")
    ana.post("/account/factor/off", current=PASSWORD)
    assert "Your second factor is changed." in ana.text
    assert team.get("/v1/users/user00000000ana").json()["data"]["2fa"] is False


def test_a_required_factor_is_set_up_before_anything_else(team: Team, stand: Stand) -> None:
    require_factor(team, required=True)
    bob = Visitor(stand)
    bob.sign_in(BOB)
    assert path(bob) == "/account/factor"
    assert "Acme requires a second factor of all its users." in bob.text
    assert "Your password" not in bob.text
    for page in ("/account", "/account/email"):
        assert str(bob.get(page).url).endswith("/account/factor")
    # What an account wants keeps nobody from leaving it, or from ending an intruder's session.
    for page in ("/account/sessions", f"/account/leave?account={team.id}"):
        assert str(bob.get(page).url).endswith(page)
    stand.clock.advance(seconds=16 * 60)
    bob.post("/account/factor/start")
    refused(bob, 422, "This is not your password.")
    bob.post("/account/factor/start", current=PASSWORD)
    bob.post("/account/factor/setup", code=code(bob, seed(bob)))
    assert len(codes(bob)) == 10
    bob.get("/account")
    assert path(bob) == "/account"


def test_a_factor_that_was_imported_must_be_set_up_anew(team: Team, stand: Stand) -> None:
    change(stand, BOB, two_factor=True)
    bob = Visitor(stand)
    bob.sign_in(BOB)
    assert path(bob) == "/account/factor"
    assert "could not be brought along" in bob.text
    assert team.get("/v1/users/user00000000bob").json()["data"]["2fa"] is False
    set_up(bob)
    assert team.get("/v1/users/user00000000bob").json()["data"]["2fa"] is True


def shorten(visitor: Visitor) -> None:
    """A password that is long enough only beside the factor there is."""
    visitor.get("/account/password")
    visitor.post("/account/password", current=PASSWORD, password=SHORT_PASSWORD)
    assert "Your password is changed." in visitor.text


def lengthen(visitor: Visitor) -> None:
    assert 'href="/account/password"' in visitor.text
    visitor.get("/account/password")
    visitor.post("/account/password", current=SHORT_PASSWORD, password=NEW_PASSWORD)


def test_a_short_password_never_stands_alone(
    ana: Visitor, passkey: Authenticator, team: Team
) -> None:
    ana.get("/account/passkeys")
    made = passkey.create(ana.post("/account/passkeys/options", current=PASSWORD).text)
    ana.post("/account/passkeys", credential=made)
    set_up(ana)
    shorten(ana)
    # Beside the passkey it may stay.
    ana.get("/account/factor/off")
    ana.post("/account/factor/off", current=SHORT_PASSWORD)
    assert "Your second factor is changed." in ana.text
    ana.get("/account/passkeys")
    [remove] = re.findall(r'href="(/account/passkeys/\d+/remove)"', ana.text)
    with team.unchanged():
        ana.get(remove)
        ana.post(remove, current=SHORT_PASSWORD)
        refused(ana, 422, "Your password is too short to stand alone")
    lengthen(ana)
    ana.get(remove)
    ana.post(remove, current=NEW_PASSWORD)
    assert "The passkey is removed." in ana.text


def test_an_authenticator_beside_a_short_password_stays(ana: Visitor, team: Team) -> None:
    set_up(ana)
    shorten(ana)
    with team.unchanged():
        ana.get("/account/factor/off")
        ana.post("/account/factor/off", current=SHORT_PASSWORD)
        refused(ana, 422, "Your password is too short to stand alone")
    lengthen(ana)
    ana.get("/account/factor/off")
    ana.post("/account/factor/off", current=NEW_PASSWORD)
    assert "Your second factor is changed." in ana.text


def test_a_password_whose_factor_the_operator_took_is_changed_first(
    ana: Visitor, stand: Stand
) -> None:
    set_up(ana)
    shorten(ana)
    ana_key = operator.find(stand.runtime, ANA).key
    bob_key = operator.find(stand.runtime, BOB).key
    for key in (ana_key, bob_key):
        operator.reset_factor(stand.runtime, key, request="test")
    ana.sign_in(ANA, SHORT_PASSWORD)
    assert path(ana) == "/account/password"
    assert "Your second factor was taken away" in ana.text
    ana.get("/account/factor")
    assert path(ana) == "/account/password"
    ana.post("/account/password", current=SHORT_PASSWORD, password="fjord-9y")
    refused(ana, 422, "Use at least 15 characters.")
    ana.post("/account/password", current=SHORT_PASSWORD, password=NEW_PASSWORD)
    assert path(ana) == "/account"
    # Without a factor it was long enough all the time.
    assert path(signed_in(stand, BOB)) == "/account"


def test_what_is_shown_once_stands_in_no_repr() -> None:
    secret = "a secret, a seed or a code"
    for made in (
        Setup(secret, secret),
        Changed(secret, [secret]),
        answers.show("recovery_codes.html", codes=[secret]),
        answers.signed_in("/account", secret, seconds=60),
    ):
        assert secret not in repr(made)


@pytest.fixture
def passkey() -> Authenticator:
    return Authenticator(PUBLIC_URL, b"a phone's credential")


def test_a_passkey_is_added_and_removed(ana: Visitor, passkey: Authenticator, stand: Stand) -> None:
    options = "/account/passkeys/options"
    ana.get("/account/passkeys")
    answer = ana.post(options, current="not mine at all")
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("This is not your password.")
    made = passkey.create(ana.post(options, current=PASSWORD).text)
    ana.post("/account/passkeys", credential="{}", name="Phone")
    refused(ana, 422, "The passkey was not accepted.")
    stand.letters()
    ana.post("/account/passkeys", credential=made, name="Phone")
    assert len(codes(ana)) == 10
    assert told(stand) == [("factor_changed", ANA)]
    ana.post("/account/passkeys", credential=made, name="Phone")
    refused(ana, 422, "The passkey was not accepted.")

    [remove] = re.findall(r'href="(/account/passkeys/\d+/remove)"', ana.text)
    bob = signed_in(stand, BOB)
    bob.get("/account/password")
    bob.post(remove, current=PASSWORD)
    refused(bob, 404, "There is no such page")
    ana.get(remove)
    ana.post(remove, current="not mine at all")
    refused(ana, 422, "This is not your password.")
    ana.post(remove, current=PASSWORD)
    assert "The passkey is removed." in ana.text
    assert "Phone" not in ana.text
    ana.get("/account/passkeys/99999999999999999999/remove")
    refused(ana, 404, "There is no such page")


def test_the_last_way_to_sign_in_stays(
    ana: Visitor, passkey: Authenticator, team: Team, stand: Stand
) -> None:
    ana.get("/account/passkeys")
    made = passkey.create(ana.post("/account/passkeys/options", current=PASSWORD).text)
    ana.post("/account/passkeys", credential=made)
    ana.get("/account/passkeys")
    [remove] = re.findall(r'href="(/account/passkeys/\d+/remove)"', ana.text)
    require_factor(team, required=True)
    ana.post(remove, current=PASSWORD)
    refused(ana, 422, "The second factor must stay")
    require_factor(team, required=False)
    change(stand, ANA, password=None, password_changed_at=None)
    ana.get(remove)
    ana.post(remove)
    refused(ana, 422, "This is your only way to sign in")

    # Without a password one is set by a sign-in of the last minutes.
    stand.clock.advance(seconds=16 * 60)
    ana.get("/account/password")
    ana.post("/account/password", password=NEW_PASSWORD)
    refused(ana, 403, "Please sign in again")
    stand.clock.advance(seconds=-16 * 60)
    ana.get("/account/password")
    ana.post("/account/password", password=NEW_PASSWORD)
    assert "Your password is changed." in ana.text


def test_an_address_changes_once_both_sides_said_yes(
    ana: Visitor, team: Team, stand: Stand
) -> None:
    ana.get("/account/email")
    ana.post("/account/email", email="no address", current=PASSWORD)
    refused(ana, 422, "This is not an e-mail address.")
    ana.post("/account/email", email="anna@acme.test", current="not mine at all")
    refused(ana, 422, "This is not your password.")
    assert 'value="anna@acme.test"' in ana.text
    stand.letters()
    ana.post("/account/email", email="anna@acme.test", current=PASSWORD)
    assert "Two letters are on their way" in ana.text
    letters = stand.letters()
    assert {letter.to for letter in letters} == {ANA, "anna@acme.test"}
    user = "/v1/users/user00000000ana"
    for letter in letters:
        assert team.get(user).json()["data"]["email"] == ANA
        ana.get(letter.link)
        ana.post("/links")
    assert team.get(user).json()["data"]["email"] == "anna@acme.test"
    [last] = stand.letters()
    assert last.to == ANA
    assert last.facts["new_email"] == "anna@acme.test"


def test_one_session_ends_or_all_others_and_nobody_elses(ana: Visitor, stand: Stand) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    second = signed_in(stand, ANA, agent=firefox)
    third = signed_in(stand, ANA, agent="<script>alert(1)</script>" * 9)
    bob = signed_in(stand, BOB)

    ana.get("/account/sessions")
    assert "Firefox on Linux" in ana.text
    assert "<script>alert" not in ana.page.text
    ends = re.findall(r'action="(/account/sessions/\d+/end)"', ana.text)
    assert len(ends) == 2
    bob.get("/account/sessions")
    for end in ends:
        bob.post(end)
    assert [still_in(one) for one in (second, third, bob)] == [True] * 3
    ana.post(ends[0], form="forged")
    refused(ana, 403, "The form was not accepted")

    # By a script the row goes and a sentence comes; without one, the page.
    ana.get("/account/sessions")
    assert ana.post(ends[0], headers={"hx-request": "true"}).text.startswith('<div id="told"')
    assert [still_in(one) for one in (second, third)].count(True) == 1
    ana.get("/account/sessions")
    ana.post("/account/sessions/end")
    assert "It is ended." in ana.text
    assert [still_in(one) for one in (ana, second, third, bob)] == [True, False, False, True]

    ana.get("/account/sessions")
    signed_out = Visitor(stand)
    signed_out.get("/sign-in")
    answer = signed_out.post(ends[1], headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in"


def still_in(visitor: Visitor) -> bool:
    visitor.get("/account")
    return path(visitor) == "/account"


def test_who_leaves_takes_tokens_and_invitations_along_but_the_last_admin_stays(
    ana: Visitor, team: Team, stand: Stand
) -> None:
    team.invited("eve@acme.test", by="bob")
    bob = signed_in(stand, BOB)
    bob.get(f"/account/leave?account={team.id}")
    assert "1 API token of yours" in bob.text
    assert "1 invitation that you sent" in bob.text
    bob.post("/account/leave", account=team.id)
    assert "You left the account." in bob.text
    assert "Acme" not in bob.text
    assert team.get("/v1/users", by="bob").status_code == 401
    assert team.get("/v1/invites").json()["data"] == []
    assert ("user.leave", "user:user00000000bob") in recorded(team)
    bob.post("/account/leave", account=team.id)
    refused(bob, 404, "There is no such page")

    ana.get(f"/account/leave?account={team.id}")
    assert "You are its last Admin." in ana.text
    ana.get("/account")
    with team.unchanged():
        ana.post("/account/leave", account=team.id)
        refused(ana, 422, "You are the account's last Admin")


def test_who_is_removed_or_gets_another_role_is_told_and_looks_elsewhere(
    team: Team, stand: Stand
) -> None:
    bob = signed_in(stand, BOB)
    stand.letters()
    team.put("/v1/users/user00000000bob", {"role": "Designer"})
    # Cleo never signed in and knows nothing of this.
    team.put("/v1/users/user00000000cleo", {"role": "Accountant"})
    [letter] = stand.letters()
    assert (letter.kind, letter.to) == ("role_changed", BOB)
    assert letter.facts["before"] == "Manager"
    assert letter.facts["role"] == "Designer"
    assert letter.facts["account"] == "Acme"
    team.delete("/v1/users/user00000000bob")
    team.delete("/v1/users/user00000000cleo")
    [letter] = stand.letters()
    assert (letter.kind, letter.to) == ("removed", BOB)
    assert letter.facts["account"] == "Acme"
    bob.get("/account")
    assert "Acme" not in bob.text
