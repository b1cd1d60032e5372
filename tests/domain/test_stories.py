"""The rules together, over time: random stories on a real database, told beside a plain model."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from guestlist.actions import invitations, links, tokens, users
from guestlist.actions.runtime import Caller
from guestlist.domain.audit import Cause
from guestlist.domain.grants import Draft
from guestlist.domain.invitations import DAY
from guestlist.domain.pages import Page
from guestlist.domain.refusals import (
    Ended,
    Invalid,
    LastAdmin,
    MissingScope,
    NoFreeSeat,
    OutOfReach,
    Refusal,
    Unauthenticated,
)
from guestlist.store import accounts, schema
from guestlist.store.statements import Statement
from tests.stand import Stand, Team

SEATS = 8
LIFE = 7 * DAY
CREW = {"ana": "Admin", "bob": "Manager", "cleo": "Designer", "dan": "Manager", "eva": "Admin"}
ROLES = ("Admin", "Manager", "Designer", "Accountant", "Custom User")
ADDRESSES = [f"{name}@acme.test" for name in ("ana", "dan", "fay", "gus", "hal", "ida")]
OPERATOR = "operator"

BY = st.sampled_from([OPERATOR, *CREW])
SOMEBODY = st.sampled_from(sorted(CREW))
ROLE = st.sampled_from(ROLES)
NUMBER = st.integers(0, 9)


@dataclass
class Offer:
    email: str
    role: str
    by: str
    expires_at: int


@dataclass
class Model:
    """What must be so; people and addresses go by the part before the @."""

    roles: dict[str, str] = field(default_factory=lambda: dict(CREW))
    offers: dict[str, Offer] = field(default_factory=dict)
    now: int = 0

    def role(self, by: str) -> str:
        return "Admin" if by == OPERATOR else self.roles.get(by, "")

    def manages(self, by: str) -> bool:
        return self.role(by) in {"Admin", "Manager"}

    def reaches(self, by: str, *roles: str) -> bool:
        return self.role(by) == "Admin" or "Admin" not in roles

    def live(self) -> list[Offer]:
        return [offer for offer in self.offers.values() if self.now < offer.expires_at]

    def is_full(self) -> bool:
        return len(self.roles) + len(self.live()) >= SEATS

    def is_last_admin(self, name: str) -> bool:
        admins = [other for other, role in self.roles.items() if role == "Admin"]
        return admins == [name]

    def drop_what_cannot_be_given(self, giver: str) -> None:
        for key, offer in list(self.offers.items()):
            if offer.by == giver and not (self.manages(giver) and self.reaches(giver, offer.role)):
                del self.offers[key]


class Story(RuleBasedStateMachine):
    def __init__(self, stand: Stand) -> None:
        super().__init__()
        crew = [{"id": n, "email": f"{n}@acme.test", "role": r} for n, r in CREW.items()]
        self.team = Team(stand, users=crew, seats=SEATS)
        self.runtime = stand.runtime
        self.clock = stand.clock
        self.model = Model(now=self.clock.now)
        # whoever may own one has a token, until they lose it for good
        self.tokens = {name: [text] for name, text in self.team.tokens.items() if name in CREW}
        self.dead: list[str] = []

    def caller(self, by: str) -> Caller:
        if by == OPERATOR:
            return self.team.operator
        text = self.tokens.get(by, ["mlsn.none"])[-1]
        return tokens.authenticate(self.runtime, text, cause=Cause("story"), scope="users_full")

    def told(self, by: str, action: Callable[..., Any], *values: Any, **more: Any) -> Any:
        """What an action returned, or the kind of its refusal."""
        try:
            return action(self.runtime, self.caller(by), *values, **more)
        except Refusal as refused:
            return type(refused)

    def refusal(self, by: str, *checks: tuple[object, type[Refusal]]) -> type[Refusal] | None:
        """The first that applies, after those that come before every action."""
        if by != OPERATOR and by not in self.tokens:
            return Unauthenticated
        if not self.model.manages(by):
            return MissingScope
        return next((refused for applies, refused in checks if applies), None)

    def end_tokens(self, name: str) -> None:
        self.dead += self.tokens.pop(name, [])

    @rule(by=BY, email=st.sampled_from(ADDRESSES), role=ROLE, spelled=st.booleans())
    def invite(self, by: str, email: str, role: str, spelled: Any) -> None:
        model = self.model
        before = next((k for k, o in model.offers.items() if o.email == email), None)
        offer = model.offers.get(before or "")
        expected = self.refusal(
            by,
            (email.partition("@")[0] in model.roles or offer in model.live(), Invalid),
            (not model.reaches(by, role, offer.role if offer else ""), OutOfReach),
            (model.is_full(), NoFreeSeat),
        )
        address = email.title() if spelled else email
        draft = Draft(role=role, permissions=["read-sms"])
        found = self.told(by, invitations.invite, email=address, draft=draft)
        if expected is not None:
            assert found is expected
            return
        [made] = found.invitations
        if before is not None:
            del model.offers[before]
        model.offers[made.id] = Offer(email, role, by, model.now + LIFE)

    def offered(self, number: int) -> str | None:
        keys = list(self.model.offers)
        return keys[number % len(keys)] if keys else None

    @rule(by=BY, number=NUMBER)
    def resend(self, by: str, number: int) -> None:
        key = self.offered(number)
        if key is None:
            return
        offer = self.model.offers[key]
        is_dead = offer not in self.model.live()
        expected = self.refusal(
            by,
            (not self.model.reaches(by, offer.role), OutOfReach),
            (is_dead and self.model.is_full(), NoFreeSeat),
        )
        found = self.told(by, invitations.resend, key)
        if expected is not None:
            assert found is expected
            return
        assert found.invitations[0].id == key
        offer.expires_at, offer.by = self.model.now + LIFE, by

    @rule(by=BY, number=NUMBER, role=ROLE)
    def edit(self, by: str, number: int, role: str) -> None:
        key = self.offered(number)
        if key is None:
            return
        offer = self.model.offers[key]
        beyond = not self.model.reaches(by, offer.role, role)
        expected = self.refusal(by, (beyond, OutOfReach))
        found = self.told(by, invitations.edit, key, Draft(role=role, permissions=["read-sms"]))
        if expected is not None:
            assert found is expected
            return
        offer.role, offer.by = role, by

    @rule(by=BY, number=NUMBER)
    def copy_link(self, by: str, number: int) -> None:
        key = self.offered(number)
        if key is None:
            return
        offer = self.model.offers[key]
        expected = self.refusal(
            by,
            (not self.model.reaches(by, offer.role), OutOfReach),
            (offer not in self.model.live(), Ended),
        )
        found = self.told(by, links.copy_link, key)
        assert isinstance(found, str) if expected is None else found is expected

    @rule(by=BY, number=NUMBER)
    def cancel(self, by: str, number: int) -> None:
        key = self.offered(number)
        if key is None:
            return
        offer = self.model.offers[key]
        expected = self.refusal(by, (not self.model.reaches(by, offer.role), OutOfReach))
        assert self.told(by, invitations.cancel, key) is expected
        if expected is None:
            del self.model.offers[key]

    @rule(by=BY, name=SOMEBODY, role=ROLE)
    def update(self, by: str, name: str, role: str) -> None:
        stored = self.model.roles.get(name)
        if stored is None:
            return
        expected = self.refusal(
            by,
            (not self.model.reaches(by, stored, role), OutOfReach),
            (role != "Admin" and self.model.is_last_admin(name), LastAdmin),
        )
        found = self.told(by, users.update, name, Draft(role=role, permissions=["read-sms"]))
        if expected is not None:
            assert found is expected
            return
        assert found.users[0].grant.role == role
        self.model.roles[name] = role
        if not self.model.manages(name):
            self.end_tokens(name)
        self.model.drop_what_cannot_be_given(name)

    @rule(by=BY, name=SOMEBODY)
    def remove(self, by: str, name: str) -> None:
        stored = self.model.roles.get(name)
        if stored is None or len(self.model.roles) == 1:
            return
        expected = self.refusal(
            by,
            (not self.model.reaches(by, stored), OutOfReach),
            (self.model.is_last_admin(name), LastAdmin),
        )
        assert self.told(by, users.remove, name) is expected
        if expected is None:
            del self.model.roles[name]
            self.end_tokens(name)
            self.model.drop_what_cannot_be_given(name)

    @rule(name=SOMEBODY)
    def give_a_token(self, name: str) -> None:
        if not self.model.manages(name):
            return
        made = tokens.create(
            self.runtime, self.team.operator, name="t", scopes=["users_full"], owner_id=name
        )
        self.tokens.setdefault(name, []).append(made.text)

    @rule(days=st.sampled_from([0.5, 3, 7]))
    def wait(self, days: float) -> None:
        self.clock.advance(days=days)
        self.model.now = self.clock.now

    @invariant()
    def lists_are_as_told(self) -> None:
        page = Page(1, 100)
        found = users.list_users(self.runtime, self.team.operator, page)
        assert {user.id: user.grant.role for user in found.users} == self.model.roles
        offered = invitations.list_invitations(self.runtime, self.team.operator, page)
        assert {
            offer.id: (offer.email.lower(), offer.grant.role, offer.expires_at)
            for offer in offered.invitations
        } == {k: (o.email, o.role, o.expires_at) for k, o in self.model.offers.items()}

    @invariant()
    def an_admin_stays_and_seats_suffice(self) -> None:
        assert "Admin" in self.model.roles.values()
        assert len(self.model.roles) + len(self.model.live()) <= SEATS

    @invariant()
    def kept_totals_are_the_counted_rows(self) -> None:
        key = self.team.operator.account
        pending = schema.invitations.c.state == "pending"
        with self.runtime.database.read() as transaction:

            def counted(table: Any, *where: Any) -> int:
                query = select(func.count()).where(table.c.account == key, *where)
                return int(transaction.only(Statement(query))[0])

            kept = accounts.get(transaction, key)
            assert kept.users == counted(schema.users)
            assert kept.admins == counted(schema.users, schema.users.c.role == "Admin")
            assert kept.invitations == counted(schema.invitations, pending)
            in_use = select(schema.addresses.c.email_key).where(schema.addresses.c.account == key)
            addresses = [row[0] for row in transaction.all(Statement(in_use))]
        expected = [f"{name}@acme.test" for name in self.model.roles]
        expected += [offer.email for offer in self.model.offers.values()]
        assert sorted(addresses) == sorted(expected)

    @invariant()
    def lost_tokens_are_dead_for_good(self) -> None:
        for text in self.dead:
            with pytest.raises(Unauthenticated):
                tokens.authenticate(self.runtime, text, cause=Cause("story"), scope=None)
        for texts in self.tokens.values():
            for text in texts:
                tokens.authenticate(self.runtime, text, cause=Cause("story"), scope=None)


def test_no_story_breaks_the_rules(migrated_file: Path, tmp_path: Path) -> None:
    with Stand(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}") as stand:

        class Told(Story):
            def __init__(self) -> None:
                super().__init__(stand)

        run_state_machine_as_test(
            Told,
            settings=settings(
                max_examples=30,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
