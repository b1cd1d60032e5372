"""What pages show is words of strangers: they stand where they are put, and load nothing."""

import re

import pytest

from guestlist.console import assets
from tests.console.arrivals import mailed, settled, signed_in
from tests.stand import WORLD, Stand, Team
from tests.visitors import Visitor

EVE = "eve@else.test"
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}"
NASTY = f"<b>{RIGHT_TO_LEFT}Acme & Co"
SHOWN = f"<bdi>&lt;b&gt;{RIGHT_TO_LEFT}Acme &amp; Co</bdi>"
PICTURE = "https://elsewhere.test/ana.png"


@pytest.fixture
def nasty(stand: Stand) -> Team:
    ana, *others = WORLD["users"]
    ana = {**ana, "name": NASTY, "last_name": "Ng", "avatar": PICTURE}
    return Team(stand, name=NASTY, users=[ana, *others])


def test_a_name_is_escaped_and_turns_no_direction_but_its_own(nasty: Team) -> None:
    visitor = Visitor(nasty.stand)
    visitor.get(mailed(nasty, EVE))
    heading = visitor.page.text.partition("<h1>")[2].partition("</h1>")[0]
    assert heading == f"{SHOWN.removesuffix('</bdi>')} Ng</bdi> invites you to {SHOWN}"
    assert NASTY not in visitor.page.text
    bare = re.sub(r"<bdi>[^<]*</bdi>", "", visitor.page.text)
    assert RIGHT_TO_LEFT not in bare


def test_a_picture_from_elsewhere_is_not_loaded(nasty: Team) -> None:
    ana = signed_in(nasty.stand, "ana@acme.test")
    assert PICTURE not in ana.page.text
    assert '<span class="avatar" aria-hidden="true"><bdi>BN</bdi></span>' in ana.page.text


def test_a_page_speaks_the_browsers_language(team: Team) -> None:
    visitor = Visitor(team.stand)
    visitor.get(mailed(team, EVE, "Custom User", permissions=["read-invoice"]))
    for language, told in {
        "de": ("Ana lädt Sie zu Acme ein", "1 Recht", "Rechnungen ansehen"),
        "fr": ("Ana vous invite à rejoindre Acme", "1 droit", "Voir les factures"),
        "nl": ("Ana invites you to Acme", "1 permission", "View invoices"),
    }.items():
        visitor.get("/invitations", headers={"accept-language": language})
        shown = visitor.text.replace("<bdi>", "").replace("</bdi>", "")
        assert f'<html lang="{language if language != "nl" else "en"}">' in shown
        assert [words for words in told if words not in shown] == []


def test_what_a_page_loads_is_ours_and_kept_for_good(team: Team) -> None:
    settled(team.stand, "ana@acme.test")
    visitor = Visitor(team.stand)
    visitor.get("/sign-in")
    loaded = re.findall(r'(?:src|href)="([^"]+\.(?:css|js|svg))"', visitor.page.text)
    names = ("style.css", "favicon.svg", "reveal.js", "passkey.js")
    assert loaded == [assets.url(name) for name in names]
    assert not re.search(r"<script>|<style| style=| on\w+=", visitor.page.text)
    for address in loaded:
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert visitor.get("/assets/style.000000000000.css").status_code == 404
