"""A deployment's own words on the pages: as they are, in every language."""

from collections.abc import Iterator
from typing import Any

import pytest

from guestlist import languages
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.vocabularies import read
from tests.console.arrivals import ACCEPT, mailed, users
from tests.stand import Stand, Team
from tests.visitors import Visitor

EVE = "eve@acme.test"
OWN = {
    "groups": [
        {
            "name": "Own",
            "permissions": [
                {"name": "read-book", "description": "Read 100% of <b>books</b> & %(more)s"},
                {"name": "lend-book"},
            ],
        }
    ],
    "roles": [
        {"name": "Lead <i>", "description": "Leads 50% <script>", "permissions": ["read-book"]},
        {"name": "Wordless", "permissions": "listed", "narrowed": False},
    ],
}


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url, catalog=read(OWN)) as made:
        yield Team(made)


def opened(team: Team, role: str, language: str, **more: Any) -> Visitor:
    visitor = Visitor(team.stand)
    link = mailed(team, EVE, role, **more)
    assert visitor.get(link, headers={"accept-language": language}).status_code == 200
    return visitor


@pytest.mark.parametrize("language", languages.NAMES)
def test_an_invitation_says_what_the_file_says(team: Team, language: str) -> None:
    eve = opened(team, "Lead <i>", language)
    assert "Leads 50% <script>" in eve.text
    assert "<script>" not in eve.page.text.partition("<main")[2]
    assert "<i>" not in eve.page.text
    assert ACCEPT in eve.text
    eve.accept(eve.page.url.path)
    assert users(team)[EVE]["role"] == "Lead <i>"
    assert "Lead <i>" in eve.get("/account").text.replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize("language", languages.NAMES)
def test_what_has_no_description_is_called_by_its_name(team: Team, language: str) -> None:
    eve = opened(team, "Wordless", language, permissions=["read-book", "lend-book", "read-sms"])
    assert "Read 100% of <b>books</b> & %(more)s" in eve.text
    assert "<b>" not in eve.page.text
    assert "<li>lend-book</li>" in eve.text
    known = MAILERSEND.permission_by_name["read-sms"].description
    assert f"<li>{languages.of(language).gettext(known)}</li>" in eve.text
    assert "<p></p>" not in eve.text
    # The head of a catalogue, which is what gettext says to nothing.
    assert "Content-Type:" not in eve.text


def test_a_letter_says_the_role(team: Team) -> None:
    team.invited(EVE, "lead <I>")
    [letter] = team.stand.letters()
    assert letter.facts["role"] == "Lead <i>"


def test_a_role_that_the_file_lacks_is_shown_by_its_name(team: Team, database_url: str) -> None:
    link = mailed(team, EVE, "Wordless", permissions=["read-book"])
    with Stand(database_url) as bare:
        visitor = Visitor(bare)
        assert visitor.get(link).status_code == 200
        assert "Wordless" in visitor.text
