"""An import makes exactly the world that its document says, and an export says it again."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import bindparam, select

from guestlist.actions import accounts, exports, worlds
from guestlist.actions import users as user_actions
from guestlist.domain import instants
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.pages import Page
from guestlist.domain.refusals import BrokenFile, Invalid
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.store.database import Database
from guestlist.store.migrations import migrate
from guestlist.store.schema import audit
from guestlist.store.statements import Statement
from tests.actions import any_worlds
from tests.stand import Stand, Team

World = dict[str, Any]

AUDIT = Statement(
    select(audit.c.action, audit.c.after)
    .where(audit.c.account == bindparam("account"))
    .order_by(audit.c.key)
)


@pytest.fixture(scope="module")
def stand(module_database_url: str) -> Iterator[Stand]:
    with Stand(module_database_url) as made:
        yield made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Stand]:
    """An empty deployment."""
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    database = Database(url)
    migrate(database)
    database.close()
    with Stand(url) as made:
        yield made


_numbers = itertools.count(1)


@pytest.fixture
def acme() -> World:
    """Nothing in it is in another test's world."""
    number = next(_numbers)
    users = [
        {"email": f"ana@acme{number}.test", "role": "Admin", "name": "Ana"},
        {"email": f"bo@acme{number}.test", "role": "Manager"},
    ]
    return {"name": "Acme", "users": users}


def exported(stand: Stand, account_id: str) -> World:
    with exports.account(stand.runtime, stand.operator(account_id)) as document:
        return {k: list(v) if isinstance(v, Iterator) else v for k, v in document.items()}


def totals(stand: Stand, account_id: str) -> tuple[int, ...]:
    """Users, Admins, pending invites, and the next places in both lists."""
    kept = accounts.get(stand.runtime, account_id)
    return (kept.users, kept.admins, kept.invitations, kept.next_user, kept.next_invitation)


def entries(stand: Stand, account_id: str) -> list[tuple[str, Any]]:
    """What the audit says was done in the account, and what came of it."""
    with stand.runtime.database.read() as transaction:
        rows = transaction.all(AUDIT, account=stand.operator(account_id).account)
    return [(action, json.loads(after)) for action, after in rows]


