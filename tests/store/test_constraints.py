"""The constraints have the last word, whatever the code before them thought."""

from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, literal, null, select, update

from guestlist.actions import things, tokens
from guestlist.actions import users as using
from guestlist.domain.access import Grant
from guestlist.domain.invitations import DAY
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Fault, Invalid, Rule
from guestlist.store import invitations, schema
from guestlist.store.database import Conflict, Transaction
from guestlist.store.invitations import Link
from guestlist.store.statements import Statement
from tests.stand import START, Team


def copied(transaction: Transaction, table: Table, **changed: Any) -> None:
    """Adds the table's first row again, all but its key, with some values changed."""
    names = [column.name for column in table.c if column.name != "key"]
    values = [
        literal(changed[name], table.c[name].type).label(name) if name in changed else table.c[name]
        for name in names
    ]
    row = select(*values).order_by(*table.primary_key).limit(1)
    transaction.run(Statement(insert(table).from_select(names, row)))


def changed(transaction: Transaction, table: Table, **values: Any) -> None:
    given = {name: null() if value is None else value for name, value in values.items()}
    transaction.run(Statement(update(table).values(given)))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (schema.accounts, {}),
        (schema.people, {}),
        (schema.users, {"id": "other", "place": 99}),
        (schema.users, {"person": 2, "place": 99}),
        (schema.users, {"id": "other", "person": 4}),
        (schema.domains, {"id": "other"}),
        (schema.domains, {"name": "other.test"}),
        (schema.templates, {}),
        (schema.tokens, {"id": "other"}),
        (schema.tokens, {"sha256": b"other"}),
        (schema.invitations, {"id": "other"}),
        (schema.invitations, {"secret_sha256": b"other"}),
        (schema.addresses, {}),
        (schema.addresses, {"email_key": "other@x.test"}),
        (schema.blocks, {}),
        (schema.user_domains, {}),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else " ".join(value),
)
def test_what_must_be_unique_is(team: Team, table: Table, values: dict[str, Any]) -> None:
    team.invited("eve@acme.test", "Designer")
    with pytest.raises(Conflict), team.stand.runtime.database.change() as transaction:
        copied(transaction, table, **values)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (schema.accounts, {"users": -1}),
        (schema.accounts, {"admins": -1}),
        (schema.accounts, {"invitations": -1}),
        (schema.blocks, {"live": -1}),
        (schema.invitations, {"state": "expired"}),
        (schema.letters, {"state": "lost"}),
        (schema.addresses, {"user": None, "invitation": None}),
        (schema.users, {"person": 99}),
        (schema.users, {"account": 99}),
        (schema.tokens, {"owner": 99}),
        (schema.letters, {"invitation": 99}),
        (schema.user_domains, {"thing": 99}),
        (schema.users, {"role": None}),
        (schema.accounts, {"revision": None}),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else " ".join(value),
)
def test_what_may_not_be_is_not(team: Team, table: Table, values: dict[str, Any]) -> None:
    team.invited("eve@acme.test", "Designer")
    with pytest.raises(Conflict), team.stand.runtime.database.change() as transaction:
        changed(transaction, table, **values)


def test_an_address_has_one_holder(team: Team) -> None:
    team.invited("eve@acme.test", "Designer")
    with pytest.raises(Conflict), team.stand.runtime.database.change() as transaction:
        changed(transaction, schema.addresses, invitation=1)


def test_a_deployment_has_one_row(team: Team) -> None:
    database = team.stand.runtime.database
    for key in (1, 2):
        row = insert(schema.deployment).values(key=key, key_fingerprint="x")
        if key == 1:
            with database.change() as transaction:
                transaction.run(Statement(row))
        else:
            with pytest.raises(Conflict), database.change() as transaction:
                transaction.run(Statement(row))


def test_an_owner_of_tokens_cannot_vanish_beneath_them(team: Team) -> None:
    with pytest.raises(Conflict), team.stand.runtime.database.change() as transaction:
        transaction.run(Statement(delete(schema.users)))


@pytest.mark.parametrize("email", ["ana@acme.test", "eve@acme.test"])
def test_a_taken_address_is_told_by_the_constraint_in_the_rules_words(
    team: Team, email: str
) -> None:
    """Its row is refused though nobody asked the rule whether the address is free."""
    team.invited("eve@acme.test", "Designer")
    row = {
        "account": team.operator.account,
        "id": "x7m2k9d4rpq1zv83",
        "place": 7,
        "email": email,
        "email_key": email,
        "invited_by": None,
        "expires_at": START + DAY,
        "created_at": START,
        "updated_at": START,
    }
    link = Link(b"n" * 16, "f", b"s" * 32)
    with (
        team.unchanged(),
        pytest.raises(Invalid) as refused,
        team.stand.runtime.database.change() as transaction,
    ):
        invitations.add(transaction, team.operator.account, row, link, Grant("Designer"))
    assert refused.value.faults == (Fault("email", Rule.TAKEN),)


def test_a_removed_thing_leaves_no_row_that_names_it(team: Team) -> None:
    team.post("/v1/token", {"name": "t", "scopes": ["sms_read"], "domain_id": "d0ma1n000000two"})
    lists = {"domains": ["d0ma1n000000two"], "templates": ["temp1ate0000one"]}
    team.invited("eve@acme.test", "Designer", **lists)
    team.delete("/v1/domains/d0ma1n000000two")
    team.delete("/v1/templates/temp1ate0000one")
    with team.stand.runtime.database.read() as transaction:
        for table in (
            schema.user_domains,
            schema.user_templates,
            schema.invitation_domains,
            schema.invitation_templates,
        ):
            assert transaction.all(Statement(select(table.c.thing))) == []
        assert {row[0] for row in transaction.all(Statement(select(schema.tokens.c.domain)))} == {
            None
        }


def test_a_key_is_never_given_twice(team: Team) -> None:
    runtime, operator = team.stand.runtime, team.operator
    first = things.add_domain(runtime, operator, "one.test")
    things.remove(runtime, operator, "domains", first.id)
    assert things.add_domain(runtime, operator, "two.test").key > first.key

    owner = "user00000000ana"
    made = [
        tokens.create(runtime, operator, name="t", scopes=["sms_read"], owner_id=owner)
        for _ in range(2)
    ]
    tokens.revoke(runtime, operator, made[-1].token.id)
    again = tokens.create(runtime, operator, name="t", scopes=["sms_read"], owner_id=owner)
    assert again.token.key > made[-1].token.key

    last = using.list_users(runtime, operator, Page()).users[-1]
    using.remove(runtime, operator, last.id)
    other = Team(team.stand)
    added = using.list_users(runtime, other.operator, Page()).users[0]
    assert added.key > last.key
