"""How many statements a request costs: as many for a long list as for a short one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests.stand import SCOPES, Stand, Team

# BEGIN and COMMIT count as well: each is a round trip.
SIZES = (10, 100)


class Statements(list[str]):
    """What the drivers were given, in any process-wide pool, since it was last emptied."""

    def watch(self, connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(self.append)
            return
        seen = self

        class Watched(psycopg.Cursor[Any]):
            def execute(self, query: Any, *values: Any, **more: Any) -> Any:
                seen.append(str(query))
                return super().execute(query, *values, **more)

            def executemany(self, query: Any, *values: Any, **more: Any) -> None:
                seen.append(str(query))
                super().executemany(query, *values, **more)

        connection.cursor_factory = Watched

    @contextmanager
    def counted(self) -> Iterator[list[int]]:
        """The list holds the number once the block ended."""
        self.clear()
        count: list[int] = []
        yield count
        # SQLite also tells of the statements that triggers and foreign keys run
        count.append(len([sql for sql in self if not sql.startswith("--")]))


@pytest.fixture
def statements() -> Iterator[Statements]:
    seen = Statements()
    event.listen(Pool, "connect", seen.watch)
    yield seen
    event.remove(Pool, "connect", seen.watch)


@pytest.fixture
def watched(shared_url: str, statements: Statements) -> Iterator[Stand]:
    assert not statements
    with Stand(shared_url) as stand:
        yield stand


def crowd(stand: Stand, size: int) -> Team:
    """Users and invites with lists, and as many domains, templates and tokens."""
    domains = [{"id": f"d{n}", "name": f"d{n}.test"} for n in range(size)]
    templates = [{"id": f"t{n}", "name": f"t{n}"} for n in range(size)]
    lists = {
        "role": "Custom User",
        "permissions": ["read-own-templates", "manage-domain"],
        "domains": [domain["id"] for domain in domains[:5]],
        "templates": [template["id"] for template in templates[:5]],
    }
    users = [{"id": f"u{n}", "email": f"u{n}@acme.test", **lists} for n in range(size - 1)]
    team = Team(
        stand,
        domains=domains,
        templates=templates,
        users=[{"id": "ana", "email": "ana@acme.test", "role": "Admin"}, *users],
        invites=[{"id": f"i{n}", "email": f"i{n}@acme.test", **lists} for n in range(size)],
    )
    for _ in range(size - 2):
        team.minted(*SCOPES)
    return team


READS = [
    "/v1/users?limit=100",
    "/v1/users/ana",
    "/guestlist/v1/users/u0",
    "/v1/invites?limit=100",
    "/v1/invites/i0",
    "/v1/domains?limit=100",
    "/v1/domains/d0",
    "/v1/templates?limit=100",
    "/v1/templates/t0",
    "/v1/token?limit=100",
    "/guestlist/v1/audit?limit=1000&actor=operator&from=2020-01-01",
]
EVENTS = ["user.invited", "invite.resent", "invite.cancelled", "user.updated", "user.removed"]
NEW = {
    "email": "eve@acme.test",
    "role": "Custom User",
    "permissions": ["read-own-templates"],
    "domains": ["d0", "d1", "d2"],
    "templates": ["t0", "t1"],
}
CHANGES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/users", NEW),
    ("PUT", "/v1/users/u0", NEW),
    ("DELETE", "/v1/users/u1", None),
    ("POST", "/v1/invites/i0/resend", None),
    ("DELETE", "/v1/invites/i1", None),
    ("DELETE", "/v1/domains/d9", None),
    ("DELETE", "/v1/templates/t9", None),
    ("POST", "/v1/token", {"name": "ci", "scopes": ["users_read"]}),
]


def test_the_number_of_statements_does_not_grow_with_the_account(
    watched: Stand, statements: Statements
) -> None:
    costs: list[dict[str, int]] = []
    for size in SIZES:
        team = crowd(watched, size)
        cost: dict[str, int] = {}
        for path in READS:
            with statements.counted() as count:
                assert team.get(path).status_code == 200
            cost[path] = count[0]
        for method, path, body in CHANGES:
            with statements.counted() as count:
                assert team.ask(method, path, json=body).is_success
            cost[f"{method} {path}"] = count[0]
        costs.append(cost)
    assert costs[0] == costs[1]
    reads, changes = list(costs[0].values())[: len(READS)], list(costs[0].values())[len(READS) :]
    assert max(reads) <= 8
    assert max(changes) <= 25


def test_webhooks_cost_who_has_none_nothing_and_twenty_cost_as_much_as_one(
    watched: Stand, statements: Statements
) -> None:
    without, costs = crowd(watched, 10), []
    for hooks in (0, 1, 20):
        team = crowd(watched, 10) if hooks else without
        for number in range(hooks):
            body = {"name": f"hook {number}", "url": "https://crew.acme.test/in", "events": EVENTS}
            assert team.post("/guestlist/v1/webhooks", body).is_success
        cost: list[int] = []
        for method, path, body in CHANGES:
            with statements.counted() as count:
                assert team.ask(method, path, json=body).is_success
            cost += count
            assert bool(hooks) or not [sql for sql in statements if "INTO events" in sql]
        costs.append(cost)
    none, one, twenty = costs
    assert one == twenty
    # The events, and the deliveries of all of them.
    assert {more - less for more, less in zip(one, none, strict=True)} <= {0, 2}
    assert one != none


def test_a_change_is_told_from_the_transaction_that_made_it(
    watched: Stand, statements: Statements
) -> None:
    team = crowd(watched, 10)
    for method, path, body in (
        ("PUT", "/guestlist/v1/invites/i0", {**NEW, "domains": ["d2", "d0"]}),
        ("POST", "/v1/invites/i0/resend", None),
    ):
        with statements.counted():
            answer = team.ask(method, path, json=body)
        assert answer.is_success
        assert [sql for sql in statements if sql.startswith("BEGIN")] == [changes_begin(watched)]
    told = team.put("/guestlist/v1/invites/i0", NEW).json()
    assert told == team.get("/guestlist/v1/invites/i0").json()


def changes_begin(stand: Stand) -> str:
    return "BEGIN IMMEDIATE" if stand.runtime.database.file else "BEGIN"


def test_what_is_remembered_costs_the_one_statement_that_every_request_costs(
    watched: Stand, statements: Statements
) -> None:
    team = crowd(watched, 10)
    for path in READS[:5]:
        first = team.get(path)
        for headers in ({}, {"if-none-match": first.headers["etag"]}):
            with statements.counted() as count:
                assert team.get(path, headers=headers).status_code in {200, 304}
            assert count == [1], statements
    for path in ("/v1/api-quota", "/guestlist/v1/catalog"):
        with statements.counted() as count:
            assert team.get(path).status_code == 200
        assert count == [1], statements


def asked_about(size: int, *, by_email: bool) -> dict[str, Any]:
    """As many questions as there are users, each about another."""
    names = [f"u{n}" for n in range(size)]
    return {
        "action": {"name": "manage-domain"},
        "resource": {"type": "domain", "id": "d1"},
        "evaluations": [
            {"subject": {"type": "user", "id": f"{name}@acme.test" if by_email else name}}
            for name in names
        ],
    }


def test_decisions_cost_as_many_statements_for_a_thousand_users_as_for_ten(
    watched: Stand, statements: Statements
) -> None:
    lists = {"role": "Custom User", "permissions": ["manage-domain"]}
    users = [{"id": f"u{n}", "email": f"u{n}@acme.test", **lists} for n in range(1_000)]
    team = Team(watched, users=[{"id": "ana", "email": "ana@acme.test", "role": "Admin"}, *users])
    for size in (10, 1_000):
        costs = []
        # After a change, of users nobody asked about, and of those somebody did.
        assert team.put("/v1/users/u0", {"role": "Manager"}).is_success
        for by_email in (False, True, True):
            with statements.counted() as count:
                answer = team.post("/access/v1/evaluations", asked_about(size, by_email=by_email))
            assert len(answer.json()["evaluations"]) == size
            costs += count
        assert costs == [7, 2, 1], statements


SEARCHES: list[tuple[str, dict[str, Any]]] = [
    ("subject", {"subject": {"type": "user"}, "resource": {"type": "domain", "id": "d1"}}),
    ("subject", {"subject": {"type": "user"}, "resource": {"type": "account", "id": "self"}}),
    ("resource", {"subject": {"type": "user", "id": "u0"}, "resource": {"type": "domain"}}),
    (
        "action",
        {"subject": {"type": "user", "id": "u0"}, "resource": {"type": "domain", "id": "d1"}},
    ),
]


def test_searches_cost_as_many_statements_in_a_large_account(
    watched: Stand, statements: Statements
) -> None:
    costs = []
    for size in SIZES:
        team = crowd(watched, size)
        assert team.post("/access/v1/evaluations", asked_about(5, by_email=False)).is_success
        cost = []
        for kind, asked in SEARCHES:
            with statements.counted() as count:
                body = asked | {"action": {"name": "manage-domain"}, "page": {"limit": size}}
                assert team.post(f"/access/v1/search/{kind}", body).is_success
            cost += count
        costs.append(cost)
    assert costs[0] == costs[1] == [5, 5, 1, 1]


def test_what_is_no_question_costs_no_more_than_knowing_who_asks(
    watched: Stand, statements: Statements
) -> None:
    team = crowd(watched, 10)
    for body in (b"", b"{}", b'{"evaluations": [{}]}', b'{"subject": {"type": "user", "id": 1}}'):
        with statements.counted() as count:
            assert team.ask("POST", "/access/v1/evaluations", content=body).status_code == 400
        assert count == [1]


def test_what_is_refused_at_the_door_costs_no_more(watched: Stand, statements: Statements) -> None:
    team = crowd(watched, 10)
    for status, cost, by, path in (
        (401, 1, "nobody", "/v1/users"),
        (403, 1, "no scopes", "/v1/users"),
        (422, 1, "ana", "/v1/users?limit=9"),
        (404, 0, "ana", "/v1/nothing"),
        (405, 0, "ana", "/v1/users/u0/"),
    ):
        with statements.counted() as count:
            answer = team.ask("PATCH" if status == 405 else "GET", path.rstrip("/"), by=by)
        assert (answer.status_code, count) == (status, [cost])
    nobody = team.stand.http
    with statements.counted() as count:
        assert nobody.get("/v1/users").status_code == 401
    assert count == [0]
