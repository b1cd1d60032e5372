"""The account that decisions are asked about, the questions, and their right answers."""

import hashlib
import json
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bench.data import ACCOUNT_ID, User, World, domain, template
from bench.servers import RULES

ACCOUNT, DOMAIN, TEMPLATE, EVERY_TEMPLATE = "account", "domain", "template", "every template"
CUSTOM_USER = "Custom User"
THINGS = 200
# What is asked about, and how often.
ABOUT = ({DOMAIN}, {TEMPLATE, EVERY_TEMPLATE}, {ACCOUNT})
SHARES = (60, 20, 20)
# Of 256: the rest, 60 %, are Custom Users.
ROLES = (("Admin", 3), ("Manager", 26), ("Designer", 38), ("Accountant", 35))


class Grant(NamedTuple):
    """What one user was given; `domains` and `templates` are places in the account's lists."""

    role: str
    permissions: tuple[str, ...]
    domains: tuple[int, ...]
    templates: tuple[int, ...]


class Question(NamedTuple):
    """Whether a user may do that on a resource; `place` is its place in the account's list."""

    user: int
    permission: str
    kind: str
    place: int


class DecisionWorld(World):
    """One account whose users are of all roles; Custom Users have 1 to 5 of its 200 domains."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.domains = [domain("world", n) for n in range(THINGS)]
        self.templates = [template("world", n) for n in range(THINGS)]
        self.ids = {
            DOMAIN: [one["id"] for one in self.domains],
            TEMPLATE: [one["id"] for one in self.templates],
        }

    def grant(self, number: int) -> Grant:
        """Answer what the user at this place of the list was given."""
        digest = hashlib.blake2b(f"grant {number}".encode(), digest_size=32).digest()
        role = "Admin" if number == self.admin else _role(digest[0])
        if role != CUSTOM_USER:
            return Grant(role, (), (), ())
        every = permissions()
        # The last permission makes the import take templates as the API does.
        picked = {every[byte % len(every)] for byte in digest[2 : 4 + digest[1] % 5]}
        return Grant(
            role,
            (*sorted(picked - {"read-own-templates"}), "read-own-templates"),
            _places(digest[9:19], 1 + digest[8] % 5),
            _places(digest[20:26], digest[19] % 4),
        )

    def user(self, number: int) -> User:
        """Answer a user as the wire shows it, but for the things of those who have all."""
        grant = self.grant(number)
        return {
            **super().user(number),
            "role": grant.role,
            "permissions": list(grant.permissions),
            "domains": [self.domains[place] for place in grant.domains],
            "templates": [self.templates[place] for place in grant.templates],
        }

    def resource_id(self, question: Question) -> str:
        """Answer the wire's id of what a question is about."""
        kind = question.kind
        return ACCOUNT_ID if kind == ACCOUNT else self.ids[kind][question.place]

    def right_answer(self, question: Question) -> bool:
        """Answer a question by the table, re-stated here as plainly as it can be."""
        grant, place = self.grant(question.user), question.place
        given = _rules()["roles"][grant.role]
        held = grant.permissions if given == "listed" else given
        if held != "all" and question.permission not in held:
            return False
        about = kinds()[question.permission]
        if grant.role != CUSTOM_USER or about in (ACCOUNT, EVERY_TEMPLATE):
            return True
        listed = grant.domains if about == DOMAIN else grant.templates
        return len(listed) == THINGS if question.kind == ACCOUNT else place in listed


def ask(world: DecisionWorld, count: int, seed: int) -> list[Question]:
    """Answer this many questions, drawn over the whole account, no user before all were asked.

    Half of them are about what the user was given and where, so that not nearly all answers are no.
    """
    chance = random.Random(seed)  # noqa: S311 - the same questions each time
    users = chance.sample(range(world.size), min(world.size, count))
    return [_question(world, users[n % len(users)], chance) for n in range(count)]


def write_facts(world: DecisionWorld, path: Path) -> None:
    """Write what the libraries know of the users, one JSON array a line."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(world.size):
            file.write(json.dumps(world.grant(number), separators=(",", ":")) + "\n")


@cache
def permissions() -> Sequence[str]:
    """Answer all permissions in the order of the table."""
    return list(kinds())


@cache
def kinds() -> dict[str, str]:
    """Answer what each permission is about."""
    return {name: kind for kind, names in _rules()["permissions"].items() for name in names}


@cache
def _rules() -> dict[str, dict[str, list[str]]]:
    rules: dict[str, dict[str, list[str]]] = json.loads(RULES.read_text(encoding="utf-8"))
    return rules


def _question(world: DecisionWorld, user: int, chance: random.Random) -> Question:
    grant = world.grant(user)
    known = chance.random() < 0.5
    given = _rules()["roles"][grant.role]
    held = grant.permissions if given == "listed" else permissions() if given == "all" else given
    wanted = chance.choices(ABOUT, SHARES)[0]
    names = [name for name in held if known and kinds()[name] in wanted]
    permission = chance.choice(names or [name for name in permissions() if kinds()[name] in wanted])
    if ACCOUNT in wanted or chance.random() < 0.1:
        return Question(user, permission, ACCOUNT, 0)
    listed = grant.domains if DOMAIN in wanted else grant.templates
    place = chance.choice(listed) if known and listed else chance.randrange(THINGS)
    return Question(user, permission, DOMAIN if DOMAIN in wanted else TEMPLATE, place)


def _role(byte: int) -> str:
    for role, share in ROLES:
        if byte < share:
            return role
        byte -= share
    return CUSTOM_USER


def _places(digest: bytes, count: int) -> tuple[int, ...]:
    # In the account's order, so that nobody is asked to keep the order of a grant.
    pairs = zip(digest[::2], digest[1::2], strict=True)
    return tuple(sorted({(high << 8 | low) % THINGS for high, low in list(pairs)[:count]}))
