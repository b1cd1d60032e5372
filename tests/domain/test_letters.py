"""What letters tell, and that no name in one can say more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import things
from guestlist.domain.letters import MAX_WORDS, Kind, Letter
from guestlist.domain.people import JOINERS
from guestlist.domain.refusals import Fault, Invalid, Rule

LINK = "https://people.test/invitations/secret"
LONG_LINK = LINK + "x" * MAX_WORDS


def letter(**facts: str | int | None) -> Letter:
    return Letter("n", Kind.INVITATION, "eve@x.test", None, 0, facts)


@given(st.text())
def test_no_fact_has_a_line_of_its_own_or_is_without_end(text: str) -> None:
    fact = letter(account=text).facts["account"]
    assert isinstance(fact, str)
    assert all(c.isprintable() or c in JOINERS for c in fact)
    assert len(fact.splitlines()) <= 1
    assert len(fact) <= MAX_WORDS


def test_facts_are_what_they_were_but_for_that() -> None:
    made = letter(account="Grüße ☃", inviter=None, expires_at=5, link=LONG_LINK)
    assert made.facts["account"] == "Grüße ☃"
    assert (made.facts["inviter"], made.facts["expires_at"]) == (None, 5)
    assert made.link == LONG_LINK
    assert letter(account="a\r\nBcc: b@x.test").facts["account"] == "a Bcc: b@x.test"
    assert letter(name="क\u200dष Ana\u00a0Ng\u202e").facts["name"] == "क\u200dष Ana Ng"
    assert letter(agent="x" * 1_000).facts["agent"] == "x" * (MAX_WORDS - 1) + "…"
    assert letter().link == ""


def test_a_letter_in_a_log_tells_no_link() -> None:
    assert LINK not in repr(letter(link=LINK))


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
