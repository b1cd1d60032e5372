"""Two processes on one PostgreSQL: what one changes, the other knows at the next request."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle

import pytest

from guestlist.actions import people, sessions, tokens
from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser
from guestlist.domain.sessions import Stage
from tests.faults.accounts import Account, add_up, make_account
from tests.faults.crowd import Client, ask, at_once, runtime
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("module_database_url", ["postgresql"], indirect=True)

DAN = "/v1/users/user00000000dan"
TAKEN = {
    "message": "The email has already been taken.",
    "errors": {"email": ["The email has already been taken."]},
}


@pytest.fixture(scope="module")
def servers(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[LiveServer]]:
    with ExitStack() as stack:
        made = [
            LiveServer(module_database_url, tmp_path_factory.mktemp(name))
            for name in ("one", "two")
        ]
        for server in made:
            # Links and so answers are the same wherever one asks.
            server.environment["GUESTLIST_PUBLIC_URL"] = "http://localhost:1"
            stack.enter_context(server)
        yield made


@pytest.fixture
def account(module_database_url: str) -> Iterator[Account]:
    made = runtime(module_database_url)
    account = make_account(made)
    yield account
    add_up(made, [account])
    made.database.close()


def test_a_change_through_one_is_seen_by_the_next_request_to_the_other(
    servers: list[LiveServer], account: Account
) -> None:
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(Client(server.base_url, account.token)) for server in servers
        )
        known: dict[str, str] = {}
        for role, (writer, reader) in zip(
            ["Designer", "Accountant"] * 50, cycle([(one, two), (two, one)]), strict=False
        ):
            assert writer.ask("PUT", DAN, {"role": role}).status == 200
            for path in (DAN, "/v1/users"):
                seen = reader.ask("GET", path, if_none_match=known.get(path, '""'))
                assert seen.status == 200
                data = seen.json()["data"]
                users = data if isinstance(data, list) else [data]
                assert {user["role"] for user in users if DAN.endswith(user["id"])} == {role}
                known[path] = seen.headers["etag"]
                for again in (reader, writer):
                    kept = again.ask("GET", path, if_none_match=known[path])
                    assert (kept.status, kept.body) == (304, b"")


def test_one_address_invited_a_hundred_times_through_both_is_invited_once(
    servers: list[LiveServer], account: Account
) -> None:
    body = {"email": "eve@acme.test", "role": "Accountant"}
    answers = at_once(
        *(
            partial(ask, servers[number % 2].base_url, account.token, "POST", "/v1/users", body)
            for number in range(100)
        )
    )
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [422] * 99
    assert all(answer.json() == TAKEN for answer in answers if answer.status == 422)
    for server in servers:
        shown = ask(server.base_url, account.token, "GET", "/v1/invites").json()
        assert [invite["email"] for invite in shown["data"]] == ["eve@acme.test"]
        assert shown["meta"]["total"] == 1


def test_a_token_paused_or_revoked_through_one_opens_nothing_through_the_other(
    servers: list[LiveServer], account: Account
) -> None:
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(Client(server.base_url, account.token)) for server in servers
        )
        for number in range(10):
            body = {"name": f"short {number}", "scopes": ["users_full"]}
            made = one.ask("POST", "/v1/token", body).json()["data"]
            short = stack.enter_context(Client(servers[1].base_url, made["accessToken"]))
            settings = f"/v1/token/{made['id']}/settings"
            for status, code in (("unpause", 200), ("pause", 401), ("unpause", 200)):
                assert one.ask("PUT", settings, {"status": status}).status == 200
                assert short.ask("GET", "/v1/users").status == code
            assert two.ask("DELETE", f"/v1/token/{made['id']}").status == 200
            for server in servers:
                gone = ask(server.base_url, made["accessToken"], "GET", "/v1/users")
                assert gone.status == 401


def test_who_is_suspended_or_removed_through_one_is_nobody_at_the_other(
    servers: list[LiveServer], account: Account, module_database_url: str
) -> None:
    """Neither their token nor their session has power at the very next request."""
    owner = runtime(module_database_url)
    bob = "user00000000bob"
    token = tokens.create(
        owner, account.operator, name="his", scopes=["users_full"], owner_id=bob
    ).text
    secret = session(owner, "bob@acme.test")
    with ExitStack() as stack:
        admins, bobs = (
            [stack.enter_context(Client(server.base_url, text)) for server in servers]
            for text in (account.token, token)
        )

        def check(*, has_power: bool) -> None:
            for client in bobs:
                assert client.ask("GET", "/v1/users").status == (200 if has_power else 401)
                page = client.ask("GET", "/account", cookie=f"guestlist-session={secret}")
                assert page.status == 200
                assert (account.id in page.body.decode()) is has_power

        check(has_power=True)
        for number in range(10):
            for verb in ("suspend", "reactivate"):
                writer = admins[number % 2]
                path = f"/guestlist/v1/users/{bob}/{verb}"
                assert writer.ask("POST", path).status == 200
                check(has_power=verb == "reactivate")
                bobs.reverse()
        assert admins[0].ask("DELETE", f"/v1/users/{bob}").status == 204
        check(has_power=False)
    owner.database.close()


def session(owner: Runtime, email: str) -> str:
    """The secret of one that is signed in."""
    with people.alone(owner, people.find(owner, email).key) as unit:
        return sessions.add(unit, Browser("192.0.2.1", "Tests/1"), Stage.WHOLE, account=None)
