"""Every refusal that was recorded of the original, as the official Python SDK meets it here.

The SDK is unmodified. Its methods are called or, where no builder would send such a body, its
`request`. What the recordings say of bytes and headers is held to the letter.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from mailersend import UsersBuilder  # type: ignore[import-untyped]
from mailersend.exceptions import (  # type: ignore[import-untyped]
    AuthenticationError,
    BadRequestError,
    MailerSendError,
    RateLimitExceeded,
    ResourceNotFoundError,
)

from guestlist.testing.handles import Faults, Guestlist
from tests.wire.python_sdk import ABOUT_NO_THING, CALLS, NOBODY, Sdk

UNAUTHENTICATED = '{"message":"Unauthenticated."}'
FORBIDDEN = '{"message":"This action is unauthorized. #MS40301"}'
NOT_FOUND = '{\n    "message": "Resource not found."\n}'
CREATE_LOCK = (
    '{\n    "message": "You cannot create a resource at the moment.'
    ' Please wait a while before retrying."\n}'
)
BAD_GRANT = (
    '{"message":"The selected role is invalid. (and 2 more errors)","errors":{'
    '"role":["The selected role is invalid."],'
    '"templates":["Templates require a read own templates permission. #MS42224"],'
    '"permissions.0":["The selected permissions.0 is invalid."]}}'
)
QUOTA = {"x-apiquota-remaining", "x-apiquota-reset"}
ABOUT_A_THING = sorted(CALLS.keys() - ABOUT_NO_THING)

pytestmark = pytest.mark.guestlist(
    name="Acme",
    users=[
        {"email": "ana@acme.test", "role": "Admin"},
        {"email": "bo@acme.test", "role": "Manager"},
    ],
    invites=[{"email": "eve@acme.test", "role": "Designer"}],
    tokens=[
        {"name": "all", "scopes": ["users_full", "tokens_full", "domains_full", "templates_full"]},
        {"name": "quiet", "scopes": ["email_full"]},
    ],
)


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sdk(kind: str, guestlist: Guestlist) -> Iterator[Sdk]:
    with Sdk(kind, guestlist.url, guestlist.token) as ready:
        yield ready


def refused(sdk: Sdk, call: str, *request: Any) -> Any:
    with pytest.raises(MailerSendError) as raised:
        sdk.call(call, *request)
    return raised.value


def posted(sdk: Sdk, body: dict[str, Any], path: str = "users") -> Any:
    return refused(sdk, "request", "POST", path, None, body)


def seen(error: Any) -> tuple[str, set[str]]:
    """The body, and which headers of the quota; the others are those of every JSON answer."""
    headers = error.response.headers
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-cache, private"
    assert "www-authenticate" not in headers
    return error.response.text, QUOTA & headers.keys()


def test_401_of_every_method(kind: str, guestlist: Guestlist, subtests: pytest.Subtests) -> None:
    with Sdk(kind, guestlist.url, "mlsn.nobodys") as sdk:
        for call, request in CALLS.items():
            with subtests.test(call):
                error = refused(sdk, call, request(NOBODY))
                assert type(error) is AuthenticationError
                assert seen(error) == (UNAUTHENTICATED, set())


def test_403_of_every_method(kind: str, guestlist: Guestlist, subtests: pytest.Subtests) -> None:
    with Sdk(kind, guestlist.url, guestlist.account.tokens["quiet"]) as sdk:
        for call in sorted(ABOUT_NO_THING):
            with subtests.test(call):
                error = refused(sdk, call, CALLS[call](NOBODY))
                assert error.response.status_code == 403
                assert seen(error) == (FORBIDDEN, QUOTA)


def test_404_of_every_thing(sdk: Sdk, subtests: pytest.Subtests) -> None:
    """Of a user late enough to be counted; of everything else before."""
    for call in ABOUT_A_THING:
        with subtests.test(call):
            error = refused(sdk, call, CALLS[call](NOBODY))
            assert type(error) is ResourceNotFoundError
            counted = (
                QUOTA
                if call in {f"users.{it}_user" for it in ("get", "update", "delete")}
                else set()
            )
            assert seen(error) == (NOT_FOUND, counted)


@pytest.mark.parametrize("way", ["invite", "update"])
def test_422_of_the_recorded_body(sdk: Sdk, way: str) -> None:
    """The update is of a user whom there is not: a body is looked at before."""
    builder = UsersBuilder().email("new@acme.test").user_id(NOBODY).role("member")
    request = getattr(builder.add_permission("email_send"), f"build_user_{way}")()
    error = refused(sdk, f"users.{way}_user", request)
    assert type(error) is BadRequestError
    assert error.response.status_code == 422
    assert seen(error) == (BAD_GRANT, QUOTA)


def test_a_token_whom_there_is_not_is_404_whatever_the_body(sdk: Sdk) -> None:
    error = refused(sdk, "request", "PUT", f"token/{NOBODY}", None, {"name": ""})
    assert seen(error) == (NOT_FOUND, set())


EMAIL = {"email": "new@acme.test"}
DESIGNER = {"role": "Designer"}
CUSTOM = EMAIL | {"role": "Custom User"}
MESSAGES = [
    (EMAIL | {"role": "member"}, "role", "The selected role is invalid."),
    (
        EMAIL | DESIGNER | {"permissions": ["email_send"]},
        "permissions.0",
        "The selected permissions.0 is invalid.",
    ),
    (
        CUSTOM | {"permissions": ["read-invoice"], "templates": ["nothing"]},
        "templates",
        "Templates require a read own templates permission. #MS42224",
    ),
    (DESIGNER | {"email": "bo@acme.test"}, "email", "The email has already been taken."),
    (DESIGNER | {"email": "EVE@acme.test"}, "email", "The email has already been taken."),
    (DESIGNER, "email", "The email field is required. #MS42209"),
    (EMAIL, "role", "The role field is required. #MS42209"),
    (EMAIL | DESIGNER | {"permissions": "x"}, "permissions", "The permissions must be an array."),
    (
        EMAIL | DESIGNER | {"templates": ["x"]},
        "templates.0",
        "The selected templates.0 is invalid.",
    ),
    (EMAIL | DESIGNER | {"domains": ["x"]}, "domains.0", "The selected domains.0 is invalid."),
]


@pytest.mark.parametrize(("body", "field", "message"), MESSAGES, ids=lambda it: str(it)[:40])
def test_422_in_the_words_that_were_recorded(
    sdk: Sdk, body: dict[str, Any], field: str, message: str
) -> None:
    error = posted(sdk, body)
    told = error.response.json()
    assert told["errors"][field] == [message]
    others = sum(map(len, told["errors"].values())) - 1
    more = {0: "", 1: " (and 1 more error)"}[others]
    assert told["message"] == next(iter(told["errors"].values()))[0] + more
    assert error.message.startswith(f"{told['message']}: ")


@pytest.mark.parametrize(("path", "good"), [("users", EMAIL | DESIGNER), ("token", {"name": "ci"})])
def test_429_of_the_create_lock(
    sdk: Sdk, guestlist_faults: Faults, path: str, good: dict[str, Any]
) -> None:
    """Before the body is looked at, and without a retry-after."""
    guestlist_faults.plan(kind="create_lock", method="POST", path=f"/v1/{path}", times=2)
    for body in (good, {}):
        error = posted(sdk, body, path)
        if sdk.kind == "sync":  # its transport gives up before it looks at the answer
            assert "too many 429 error responses" in str(error)
        else:
            assert type(error) is RateLimitExceeded
            assert seen(error) == (CREATE_LOCK, QUOTA)
            assert error.retry_after is None
    assert posted(sdk, {}, path).response.status_code == 422


def test_the_sdk_outlasts_a_create_lock(
    kind: str, guestlist: Guestlist, guestlist_faults: Faults
) -> None:
    guestlist_faults.plan(kind="create_lock", method="POST", path="/v1/users")
    request = UsersBuilder().email("new@acme.test").designer_role().build_user_invite()
    with Sdk(kind, guestlist.url, guestlist.token, max_retries=1) as sdk:
        assert sdk.call("users.invite_user", request).data["data"]["email"] == "new@acme.test"
    assert list(guestlist_faults) == []


LIMITS = [
    ({"rate": {"requests": 1, "seconds": 60}}, "reached its rate limit of 1 ", "#MS42903"),
    ({"daily": 1}, "reached its API daily quota limit.", "#MS42901"),
]


@pytest.mark.parametrize(("limit", "words", "code"), LIMITS, ids=["rate", "quota"])
def test_429_of_what_an_account_may_ask(
    sdk: Sdk, guestlist: Guestlist, limit: dict[str, Any], words: str, code: str
) -> None:
    """Documented, not recorded."""
    guestlist.account.controls.ask("POST", "/quota", limit)
    listing = UsersBuilder().build_users_list()
    assert sdk.call("users.list_users", listing).status_code == 200
    error = refused(sdk, "users.list_users", listing)
    if sdk.kind == "sync":
        assert "too many 429 error responses" in str(error)
    else:
        assert type(error) is RateLimitExceeded
        assert words in error.message
        assert error.message.endswith(code)
        assert (error.retry_after is not None) == (code == "#MS42903")
