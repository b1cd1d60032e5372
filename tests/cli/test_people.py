"""The operator helps people who cannot sign in, and erases them; what they sign in with stays."""

import json
import os
import time
from collections.abc import Iterator

import pytest

from guestlist.actions import factors, people
from guestlist.domain.links import Keys
from guestlist.domain.sessions import MINUTE
from tests.cli.terminal import KEY, Terminal
from tests.stand import PUBLIC_URL, Stand
from tests.visitors import Visitor

ANA, BO = "ana@acme.test", "bo@acme.test"
NOBODY = "Nobody has the address"


def signed_in(link: str, stand: Stand) -> Visitor:
    """Whoever has the link."""
    visitor = Visitor(stand)
    visitor.get(link)
    visitor.post("/links")
    return visitor


@pytest.fixture
def stand(acme: Terminal, database_url: str) -> Iterator[Stand]:
    """The pages of the deployment that the terminal is at, a minute later than it is there."""
    del acme
    with Stand(database_url, keys=Keys((KEY.encode(),))) as made:
        made.clock.now = time.time_ns() // 1_000 + MINUTE
        yield made


def test_a_person_is_shown_with_their_accounts(acme: Terminal) -> None:
    other = acme.json("account", "create", "Other", "--admin-email", ANA)
    shown = acme.json("people", "show", "ANA@acme.test")
    assert [place["role"] for place in shown.pop("accounts")] == ["Admin", "Admin"]
    assert shown == {
        "email": ANA,
        "name": "Ana",
        "last_name": "Kos",
        "language": None,
        "proven_at": None,
        "last_sign_in_at": None,
        "password_changed_at": None,
        "has_password": False,
        "has_authenticator": False,
        "passkeys": 0,
        "recovery_codes": 0,
        "must_set_factor": False,
        "must_change_password": False,
        "sessions": 0,
    }
    rows = dict(acme.rows("people", "show", ANA))
    assert f"Other ({other['id']}): Admin" in rows["accounts"]


def test_a_link_signs_in_once(acme: Terminal, stand: Stand) -> None:
    link = acme.run("people", "link", ANA, "--public-url", PUBLIC_URL).strip()
    assert link.startswith(f"{PUBLIC_URL}/links/")
    assert ANA in signed_in(link, stand).get("/account").text
    assert acme.json("people", "show", ANA)["sessions"] == 1
    assert signed_in(link, stand).page.status_code != 200
    assert acme.json("people", "show", ANA)["sessions"] == 1


def test_a_link_ends_within_the_hour_or_with_all_sessions(acme: Terminal, stand: Stand) -> None:
    first, second = (acme.json("people", "link", ANA)["link"] for _ in range(2))
    assert first.startswith("http://localhost:8000/links/")
    signed_in(first.replace("http://localhost:8000", PUBLIC_URL), stand)
    assert acme.run("people", "sign-out", ANA) == f"Ended 1 session of {ANA}.\n"
    old = second.replace("http://localhost:8000", PUBLIC_URL)
    assert signed_in(old, stand).get("/account").url.path == "/sign-in"
    late = acme.run("people", "link", ANA, "--public-url", PUBLIC_URL).strip()
    stand.clock.advance(seconds=3_600)
    assert signed_in(late, stand).get("/account").url.path == "/sign-in"
    assert acme.json("people", "show", ANA)["sessions"] == 0


