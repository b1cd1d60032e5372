"""Signing in, going on and signing out; what it costs, and what gets nobody in."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from guestlist.actions import factors, people, sessions
from guestlist.actions.limits import Limits
from guestlist.console.asks import Guard, Page
from guestlist.console.pages import PAGES
from tests.api.test_queries import Statements
from tests.console.arrivals import (
    audited,
    authenticator,
    code,
    mailed,
    person,
    reset_link,
    settled,
    signed_in,
    users,
)
from tests.stand import WORLD, Stand, Team
from tests.store.reading import everything
from tests.visitors import PASSWORD, Visitor

ANA, BOB = "ana@acme.test", "bob@acme.test"
# Of one who has a sign-in, of one who never signed in, of nobody, and none at all.
ADDRESSES = (ANA, "cleo@acme.test", "nobody@acme.test")
WRONG = "certainly not the password"


def where(visitor: Visitor) -> str:
    """The page that somebody is led to who wants to see their account."""
    return str(visitor.get("/account").url.path)


@pytest.fixture
def statements() -> Iterator[Statements]:
    seen = Statements()
    event.listen(Pool, "connect", seen.watch)
    yield seen
    event.remove(Pool, "connect", seen.watch)


def told(visitor: Visitor, email: str) -> str:
    """A page without what is of this browser."""
    return re.sub(r'name="form" value="[^"]+"', "", visitor.text.replace(email, "ADDRESS"))


@pytest.mark.parametrize(
    ("path", "fields"), [("/sign-in", {"password": WRONG}), ("/forgotten", {})]
)
def test_a_known_and_an_unknown_address_cost_and_are_told_the_same(
    statements: Statements, database_url: str, path: str, fields: dict[str, str]
) -> None:
    with Stand(database_url) as stand:
        Team(stand)
        settled(stand, ANA)
        runtime, costs = stand.runtime, []
        for email in ADDRESSES:
            visitor = Visitor(stand)
            visitor.get(path)
            before = runtime.passwords.verifications, runtime.limits.steps
            with statements.counted() as count:
                visitor.post(path, email=email, **fields)
            verified = runtime.passwords.verifications - before[0]
            steps = runtime.limits.steps - before[1]
            told_back = told(visitor, email), sorted(visitor.page.headers)
            costs.append((visitor.page.status_code, count, verified, steps, told_back))
        assert costs[0] == costs[1] == costs[2]
        expected = (422, [1], 1, 1) if path == "/sign-in" else (200, costs[0][1], 0, 1)
        assert costs[0][:4] == expected
        # Only now, when nobody waits, is it found out who has the address.
        to = [letter.to for letter in stand.letters()]
        assert to == ([] if path == "/sign-in" else [ANA, "cleo@acme.test"])


@pytest.fixture
def limited(database_url: str) -> Iterator[Stand]:
    """With the limits that are served."""
    with Stand(database_url, limits=Limits()) as made:
        yield made


def attempts(visitor: Visitor, path: str, **fields: str) -> int:
    """How many are let through before the next one is told to wait."""
    for number in range(100):
        if visitor.post(path, **fields).status_code == 429:
            assert 0 < int(visitor.page.headers["retry-after"]) <= 86_400
            assert "Too many attempts" in visitor.text
            visitor.get("/forgotten")
            return number
        assert visitor.page.status_code in {200, 422}
    return 100


def test_whoever_tries_too_often_waits(limited: Stand) -> None:
    team = Team(limited)
    link = mailed(team, "eve@else.test")
    settled(limited, ANA)
    guesser, other = Visitor(limited), Visitor(limited, network="198.51.100.7")
    for email in (ANA, "nobody@acme.test"):
        guesser.get("/sign-in")
        assert attempts(guesser, "/sign-in", email=email, password=WRONG) == 10
    assert guesser.sign_in(ANA).status_code == 429
    assert other.sign_in(ANA).status_code == 200  # its owner is not kept out
    ana = other
    ana.get("/account/password")
    typed = {"current": WRONG, "password": "quite another passphrase"}
    assert attempts(ana, "/account/password", **typed) == 10
    guesser.get("/forgotten")
    assert attempts(guesser, "/forgotten", email="nobody@acme.test") == 3
    guesser.get(link)
    assert attempts(guesser, "/invitations/accept", name="", password=WRONG) == 30
    limited.clock.advance(days=8)
    guesser.get(link)
    assert attempts(guesser, "/invitations/again") == 3
    authenticator(limited, ANA)
    third = Visitor(limited, network="198.51.100.9")
    third.sign_in(ANA)
    assert attempts(third, "/sign-in/code", code="000000") == 10


def test_a_session_has_another_secret_whenever_its_power_changes(team: Team) -> None:
    stand = team.stand
    settled(stand, ANA)
    visitor, other = Visitor(stand), Visitor(stand)
    visitor.http.cookies.set("guestlist-session", "A" * 43, domain="guestlist.test")
    secrets = ["A" * 43]

    def rotated() -> bool:
        secrets.append(visitor.cookie("session") or "")
        return len(set(secrets)) == len(secrets)

    other.sign_in(ANA)
    totp = authenticator(stand, ANA)
    visitor.sign_in(ANA)
    assert rotated()
    visitor.post("/sign-in/code", code=code(totp, stand))
    assert rotated()
    assert where(visitor) == where(other) == "/account"
    visitor.get("/account/password")
    visitor.post("/account/password", current=PASSWORD, password="quite another passphrase")
    assert rotated()
    assert where(visitor) == "/account"
    assert where(other) == "/sign-in"  # every other session ended
    for secret in secrets[:-1]:
        old = Visitor(stand)
        old.http.cookies.set("guestlist-session", secret)
        assert where(old) == "/sign-in"


def test_behind_https_no_cookie_is_seen_or_set_by_a_neighbour(database_url: str) -> None:
    with Stand(database_url, public_url="https://people.test") as stand:
        Team(stand)
        visitor = Visitor(stand)
        visitor.http.follow_redirects = False
        visitor.get(f"/links/{'A' * 43}")
        [link] = visitor.page.headers.get_list("set-cookie")
        visitor.get("/sign-in")
        [form] = visitor.page.headers.get_list("set-cookie")
        settled(stand, ANA)
        visitor.post("/sign-in", email=ANA, password=PASSWORD)
        [session] = visitor.page.headers.get_list("set-cookie")
        assert visitor.page.headers["strict-transport-security"]
    for name, cookie in {"link": link, "form": form, "session": session}.items():
        assert cookie.startswith(f"__Host-guestlist-{name}=")
        parts = set(cookie.split("; ")[1:])
        assert {"HttpOnly", "SameSite=lax", "Secure", "Path=/"} <= parts
        assert not any(part.startswith("Domain") for part in parts)


def test_the_clock_ends_sessions(team: Team) -> None:
    stand = team.stand
    idle = signed_in(stand, ANA)
    stand.clock.advance(days=7, seconds=-1)
    assert where(idle) == "/account"
    sessions.flush_marks(stand.runtime)
    stand.clock.advance(days=7)
    assert where(idle) == "/sign-in"
    idle.sign_in(ANA)
    for _ in range(5):
        stand.clock.advance(days=5)
        assert where(idle) == "/account"
        sessions.flush_marks(stand.runtime)
    stand.clock.advance(days=5)
    assert where(idle) == "/sign-in"  # however often it was used
    authenticator(stand, ANA)
    idle.sign_in(ANA)
    stand.clock.advance(seconds=599)
    assert idle.get("/sign-in/code").url.path == "/sign-in/code"
    stand.clock.advance(seconds=1)
    assert idle.get("/sign-in/code").url.path == "/sign-in"


def test_signing_out_twice_is_signing_out(team: Team) -> None:
    ana = signed_in(team.stand, ANA)
    secret = ana.cookie("session")
    assert ana.post("/sign-out").url.path == "/sign-in"
    assert ana.post("/sign-out").url.path == "/sign-in"
    ana.http.cookies.set("guestlist-session", secret or "")
    assert where(ana) == "/sign-in"


@pytest.mark.parametrize("changed", ["", "A" * 43, "x" * 5_000, "\xe9" * 10, '"\\300"', "a b\tc"])
def test_a_tampered_cookie_is_nobodys(team: Team, changed: str) -> None:
    ana = signed_in(team.stand, ANA)
    ana.get(mailed(team, "eve@else.test"))
    held = {name: ana.cookie(name) for name in ("session", "form", "link")}
    assert None not in held.values()
    for name in held:
        cookies = {n: v for n, v in held.items() if n != name and v} | {name: changed}
        header = "; ".join(f"guestlist-{n}={v}" for n, v in cookies.items())
        visitor = Visitor(team.stand)
        with team.unchanged():
            for path in ("/account", "/invitations", "/links", "/sign-in"):
                answer = visitor.http.get(path, headers={b"cookie": header.encode("latin-1")})
                assert answer.status_code in {200, 404}
                assert name != "session" or "sign-in" in str(answer.url) or path != "/account"
            form = {"form": ana.token, "name": "Mallory", "last_name": ""}
            posted = visitor.http.post(
                "/account", data=form, headers={b"cookie": header.encode("latin-1")}
            )
            assert posted.status_code == 403


def test_a_reset_link_works_once_and_ends_every_session(team: Team) -> None:
    stand = team.stand
    ana = signed_in(stand, ANA)
    first, second = reset_link(stand, ANA), reset_link(stand, ANA)
    visitor = Visitor(stand)
    visitor.get(first)
    token = visitor.token
    assert visitor.post("/links", password="short").status_code == 422
    assert visitor.post("/links", password="quite another passphrase").status_code == 200
    assert where(ana) == "/sign-in"
    for link in (first, second):  # an older letter, too
        assert visitor.get(link).status_code == 404
        with team.unchanged():
            assert visitor.post(
                "/links", form=token, password="a third passphrase"
            ).status_code in {
                403,
                404,
            }
    ana.sign_in(ANA, "a third passphrase")
    assert ana.page.status_code == 422
    ana.sign_in(ANA, "quite another passphrase")
    assert where(ana) == "/account"
    late = reset_link(stand, ANA)
    stand.clock.advance(seconds=3_600)
    assert visitor.get(late).status_code == 404


def test_a_code_works_once(team: Team) -> None:
    stand = team.stand
    settled(stand, ANA)
    totp = authenticator(stand, ANA)
    with people.alone(stand.runtime, person(stand, ANA).key) as unit:
        codes = factors.new_recovery_codes(unit.transaction, unit.person.key, unit.random)
    for used in (code(totp, stand), codes[0], codes[1].upper().replace("-", " ")):
        first, second = Visitor(stand), Visitor(stand)
        for visitor in (first, second):
            visitor.sign_in(ANA)
            assert visitor.page.url.path == "/sign-in/code"
        first.post("/sign-in/code", code=used)
        assert where(first) == "/account"
        second.post("/sign-in/code", code=used)
        assert second.page.status_code == 422
        assert used not in second.text
        assert where(second) == "/sign-in/code"
    for wrong in (
        "",
        "000000",
        "12345",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "x" * 5_000,
        codes[2][:-1],
    ):
        second.post("/sign-in/code", code=wrong)
        assert second.page.status_code == 422


def test_an_imported_second_factor_counts_until_the_first_sign_in(stand: Stand) -> None:
    team = Team(stand, users=[WORLD["users"][0] | {"2fa": True}, *WORLD["users"][1:]])
    assert users(team)[ANA]["2fa"] is True
    settled(stand, ANA)
    assert users(team)[ANA]["2fa"] is True
    ana = Visitor(stand)
    ana.sign_in(ANA)
    assert ana.page.url.path == "/account/factor"
    assert users(team)[ANA]["2fa"] is False
    for path in ("/", "/account", "/accounts", "/account/email"):
        assert ana.get(path).url.path == "/account/factor"
    authenticator(stand, ANA)
    assert users(team)[ANA]["2fa"] is True
    assert where(ana) == "/account"


def test_an_old_password_must_be_changed_first_where_the_account_wants_that(stand: Stand) -> None:
    people_ = [user | {"requires_periodic_password_change": True} for user in WORLD["users"]]
    team = Team(stand, users=people_, password_days=30)
    other = Team(stand, name="Other")
    ana = signed_in(stand, ANA)
    stand.clock.advance(days=30, seconds=-1)
    ana.sign_in(ANA)
    assert where(ana) == "/account"
    stand.clock.advance(seconds=1)
    link = mailed(other, "eve@else.test")
    for path in ("/", "/account", "/accounts", "/account/email", "/account/factor"):
        assert ana.get(path).url.path == "/account/password"
    with team.unchanged():
        ana.post("/account", name="Mallory", last_name="")
        ana.post("/account/password", current=PASSWORD, password=PASSWORD)
        assert ana.page.status_code == 422
        ana.post("/account/password", current=WRONG, password="quite another passphrase")
        assert ana.page.status_code == 422
    assert where(ana) == "/account/password"
    ana.get("/account/password")
    ana.post("/account/password", current=PASSWORD, password="quite another passphrase")
    assert where(ana) == "/account"
    assert link
    assert len(audited(team, "person.change_password")) == 1


def test_who_owes_something_joins_nothing_before(stand: Stand) -> None:
    team, other = Team(stand, requires_second_factor=True), Team(stand, name="Other")
    eve = Visitor(stand)
    eve.accept(mailed(team, "eve@else.test"))
    assert where(eve) == "/account/factor"
    eve.get(mailed(other, "eve@else.test"))
    with other.unchanged():
        assert eve.post("/invitations/accept").url.path == "/account/factor"
    authenticator(stand, "eve@else.test")
    eve.get("/invitations")
    eve.post("/invitations/accept")
    assert "eve@else.test" in users(other)


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "/invitations/../x",
        "javascript:x",
        "/x\r\ny",
    ],
)
def test_a_sign_in_leads_to_no_other_place(team: Team, then: str) -> None:
    stand = team.stand
    settled(stand, ANA)
    visitor = Visitor(stand)
    visitor.http.follow_redirects = False
    visitor.get("/sign-in", params={"then": then})
    visitor.post("/sign-in", email=ANA, password=PASSWORD, then=then)
    assert visitor.page.headers["location"] == "/account"
    visitor.get("/account")
    assert visitor.post("/sign-out", then=then).headers["location"] == "/sign-in"
    totp = authenticator(stand, ANA)
    visitor.get("/sign-in")
    visitor.post("/sign-in", email=ANA, password=PASSWORD, then=then)
    assert visitor.page.headers["location"] == "/sign-in/code?then=/account"
    visitor.get("/sign-in/code", params={"then": then})
    visitor.post("/sign-in/code", code=code(totp, stand), then=then)
    assert visitor.page.headers["location"] == "/account"


def address(page: Page) -> str:
    return re.sub(r"\{\w+\}", "1", page.path)


POSTS = [page for page in PAGES if page.post]


@pytest.mark.parametrize("page", POSTS, ids=lambda page: page.path)
def test_no_page_takes_what_its_own_form_did_not_send(sqlite_team: Team, page: Page) -> None:
    stand = sqlite_team.stand
    ana = signed_in(stand, ANA)
    token = ana.token
    # As much as any form has.
    form = {"email": BOB, "name": "x", "password": PASSWORD, "current": PASSWORD}
    form |= {"account": sqlite_team.id, "code": "1", "credential": "{}"}
    files = {"picture": ("p", b"GIF89a")} if page.upload else None
    before = everything(stand)
    for wrong in ({}, {"form": ""}, {"form": token[::-1]}, {"form": signed_in_token(stand)}):
        answer = ana.http.post(address(page), data=form | wrong, files=files)
        assert answer.status_code == 403
    forged = {"origin": "https://evil.test"}
    answer = ana.http.post(address(page), data=form | {"form": token}, files=files, headers=forged)
    assert answer.status_code == 403
    answer = ana.http.post(address(page), json=form | {"form": token})
    assert answer.status_code == 415
    assert everything(stand) == before


def signed_in_token(stand: Stand) -> str:
    """Of somebody else's browser."""
    other = Visitor(stand)
    other.get("/sign-in")
    return other.token


