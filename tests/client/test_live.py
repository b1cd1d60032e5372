"""Both clients against a real server, on both databases."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guestlist.client import Cache, Forbidden, Question, Unauthenticated
from guestlist.domain.links import Keys
from tests.client.conftest import TOKEN, Asking
from tests.servers import KEY, LiveServer
from tests.stand import WORLD, Stand, Team

Make = Callable[..., Asking]

ONE, TWO = (domain["id"] for domain in WORLD["domains"])
RECEIPT, HELLO = (template["id"] for template in WORLD["templates"])
ANA, BOB, CLEO, DAN = (user["email"] for user in WORLD["users"])
IDS = {user["email"]: user["id"] for user in WORLD["users"]}


@pytest.fixture(scope="module")
def stand(module_database_url: str) -> Iterator[Stand]:
    """Changes things, in a process that is not the server's."""
    with Stand(module_database_url, keys=Keys((KEY.encode(),))) as stand:
        yield stand


@pytest.fixture(scope="module")
def server(
    stand: Stand, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    assert stand is not None  # its key is the database's
    with LiveServer(module_database_url, tmp_path_factory.mktemp("server")) as server:
        yield server
    assert "Traceback" not in server.log


@pytest.fixture
def team(stand: Stand) -> Team:
    return Team(stand)


@pytest.fixture
def ask(client: Make, server: LiveServer, team: Team) -> Asking:
    return client(server.base_url, team.tokens["ana"])


@pytest.mark.parametrize(
    ("user", "permission", "about", "allowed"),
    [
        (ANA, "control-sendings", {}, True),
        (BOB, "control-sendings", {"domain": ONE}, True),
        (CLEO, "manage-template", {"template": HELLO}, True),
        (CLEO, "read-filemanager", {}, True),
        (CLEO, "update-plan", {}, False),
        (CLEO, "control-sendings", {"domain": ONE}, False),
        (DAN, "manage-domain", {"domain": TWO}, True),
        (IDS[DAN], "manage-domain", {"resource": ("domain", TWO)}, True),
        (DAN, "manage-domain", {"domain": ONE}, False),
        (DAN, "manage-domain", {}, False),
        (DAN, "manage-api-token", {}, True),
        (DAN, "read-own-templates", {"template": RECEIPT}, True),
        (DAN, "read-own-templates", {"template": HELLO}, False),
        (ANA, "manage-domain", {"domain": "n0-such-domain00"}, False),
        ("nobody@acme.test", "manage-domain", {"domain": ONE}, False),
    ],
)
def test_it_answers_by_the_table(
    ask: Asking, user: str, permission: str, about: dict[str, Any], *, allowed: bool
) -> None:
    decision = ask("decide", user, permission, **about)
    assert decision.allowed is allowed
    assert decision.reason
    assert ask.allowed(user, permission, **about) is allowed


def test_the_account_may_be_named(client: Make, server: LiveServer, team: Team) -> None:
    ask = client(server.base_url, team.tokens["ana"], account=team.id)
    assert ask.allowed(ANA, "update-plan") is True
    assert ask.allowed(DAN, "update-plan") is False


def test_many_questions_have_their_answers_in_order(ask: Asking) -> None:
    pairs = [(user, domain) for user in (ANA, CLEO, DAN) for domain in (ONE, TWO)] * 250
    questions = [Question(user, "manage-domain", domain=domain) for user, domain in pairs]
    expected = [user == ANA or (user, domain) == (DAN, TWO) for user, domain in pairs]
    assert ask("allowed_all", questions) == expected


def test_searches_find_who_where_and_what(ask: Asking) -> None:
    everybody = {IDS[ANA], IDS[BOB], IDS[DAN]}
    assert set(ask("users_allowed", "manage-domain", domain=TWO)) == everybody
    assert set(ask("users_allowed", "manage-domain", domain=ONE)) == everybody - {IDS[DAN]}
    assert ask("things_allowed", DAN, "manage-domain", "domain") == [TWO]
    assert ask("things_allowed", DAN, "read-own-templates", "template") == [RECEIPT]
    assert "manage-domain" in ask("permissions", DAN, domain=TWO)
    assert "manage-domain" not in ask("permissions", DAN, domain=ONE)
    assert "manage-api-token" in ask("permissions", DAN)


def test_a_search_goes_through_many_pages(client: Make, server: LiveServer, stand: Stand) -> None:
    users = [{"email": f"manager{n}@acme.test", "name": "M", "role": "Manager"} for n in range(230)]
    crowd = Team(stand, users=[*WORLD["users"], *users])
    ask = client(server.base_url, crowd.tokens["ana"])
    found = ask("users_allowed", "manage-domain", domain=ONE)
    assert len(found) == len(set(found)) == 232


def test_a_removal_is_seen_by_the_next_question(ask: Asking, team: Team) -> None:
    assert ask.allowed(DAN, "manage-domain", domain=TWO) is True
    assert team.delete(f"/v1/users/{IDS[DAN]}").status_code == 204
    assert ask.allowed(DAN, "manage-domain", domain=TWO) is False
    assert IDS[DAN] not in ask("users_allowed", "manage-domain", domain=TWO)


def test_with_a_cache_it_is_seen_when_the_seconds_are_over(
    client: Make, server: LiveServer, team: Team
) -> None:
    now = [0.0]
    cache = Cache(seconds=5, clock=lambda: now[0])
    ask = client(server.base_url, team.tokens["ana"], cache=cache)
    assert ask.allowed(DAN, "manage-domain", domain=TWO) is True
    assert team.delete(f"/v1/users/{IDS[DAN]}").status_code == 204
    assert ask.allowed(DAN, "manage-domain", domain=TWO) is True
    now[0] = 5
    assert ask.allowed(DAN, "manage-domain", domain=TWO) is False


def test_tokens_that_may_not_ask_are_told(client: Make, server: LiveServer, team: Team) -> None:
    with pytest.raises(Unauthenticated):
        client(server.base_url, TOKEN).allowed(ANA, "manage-domain")
    with pytest.raises(Forbidden):
        client(server.base_url, team.minted("domains_read")).allowed(ANA, "manage-domain")


def test_another_accounts_users_may_nothing(
    client: Make, server: LiveServer, team: Team, stand: Stand
) -> None:
    eve = {"email": "eve@other.test", "name": "Eve", "role": "Admin"}
    other = Team(stand, users=[eve])
    ours = client(server.base_url, team.tokens["ana"])
    theirs = client(server.base_url, other.tokens["eve"])
    assert theirs.allowed("eve@other.test", "manage-domain", domain=ONE) is True
    assert ours.allowed("eve@other.test", "manage-domain", domain=ONE) is False
