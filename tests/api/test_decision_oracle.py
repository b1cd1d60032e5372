"""Decisions against an oracle: what holds where, said once more and plainly.

The table is written here from the design, and looks at nothing that the server decides by.
"""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.stand import Stand, Team, token_text

TRIPLES, BATCH = 100_000, 1_000

GROUPS = {
    "Templates": "read-all-templates read-own-templates manage-template read-filemanager",
    "Domains": (
        "manage-domain manage-inbound manage-webhook control-sendings control-tracking-options "
        "access-smtp-credentials view-smtp-users manage-smtp-users"
    ),
    "Recipient": "read-recipient",
    "Activity": "read-activity read-email",
    "Analytics": "read-analytics",
    "Sender identities": "read-sender-identities manage-sender-identities",
    "Email verification": "read-email-verification manage-email-verification",
    "SMS": (
        "manage-sms read-sms manage-verified-recipients view-sms-webhooks manage-sms-webhooks "
        "view-sms-inbound manage-sms-inbound"
    ),
    "Plan and Billing": "update-plan manage-account",
    "Account settings": (
        "read-invoice manage-api-token read-suppressions manage-suppressions read-ip-addresses "
        "manage-ip-addresses read-error-log"
    ),
}
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names.split()}
PERMISSIONS = list(GROUP_OF)
ON_DOMAINS = {"Domains", "Recipient", "Activity", "Analytics", "Sender identities"}
ON_TEMPLATES = {"read-all-templates", "read-own-templates", "manage-template"}
GIVEN = {
    "Admin": set(PERMISSIONS),
    "Manager": set(PERMISSIONS),
    "Designer": {"read-all-templates", "manage-template", "read-filemanager"},
    "Accountant": {"update-plan", "read-invoice"},
}


class Triple(NamedTuple):
    user: str
    permission: str
    kind: str
    thing: str


