"""The documents of the requirement's own page, and how exactly they are written."""

from typing import Any

import pytest

from tests.stand import Stand, Team

D1, D2, D3 = "0z76k5jg0o3yeg2d", "9dnxr7qvdqg6pm0e", "n3k6d1jrveq50x4v"
T1, T2 = "n3k6d1jreo50x4ve", "0z76k5jg0o3yeg2d"
SEED: dict[str, Any] = {
    "domains": [
        {
            "id": D1,
            "name": "example-domain.com",
            "created_at": "2024-02-20T08:13:17.000000Z",
            "updated_at": "2024-02-20T08:13:22.000000Z",
        },
        {
            "id": D2,
            "name": "another-domain.com",
            "created_at": "2024-02-20T08:47:06.000000Z",
            "updated_at": "2024-02-20T08:47:11.000000Z",
        },
        {"id": D3, "name": "third.example"},
    ],
    "templates": [
        {
            "id": T1,
            "name": "Template",
            "type": "gh",
            "description": None,
            "created_at": "2024-02-23T15:40:51.000000Z",
        },
        {"id": T2, "name": "Other", "description": "Für / alle", "type": "dd"},
    ],
    "users": [
        {
            "id": "83gwk2j7zqz1nxyd",
            "email": "user@example.com",
            "name": "User",
            "last_name": "User",
            "role": "Custom User",
            "permissions": ["read-suppressions", "read-invoice", "read-own-templates"],
            "domains": [D1, D2],
            "templates": [T1],
            "created_at": "2024-01-18T06:59:00.000000Z",
            "updated_at": "2024-01-18T07:01:26.000000Z",
        },
        {
            "id": "4k386zo42j07xv52",
            "email": "user2@example.com",
            "name": "User",
            "last_name": "User",
            "role": "Designer",
            "created_at": "2024-01-22T09:35:04.000000Z",
        },
        {
            "id": "x7m2k9d4rpq1zv83",
            "email": "zoë@example.com",
            "name": "Zoë 💌",
            "last_name": 'O"Neil\t</b>',
            "avatar": "https://example.com/a/b.png",
            "2fa": True,
            "role": "Admin",
            "permissions": ["read-sms"],
            "created_at": "2024-01-01T00:00:00.999999Z",
        },
    ],
    "invites": [
        {
            "id": "dle1krod2jvn8gwm",
            "email": "test7@user.com",
            "role": "Custom User",
            "permissions": ["read-own-templates"],
            "domains": [D3],
            "templates": [T2],
            "requires_periodic_password_change": True,
            "created_at": "2024-04-25T17:09:23.000000Z",
            "expires_at": "2030-01-01T00:00:00Z",
        }
    ],
}
# As on the page, with what was recorded beside it: a template's description (contract C2).
USER = {
    "id": "83gwk2j7zqz1nxyd",
    "avatar": None,
    "email": "user@example.com",
    "last_name": "User",
    "name": "User",
    "2fa": False,
    "created_at": "2024-01-18T06:59:00.000000Z",
    "updated_at": "2024-01-18T07:01:26.000000Z",
    "role": "Custom User",
    "permissions": ["read-suppressions", "read-invoice", "read-own-templates"],
    "domains": SEED["domains"][:2],
    "templates": SEED["templates"][:1],
}
INVITE = {
    "id": "dle1krod2jvn8gwm",
    "email": "test7@user.com",
    "data": {"domains": [D3], "templates": [T2]},
    "role": "Custom User",
    "permissions": ["read-own-templates"],
    "requires_periodic_password_change": True,
    "created_at": "2024-04-25T17:09:23.000000Z",
    "updated_at": "2024-04-25T17:09:23.000000Z",
}
USER_KEYS = [*USER]


@pytest.fixture
def seed(stand: Stand) -> Team:
    return Team(stand, **SEED)


def ask(seed: Team, method: str, path: str, **more: Any) -> Any:
    return seed.ask(method, path, by="zoë", **more)


def test_the_pages_user_reads_as_on_the_page(seed: Team) -> None:
    assert ask(seed, "GET", "/v1/users").json()["data"][0] == USER
    assert ask(seed, "GET", "/v1/users/83gwk2j7zqz1nxyd").json() == {"data": USER}
    whole = ask(seed, "GET", "/guestlist/v1/users/83gwk2j7zqz1nxyd").json()["data"]
    more = {"requires_periodic_password_change": False, "suspended_at": None}
    assert whole == USER | more


def test_the_pages_invite_reads_as_on_the_page(seed: Team) -> None:
    path = "/v1/invites/dle1krod2jvn8gwm"
    assert ask(seed, "GET", "/v1/invites").json()["data"] == [INVITE]
    assert ask(seed, "GET", path).json() == {"data": INVITE}
    assert ask(seed, "POST", path + "/resend").json() == {"data": INVITE}
    assert ask(seed, "GET", path).json() == {"data": INVITE}


def test_the_pages_new_invite_reads_as_on_the_page(seed: Team) -> None:
    body = {
        "email": "user3@example.com",
        "role": "Custom User",
        "permissions": ["manage-api-token", "read-filemanager"],
    }
    made = ask(seed, "POST", "/v1/users", json=body)
    assert made.json()["data"] == {
        "id": made.json()["data"]["id"],
        "email": "user3@example.com",
        "data": None,
        "role": "Custom User",
        "permissions": ["manage-api-token", "read-filemanager"],
        "requires_periodic_password_change": False,
        "created_at": "2027-01-15T08:00:00.000000Z",
        "updated_at": "2027-01-15T08:00:00.000000Z",
    }
    assert ask(seed, "GET", f"/v1/invites/{made.json()['data']['id']}").content == made.content


