"""Casbin: the table is the policy, a user's grant is an attribute of who asks.

A line of policy for each user's permission on each domain would be millions, and a change of a role
would rewrite them. Its FastEnforcer finds the one line of a role and permission by index.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import casbin
from facts import CUSTOM_USER, FIXED_ROLES, FULL_ROLES, KINDS, THINGS, Question, User, read_users

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = str(Path(__file__).with_name("casbin.conf"))


class Asker:
    """Answers questions."""

    def __init__(self, users: Path) -> None:
        self.users = list(read_users(users))
        self.enforcer = casbin.FastEnforcer(MODEL, cache_key_order=[0, 1])
        self.enforcer.enable_auto_save(auto_save=False)
        self.enforcer.add_function("listed", _listed)
        self.enforcer.add_policies(list(_policy()))

    def one(self, question: Question) -> bool:
        """Answer a question."""
        user = self.users[question.user]
        return self.enforcer.enforce(
            user.role, question.permission, user, question.kind, question.place
        )

    def many(self, questions: list[Question]) -> list[bool]:
        """Answer questions by the library's own means for many at a time."""
        users = self.users
        return self.enforcer.batch_enforce(
            [
                (users[number].role, permission, users[number], kind, place)
                for number, permission, kind, place in questions
            ]
        )


def _listed(user: User, reach: str, kind: str, place: int) -> bool:
    listed = user.domains if reach == "domain" else user.templates
    return len(listed) == THINGS if kind == "account" else place in listed


def _policy() -> Iterator[list[str]]:
    for permission, kind in KINDS.items():
        for role in FULL_ROLES:
            yield [role, permission, "everywhere"]
        yield [CUSTOM_USER, permission, kind if kind in {"domain", "template"} else "account"]
    for role, permissions in FIXED_ROLES.items():
        for permission in permissions:
            yield [role, permission, "everywhere"]
