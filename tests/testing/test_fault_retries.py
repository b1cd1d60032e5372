"""A client that tries again by itself: the official Python SDK, as it is, meets planned faults."""

from collections.abc import Iterator
from typing import Any

import pytest
from mailersend import MailerSendClient, UsersBuilder  # type: ignore[import-untyped]
from mailersend.exceptions import MailerSendError  # type: ignore[import-untyped]

from tests.testing.hands import Hands
from tests.testing.sockets import Live

EMAIL = "eve@acme.test"
INVITE = UsersBuilder().email(EMAIL).admin_role().build_user_invite()
# What it tries again after, whatever the method was; and what the log says was answered.
FAULTS: dict[str, tuple[dict[str, Any], int | None]] = {
    "rate_limited": ({"kind": "rate_limited", "retry_after": 0}, 429),
    "server_error": ({"kind": "server_error"}, 500),
    "bad_gateway": ({"kind": "bad_gateway"}, 502),
    "unavailable": ({"kind": "unavailable", "retry_after": 0}, 503),
    "timeout": ({"kind": "timeout"}, 504),
    "dropped": ({"kind": "dropped"}, None),
    "reset": ({"kind": "dropped", "reset": True}, None),
}
faults = pytest.mark.parametrize(("fault", "status"), FAULTS.values(), ids=FAULTS)


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with Live(seed="1") as made:
        yield made


@pytest.fixture
def account(live: Live) -> Hands:
    return live.whole.account()


@pytest.fixture
def client(live: Live, account: Hands) -> Iterator[Any]:
    made = MailerSendClient(str(account.token), base_url=f"{live.url}/v1/")
    yield made
    made.session.close()


def posts(account: Hands) -> list[int | None]:
    """What each POST was answered."""
    found = account.told("GET", "/requests?method=POST&path=/v1/users")["data"]
    return [one["answer"]["status"] for one in found]


def told(error: MailerSendError) -> str:
    return str(error.response.json()["errors"])


@faults
def test_a_second_post_after_a_committed_first_is_told_that_the_address_is_taken(
    account: Hands, client: Any, fault: dict[str, Any], status: int | None
) -> None:
    account.told("POST", "/faults", json=fault | {"commit": "after", "method": "POST"})
    with pytest.raises(MailerSendError) as refused:
        client.users.invite_user(INVITE)
    assert refused.value.response.status_code == 422
    assert told(refused.value) == "{'email': ['The email has already been taken.']}"
    assert posts(account) == [status, 422]
    assert account.emails("/v1/invites") == [EMAIL]


@faults
def test_a_second_post_after_a_first_that_nobody_got_is_the_first(
    account: Hands, client: Any, fault: dict[str, Any], status: int | None
) -> None:
    account.told("POST", "/faults", json=fault | {"commit": "before", "method": "POST"})
    answer = client.users.invite_user(INVITE)
    assert answer.data["data"]["email"] == EMAIL
    assert posts(account) == [status, 200]
    assert account.emails("/v1/invites") == [EMAIL]


def test_whoever_names_their_requests_is_not_told_so(account: Hands) -> None:
    """Guestlist's own remedy: the same Idempotency-Key is the same request."""
    account.told("POST", "/faults", json={"kind": "bad_gateway", "commit": "after"})
    body = {"email": EMAIL, "role": "Admin"}
    answers = [
        account.api("POST", "/v1/users", json=body, headers={"idempotency-key": "one"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [502, 200]
    assert account.emails("/v1/invites") == [EMAIL]
