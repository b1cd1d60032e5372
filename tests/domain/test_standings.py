"""What entries add up to: who could, since when, and by whose grant."""

from collections.abc import Mapping
from typing import Any

import pytest

from guestlist.domain import audit
from guestlist.domain.audit import Cause, Link, Told
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.standings import Question, Standings

SENDER = {"role": "Custom User", "permissions": ["control-sendings"], "domains": ["d1"]}
DESIGNER = {"role": "Designer", "permissions": [], "domains": [], "templates": []}
ON_D1 = Question("control-sendings", domain="d1")
Side = Mapping[str, Any] | None


class Story:
    """Entries at 1, 2, 3 and so on."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.tell("domain.import", "domain:d1", after={"name": "acme.test"})

    def tell(
        self,
        action: str,
        subject: str,
        *,
        after: Side = None,
        before: Side = None,
        by: str = "operator",
    ) -> None:
        at = len(self.told) + 1
        self.told.append(Told(at, Cause("r"), by, action, subject, before, after))

    def folded(self, question: Question | None = ON_D1, *, pruned_through: int = 0) -> Standings:
        standings = Standings(MAILERSEND, question, pruned_through)
        chance = bytes(audit.RANDOM_BYTES * len(self.told))
        entries = audit.chained(self.told, "acme", Link(), chance)[0]
        pruned = Standings(MAILERSEND)
        for entry in entries[:pruned_through]:
            pruned.fold(entry)
        kept = [entry for entry in entries[:pruned_through] if entry.sequence in pruned.kept()]
        for entry in (*kept, *entries[pruned_through:]):
            standings.fold(entry)
        return standings

    def could(self, question: Question = ON_D1) -> list[tuple[str, int | None, int | None, str]]:
        return [
            (one.user_id, one.since, one.granted_at, one.granted_by)
            for one in self.folded(question).could()
        ]


@pytest.fixture
def story() -> Story:
    made = Story()
    made.tell("user.import", "user:ana", after={"role": "Admin", "email": "ana@acme.test"})
    return made


def test_who_was_imported_has_it_of_the_operator(story: Story) -> None:
    assert story.could() == [("ana", 2, 2, "operator")]
    [ana] = story.folded().could()
    assert (ana.email, ana.grant.role) == ("ana@acme.test", "Admin")


def test_who_accepted_has_it_of_who_gave_it(story: Story) -> None:
    after = SENDER | {"user": "bo", "granted_by": "user:ana", "email": "bo@acme.test"}
    story.tell("invitation.accept", "invitation:i1", after=after, by="invitee of invitation:i1")
    assert story.could()[1:] == [("bo", 3, 3, "user:ana")]


def test_who_was_changed_has_it_of_who_changed_them_and_not_of_who_confirmed_it(
    story: Story,
) -> None:
    story.tell("user.import", "user:bo", after=DESIGNER)
    assert story.could()[1:] == []
    story.tell("user.update", "user:bo", before=DESIGNER, after=SENDER, by="user:ana token:t")
    story.tell("user.update", "user:bo", before=SENDER, after=SENDER, by="user:cleo")
    assert story.could()[1:] == [("bo", 4, 4, "user:ana token:t")]
    story.tell("user.update", "user:bo", before=SENDER, after=DESIGNER, by="user:cleo")
    story.tell("user.update", "user:bo", before=DESIGNER, after=SENDER, by="user:cleo")
    assert story.could()[1:] == [("bo", 7, 7, "user:cleo")]


@pytest.mark.parametrize("action", ["user.remove", "user.leave"])
def test_who_is_gone_could_not(story: Story, action: str) -> None:
    story.tell(action, "user:ana", before={"role": "Admin"})
    assert story.could() == []


def test_who_is_suspended_could_not_and_has_it_again_of_who_granted_it(story: Story) -> None:
    admin = {"role": "Admin"}
    story.tell("user.suspend", "user:ana", before=admin, after=admin | {"suspended": True})
    assert story.could() == []
    story.tell("user.update", "user:ana", after=SENDER | {"domains": []}, by="user:bo")
    story.tell("user.update", "user:ana", after=SENDER, by="user:cleo")
    assert story.could() == []
    after = SENDER | {"suspended": False}
    story.tell("user.reactivate", "user:ana", before=SENDER, after=after, by="user:bo")
    assert story.could() == [("ana", 6, 5, "user:cleo")]


def test_a_domain_that_was_deleted_falls_out_and_one_not_yet_made_is_nobodys(story: Story) -> None:
    other = Question("control-sendings", domain="d2")
    assert story.could(other) == []
    story.tell("domain.add", "domain:d2", after={"name": "two.test"})
    assert story.could(other) == [("ana", 3, 2, "operator")]
    story.tell("domain.remove", "domain:d1", before={"name": "acme.test"})
    assert story.could() == []
    assert story.could(other) == [("ana", 3, 2, "operator")]


def test_on_the_account_holds_what_holds_on_every_domain(story: Story) -> None:
    everywhere = Question("control-sendings")
    story.tell("user.import", "user:bo", after=SENDER)
    assert story.could(everywhere)[1:] == [("bo", 3, 3, "operator")]
    story.tell("domain.add", "domain:d2", after={"name": "two.test"})
    assert story.could(everywhere)[1:] == []
    story.tell("domain.remove", "domain:d2", before={"name": "two.test"}, by="user:ana")
    assert story.could(everywhere)[1:] == [("bo", 5, 5, "user:ana")]


def test_templates_are_asked_of_as_domains_are(story: Story) -> None:
    story.tell("template.import", "template:t1", after={"name": "Receipt"})
    own = {"role": "Custom User", "permissions": ["read-own-templates"], "templates": ["t1"]}
    story.tell("user.import", "user:bo", after=own)
    asked = Question("read-own-templates", template="t1")
    assert [user for user, *_ in story.could(asked)] == ["ana", "bo"]
    assert [user for user, *_ in story.could(Question("read-own-templates"))] == ["ana", "bo"]
    assert [user for user, *_ in story.could(Question("read-invoice"))] == ["ana"]


def test_what_tells_of_nobodys_grant_changes_nothing(story: Story) -> None:
    for action, subject in (
        ("user.update", "user:unknown"),
        ("person.rename", "user:ana"),
        ("token.create", "token:t"),
        ("invitation.accept", "invitation:old"),
    ):
        story.tell(action, subject, after={"name": "x"})
    assert story.could() == [("ana", 2, 2, "operator")]
    story.tell("person.change_email", "user:ana", after={"email": "ana@else.test"})
    assert [one.email for one in story.folded().could()] == ["ana@else.test"]


def test_kept_is_what_says_what_is_so(story: Story) -> None:
    story.tell("domain.add", "domain:d2", after={"name": "two.test"})
    story.tell("domain.add", "domain:d3", after={"name": "three.test"})
    story.tell("user.import", "user:bo", after=SENDER | {"domains": ["d2"]})
    story.tell("user.import", "user:cleo", after=DESIGNER)
    story.tell("user.update", "user:ana", after={"role": "Manager"})
    story.tell("user.suspend", "user:bo", after={"suspended": True})
    story.tell("user.remove", "user:cleo")
    story.tell("domain.remove", "domain:d2", before={"name": "two.test"})
    story.tell("domain.remove", "domain:d3", before={"name": "three.test"})
    # The domain that is there, Ana's address, Bo, Ana's change, Bo's suspension, and that his
    # domain is gone.
    assert story.folded(None).kept() == {1, 2, 5, 7, 8, 10}


def test_pruned_or_not_who_granted_it_is_not_who_suspended_or_confirmed(story: Story) -> None:
    story.tell("user.update", "user:ana", after={"role": "Manager"}, by="user:bo")
    for action, is_suspended in (("user.suspend", True), ("user.reactivate", False)) * 2:
        after = {"role": "Manager", "suspended": is_suspended}
        story.tell(action, "user:ana", after=after, by="user:cleo")
    assert story.folded(None).kept() == {1, 2, 3, 7}
    [ana] = story.folded(pruned_through=7).could()
    assert (ana.email, ana.since, ana.granted_at) == ("ana@acme.test", 7, 3)
    assert ana.granted_by == "user:bo"


def test_what_is_kept_does_not_bridge_what_was_pruned(story: Story) -> None:
    for grant in ({"role": "Accountant"}, {"role": "Admin"}, {"role": "Manager"}):
        story.tell("user.update", "user:ana", after=grant, by="user:bo")
    assert story.could() == [("ana", 4, 4, "user:bo")]
    [ana] = story.folded(pruned_through=5).could()
    assert (ana.email, ana.since, ana.granted_by) == ("ana@acme.test", 5, "user:bo")
