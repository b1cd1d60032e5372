"""Whatever an invitation's state is, and whichever of its links somebody has: one table."""

from collections.abc import Callable
from typing import Any

import pytest

from guestlist.actions import invitations
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import NotFound
from tests.console.arrivals import ACCEPT, copied, insist, invite_id, users
from tests.stand import Stand, Team
from tests.visitors import Visitor

LINKS = ("old", "new", "copied")

# By state and what is done, what comes of it through the link that a resend replaced, the newest
# mailed link, and the copied link. What needs no link says what each link opens afterwards.
CELLS: dict[str, dict[str, tuple[str, str, str]]] = {
    "pending": {
        "open": ("dead", "form", "form"),
        "accept": ("dead", "joined", "joined"),
        "decline": ("dead", "declined", "declined"),
        "resend": ("dead", "dead", "dead"),
        "edit": ("dead", "form", "dead"),
        "cancel": ("dead", "cancelled", "cancelled"),
    },
    "expired": {
        "open": ("dead", "expired", "expired"),
        "accept": ("dead", "refused: expired", "refused: expired"),
        "decline": ("dead", "refused: expired", "refused: expired"),
        "resend": ("dead", "dead", "dead"),
        "edit": ("dead", "expired", "dead"),
        "cancel": ("dead", "cancelled", "cancelled"),
    },
    "resent": {  # when it was expired, so that all links so far are old
        "open": ("dead", "form", "dead"),
        "accept": ("dead", "joined", "dead"),
        "decline": ("dead", "declined", "dead"),
        "resend": ("dead", "dead", "dead"),
        "edit": ("dead", "form", "dead"),
        "cancel": ("dead", "cancelled", "dead"),
    },
    "accepted": {
        "open": ("dead", "accepted", "accepted"),
        "accept": ("dead", "refused: accepted", "refused: accepted"),
        "decline": ("dead", "refused: accepted", "refused: accepted"),
        "resend": ("gone: dead", "gone: accepted", "gone: accepted"),
        "edit": ("gone: dead", "gone: accepted", "gone: accepted"),
        "cancel": ("gone: dead", "gone: accepted", "gone: accepted"),
    },
    "declined": {
        "open": ("dead", "declined", "declined"),
        "accept": ("dead", "refused: declined", "refused: declined"),
        "decline": ("dead", "declined", "declined"),
        "resend": ("gone: dead", "gone: declined", "gone: declined"),
        "edit": ("gone: dead", "gone: declined", "gone: declined"),
        "cancel": ("gone: dead", "gone: declined", "gone: declined"),
    },
    "cancelled": {
        "open": ("dead", "cancelled", "cancelled"),
        "accept": ("dead", "refused: cancelled", "refused: cancelled"),
        "decline": ("dead", "refused: cancelled", "refused: cancelled"),
        "resend": ("gone: dead", "gone: cancelled", "gone: cancelled"),
        "edit": ("gone: dead", "gone: cancelled", "gone: cancelled"),
        "cancel": ("gone: dead", "gone: cancelled", "gone: cancelled"),
    },
}
SHOWN = {
    ACCEPT: "form",
    "has expired": "expired",
    "was cancelled": "cancelled",
    "was declined": "declined",
    "was accepted already": "accepted",
    "<h1>You are in<": "joined",
    "opens nothing": "dead",
}


class Case:
    """One invitation in one state, with all the links it ever had."""

    def __init__(self, team: Team, state: str, number: int) -> None:
        self.team = team
        self.email = f"eve{number}@else.test"
        team.invited(self.email)
        self.id = invite_id(team, self.email)
        self.links = {"old": self._letter(), "new": self._resent()}
        self.links["copied"] = copied(team, self.email)
        if state in {"expired", "resent"}:
            team.stand.clock.advance(days=8)
        if state == "resent":
            self.links["new"] = self._resent()
        if state == "accepted":
            Visitor(team.stand).accept(self.links["new"])
        if state == "declined":
            insist(Visitor(team.stand), self.links["new"], "decline")
        if state == "cancelled":
            invitations.cancel(team.stand.runtime, team.operator, self.id)

    def _letter(self) -> str:
        [letter] = self.team.stand.letters()
        return letter.link

    def _resent(self) -> str:
        invitations.resend(self.team.stand.runtime, self.team.operator, self.id)
        return self._letter()

    def open(self, link: str) -> str:
        visitor = Visitor(self.team.stand)
        visitor.get(self.links[link])
        return shown(visitor)

    def accept(self, link: str) -> str:
        return self._answered(link, "accept")

    def decline(self, link: str) -> str:
        return self._answered(link, "decline")

    def _answered(self, link: str, how: str) -> str:
        visitor = Visitor(self.team.stand)
        insist(visitor, self.links[link], how)
        refused = "refused: " if visitor.page.status_code == 410 else ""
        assert visitor.page.status_code in {200, 410, 404}
        return refused + shown(visitor)

    def resend(self, link: str) -> str:
        return self._and_then(link, invitations.resend)

    def edit(self, link: str) -> str:
        return self._and_then(link, invitations.edit, Draft(role="Designer"))

    def cancel(self, link: str) -> str:
        return self._and_then(link, invitations.cancel)

    def _and_then(self, link: str, action: Callable[..., Any], *more: Any) -> str:
        try:
            action(self.team.stand.runtime, self.team.operator, self.id, *more)
        except NotFound:
            return f"gone: {self.open(link)}"
        self.team.stand.letters()
        return self.open(link)


def shown(visitor: Visitor) -> str:
    found = {name for words, name in SHOWN.items() if words in visitor.text}
    assert len(found) == 1, (found, visitor.text)
    return found.pop()


@pytest.mark.parametrize("state", CELLS)
def test_each_state_answers_each_thing_by_each_link_as_the_table_says(
    stand: Stand, state: str
) -> None:
    team = Team(stand)
    number = 0
    for action, outcomes in CELLS[state].items():
        for link, outcome in zip(LINKS, outcomes, strict=True):
            number += 1
            case = Case(team, state, number)
            before = team.kept()
            assert getattr(case, action)(link) == outcome, (state, action, link)
            changes = outcome in {"joined", "declined"} and outcome != state
            if action in {"resend", "edit", "cancel"}:
                changes = not outcome.startswith("gone")
            assert (team.kept() != before) == changes, (state, action, link)
            assert (case.email in users(team)) == (state == "accepted" or outcome == "joined")
    assert set(CELLS[state]) == {"open", "accept", "decline", "resend", "edit", "cancel"}
