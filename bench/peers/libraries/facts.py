"""What an application that decides by a library knows of its users, in memory."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES: dict[str, Any] = json.loads(Path(os.environ["RULES"]).read_text(encoding="utf-8"))
# How many domains the account has, and how many templates.
THINGS = int(os.environ["THINGS"])
KINDS = {name: kind for kind, names in RULES["permissions"].items() for name in names}
FULL_ROLES = [role for role, given in RULES["roles"].items() if given == "all"]
FIXED_ROLES = {role: given for role, given in RULES["roles"].items() if isinstance(given, list)}
CUSTOM_USER = "Custom User"


@dataclass(slots=True)
class User:
    """A user as the application holds it; domains and templates are keys of the account's."""

    number: int
    role: str
    permissions: frozenset[str]
    domains: frozenset[int]
    templates: frozenset[int]


class Question(NamedTuple):
    """Whether a user may do that on a resource."""

    user: int
    permission: str
    kind: str
    place: int


def read_users(path: Path) -> Iterator[User]:
    """Go through all users; what two of them have in common is held once."""
    held: dict[Any, Any] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            role, *lists = json.loads(line)
            sets = (frozenset(one) for one in lists)
            permissions, domains, templates = (held.setdefault(one, one) for one in sets)
            yield User(number, held.setdefault(role, role), permissions, domains, templates)
