"""Cedar: policies parsed once; a user's entity at the first question about them, and kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cedarpy import Entities, PolicySet, is_authorized
from facts import CUSTOM_USER, FIXED_ROLES, FULL_ROLES, RULES, THINGS, Question, User, read_users

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Asker:
    """Answers questions."""

    def __init__(self, users: Path) -> None:
        self.users = list(read_users(users))
        self.entities: list[Entities | None] = [None] * len(self.users)
        self.policies = parsed_policies()

    def one(self, question: Question) -> bool:
        """Answer a question."""
        number = question.user
        entities = self.entities[number]
        if entities is None:
            entities = Entities.from_json_str(json.dumps([entity(self.users[number])]))
            self.entities[number] = entities
        return is_authorized(request(question), self.policies, entities).allowed

    def many(self, questions: list[Question]) -> list[bool]:
        """Answer questions one by one: a batch of Cedar's has one handle on all its entities."""
        return [self.one(question) for question in questions]


def parsed_policies() -> PolicySet:
    """The table of roles and permissions as policies."""
    return PolicySet.from_str("\n".join(_policies()))


def request(question: Question) -> dict[str, object]:
    """A question as Cedar takes it."""
    number, permission, kind, place = question
    return {
        "principal": {"type": "user", "id": str(number)},
        "action": {"type": "Action", "id": permission},
        "resource": {"type": kind, "id": str(place)},
    }


def entity(user: User) -> dict[str, object]:
    """A user as Cedar takes it."""
    return {
        "uid": {"type": "user", "id": str(user.number)},
        "parents": [{"type": "role", "id": user.role}],
        "attrs": {
            "permissions": _references("Action", user.permissions),
            "domains": _references("domain", user.domains),
            "templates": _references("template", user.templates),
            "has_every_domain": len(user.domains) == THINGS,
            "has_every_template": len(user.templates) == THINGS,
        },
    }


def _references(kind: str, ids: Iterable[str | int]) -> list[object]:
    return [{"__entity": {"type": kind, "id": str(one)}} for one in ids]


def _policies() -> Iterator[str]:
    for role in FULL_ROLES:
        yield f"permit ({_held_by(role)}, action, resource);"
    for role, permissions in FIXED_ROLES.items():
        yield f"permit ({_held_by(role)}, {_one_of(permissions)}, resource);"
    custom, names = _held_by(CUSTOM_USER), RULES["permissions"]
    held = "principal.permissions.contains(action)"
    anywhere = _one_of(names["account"] + names["every template"])
    yield f"permit ({custom}, {anywhere}, resource) when {{ {held} }};"
    for kind in ("domain", "template"):
        what = f"permit ({custom}, {_one_of(names[kind])}, resource is"
        yield f"{what} {kind}) when {{ {held} && principal.{kind}s.contains(resource) }};"
        yield f"{what} account) when {{ {held} && principal.has_every_{kind} }};"


def _held_by(role: str) -> str:
    return f'principal in role::"{role}"'


def _one_of(permissions: list[str]) -> str:
    names = ", ".join(f'Action::"{name}"' for name in permissions)
    return f"action in [{names}]"