class World:
    """An account by chance: its users, of whom some are suspended, and what there is."""

    def __init__(self, seed: int, *, domains: int, templates: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same world each time
        self.domains = [f"d{n}" for n in range(domains)]
        self.templates = [f"t{n}" for n in range(templates)]
        self.things = {"domain": self.domains, "template": self.templates}
        self.users: dict[str, dict[str, Any]] = {"ana": {"role": "Admin"}}
        for n in range(120):
            self.users[f"u{n}"] = self._user()
        self.suspended = set(self.chance.sample(list(self.users)[1:], 12))

    def _user(self) -> dict[str, Any]:
        roles = ["Admin", "Manager", "Designer", "Accountant", *6 * ["Custom User"]]
        some = self.chance.randint(1, 12)
        listed = {*self.chance.sample(PERMISSIONS, some), "read-own-templates"}
        return {
            "role": self.chance.choice(roles),
            "permissions": sorted(listed),
            "domains": self._some(self.domains),
            "templates": self._some(self.templates),
        }

    def _some(self, things: list[str]) -> list[str]:
        if self.chance.random() < 0.2:
            return things
        return self.chance.sample(things, self.chance.randint(0, len(things)))

    def team(self, stand: Stand) -> Team:
        token = token_text()
        team = Team(
            stand,
            tokens=[{"token": token, "scopes": ["users_full"], "owner": "ana@acme.test"}],
            domains=[{"id": name, "name": f"{name}.test"} for name in self.domains],
            templates=[{"id": name, "name": name} for name in self.templates],
            users=[
                {"id": name, "email": f"{name}@acme.test", **grant}
                for name, grant in self.users.items()
            ],
        )
        team.tokens["ana"] = token
        for name in self.suspended:
            assert team.post(f"/guestlist/v1/users/{name}/suspend").status_code == 200
        return team

    def triples(self, count: int) -> Iterator[Triple]:
        """One in twenty of each part is about nothing that there is."""
        things = {**self.things, "account": ["self"]}
        for _ in range(count):
            kind = self.chance.choice(list(things))
            yield Triple(
                self._asked(list(self.users), "nobody"),
                self._asked(PERMISSIONS, "fly"),
                kind,
                self._asked(things[kind], "0ther"),
            )

    def _asked(self, known: list[str], unknown: str) -> str:
        return self.chance.choice(known) if known and self.chance.random() < 0.95 else unknown

    def holds(self, asked: Triple) -> bool:
        """Design, section 4: "Power"."""
        grant = self.users.get(asked.user)
        if grant is None or asked.user in self.suspended or asked.permission not in GROUP_OF:
            return False
        is_custom = grant["role"] == "Custom User"
        held = grant["permissions"] if is_custom else GIVEN[grant["role"]]
        if asked.permission not in held:
            return False
        # Lists narrow Custom Users only, and reading all templates is not narrowed.
        about = about_what(asked.permission)
        is_narrowed = is_custom and about != "account" and asked.permission != "read-all-templates"
        every = self.things.get(about, [])
        listed = grant.get(f"{about}s", [])
        if asked.kind == "account":
            return asked.thing == "self" and (
                not is_narrowed or (bool(every) and set(every) <= set(listed))
            )
        if asked.kind != about or asked.thing not in every:
            return False
        return not is_narrowed or asked.thing in listed


def about_what(permission: str) -> str:
    if GROUP_OF[permission] in ON_DOMAINS:
        return "domain"
    return "template" if permission in ON_TEMPLATES else "account"


def question(asked: Triple, chance: random.Random) -> dict[str, Any]:
    """Every other user by e-mail."""
    user = f"{asked.user}@ACME.test" if chance.random() < 0.5 else asked.user
    return {
        "subject": {"type": "user", "id": user},
        "action": {"name": asked.permission},
        "resource": {"type": asked.kind, "id": asked.thing},
    }


@pytest.mark.parametrize(("domains", "templates"), [(7, 5), (1, 0), (0, 1)])
def test_decisions_agree_with_the_table_said_once_more(
    stand: Stand, domains: int, templates: int
) -> None:
    world = World(4, domains=domains, templates=templates)
    team = world.team(stand)
    count = TRIPLES if domains > 1 else TRIPLES // 10
    triples = list(world.triples(count))
    wrong: list[Any] = []
    allowed = 0
    for start in range(0, count, BATCH):
        portion = triples[start : start + BATCH]
        body = {"evaluations": [question(asked, world.chance) for asked in portion]}
        decided = team.post("/access/v1/evaluations", body).json()["evaluations"]
        for asked, decision in zip(portion, decided, strict=True):
            allowed += decision["decision"]
            if decision["decision"] is not world.holds(asked):
                wrong.append((asked, world.users.get(asked.user), decision))
    assert wrong == []
    # Neither side says no to everything.
    assert count // 20 < allowed < count // 2


@pytest.mark.parametrize(("domains", "templates"), [(7, 5), (0, 1)])
def test_searches_agree_with_the_table_said_once_more(
    stand: Stand, domains: int, templates: int
) -> None:
    world = World(5, domains=domains, templates=templates)
    team = world.team(stand)
    for asked in world.triples(150):
        whole = question(asked, world.chance)
        found = {
            kind: team.post(f"/access/v1/search/{kind}", whole | {"page": {"limit": 1_000}})
            for kind in ("subject", "resource", "action")
        }
        told = {kind: answer.json()["results"] for kind, answer in found.items()}
        there = {**world.things, "account": ["self"]}
        assert [one["id"] for one in told["subject"]] == [
            user for user in world.users if world.holds(asked._replace(user=user))
        ]
        things = [thing for thing in there[asked.kind] if world.holds(asked._replace(thing=thing))]
        assert [one["id"].replace(team.id, "self") for one in told["resource"]] == things
        assert [one["name"] for one in told["action"]] == [
            name for name in PERMISSIONS if world.holds(asked._replace(permission=name))
        ]
