"""The audit's chain: whole after whatever was done, and broken by whatever was done to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from guestlist.actions import audit, pruning
from guestlist.domain.audit import Flaw, Link
from guestlist.domain.refusals import BrokenAudit
from guestlist.store.statements import Statement
from tests.stand import Stand, Team

EDIT, DELETE = "UPDATE audit SET", "DELETE FROM audit"
OF_SIX = "WHERE account = :account AND sequence = 6"


@pytest.fixture(scope="module")
def stand(module_database_url: str) -> Iterator[Stand]:
    with Stand(module_database_url) as made:
        yield made


@pytest.fixture
def team(stand: Stand) -> Team:
    made = Team(stand)
    stand.clock.advance(days=1)
    for name in ("eve", "fay"):
        made.invited(f"{name}@acme.test", "Designer")
    made.put("/v1/users/user00000000cleo", {"role": "Accountant"})
    assert made.delete("/v1/domains/d0ma1n000000one").is_success
    return made


def verdict(team: Team, noted: Link | None = None) -> audit.Verdict:
    return audit.verify(team.stand.runtime, team.operator, noted=noted)


def damage(team: Team, sql: str, **values: Any) -> None:
    with team.stand.runtime.database.change() as transaction:
        transaction.run(Statement(text(sql)), account=team.operator.account, **values)


def test_what_was_done_is_whole(team: Team) -> None:
    found = verdict(team)
    assert found.broken is None
    row = team.kept()["row"]
    assert found.head == row.link
    assert (found.entries, found.unchained) == (row.entries, 0)


@pytest.mark.parametrize(
    ("sql", "flaw"),
    [
        (f"{EDIT} at = at + 1 {OF_SIX}", Flaw.CHANGED),
        (f"{EDIT} actor = 'operator ' {OF_SIX}", Flaw.CHANGED),
        (f"{EDIT} before = '{{}}' {OF_SIX}", Flaw.CHANGED),
        (f"{EDIT} hash = NULL {OF_SIX}", Flaw.CHANGED),
        (f"{DELETE} {OF_SIX}", Flaw.MISSING),
        (f"{EDIT} personal = replace(personal, 'acme', 'evil') {OF_SIX}", Flaw.PERSONAL),
    ],
)
def test_one_change_of_an_entry_is_found_where_it_is(team: Team, sql: str, flaw: Flaw) -> None:
    damage(team, sql)
    broken = verdict(team).broken
    assert broken is not None
    assert (broken.sequence, broken.flaw) == (6, flaw)
    with pytest.raises(BrokenAudit):
        pruning.prune(team.stand.runtime, team.operator, before=team.stand.clock.now + 1)


def test_pruned_goes_on(team: Team) -> None:
    head = verdict(team).head
    team.stand.clock.advance(days=1)
    made = pruning.prune(team.stand.runtime, team.operator, before=team.stand.clock.now)
    assert made is not None
    found = verdict(team)
    assert found.broken is None, found
    team.invited("zed@acme.test")
    found = verdict(team, head)
    assert found.broken is None, found
