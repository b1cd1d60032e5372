"""Ways around that were open once: each was played by somebody who knew one thing too many."""

from collections.abc import Iterator

import pytest

from guestlist.actions import credentials, factors, joining, passkey_signing, signing
from guestlist.actions.limits import Limits
from guestlist.actions.sessions import Browser
from guestlist.domain.audit import Cause
from guestlist.domain.invitations import Caps
from guestlist.domain.refusals import Ended, PasskeyRefused, TooOften, WrongSignIn
from tests.console.arrivals import audited, authenticator, mailed, person, settled
from tests.stand import Stand, Team
from tests.visitors import PASSWORD, Visitor

ANA, BOB = "ana@acme.test", "bob@acme.test"


def test_a_new_persons_invitation_completes_nobodys_half_sign_in(stand: Stand) -> None:
    """Who knows a password opens an invitation of their own behind it."""
    team, own = Team(stand), Team(stand, name="The thief's")
    settled(stand, ANA)
    authenticator(stand, ANA)
    thief = Visitor(stand)
    thief.sign_in(ANA)
    assert thief.page.url.path == "/sign-in/code"
    thief.accept(mailed(own, "fresh@thief.test"))
    thief.get("/account")
    assert ANA not in thief.text
    assert "fresh@thief.test" in thief.text
    assert team.get("/v1/users").json()["data"][0]["email"] == ANA


def test_a_strangers_yes_gives_their_address_to_nobody(team: Team) -> None:
    stand = team.stand
    settled(stand, BOB)
    bob = Visitor(stand)
    bob.sign_in(BOB)
    stand.letters()
    bob.get("/account/email")
    bob.post("/account/email", email="victim@else.test", current=PASSWORD)
    links = {letter.to: letter.link for letter in stand.letters()}
    bob.get(links[BOB])
    bob.post("/links")
    victim = Visitor(stand)
    victim.get(links["victim@else.test"])
    victim.post("/links")
    assert victim.page.url.path == "/sign-in"
    assert person(stand, BOB).email == BOB


def test_an_address_that_changed_leaves_no_other_session(team: Team) -> None:
    stand = team.stand
    settled(stand, BOB)
    bob, other = Visitor(stand), Visitor(stand)
    bob.sign_in(BOB)
    other.sign_in(BOB)
    stand.letters()
    bob.get("/account/email")
    bob.post("/account/email", email="robert@acme.test", current=PASSWORD)
    for letter in stand.letters():
        bob.get(letter.link)
        bob.post("/links")
    assert "robert@acme.test" in bob.get("/account").text
    assert other.get("/account").url.path == "/sign-in"


def test_a_used_recovery_code_is_told_and_audited(team: Team) -> None:
    stand = team.stand
    settled(stand, BOB)
    authenticator(stand, BOB)
    with stand.runtime.database.change() as transaction:
        [first, *_] = factors.new_recovery_codes(
            transaction, person(stand, BOB).key, lambda size: stand.runtime.random(0, size)
        )
    stand.letters()
    bob = Visitor(stand)
    bob.sign_in(BOB)
    bob.post("/sign-in/code", code=first)
    assert bob.page.url.path == "/account"
    assert "factor_changed" in {letter.kind for letter in stand.letters()}
    assert audited(team, "person.use_recovery_code")


@pytest.fixture
def strict(database_url: str) -> Iterator[Stand]:
    """With the limits that a server has."""
    with Stand(database_url, limits=Limits(), caps=Caps()) as made:
        Team(made)
        yield made


def test_one_network_keeps_nobody_else_from_signing_in(strict: Stand) -> None:
    settled(strict, ANA)
    for _ in range(130):
        with pytest.raises((TooOften, WrongSignIn)):
            signing.sign_in(
                strict.runtime, email=ANA, password="wrong", browser=Browser("192.0.2.9", "")
            )
    for _ in range(30):
        with pytest.raises((TooOften, WrongSignIn)):
            signing.sign_in(
                strict.runtime, email="nonsense", password="x", browser=Browser("192.0.2.9", "")
            )
    ana = Visitor(strict)
    assert ana.sign_in(ANA).url.path == "/account"
    with pytest.raises(PasskeyRefused):
        passkey_signing.sign_in(strict.runtime, "{}", Browser("192.0.2.1", ""))


def test_a_strangers_resets_use_up_no_invitations(team: Team) -> None:
    stand = team.stand
    for _ in range(5):
        credentials.ask_reset(stand.runtime, "hire@acme.test", Browser("192.0.2.9", ""))
    assert stand.letters() == []
    assert mailed(team, "hire@acme.test")


def test_asking_for_challenges_has_an_end(strict: Stand) -> None:
    browser = Browser("192.0.2.9", "")
    for _ in range(1_000):
        strict.runtime.limits.hit("passkey_options", network=browser.network)
    with pytest.raises(TooOften):
        passkey_signing.options(strict.runtime, browser)


def test_a_second_click_with_the_old_cookie_signs_nobody_out(team: Team) -> None:
    settled(team.stand, BOB)
    bob = Visitor(team.stand)
    bob.sign_in(BOB)
    bob.get("/account/password")
    old = bob.cookie("session")
    fields = {"current": PASSWORD, "password": "quite another passphrase"}
    bob.post("/account/password", **fields)
    new = bob.cookie("session")
    assert new != old
    late = bob.http.get(
        "/account", headers={"cookie": f"guestlist-session={old}"}, follow_redirects=False
    )
    assert late.headers["location"] == "/sign-in"
    assert "set-cookie" not in late.headers


def test_strangers_resets_cost_the_owner_no_more_than_an_hour(strict: Stand) -> None:
    for _ in range(3):
        credentials.ask_reset(strict.runtime, BOB, Browser("192.0.2.9", ""))
    assert len(strict.letters()) == 3
    credentials.ask_reset(strict.runtime, BOB, Browser("192.0.2.1", ""))
    assert strict.letters() == []
    strict.clock.advance(seconds=3_600)
    credentials.ask_reset(strict.runtime, BOB, Browser("192.0.2.1", ""))
    assert [letter.kind for letter in strict.letters()] == ["reset"]


def test_a_hundred_answers_to_one_link_are_told_it_was_answered(strict: Stand) -> None:
    team = Team(strict)
    link = mailed(team, "eve@else.test")
    Visitor(strict).accept(link)
    secret = link.rpartition("/")[2]
    late = Browser("192.0.2.7", "")
    for _ in range(100):
        with pytest.raises(Ended):
            joining.accept(
                strict.runtime,
                secret,
                joining.Answer(),
                signed=None,
                browser=late,
                cause=Cause("r"),
            )


def test_a_broken_in_browsers_language_is_not_the_letters(team: Team) -> None:
    stand = team.stand
    settled(stand, BOB)
    ours = Visitor(stand, agent="Ours")
    ours.http.headers["accept-language"] = "en"
    ours.sign_in(BOB)
    stand.letters()
    theirs = Visitor(stand, network="198.51.100.9", agent="Theirs")
    theirs.http.headers["accept-language"] = "fr"
    theirs.sign_in(BOB)
    [letter] = stand.letters()
    assert (letter.kind, letter.language) == ("sign_in_new", "en")
