"""Random changes of a few accounts, by the clients of one process of several: see test_totals."""

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from guestlist.actions import invitations, things, tokens, users
from guestlist.actions.runtime import Caller, Runtime, operator
from guestlist.domain.grants import Draft
from guestlist.domain.mailersend import ROLES
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Invalid, LastAdmin, NotFound
from tests.faults.crowd import at_once, runtime

CLIENTS = 4
NARROWED = 0.3


@dataclass(frozen=True)
class Field:
    """An account to act on, and what its clients know of it: some of it is gone already."""

    runtime: Runtime
    by: Caller
    users: list[str]
    invitations: list[str]
    domains: list[str] = field(default_factory=list)


def main(database_url: str, seed: str, changes: str, *accounts: str) -> None:
    """So many changes by this process's clients, each by its own seed."""
    made = runtime(database_url, connections=CLIENTS)
    fields = [_field(made, operator(int(account), f"seed-{seed}")) for account in accounts]
    each = int(changes) // CLIENTS
    outcomes: Counter[str] = Counter()
    for answer in at_once(
        *(partial(_make_changes, fields, f"{seed}-{client}", each) for client in range(CLIENTS))
    ):
        if isinstance(answer, Exception):
            raise answer
        outcomes += answer
    print(dict(outcomes))
    made.database.close()


def _field(made: Runtime, by: Caller) -> Field:
    people = users.list_users(made, by, Page(1, 1_000)).users
    invited = invitations.list_invitations(made, by, Page(1, 1_000)).invitations
    return Field(made, by, [user.id for user in people], [invite.id for invite in invited])


def _make_changes(fields: list[Field], seed: str, count: int) -> Counter[str]:
    chance = random.Random(seed)  # noqa: S311 - no secret: the same changes again
    outcomes: Counter[str] = Counter()
    for number in range(count):
        change = chance.choices(list(CHANGES), list(CHANGES.values()))[0]
        try:
            change(chance.choice(fields), chance, f"{seed}-{number}")
        except (Invalid, LastAdmin, NotFound, IndexError) as refusal:
            outcomes[type(refusal).__name__] += 1
        else:
            outcomes[change.__name__] += 1
    return outcomes


def _invite(at: Field, chance: random.Random, _: str) -> None:
    # Few enough addresses that many are taken, and many were held before.
    email = f"eve{chance.randrange(300)}@acme.test"
    made = invitations.invite(at.runtime, at.by, email=email, draft=_draft(at, chance))
    at.invitations.append(made.invitations[0].id)


def _cancel(at: Field, chance: random.Random, _: str) -> None:
    invitations.cancel(at.runtime, at.by, chance.choice(at.invitations[-100:]))


def _resend(at: Field, chance: random.Random, _: str) -> None:
    invitations.resend(at.runtime, at.by, chance.choice(at.invitations[-100:]))


def _update(at: Field, chance: random.Random, _: str) -> None:
    users.update(at.runtime, at.by, chance.choice(at.users), _draft(at, chance))


def _remove(at: Field, chance: random.Random, _: str) -> None:
    users.remove(at.runtime, at.by, chance.choice(at.users))


def _add_domain(at: Field, _: random.Random, unique: str) -> None:
    at.domains.append(things.add_domain(at.runtime, at.by, f"mail-{unique}.acme.test").id)


def _remove_domain(at: Field, chance: random.Random, _: str) -> None:
    things.remove(at.runtime, at.by, "domains", chance.choice(at.domains))


def _mint(at: Field, chance: random.Random, unique: str) -> None:
    owner = chance.choice(at.users)
    tokens.create(at.runtime, at.by, name=unique, scopes=["users_full"], owner_id=owner)


CHANGES: dict[Callable[[Field, random.Random, str], Any], int] = {
    _invite: 50,
    _cancel: 15,
    _resend: 10,
    _update: 12,
    _remove: 3,
    _add_domain: 4,
    _remove_domain: 3,
    _mint: 3,
}


def _draft(at: Field, chance: random.Random) -> Draft:
    role = chance.choice(ROLES).name
    if chance.random() < NARROWED:
        return Draft(role=role, permissions=["manage-domain"], domains=at.domains[-2:])
    return Draft(role=role, permissions=["read-email"])


if __name__ == "__main__":
    main(*sys.argv[1:])
