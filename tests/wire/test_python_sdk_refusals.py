"""What the official Python SDK raises is what it would raise at the original."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from mailersend import UsersBuilder  # type: ignore[import-untyped]
from mailersend.exceptions import (  # type: ignore[import-untyped]
    AuthenticationError,
    BadRequestError,
    MailerSendError,
    RateLimitExceeded,
    ResourceNotFoundError,
)

from tests.servers import LiveServer
from tests.wire.accounts import Account
from tests.wire.python_sdk import ABOUT_NO_THING, CALLS, Sdk

NOBODY = "0123456789abcdef"
ABOUT_A_THING = sorted(CALLS.keys() - ABOUT_NO_THING)
RECORDED = "The selected role is invalid. (and 2 more errors)"


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def patient_server(serve: Callable[..., LiveServer]) -> LiveServer:
    """Answers an account once a second."""
    return serve("--rate-limit", "1/1")


@pytest.fixture
def sdk(kind: str, server: LiveServer, account: Account) -> Iterator[Sdk]:
    with Sdk(kind, server.base_url, account.token) as ready:
        yield ready


def thing_of(call: str, account: Account) -> str:
    """A thing that the call would succeed on."""
    if call.startswith("tokens."):
        return account.token_id
    if call.startswith(("domains.", "templates.")):
        return str(getattr(account, call.partition(".")[0])[0])
    return account.invite if call.endswith("invite") else account.custom


def refusal(sdk: Sdk, call: str, thing: str) -> Any:
    with pytest.raises(MailerSendError) as raised:
        sdk.call(call, CALLS[call](thing))
    return raised.value


@pytest.mark.parametrize("token", ["wrong", "paused"])
def test_a_token_that_does_not_live_is_401(
    kind: str, server: LiveServer, account: Account, token: str, subtests: pytest.Subtests
) -> None:
    text = account.paused if token == "paused" else "mlsn.wrong"
    with Sdk(kind, server.base_url, text) as sdk:
        for call in CALLS:
            with subtests.test(call):
                error = refusal(sdk, call, thing_of(call, account))
                assert type(error) is AuthenticationError
                assert error.message == "Unauthenticated."


def test_a_token_without_the_scope_is_403(
    kind: str, server: LiveServer, account: Account, subtests: pytest.Subtests
) -> None:
    with Sdk(kind, server.base_url, account.quiet) as sdk:
        for call in CALLS:
            with subtests.test(call):
                error = refusal(sdk, call, thing_of(call, account))
                assert type(error) is BadRequestError
                assert error.response.status_code == 403
                assert error.message == "This action is unauthorized. #MS40301"


def test_a_token_that_may_only_read_does_not_write(
    kind: str, server: LiveServer, account: Account, subtests: pytest.Subtests
) -> None:
    users = [call for call in CALLS if call.startswith("users.")]
    with Sdk(kind, server.base_url, account.reading) as sdk:
        for call in users:
            with subtests.test(call):
                thing = thing_of(call, account)
                if ".list_" in call or ".get_" in call:
                    assert sdk.call(call, CALLS[call](thing)).status_code == 200
                else:
                    assert refusal(sdk, call, thing).response.status_code == 403


@pytest.mark.parametrize("call", ["users.update_user", "users.delete_user"])
def test_a_manager_does_not_reach_an_admin(
    kind: str, server: LiveServer, account: Account, call: str
) -> None:
    with Sdk(kind, server.base_url, account.managing) as sdk:
        sdk.call(call, CALLS[call](account.custom))
        assert refusal(sdk, call, account.admin).response.status_code == 403


@pytest.mark.parametrize("whose", ["nobody's", "another account's"])
def test_what_is_not_there_is_404(
    sdk: Sdk, new_account: Callable[[], Account], whose: str, subtests: pytest.Subtests
) -> None:
    other = new_account()
    for call in ABOUT_A_THING:
        with subtests.test(call):
            thing = NOBODY if whose == "nobody's" else thing_of(call, other)
            error = refusal(sdk, call, thing)
            assert type(error) is ResourceNotFoundError
            assert error.message == "Resource not found."


@pytest.mark.parametrize("way", ["invite", "update"])
def test_the_recorded_bad_grant_is_422_word_for_word(sdk: Sdk, way: str) -> None:
    builder = UsersBuilder().email("new@acme.test").user_id(NOBODY).role("member")
    request = getattr(builder.add_permission("email_send"), f"build_user_{way}")()
    with pytest.raises(BadRequestError) as raised:
        sdk.call(f"users.{way}_user", request)
    assert raised.value.response.status_code == 422
    assert raised.value.message == (
        f"{RECORDED}: role: The selected role is invalid.; "
        "templates: Templates require a read own templates permission. #MS42224; "
        "permissions.0: The selected permissions.0 is invalid."
    )


@pytest.mark.parametrize("listing", ["users", "invites"])
def test_a_limit_that_the_builder_lets_through_is_422(sdk: Sdk, listing: str) -> None:
    for limit, told in ((9, "be at least 10"), (101, "not be greater than 100")):
        request = getattr(UsersBuilder().limit(limit), f"build_{listing}_list")()
        with pytest.raises(BadRequestError) as raised:
            sdk.call(f"users.list_{listing}", request)
        assert raised.value.message == f"The limit must {told}.: limit: The limit must {told}."


def test_a_taken_address_and_the_last_admin_are_422(sdk: Sdk, account: Account) -> None:
    builder = UsersBuilder().email("eve@acme.test").admin_role()
    with pytest.raises(BadRequestError) as raised:
        sdk.call("users.invite_user", builder.build_user_invite())
    assert raised.value.message.endswith("email: The email has already been taken.")
    for call, field in (("users.update_user", "role"), ("users.delete_user", "user")):
        error = refusal(sdk, call, account.admin)
        assert error.response.status_code == 422
        assert error.message.endswith(f"{field}: The last admin of the account cannot be changed.")


def test_above_the_rate_limit_every_call_is_429(
    kind: str, strict_server: LiveServer, account: Account, subtests: pytest.Subtests
) -> None:
    with Sdk(kind, strict_server.base_url, account.token) as sdk:
        assert sdk.call("api_quota.get_quota").headers["x-ratelimit-remaining"] == "0"
        for call in CALLS:
            with subtests.test(call):
                error = refusal(sdk, call, thing_of(call, account))
                if kind == "sync":  # its transport gives up before it looks at the answer
                    assert "too many 429 error responses" in str(error)
                else:
                    assert type(error) is RateLimitExceeded
                    assert error.message.startswith("Your account reached its rate limit of 1 ")
                    assert error.message.endswith(" #MS42903")
                    assert error.retry_after > 1


def test_the_sdk_waits_out_a_rate_limit_by_itself(
    kind: str, patient_server: LiveServer, account: Account
) -> None:
    with Sdk(kind, patient_server.base_url, account.token, max_retries=3) as sdk:
        for _ in range(3):  # of which two at the most begin a new second by chance
            listed = sdk.call("users.list_users", CALLS["users.list_users"](""))
            assert len(listed.data["data"]) == 3
    metrics = httpx.get(f"{patient_server.base_url}/metrics").text
    assert 'guestlist_requests_total{endpoint="GET /v1/users",status="429"}' in metrics
