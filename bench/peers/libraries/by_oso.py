"""Oso: rules in Polar over the application's own objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from facts import FIXED_ROLES, FULL_ROLES, KINDS, THINGS, Question, User, read_users
from oso import Oso

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class Resource:
    """The account, a domain or a template."""

    place: int


class Account(Resource):
    """The account."""


class Domain(Resource):
    """A domain of the account."""


class Template(Resource):
    """A template of the account."""


CLASSES = {"account": Account, "domain": Domain, "template": Template}


class Asker:
    """Answers questions."""

    def __init__(self, users: Path) -> None:
        self.users = list(read_users(users))
        self.resources = {
            kind: [make(place) for place in range(1 if kind == "account" else THINGS)]
            for kind, make in CLASSES.items()
        }
        self.oso = Oso()
        for made in (User, *CLASSES.values()):
            self.oso.register_class(made)
        self.oso.register_constant(Held(), "held")
        self.oso.load_str(_rules())

    def one(self, question: Question) -> bool:
        """Answer a question."""
        resource = self.resources[question.kind][question.place]
        return self.oso.is_allowed(self.users[question.user], question.permission, resource)

    def many(self, questions: list[Question]) -> list[bool]:
        """Answer questions one by one: Oso has nothing for many."""
        return [self.one(question) for question in questions]


class Held:
    """What Polar asks Python: looking into a set, it would cross over for each member."""

    def permission(self, user: User, permission: str) -> bool:
        return permission in user.permissions

    def everywhere(self, user: User, permission: str) -> bool:
        kind = KINDS[permission]
        listed = {"domain": user.domains, "template": user.templates}.get(kind)
        return listed is None or len(listed) == THINGS

    def domain(self, user: User, place: int) -> bool:
        return place in user.domains

    def template(self, user: User, place: int) -> bool:
        return place in user.templates


def _rules() -> str:
    lines = [f'allow(user: User, _, _) if user.role = "{role}";' for role in FULL_ROLES]
    lines += [
        f'allow(user: User, "{permission}", _) if user.role = "{role}";'
        for role, permissions in FIXED_ROLES.items()
        for permission in permissions
    ]
    custom = 'user.role = "Custom User" and held.permission(user, permission)'
    lines.append(f"""
allow(user: User, permission, _: Account) if {custom} and held.everywhere(user, permission);
allow(user: User, permission, domain: Domain) if {custom} and held.domain(user, domain.place);
allow(user: User, permission, template: Template) if {custom} and
    (permission = "read-all-templates" or held.template(user, template.place));
""")
    return "\n".join(lines)