def test_the_pages_update_has_its_nine_keys_and_what_the_user_may_do(seed: Team) -> None:
    body = {"role": "manager", "permissions": ["read-analytics", "read-activity"], "domains": [D1]}
    seed.stand.clock.advance(days=1, seconds=0.9)
    changed = ask(seed, "PUT", "/v1/users/4k386zo42j07xv52", json=body)
    assert changed.json()["data"] == {
        "id": "4k386zo42j07xv52",
        "avatar": None,
        "email": "user2@example.com",
        "last_name": "User",
        "name": "User",
        "2fa": False,
        "created_at": "2024-01-22T09:35:04.000000Z",
        "updated_at": "2027-01-16T08:00:00.000000Z",
        "role": "Manager",
        "permissions": ["read-analytics", "read-activity"],
        "domains": ask(seed, "GET", "/v1/users").json()["data"][2]["domains"],
        "templates": ask(seed, "GET", "/v1/users").json()["data"][2]["templates"],
    }
    assert ask(seed, "GET", "/v1/users/4k386zo42j07xv52").content == changed.content


def test_the_snippets_of_the_page_are_taken(seed: Team) -> None:
    """Node, Go, Java and Ruby send lower-case roles, and a template beside `designer`."""
    admin = {"email": "newuser@example.com", "role": "admin"}
    assert ask(seed, "POST", "/v1/users", json=admin).json()["data"]["role"] == "Admin"
    designer = {
        "email": "designer@example.com",
        "role": "designer",
        "permissions": ["read-all-templates", "manage-template"],
        "templates": [T1],
        "domains": [D1],
        "requires_periodic_password_change": True,
    }
    made = ask(seed, "POST", "/v1/users", json=designer).json()["data"]
    assert made["data"] == {"domains": [D1], "templates": [T1]}
    assert made["requires_periodic_password_change"] is True


def test_a_user_is_written_byte_by_byte(seed: Team) -> None:
    """Keys as recorded, compact, in ASCII, `/` escaped, whole seconds with six digits."""
    user = ask(seed, "GET", "/v1/users/x7m2k9d4rpq1zv83")
    listed = ask(seed, "GET", "/v1/users/83gwk2j7zqz1nxyd").json()["data"]
    assert list(user.json()["data"]) == list(listed) == USER_KEYS
    lists = user.content.index(b',"domains":')
    assert user.content[:lists] == (
        rb'{"data":{"id":"x7m2k9d4rpq1zv83","avatar":"https:\/\/example.com\/a\/b.png",'
        rb'"email":"zo\u00eb@example.com","last_name":"O\"Neil\t<\/b>",'
        rb'"name":"Zo\u00eb \ud83d\udc8c","2fa":true,'
        rb'"created_at":"2024-01-01T00:00:00.000000Z","updated_at":"2024-01-01T00:00:00.000000Z",'
        rb'"role":"Admin","permissions":["read-sms"]'
    )
    assert user.content[lists:] == (
        rb',"domains":['
        rb'{"id":"0z76k5jg0o3yeg2d","name":"example-domain.com",'
        rb'"created_at":"2024-02-20T08:13:17.000000Z","updated_at":"2024-02-20T08:13:22.000000Z"},'
        rb'{"id":"9dnxr7qvdqg6pm0e","name":"another-domain.com",'
        rb'"created_at":"2024-02-20T08:47:06.000000Z","updated_at":"2024-02-20T08:47:11.000000Z"},'
        rb'{"id":"n3k6d1jrveq50x4v","name":"third.example",'
        rb'"created_at":"2027-01-15T08:00:00.000000Z","updated_at":"2027-01-15T08:00:00.000000Z"}'
        rb'],"templates":['
        rb'{"id":"n3k6d1jreo50x4ve","name":"Template","description":null,"type":"gh",'
        rb'"created_at":"2024-02-23T15:40:51.000000Z"},'
        rb'{"id":"0z76k5jg0o3yeg2d","name":"Other","description":"F\u00fcr \/ alle","type":"dd",'
        rb'"created_at":"2027-01-15T08:00:00.000000Z"}]}}'
    )


def test_an_invite_is_written_byte_by_byte(seed: Team) -> None:
    assert ask(seed, "GET", "/v1/invites/dle1krod2jvn8gwm").content == (
        rb'{"data":{"id":"dle1krod2jvn8gwm","email":"test7@user.com",'
        rb'"data":{"domains":["n3k6d1jrveq50x4v"],"templates":["0z76k5jg0o3yeg2d"]},'
        rb'"role":"Custom User","permissions":["read-own-templates"],'
        rb'"requires_periodic_password_change":true,'
        rb'"created_at":"2024-04-25T17:09:23.000000Z","updated_at":"2024-04-25T17:09:23.000000Z"}}'
    )


@pytest.mark.parametrize(
    ("lists", "data"),
    [
        ({}, None),
        ({"domains": [], "templates": []}, None),
        ({"domains": None, "templates": None}, None),
        ({"domains": [D2]}, {"domains": [D2], "templates": []}),
        ({"templates": [T2, T1]}, {"domains": [], "templates": [T2, T1]}),
        ({"domains": [D3, D1, D3]}, {"domains": [D3, D1], "templates": []}),
    ],
)
def test_data_is_null_where_neither_list_has_items(
    seed: Team, lists: dict[str, Any], data: dict[str, list[str]] | None
) -> None:
    body = {"email": "new@example.com", "role": "Designer"} | lists
    made = ask(seed, "POST", "/v1/users", json=body).json()["data"]
    assert made["data"] == data
    assert ask(seed, "GET", f"/v1/invites/{made['id']}").json()["data"] == made