@pytest.fixture
def sqlite_team(migrated_file: Any, tmp_path: Any) -> Iterator[Team]:
    """No SQL is at stake."""
    copy = tmp_path / "guestlist.db"
    copy.write_bytes(migrated_file.read_bytes())
    with Stand(f"sqlite:///{copy}") as stand:
        yield Team(stand)


def test_every_page_is_seen_by_those_its_guard_names(sqlite_team: Team) -> None:
    stand = sqlite_team.stand
    anonymous, whole = Visitor(stand), signed_in(stand, ANA)
    settled(stand, BOB)
    authenticator(stand, BOB)
    half = Visitor(stand)
    half.sign_in(BOB)
    owing = Visitor(stand)
    zoe = {"id": "zoe", "email": "zoe@else.test", "role": "Admin"}
    strict = Team(stand, name="Strict", requires_second_factor=True, users=[zoe])
    owing.accept(mailed(strict, "eve@else.test", by="zoe"))
    for page in PAGES:
        if page.guard is Guard.ANYBODY or not page.show:
            continue
        is_half = page.guard is Guard.HALF
        for visitor, led_to in (
            (anonymous, "/sign-in"),
            (half, address(page) if is_half else "/sign-in/code"),
            (whole, "/account" if is_half else None),
            (owing, "/account/factor" if page.guard in {Guard.FREE, Guard.HALF} else None),
        ):
            answer = visitor.http.get(address(page), follow_redirects=True)
            if led_to is not None:
                assert answer.url.path == led_to, page.path
    for page in POSTS:
        if page.guard is Guard.ANYBODY or page.upload:
            continue
        for visitor, led_to in ((anonymous, "/sign-in"), (half, "/sign-in/code")):
            if page.guard is Guard.HALF and visitor is half:
                continue
            visitor.get("/forgotten")
            before = everything(stand)
            assert visitor.post(address(page)).url.path == led_to, page.path
            assert everything(stand) == before
    assert {page.guard for page in PAGES} == set(Guard)
