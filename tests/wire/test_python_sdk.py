"""The official Python SDK, sync and async, cannot tell Guestlist from the original."""

from collections.abc import Iterator
from typing import Any

import pytest
from mailersend import TokensBuilder, UsersBuilder  # type: ignore[import-untyped]
from mailersend.models.users import User, UserInvite  # type: ignore[import-untyped]

from guestlist.domain.mailersend import PERMISSIONS
from guestlist.domain.tokens import SCOPES
from tests.servers import LiveServer
from tests.wire.accounts import MADE_AT, Account
from tests.wire.python_sdk import CALLS, Sdk


@pytest.fixture(params=["sync", "async"])
def sdk(request: pytest.FixtureRequest, server: LiveServer, account: Account) -> Iterator[Sdk]:
    with Sdk(request.param, server.base_url, account.token) as ready:
        yield ready


def get_user(sdk: Sdk, user: str) -> Any:
    return sdk.call("users.get_user", CALLS["users.get_user"](user)).data["data"]


def get_invite(sdk: Sdk, invite: str) -> Any:
    return sdk.call("users.get_invite", CALLS["users.get_invite"](invite)).data["data"]


def custom(account: Account) -> Any:
    """Everything that a builder can say about a user's power."""
    return (
        UsersBuilder()
        .custom_user_role()
        .template_permissions()
        .domain_permissions()
        .analytics_permissions()
        .account_permissions()
        .add_domain(account.domains[1])
        .add_template(account.templates[0])
        .add_template(account.templates[1])
        .requires_periodic_password_change(requires=True)
    )


@pytest.mark.parametrize("resource", ["users", "tokens"])
def test_every_method_of_the_sdk_is_called_here(sdk: Sdk, resource: str) -> None:
    named = {name for name in vars(type(getattr(sdk.client, resource))) if name[0] != "_"}
    assert {f"{resource}.{name}" for name in named} <= CALLS.keys()


def test_users_are_listed(sdk: Sdk, account: Account) -> None:
    answer = sdk.call("users.list_users", UsersBuilder().build_users_list())
    users = [User(**user) for user in answer.data["data"]]
    assert [(user.id, user.email, user.role) for user in users] == [
        (account.admin, "ana@acme.test", "Admin"),
        (account.manager, "bob@acme.test", "Manager"),
        (account.custom, "dan@acme.test", "Custom User"),
    ]
    assert [thing.id for thing in users[0].domains] == list(account.domains)
    assert [thing.id for thing in users[2].templates] == [account.templates[0]]
    assert answer.rate_limit_remaining == -1
    assert answer.request_id


def test_lists_are_paged(sdk: Sdk, server: LiveServer) -> None:
    for number in range(11):
        invited = UsersBuilder().email(f"new{number}@acme.test").accountant_role()
        sdk.call("users.invite_user", invited.build_user_invite())
    page = sdk.call("users.list_invites", UsersBuilder().page(2).limit(10).build_invites_list())
    emails = [invite["email"] for invite in page.data["data"]]
    assert emails == ["new9@acme.test", "new10@acme.test"]
    assert page.data["meta"]["total"] == 12
    assert page.data["links"]["prev"] == f"{server.public_url}/v1/invites?page=1"
    beyond = sdk.call("users.list_users", UsersBuilder().page(2).limit(10).build_users_list())
    assert beyond.data["data"] == []
    tokens = sdk.call("tokens.list_tokens", TokensBuilder().limit(10).build_tokens_list())
    assert tokens.data["links"]["first"] == f"{server.public_url}/v1/token?limit=10&page=1"


def test_a_user_is_shown(sdk: Sdk, account: Account) -> None:
    user = get_user(sdk, account.custom)
    assert User(**user).permissions == ["read-own-templates"]
    assert user["created_at"] == user["updated_at"] == MADE_AT
    assert user["2fa"] is False


def test_a_user_is_invited_with_everything_a_builder_can_say(sdk: Sdk, account: Account) -> None:
    asked = custom(account).email("new@acme.test").build_user_invite()
    answer = sdk.call("users.invite_user", asked)
    assert answer.status_code == 200
    invite = UserInvite(**answer.data["data"])
    assert (invite.email, invite.role) == ("new@acme.test", "Custom User")
    assert invite.permissions == asked.permissions
    assert invite.data.domains == [account.domains[1]]
    assert invite.data.templates == list(account.templates)
    assert invite.requires_periodic_password_change is True
    assert get_invite(sdk, invite.id) == answer.data["data"]


@pytest.mark.parametrize("role", ["admin", "manager", "designer", "accountant"])
def test_each_role_of_the_builder_can_be_given(sdk: Sdk, role: str) -> None:
    builder = getattr(UsersBuilder().email("new@acme.test"), f"{role}_role")()
    invite = sdk.call("users.invite_user", builder.build_user_invite()).data["data"]
    assert invite["role"] == role.title()
    assert invite["data"] is None
    assert invite["requires_periodic_password_change"] is False


def test_every_permission_can_be_given(sdk: Sdk) -> None:
    every = [permission.name for permission in PERMISSIONS]
    builder = UsersBuilder().email("new@acme.test").custom_user_role().permissions(every)
    invite = sdk.call("users.invite_user", builder.build_user_invite()).data["data"]
    assert invite["permissions"] == every


