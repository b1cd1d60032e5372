"""The audit's chain: whole after whatever was done, and broken by whatever was done to it."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, text

from guestlist.actions import audit, pruning, users
from guestlist.domain import audit as rules
from guestlist.domain.audit import Flaw, Link
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import BrokenAudit, HeadPruned
from guestlist.store import schema
from guestlist.store.statements import Statement
from tests.stand import START, Stand, Team
from tests.store.reading import rows

EDIT, DELETE = "UPDATE audit SET", "DELETE FROM audit"
COPY = (
    "INSERT INTO audit (account, at, request, actor, action, subject, sequence, hash)"
    " SELECT account, at, request, actor, action, subject,"
)
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


def test_rows_that_were_never_written_are_found(team: Team) -> None:
    for number, flaw in (("NULL", Flaw.SURPLUS), ("-1", Flaw.SURPLUS), ("1000", Flaw.MISSING)):
        other = Team(team.stand)
        damage(other, f"{COPY} {number}, hash FROM audit {OF_SIX}")
        broken = verdict(other).broken
        assert broken is not None
        assert broken.flaw == flaw


def test_an_end_that_was_cut_off_is_found(team: Team) -> None:
    head = verdict(team).head
    damage(
        team, "DELETE FROM audit WHERE account = :account AND sequence = :last", last=head.sequence
    )
    broken = verdict(team).broken
    assert broken is not None
    assert (broken.sequence, broken.flaw) == (head.sequence, Flaw.MISSING)


def test_who_makes_the_whole_chain_anew_is_found_by_a_head_that_was_noted(team: Team) -> None:
    head = verdict(team).head
    assert verdict(team, head).broken is None
    sql = "UPDATE audit SET actor = 'user:mallory' WHERE account = :account AND sequence = :last"
    damage(team, sql, last=head.sequence)
    anew(team)
    assert verdict(team).broken is None
    broken = verdict(team, head).broken
    assert broken is not None
    assert (broken.sequence, broken.flaw) == (head.sequence, Flaw.HEAD)
    later = verdict(team, Link(head.sequence + 1, head.hash)).broken
    assert later is not None
    assert later.flaw == Flaw.MISSING


def anew(team: Team) -> None:
    """As somebody would who can write to the database and knows how it is done."""
    entries, link = list(audit.every(team.stand.runtime, team.operator)), Link()
    for entry in entries:
        content = rules.content(entry, team.id)
        made = hashlib.sha256((link.hash or bytes(32)) + content).digest()
        link = Link(link.sequence + 1, made)
        sql = "UPDATE audit SET hash = :hash WHERE account = :account AND sequence = :sequence"
        damage(team, sql, hash=made, sequence=link.sequence)
    damage(team, "UPDATE accounts SET head = :hash WHERE key = :account", hash=link.hash)


def test_a_chain_that_was_pruned_goes_on_and_is_as_easily_broken(team: Team) -> None:
    head = verdict(team).head
    for _ in range(2):
        team.stand.clock.advance(days=1)
        checkpoint, deleted = pruning.prune(
            team.stand.runtime, team.operator, before=team.stand.clock.now
        )
        assert checkpoint is not None
        assert deleted
        assert verdict(team).broken is None
        team.invited(f"zed{checkpoint.sequence}@acme.test")
    assert verdict(team).broken is None
    with pytest.raises(HeadPruned):
        verdict(team, head)
    kept = [entry.sequence for entry in audit.every(team.stand.runtime, team.operator)]
    assert len(kept) < head.sequence
    for sql in (
        f"{EDIT} at = at + 1 WHERE account = :account AND sequence = {kept[0]}",
        f"{DELETE} WHERE account = :account AND sequence = {kept[0]}",
        "UPDATE audit_checkpoints SET kept_digest = hash WHERE account = :account",
        "UPDATE audit_checkpoints SET at = at - 1 WHERE account = :account",
        "UPDATE audit_checkpoints SET sequence = sequence - 1 WHERE account = :account",
        "DELETE FROM audit_checkpoints WHERE account = :account",
    ):
        with undone(team):
            damage(team, sql)
            assert verdict(team).broken is not None, sql
    assert verdict(team).broken is None


@contextmanager
def undone(team: Team) -> Iterator[None]:
    """What is done to the tables in this block is put back."""
    tables = (schema.audit_checkpoints, schema.audit)
    before = {table: rows(team.stand, table) for table in tables}
    yield
    with team.stand.runtime.database.change() as transaction:
        for table, kept in before.items():
            transaction.run(Statement(delete(table)))
            if kept:
                transaction.many(
                    Statement(insert(table).values({k: bindparam(k) for k in kept[0]})), kept
                )


def test_nothing_old_is_nothing_to_delete(team: Team) -> None:
    assert pruning.prune(team.stand.runtime, team.operator, before=START) == (None, 0)
    assert verdict(team).broken is None


def test_another_accounts_entry_is_no_entry_of_this_one(team: Team) -> None:
    other = Team(team.stand)
    sql = (
        "UPDATE audit SET (at, request, actor, action, subject, before, after, personal,"
        " personal_digest, origin, origin_digest, hash) = (SELECT at, request, actor, action,"
        " subject, before, after, personal, personal_digest, origin, origin_digest, hash"
        " FROM audit o WHERE o.account = :other AND o.sequence = 1)"
        " WHERE account = :account AND sequence = 1"
    )
    damage(team, sql, other=other.operator.account)
    broken = verdict(team).broken
    assert broken is not None
    assert (broken.sequence, broken.flaw) == (1, Flaw.CHANGED)


def test_two_who_write_at_once_write_one_chain(team: Team, module_database_url: str) -> None:
    before = verdict(team).head.sequence
    with Stand(module_database_url) as second:
        with ThreadPoolExecutor(4) as pool:
            done = [
                pool.submit(
                    users.update,
                    runtime,
                    team.operator,
                    "user00000000cleo",
                    Draft(role=role),
                )
                for role in ["Designer", "Accountant"] * 10
                for runtime in (team.stand.runtime, second.runtime)
            ]
        assert not [one.exception() for one in done if one.exception()]
    found = verdict(team)
    assert found.broken is None
    assert found.head.sequence == before + len(done)
