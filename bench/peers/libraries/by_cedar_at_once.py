"""Cedar with all users parsed at once: the fastest to ask, but no user can be changed alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from by_cedar import entity, parsed_policies, request
from cedarpy import Entities, is_authorized, is_authorized_batch
from facts import Question, read_users

if TYPE_CHECKING:
    from pathlib import Path


class Asker:
    """Answers questions."""

    def __init__(self, users: Path) -> None:
        self.entities = Entities.from_json_str(json.dumps([*map(entity, read_users(users))]))
        self.policies = parsed_policies()

    def one(self, question: Question) -> bool:
        """Answer a question."""
        return is_authorized(request(question), self.policies, self.entities).allowed

    def many(self, questions: list[Question]) -> list[bool]:
        """Answer questions by the library's own means for many at a time."""
        requests = [request(question) for question in questions]
        results = is_authorized_batch(requests, self.policies, self.entities)
        return [result.allowed for result in results]