@pytest.mark.parametrize("command", [("people", "link", ANA), ("invites", "link", BO)])
def test_links_begin_with_the_servers_address(
    acme: Terminal, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    acme.run("users", "invite", BO, "--role", "Manager")
    assert acme.run(*command).startswith("http://localhost:8000/")
    monkeypatch.setenv("GUESTLIST_PORT", "8123")
    assert acme.run(*command).startswith("http://localhost:8123/")
    monkeypatch.setenv("GUESTLIST_PUBLIC_URL", "https://people.acme.test/")
    assert acme.run(*command).startswith("https://people.acme.test/")
    assert acme.run(*command, "--public-url", PUBLIC_URL).startswith(f"{PUBLIC_URL}/")
    said = acme.refused(*command, "--public-url", "people.acme.test")
    assert said.startswith("The public URL must look like")


def test_a_lost_factor_is_taken_away(acme: Terminal, stand: Stand) -> None:
    person = people.find(stand.runtime, ANA)
    with stand.runtime.database.change() as transaction:
        seed = factors.new_seed(os.urandom)
        keys = stand.runtime.keys
        factors.set_totp(transaction, keys, person.key, seed, step=1, random=os.urandom)
        factors.new_recovery_codes(transaction, person.key, os.urandom)
    shown = acme.json("people", "show", ANA)
    assert (shown["has_authenticator"], shown["recovery_codes"]) == (True, 10)
    # It is still asked for.
    link = acme.run("people", "link", ANA, "--public-url", PUBLIC_URL).strip()
    assert signed_in(link, stand).page.url.path == "/sign-in/code"
    acme.run("people", "reset-factor", ANA)
    shown = acme.json("people", "show", ANA)
    assert [shown[n] for n in ("has_authenticator", "recovery_codes", "sessions")] == [False, 0, 0]
    assert [user["2fa"] for user in acme.json("users", "list")] == [False]


def test_who_is_erased_is_gone_from_every_account(acme: Terminal, stand: Stand) -> None:
    other = acme.json("account", "create", "Other", "--admin-email", BO)["id"]
    assert other
    said = acme.refused("people", "erase", BO)
    assert said.endswith("say it with --yes.")
    said = acme.refused("people", "erase", BO, "--yes")
    assert said.startswith(f"{BO} is the last Admin of Other: make somebody else Admin first.")
    eve = "eve@acme.test"
    for account in acme.json("account", "list"):
        acme.run("users", "invite", eve, "--role", "Admin", "--account", account["id"])
        Visitor(stand).accept(stand.letters()[-1].link)
    assert len(acme.json("people", "show", eve)["accounts"]) == 1
    assert acme.run("people", "erase", "EVE@acme.test", "--yes").startswith(f"Erased {eve}.")
    for account in acme.json("account", "list"):
        [only] = acme.json("users", "list", "--account", account["id"])
        assert only["email"] in {ANA, BO}
        assert acme.json("invites", "list", "--account", account["id"]) == []
    assert acme.refused("people", "show", eve).startswith(NOBODY)


@pytest.mark.parametrize("command", ["show", "link", "reset-factor", "sign-out", "erase"])
def test_nobody_is_said_to_be_nobody(acme: Terminal, command: str) -> None:
    acme.run("users", "invite", BO, "--role", "Manager")
    for email in (BO, "bo"):
        assert acme.refused("people", command, email).startswith(f"{NOBODY} {email}.")


def test_who_came_by_a_copied_link_is_given_no_place_in_another_account(
    acme: Terminal, stand: Stand
) -> None:
    acme.run("users", "invite", BO, "--role", "Manager")
    link = acme.json("invites", "link", BO)["link"]
    attacker = Visitor(stand)
    attacker.accept(link.partition(":8000")[2])
    assert attacker.get("/account").status_code == 200
    before = acme.json("account", "list")
    users = [{"email": BO.upper(), "role": "Admin"}]
    world = {"accounts": [{"name": "One"}, {"name": "Two", "users": users}]}
    for command in (("account", "create", "Victims", "--admin-email", BO), ("import", "-")):
        said = acme.refused(*command, given=json.dumps(world))
        assert said.startswith(f"Somebody signs in as {BO} who came by a copied link")
    assert acme.json("account", "list") == before
    acme.run("people", "erase", BO, "--yes")
    acme.run("account", "create", "Victims", "--admin-email", BO)
    assert attacker.get("/account").url.path == "/sign-in"
