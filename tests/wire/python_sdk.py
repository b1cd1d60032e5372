"""The official Python SDK: one way of calling its two clients, and a call of each method."""

import asyncio
import operator
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from mailersend import (  # type: ignore[import-untyped]
    AsyncMailerSendClient,
    DomainsBuilder,
    MailerSendClient,
    TemplatesBuilder,
    TokensBuilder,
    UsersBuilder,
)

NOBODY = "0123456789abcdef"


class Sdk:
    """`client` is the SDK's, sync or async, of the server at `url`.

    `call` answers the same for both.

    Unless told otherwise it tries once: what it does by itself after a refusal has its own test.
    """

    def __init__(self, kind: str, url: str, token: str, *, max_retries: int = 0) -> None:
        self.kind = kind
        self._runner = asyncio.Runner()
        make = {"sync": MailerSendClient, "async": AsyncMailerSendClient}[kind]
        self.client = make(token, base_url=f"{url}/v1/", max_retries=max_retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.kind == "async":
            self._runner.run(self.client.close())
        else:
            self.client.session.close()
        self._runner.close()

    def call(self, name: str, *request: Any) -> Any:
        """`resource.method` with the SDK's request; its APIResponse. Raises its errors."""
        answer = operator.attrgetter(name)(self.client)(*request)
        if self.kind == "sync":
            return answer
        return self._runner.run(_awaited(answer))


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


# A request for each method of the SDK that has an endpoint here, about the thing of an id.
CALLS: dict[str, Callable[[str], Any]] = {
    "users.list_users": lambda _: UsersBuilder().build_users_list(),
    "users.get_user": lambda user: UsersBuilder().user_id(user).build_user_get(),
    "users.invite_user": lambda _: (
        UsersBuilder().email("new@acme.test").admin_role().build_user_invite()
    ),
    "users.update_user": lambda user: (
        UsersBuilder().user_id(user).designer_role().build_user_update()
    ),
    "users.delete_user": lambda user: UsersBuilder().user_id(user).build_user_delete(),
    "users.list_invites": lambda _: UsersBuilder().build_invites_list(),
    "users.get_invite": lambda invite: UsersBuilder().invite_id(invite).build_invite_get(),
    "users.resend_invite": lambda invite: UsersBuilder().invite_id(invite).build_invite_resend(),
    "users.cancel_invite": lambda invite: UsersBuilder().invite_id(invite).build_invite_cancel(),
    "tokens.list_tokens": lambda _: TokensBuilder().build_tokens_list(),
    "tokens.get_token": lambda token: TokensBuilder().token_id(token).build_token_get(),
    "tokens.create_token": lambda domain: (
        TokensBuilder().name("ci").domain_id(domain).users_scopes().build_token_create()
    ),
    "tokens.update_token": lambda token: (
        TokensBuilder().token_id(token).pause().build_token_update()
    ),
    "tokens.update_token_name": lambda token: (
        TokensBuilder().token_id(token).name("new name").build_token_update_name()
    ),
    "tokens.delete_token": lambda token: TokensBuilder().token_id(token).build_token_delete(),
    "domains.list_domains": lambda _: DomainsBuilder().build_list_request(),
    "domains.get_domain": lambda domain: DomainsBuilder().domain_id(domain).build_get_request(),
    "domains.delete_domain": lambda domain: (
        DomainsBuilder().domain_id(domain).build_delete_request()
    ),
    "templates.list_templates": lambda _: TemplatesBuilder().build_templates_list_request(),
    "templates.get_template": lambda template: (
        TemplatesBuilder().template_id(template).build_template_get_request()
    ),
    "templates.delete_template": lambda template: (
        TemplatesBuilder().template_id(template).build_template_delete_request()
    ),
}
ABOUT_NO_THING = {
    "users.list_users",
    "users.invite_user",
    "users.list_invites",
    "tokens.list_tokens",
    "tokens.create_token",
    "domains.list_domains",
    "templates.list_templates",
}