def test_all_of_an_account_is_made_and_counted(stand: Stand, acme: World) -> None:
    """More of each than goes to the database at once, and than a block of places has."""
    [ana, bo] = acme["users"]
    host = ana["email"].partition("@")[2]
    acme["domains"] = [{"name": host}]
    acme["templates"] = [{"id": "receipt"}]
    many = [{"email": f"{n}@{host}", "role": "Designer"} for n in range(worlds.CHUNK + 98)]
    acme["users"] = [ana, bo, *many]
    acme["invites"] = [{"email": f"i{n}@{host}", "role": "Admin"} for n in range(1_100)]
    acme["tokens"] = [{}]
    heard: list[int] = []
    [new] = world_accounts.read({"accounts": [acme]}, MAILERSEND)
    made = worlds.make(stand.runtime, new, request="test", progress=heard.append)
    users = worlds.CHUNK + 100
    assert totals(stand, made.id) == (users, 1, 1_100, users, 1_100)
    assert heard == [worlds.CHUNK, 100, 1_100]
    counts = {"domains": 1, "templates": 1, "users": users, "invites": 1_100, "tokens": 1}
    assert made.counts == counts
    first, *more = entries(stand, made.id)
    assert first == ("account.import", {"name": "Acme"} | counts)
    told = {f"{kind}s": 0 for kind in ("domain", "template", "user", "invitation", "token")}
    told |= Counter(f"{action.removesuffix('.import')}s" for action, _ in more)
    assert {"invites": told.pop("invitations"), **told} == counts
    last = user_actions.list_users(stand.runtime, stand.operator(made.id), Page(users // 100, 100))
    assert [user.email for user in last.users] == [user["email"] for user in many[-100:]]
    assert [user["email"] for user in exported(stand, made.id)["users"][2:]] == [
        user["email"] for user in many
    ]


def test_what_is_left_out_is_made_up(stand: Stand, acme: World) -> None:
    acme["domains"] = [{}, {"id": "d1"}]
    acme["templates"] = [{}, {"name": "Receipt"}]
    acme["invites"] = [{"email": "eve@acme.test", "role": "Designer"}]
    acme["tokens"] = [{}]
    [account_id] = stand.make(acme)
    kept = exported(stand, account_id)
    now = "2027-01-15T08:00:00.000000Z"
    assert kept["seats"] is None
    for kind in ("domains", "templates", "users", "invites", "tokens"):
        assert {entry["created_at"] for entry in kept[kind]} == {now}
    assert {entry["updated_at"] for kind in ("domains", "users") for entry in kept[kind]} == {now}
    assert [domain["name"] for domain in kept["domains"]] == [
        f"{domain['id']}.test" for domain in kept["domains"]
    ]
    assert [template["type"] for template in kept["templates"]] == ["rt", "rt"]
    assert kept["templates"][0]["name"] == kept["templates"][0]["id"]
    [invite] = kept["invites"]
    assert invite["expires_at"] == "2027-01-22T08:00:00.000000Z"
    assert invite["invited_by"] is None
    [token] = kept["tokens"]
    assert (token["name"], token["scopes"], token["status"], token["expires_at"]) == (
        "Imported token",
        [],
        "unpause",
        None,
    )
    assert token["owner"] == acme["users"][0]["email"]


def test_an_imported_invite_has_no_letter_until_it_is_resent(stand: Stand, acme: World) -> None:
    text = f"a-fixed-token-{next(_numbers)}"
    acme["invites"] = [{"id": "eve", "email": "eve@acme.test", "role": "Designer"}]
    acme["tokens"] = [{"token": text, "scopes": ["users_full"]}]
    stand.letters()
    stand.make(acme)
    assert stand.letters() == []
    assert stand.ask("POST", "/v1/invites/eve/resend", token=text).status_code == 200
    assert [letter.to for letter in stand.letters()] == ["eve@acme.test"]


def test_a_person_who_is_there_is_joined_and_never_changed(stand: Stand, acme: World) -> None:
    [first] = stand.make(acme)
    [ana, bo] = acme["users"]
    other = {**ana, "email": ana["email"].upper(), "name": "Mallory", "avatar": "http://m.test/"}
    [second] = stand.make({"name": "Other", "users": [other | {"2fa": True}, bo]})
    shown = ("email", "name", "last_name", "avatar", "2fa")
    before, after = (exported(stand, account)["users"][0] for account in (first, second))
    assert {key: before[key] for key in shown} == {key: after[key] for key in shown}
    assert before["id"] != after["id"]


def test_what_must_be_new_is_refused_before_anything_is_written(stand: Stand, acme: World) -> None:
    number = next(_numbers)
    acme |= {"id": f"acme{number}", "tokens": [{"token": f"text-{number}"}]}
    stand.make(acme)
    before = len(accounts.every(stand.runtime))
    fresh = {"name": "Fresh", "users": [{"email": "f@fresh.test", "role": "Admin"}]}
    again = {**fresh, "id": acme["id"], "tokens": [{}, *acme["tokens"]]}
    with pytest.raises(BrokenFile) as refusal:
        stand.make(fresh, again)
    assert refusal.value.faults == (
        ("accounts[1].id", "is an account that exists already"),
        ("accounts[1].tokens[1]", "is a token that exists already"),
    )
    # Where somebody was faster than the check, the constraint has the last word.
    for taken in ({**fresh, "id": acme["id"]}, {**fresh, "tokens": acme["tokens"]}):
        [new] = world_accounts.read({"accounts": [taken]}, MAILERSEND)
        with pytest.raises(Invalid):
            worlds.make(stand.runtime, new, request="test")
    assert len(accounts.every(stand.runtime)) == before


def test_imports_that_meet_over_the_same_people_all_succeed(stand: Stand, acme: World) -> None:
    admin, *others = (f"{n}@meet{next(_numbers)}.test" for n in range(200))
    users = [{"email": email, "role": "Designer"} for email in others]
    admin_user = {"email": admin, "role": "Admin"}
    orders = ([admin_user, *users], [*users[::-1], admin_user], [*users[50:], admin_user])
    with ThreadPoolExecutor(len(orders)) as pool:
        made = list(pool.map(lambda order: stand.make({**acme, "users": order}), orders))
    kept = [{user["email"] for user in exported(stand, one)["users"]} for [one] in made]
    assert [len(emails) for emails in kept] == [200, 200, 150]


def test_tokens_of_a_file_open_what_they_say(stand: Stand, acme: World) -> None:
    plain, paused, ended, digest = (f"token-{next(_numbers)}" for _ in range(4))
    acme["tokens"] = [
        {"token": plain, "scopes": ["users_read"]},
        {"token": paused, "scopes": ["users_read"], "status": "pause"},
        {"token": ended, "scopes": ["users_read"], "expires_at": "2026-01-01T00:00:00Z"},
        {"sha256": sha256(digest.encode()).hexdigest(), "scopes": ["users_read"]},
        {"name": "made up", "scopes": ["users_read"]},
    ]
    [new] = world_accounts.read({"accounts": [acme]}, MAILERSEND)
    [minted] = worlds.make(stand.runtime, new, request="test").minted
    assert (minted.name, minted.owner) == ("made up", acme["users"][0]["email"])
    texts = (plain, paused, ended, digest, minted.text)
    answers = [stand.ask("GET", "/v1/users", token=text).status_code for text in texts]
    assert answers == [200, 401, 401, 200, 200]


def answers(stand: Stand, token: str) -> dict[str, Any]:
    """What every GET of an account answers."""
    lists = ("/v1/users", "/v1/invites", "/v1/domains", "/v1/templates", "/v1/token")
    found = {path: stand.ask("GET", path, token=token).json() for path in lists}
    for path in lists:
        for entry in found[path]["data"]:
            singles = [f"{path}/{entry['id']}"]
            singles += [f"/guestlist{singles[0]}"] if path == "/v1/users" else []
            found |= {one: stand.ask("GET", one, token=token).json() for one in singles}
    return found


def test_after_export_and_import_every_get_answers_the_same(stand: Stand, elsewhere: Stand) -> None:
    team = Team(stand, seats=50)
    domain = team.get("/v1/domains").json()["data"][0]["id"]
    for number in range(30):
        team.invited(f"guest{number}@acme.test")
    dan = team.get("/v1/users").json()["data"][3]
    listed = {"role": dan["role"], "permissions": ["read-own-templates", "read-email"]}
    things: World = {
        kind: [one["id"] for one in team.get(f"/v1/{kind}").json()["data"]][::-1]
        for kind in ("domains", "templates")
    }
    assert team.put(f"/v1/users/{dan['id']}", {**listed, **things}).status_code == 200
    team.invited("eve@acme.test", **listed, **things, by="bob")
    team.invited("fay@acme.test", requires_periodic_password_change=True)
    # Gaps: what was removed, cancelled, and fell out of lists.
    gone = team.get("/v1/users").json()["data"][2]["id"]
    assert team.delete(f"/v1/users/{gone}").status_code == 204
    team.delete(f"/v1/invites/{team.get('/v1/invites').json()['data'][3]['id']}")
    team.delete(f"/v1/domains/{domain}")
    team.minted("users_read", by="bob")
    stand.clock.advance(days=8)  # every invite so far has expired
    team.invited("late@acme.test")
    elsewhere.clock.now = stand.clock.now
    kept = exported(stand, team.id)
    elsewhere.make(json.loads(json.dumps(kept)))
    assert exported(elsewhere, team.id) == kept
    assert answers(elsewhere, team.tokens["ana"]) == answers(stand, team.tokens["ana"])
    assert totals(elsewhere, team.id)[:3] == totals(stand, team.id)[:3]


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=any_worlds.whole_accounts())
def test_import_and_export_undo_each_other(stand: Stand, elsewhere: Stand, drawn: World) -> None:
    world = placed(drawn, next(_numbers))
    stand.make(world)
    kept = exported(stand, world["id"])
    assert in_microseconds(kept) == in_microseconds(world)
    elsewhere.make(json.loads(json.dumps(kept)))
    assert exported(elsewhere, world["id"]) == kept
    assert accounts.get(stand.runtime, world["id"]).admins == sum(
        user["role"] == "Admin" and user["suspended_at"] is None for user in world["users"]
    )


def placed(drawn: World, number: int) -> World:
    """A drawn world as one that is in no database yet."""
    world: World = json.loads(json.dumps(drawn))
    for kind, keys in {
        "users": ["email"],
        "invites": ["email", "invited_by"],
        "tokens": ["owner"],
    }.items():
        for entry in world[kind]:
            entry |= {key: f"{entry[key]}@h{number}.test" for key in keys if entry[key]}
    for position, token in enumerate(world["tokens"]):
        token["sha256"] = sha256(f"{number} {position}".encode()).hexdigest()
    return {"id": f"w{number}", **world}


def in_microseconds(world: Any) -> Any:
    """With every date as an instant: an export writes them to the last digit."""
    match world:
        case dict():
            return {
                key: instants.parse(value)
                if value and key.endswith("_at")
                else in_microseconds(value)
                for key, value in world.items()
            }
        case list():
            return [in_microseconds(entry) for entry in world]
    return world
