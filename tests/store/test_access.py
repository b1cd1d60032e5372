"""Who could do what, asked of the audit, is what was so at each moment of a random story."""

import random
from typing import Any

import pytest

from guestlist.actions import audit, joining, pruning, things
from guestlist.actions.sessions import Browser
from guestlist.domain.audit import Cause
from guestlist.domain.refusals import NotFound, NotRemembered
from guestlist.domain.standings import Question
from tests.stand import Stand, Team
from tests.visitors import PASSWORD

STEPS, EVERY = 60, 9
ROLES = ("Admin", "Manager", "Designer", "Accountant", "Custom User", "Custom User")
# Asked of, and who has it by their role: all, or these.
ASKED = {
    "control-sendings": {"Admin", "Manager"},
    "read-invoice": {"Admin", "Manager", "Accountant"},
    "read-own-templates": {"Admin", "Manager"},
    "manage-template": {"Admin", "Manager", "Designer"},
}
KIND = {
    "control-sendings": "domains",
    "read-own-templates": "templates",
    "manage-template": "templates",
}
Snapshot = dict[str, Any]


@pytest.fixture
def team(stand: Stand) -> Team:
    return Team(stand)


class Story:
    """An hour between any two changes, and what was so after each."""

    def __init__(self, team: Team, seed: int) -> None:
        self.team, self.stand = team, team.stand
        self.chance = random.Random(seed)  # noqa: S311 - a story, no secret
        self.moments: list[tuple[int, Snapshot]] = []
        self.things: set[tuple[str, str]] = set()
        self.keep()

    def keep(self) -> None:
        kept = self.team.kept()
        there = {kind: {one["id"] for one in kept[kind]} for kind in ("domains", "templates")}
        self.things |= {(kind, one) for kind, found in there.items() for one in found}
        users = {user["id"]: user for user in kept["users"]}
        self.moments.append((self.stand.clock.now, {"users": users, **there}))

    def step(self) -> None:
        self.stand.clock.advance(seconds=3_600)
        change = self.chance.choice([self.update, self.update, self.join, self.remove, self.thing])
        change()
        self.keep()

    def grant(self) -> dict[str, Any]:
        role = self.chance.choice(ROLES)
        now = self.moments[-1][1]
        lists = {
            kind: self.chance.sample(sorted(now[kind]), k=self.chance.randint(0, len(now[kind])))
            for kind in ("domains", "templates")
        }
        names = [*ASKED, "read-activity"]
        permissions = self.chance.sample(names, k=self.chance.randint(1, len(names)))
        if "read-own-templates" not in permissions:
            lists["templates"] = []
        return {"role": role, "permissions": permissions, **lists}

    def somebody(self) -> str:
        others: set[str] = set(self.moments[-1][1]["users"]) - {"user00000000ana"}
        return self.chance.choice(sorted(others))

    def update(self) -> None:
        answer = self.team.put(f"/v1/users/{self.somebody()}", self.grant())
        assert answer.status_code == 200, answer.text

    def join(self) -> None:
        email = f"n{len(self.moments)}@acme.test"
        grant = self.grant()
        self.team.invited(email, grant.pop("role"), **grant)
        links = [one.link for one in self.stand.letters() if one.link and one.to == email]
        new = joining.Answer("Nell", "Ng", PASSWORD)
        joining.accept(
            self.stand.runtime,
            links[0].rpartition("/")[2],
            new,
            signed=None,
            browser=Browser("192.0.2.9", "b"),
            cause=Cause("story"),
        )

    def remove(self) -> None:
        if len(self.moments[-1][1]["users"]) > 2:
            assert self.team.delete(f"/v1/users/{self.somebody()}").is_success

    def thing(self) -> None:
        domains = sorted(self.moments[-1][1]["domains"])
        if len(domains) > 1 and self.chance.random() < 0.5:
            assert self.team.delete(f"/v1/domains/{domains[0]}").is_success
        else:
            name = f"d{len(self.moments)}.test"
            things.add_domain(self.stand.runtime, self.team.operator, name)

    def could(self, now: Snapshot, permission: str, thing: str | None) -> set[str]:
        """The table of design, section 4, told once more."""
        kind = KIND.get(permission)
        if thing is not None and kind is not None and thing not in now[kind]:
            return set()
        return {
            user_id
            for user_id, user in now["users"].items()
            if user["role"] in ASKED[permission]
            or (
                user["role"] == "Custom User"
                and permission in user["permissions"]
                and (
                    kind is None
                    or (now[kind] if thing is None else {thing}) <= set(user[kind] or ())
                )
            )
        }

    def questions(self) -> list[tuple[str, str | None]]:
        asked: list[tuple[str, str | None]] = [(name, None) for name in ASKED]
        asked += [
            (name, thing)
            for name, kind in KIND.items()
            for of, thing in sorted(self.things)
            if of == kind
        ]
        return asked


def question(permission: str, thing: str | None) -> Question:
    kind = KIND.get(permission)
    return Question(
        permission,
        domain=thing if kind == "domains" else None,
        template=thing if kind == "templates" else None,
    )


def check(story: Story, *, pruned: int = 0) -> None:
    """At every few moments behind what was pruned."""
    for permission, thing in story.questions():
        since: dict[str, int] = {}
        for number, (at, now) in enumerate(story.moments):
            could = story.could(now, permission, thing)
            since = {user: since.get(user, at) for user in could}
            if at < pruned or number % EVERY:
                continue
            told = asked(story.team, question(permission, thing), at)
            assert told.keys() == could, (permission, thing, at)
            assert {user: at for user, at in told.items() if at > pruned} == {
                user: at for user, at in since.items() if told[user] > pruned
            }


def asked(team: Team, wanted: Question, at: int) -> dict[str, int]:
    """Since when each could who could; nobody could on what was not there yet."""
    try:
        found = audit.access(team.stand.runtime, team.operator, wanted, at=at)
    except NotFound:
        return {}
    return {one.user_id: one.since or 0 for one in found.standings}


@pytest.mark.parametrize("seed", range(2))
def test_the_audit_answers_what_was_so_before_and_after_pruning(team: Team, seed: int) -> None:
    story = Story(team, seed)
    for _ in range(STEPS):
        story.step()
    moments = story.moments
    check(story)
    middle = moments[STEPS // 2][0]
    team.stand.clock.advance(days=1)
    checkpoint, deleted = pruning.prune(team.stand.runtime, team.operator, before=middle)
    assert checkpoint is not None
    assert deleted > STEPS // 4
    check_goes_on(team)
    check(story, pruned=checkpoint.at)
    with pytest.raises(NotRemembered):
        audit.access(team.stand.runtime, team.operator, Question("read-invoice"), at=moments[2][0])


def check_goes_on(team: Team) -> None:
    found = audit.verify(team.stand.runtime, team.operator)
    assert found.broken is None, found.broken
    assert found.head == team.kept()["row"].link
