"""One of a crowd: whatever can be done to an account, by whoever, at random."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from guestlist.actions.runtime import Caller
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import DAY
from guestlist.domain.refusals import Refusal, WrongSignIn
from tests.model import ground, rows
from tests.model.doors import Doors
from tests.model.facts import Facts
from tests.model.keys import SCOPES
from tests.model.machine import WANTED

# What is older is known to be gone, mostly.
RECENT = 12
NAMES = ("ana", "bob", "cleo", "dan", "eva", "gus", "hal", "ivy", "kim", "lou")
SCOPE = {"tokens": "tokens_full", "domains": "domains_full", "templates": "templates_full"}


@dataclass
class Board:
    """What everybody knows of the account; some of it is over already. `clock` is the tests'."""

    clock: Any
    number: int
    users: list[str]
    domains: list[str]
    templates: list[str]
    # Of each its id and its text.
    tokens: list[tuple[str, str]]
    sessions: list[str] = field(default_factory=list)
    invites: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, facts: Facts, clock: Any, number: int) -> "Board":
        return cls(
            clock,
            number,
            [user.id for user in facts.users],
            list(facts.domains),
            list(facts.templates),
            [(token.id, token.text) for token in facts.tokens],
        )


class Client:
    """`done` counts what was done, `refused` why the rest was not."""

    def __init__(self, doors: Doors, board: Board, seed: str) -> None:
        self.doors, self.board = doors, board
        self.chance = random.Random(seed)  # noqa: S311 - no secret: the same wishes again
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def change(self) -> None:
        """One change, or a refusal; anything else is a mistake and is raised."""
        wish = self.chance.choices(list(WISHES), list(WISHES.values()))[0]
        try:
            wish(self)
        except Refusal as refusal:
            self.refused[type(refusal).__name__] += 1
        else:
            self.done[wish.__name__] += 1

    def _one(self, known: list[Any]) -> Any:
        return self.chance.choice(known[-RECENT:] or ["0000000000000000"])

    def _by(self, scope: str = "users_full") -> Caller:
        kind = self.chance.randrange(5)
        if kind == 0 and self.board.sessions:
            return self.doors.by_session(self._one(self.board.sessions))
        if kind == 1:
            return self.doors.by_token(self._one(self.board.tokens)[1], scope)
        if kind == 2:
            return self.doors.acting_as(self._one(self.board.users), scope)
        return self.doors.operator

    def _email(self) -> str:
        return ground.address(self.chance.choice(NAMES), self.board.number)

    def _draft(self) -> Draft:
        role, permissions, domains, templates = self.chance.choice(WANTED)
        return Draft(
            role=role,
            permissions=None if permissions is None else list(permissions),
            domains=[self._one(self.board.domains) for _ in domains],
            templates=[self._one(self.board.templates) for _ in templates],
        )

    def _mailed(self, invite: str) -> None:
        """Whoever reads the mail has the link: as a letter would have it by now."""
        self.board.invites.append(invite)
        with self.doors.runtime.database.read() as transaction:
            nonce, key = rows.nonce(transaction, self.doors.account, invite)
        keys = self.doors.runtime.keys
        self.board.links.append(keys.invitation_secret(self.doors.account, nonce, key))

    def invite(self) -> None:
        self._mailed(self.doors.invite(self._by(), self._email(), self._draft()))

    def invite_many(self) -> None:
        wanted = [(self._email(), self._draft()) for _ in range(3)]
        for told in self.doors.invite_many(self._by(), wanted):
            if isinstance(told, str):
                self._mailed(told)

    def edit(self) -> None:
        self.doors.edit(self._by(), self._one(self.board.invites), self._draft())

    def resend(self) -> None:
        invite = self._one(self.board.invites)
        self.doors.resend(self._by(), invite)
        self._mailed(invite)

    def copy_link(self) -> None:
        copied = self.doors.copy_link(self._by(), self._one(self.board.invites))
        self.board.links.append(copied)

    def cancel(self) -> None:
        self.doors.cancel(self._by(), self._one(self.board.invites))

    def accept(self) -> None:
        link = self._one(self.board.links)
        email = self.doors.open(link).offer.email_key
        try:
            session: str | None = self.doors.sign_in(email)
        except WrongSignIn:  # nobody yet
            session = None
        made = self.doors.accept(link, session)
        if made is not None:
            self.board.sessions.append(made)
            self.board.users.append(self.doors.user_id(email))

    def decline(self) -> None:
        self.doors.decline(self._one(self.board.links))

    def update(self) -> None:
        self.doors.update(self._by(), self._one(self.board.users), self._draft())

    def remove(self) -> None:
        self.doors.remove(self._by(), self._one(self.board.users))

    def suspend(self) -> None:
        self.doors.suspend(self._by(), self._one(self.board.users))

    def reactivate(self) -> None:
        self.doors.reactivate(self._by(), self._one(self.board.users))

    def leave(self) -> None:
        self.doors.leave(self._one(self.board.sessions))

    def sign_in(self) -> None:
        self.board.sessions.append(self.doors.sign_in(self._email()))

    def sign_out(self) -> None:
        self.doors.sign_out(self._one(self.board.sessions))

    def sign_out_everywhere(self) -> None:
        self.doors.sign_out_everywhere(self._email())

    def look_here(self) -> None:
        self.board.sessions.append(self.doors.look_here(self._one(self.board.sessions)))

    def mint(self) -> None:
        by = self._by("tokens_full")
        owner = self._one(self.board.users) if by.actor.called or by.actor.is_operator else None
        ends = self.board.clock.now + 2 * DAY if self.chance.random() < 0.2 else None
        made = self.doors.mint(by, self.chance.choice(SCOPES), owner, ends)
        self.board.tokens.append(made)

    def pause(self) -> None:
        token = self._one(self.board.tokens)[0]
        status = self.chance.choice(["pause", "unpause"])
        self.doors.pause(self._by("tokens_full"), token, status)

    def transfer(self) -> None:
        token, to = self._one(self.board.tokens)[0], self._one(self.board.users)
        self.doors.transfer(self._by("tokens_full"), token, to)

    def revoke(self) -> None:
        self.doors.revoke(self._by("tokens_full"), self._one(self.board.tokens)[0])

    def add(self) -> None:
        kind = self.chance.choice(["domains", "templates"])
        name = f"added{self.chance.randrange(50)}.test"
        made = self.doors.add(self._by(SCOPE[kind]), kind, name)
        (self.board.domains if kind == "domains" else self.board.templates).append(made)

    def drop(self) -> None:
        kind = self.chance.choice(["domains", "templates"])
        known = self.board.domains if kind == "domains" else self.board.templates
        self.doors.drop(self._by(SCOPE[kind]), kind, self._one(known))

    def set_seats(self) -> None:
        self.doors.seats(self.chance.choice([None, 12, 9, 6]))

    def wait(self) -> None:
        self.board.clock.advance(days=0.1)


# How often each is wished for.
WISHES: dict[Callable[[Client], None], int] = {
    Client.invite: 16,
    Client.accept: 12,
    Client.update: 8,
    Client.mint: 8,
    Client.resend: 5,
    Client.edit: 5,
    Client.copy_link: 5,
    Client.reactivate: 5,
    Client.suspend: 4,
    Client.sign_in: 4,
    Client.transfer: 4,
    Client.add: 4,
    Client.cancel: 3,
    Client.remove: 3,
    Client.pause: 3,
    Client.drop: 3,
    Client.look_here: 3,
    Client.invite_many: 2,
    Client.decline: 2,
    Client.leave: 2,
    Client.revoke: 2,
    Client.sign_out: 1,
    Client.sign_out_everywhere: 1,
    Client.set_seats: 1,
    Client.wait: 1,
}