def test_a_user_is_changed(sdk: Sdk, account: Account) -> None:
    asked = custom(account).user_id(account.manager).build_user_update()
    answer = sdk.call("users.update_user", asked)
    changed = User(**answer.data["data"])
    assert (changed.id, changed.role) == (account.manager, "Custom User")
    assert changed.permissions == asked.permissions
    assert [domain.id for domain in changed.domains] == [account.domains[1]]
    assert get_user(sdk, account.manager) == answer.data["data"]


def test_a_user_is_removed(sdk: Sdk, account: Account) -> None:
    answer = sdk.call("users.delete_user", CALLS["users.delete_user"](account.custom))
    assert (answer.status_code, answer.data) == (204, {})
    left = sdk.call("users.list_users", UsersBuilder().build_users_list()).data["data"]
    assert [user["id"] for user in left] == [account.admin, account.manager]


def test_an_invite_is_listed_shown_resent_and_cancelled(sdk: Sdk, account: Account) -> None:
    listed = sdk.call("users.list_invites", UsersBuilder().build_invites_list()).data["data"]
    shown = get_invite(sdk, account.invite)
    resent = sdk.call("users.resend_invite", CALLS["users.resend_invite"](account.invite))
    assert listed == [shown] == [resent.data["data"]]
    assert UserInvite(**shown).data.templates == [account.templates[0]]
    cancelled = sdk.call("users.cancel_invite", CALLS["users.cancel_invite"](account.invite))
    assert (cancelled.status_code, cancelled.data) == (204, {})
    left = sdk.call("users.list_invites", UsersBuilder().build_invites_list())
    assert left.data["data"] == []


def test_a_token_is_made_and_opens_what_it_says(
    sdk: Sdk, server: LiveServer, account: Account
) -> None:
    asked = TokensBuilder().name("ci").domain_id(account.domains[0]).users_scopes()
    made = sdk.call("tokens.create_token", asked.build_token_create())
    assert made.status_code == 200
    assert made.data["data"]["domain"]["id"] == account.domains[0]
    with Sdk(sdk.kind, server.base_url, made.data["data"]["accessToken"]) as other:
        assert get_user(other, account.custom)["id"] == account.custom
    shown = sdk.call("tokens.get_token", CALLS["tokens.get_token"](made.data["data"]["id"]))
    assert shown.data["data"]["scopes"] == ["users_read", "users_full"]
    assert "accessToken" not in shown.data["data"]


def test_every_scope_that_the_builder_knows_can_be_given(sdk: Sdk) -> None:
    asked = TokensBuilder().name("all").domain_id("none").all_scopes().build_token_create()
    made = sdk.call("tokens.create_token", asked).data["data"]
    assert made["scopes"] == asked.scopes
    assert set(made["scopes"]) <= SCOPES


def test_a_token_is_listed_paused_woken_renamed_and_deleted(sdk: Sdk, account: Account) -> None:
    token = TokensBuilder().token_id(account.token_id)
    listed = sdk.call("tokens.list_tokens", TokensBuilder().build_tokens_list()).data["data"]
    asked = TokensBuilder().name("ci").domain_id(account.domains[0]).users_scopes()
    made = sdk.call("tokens.create_token", asked.build_token_create()).data["data"]
    token = TokensBuilder().token_id(made["id"])
    paused = sdk.call("tokens.update_token", token.pause().build_token_update())
    assert paused.data["data"]["status"] == "pause"
    woken = sdk.call("tokens.update_token", token.unpause().build_token_update())
    assert woken.data["data"]["status"] == "unpause"
    renamed = sdk.call("tokens.update_token_name", token.name("new").build_token_update_name())
    assert renamed.data["data"]["name"] == "new"
    assert (
        renamed.data["data"]
        in sdk.call("tokens.list_tokens", TokensBuilder().build_tokens_list()).data["data"]
    )
    deleted = sdk.call("tokens.delete_token", token.build_token_delete())
    assert (deleted.status_code, deleted.data) == (200, {})
    left = sdk.call("tokens.list_tokens", TokensBuilder().build_tokens_list()).data["data"]
    assert left == listed


@pytest.mark.parametrize(("kind", "removed"), [("domain", 204), ("template", 200)])
def test_a_thing_is_listed_shown_and_deleted(
    sdk: Sdk, account: Account, kind: str, removed: int
) -> None:
    first, second = getattr(account, f"{kind}s")
    call = {verb: CALLS[f"{kind}s.{verb}_{kind}"] for verb in ("get", "delete")}
    listing = f"{kind}s.list_{kind}s"
    listed = sdk.call(listing, CALLS[listing]("")).data["data"]
    assert [thing["id"] for thing in listed] == [first, second]
    assert sdk.call(listing).data["data"] == listed
    shown = sdk.call(f"{kind}s.get_{kind}", call["get"](first)).data["data"]
    assert shown["name"] == listed[0]["name"]
    deleted = sdk.call(f"{kind}s.delete_{kind}", call["delete"](first))
    assert (deleted.status_code, deleted.data) == (removed, {})
    assert [thing["id"] for thing in sdk.call(listing).data["data"]] == [second]
    assert [thing["id"] for thing in get_user(sdk, account.admin)[f"{kind}s"]] == [second]


def test_the_quota_is_unlimited(sdk: Sdk) -> None:
    quota = sdk.call("api_quota.get_quota").data
    assert (quota["quota"], quota["remaining"]) == (-1, -1)
    assert quota["reset"].endswith("T00:00:00Z")
