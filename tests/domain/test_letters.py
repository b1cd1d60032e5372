"""What letters say, and that no name in one can say more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import letters, things
from guestlist.domain.letters import Offer
from guestlist.domain.refusals import Fault, Invalid, Rule

OFFER: dict[str, Any] = {
    "to": "eve@x.test",
    "account": "Acme",
    "inviter": "Bob B",
    "role": "Designer",
    "link": "https://people.test/invitations/secret",
    "expires_at": 1_800_000_000_000_000,
}


def test_an_invitation_says_who_invites_to_what_and_until_when() -> None:
    letter = letters.invitation(Offer(**OFFER), name="n")
    assert (letter.name, letter.to, letter.subject) == (
        "n",
        "eve@x.test",
        "You are invited to Acme",
    )
    lines = letter.text.splitlines()
    assert "Bob B invites you to join Acme as Designer." in lines
    assert OFFER["link"] in lines
    assert "2027-01-15 08:00 UTC" in letter.text


def test_an_invitation_by_the_operator_names_nobody() -> None:
    letter = letters.invitation(Offer(**OFFER | {"inviter": None}), name="n")
    assert "You are invited to join Acme as Designer." in letter.text.splitlines()


@given(st.text(), st.text())
def test_no_name_begins_a_line_of_its_own(account: str, inviter: str) -> None:
    plain = letters.invitation(Offer(**OFFER), name="n")
    letter = letters.invitation(Offer(**OFFER | {"account": account, "inviter": inviter}), name="n")
    assert len(letter.text.splitlines()) == len(plain.text.splitlines())
    assert len(letter.subject.splitlines()) == 1
    assert letter.subject.isprintable()
    assert [line for line in letter.text.splitlines() if line.startswith("http")] == [OFFER["link"]]


@pytest.mark.parametrize("name", ["x.test", "Bücher.test"])
def test_a_domain_is_a_host(name: str) -> None:
    things.examine_domain(name)
    with pytest.raises(Invalid) as refused:
        things.examine_domain(name + "/")
    assert refused.value.faults == (Fault("name", Rule.HOST),)


def test_a_template_has_a_name_and_a_kind_and_nothing_too_long() -> None:
    things.check_template("n" * 255, kind="k" * 50, description=None)
    things.check_template("n", kind="rt", description="d" * 10_000)
    with pytest.raises(Invalid) as refused:
        things.check_template(" ", kind="k" * 51, description="d" * 10_001)
    assert refused.value.faults == (
        Fault("name", Rule.REQUIRED),
        Fault("type", Rule.MAX_CHARACTERS, 50),
        Fault("description", Rule.MAX_CHARACTERS, 10_000),
    )
