"""Every message of contract.md, section 3, as it goes over the wire."""

from typing import Any

import pytest

from tests.stand import Team

OK = {"email": "eve@example.test", "role": "Designer"}
CUSTOM = {"email": "eve@example.test", "role": "Custom User", "permissions": ["read-sms"]}
TEMPLATE = "temp1ate0000one"

REQUIRED = "The {} field is required. #MS42209"
SELECTED = "The selected {} is invalid."
ARRAY = "The {} must be an array."
CUSTOM_NEEDS = "The permissions field is required when role is custom user. #MS42232"
READ_OWN = "Templates require a read own templates permission. #MS42224"
TRUTH = "The requires periodic password change field must be true or false."
FLAG = "requires_periodic_password_change"

# What is sent beside a good body, and what every field then says.
GRANTS: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
    ({**OK, "role": None}, {"role": [REQUIRED.format("role")]}),
    ({**OK, "role": ""}, {"role": [REQUIRED.format("role")]}),
    ({**OK, "role": "  "}, {"role": [REQUIRED.format("role")]}),
    ({**OK, "role": "member"}, {"role": [SELECTED.format("role")]}),
    ({**OK, "role": 7}, {"role": [SELECTED.format("role")]}),
    ({**OK, "role": ["Admin"]}, {"role": [SELECTED.format("role")]}),
    ({**CUSTOM, "permissions": None}, {"permissions": [CUSTOM_NEEDS]}),
    ({**CUSTOM, "permissions": []}, {"permissions": [CUSTOM_NEEDS]}),
    ({**CUSTOM, "permissions": "read-sms"}, {"permissions": [ARRAY.format("permissions")]}),
    ({**OK, "permissions": {"0": "read-sms"}}, {"permissions": [ARRAY.format("permissions")]}),
    ({**OK, "permissions": ["fly"]}, {"permissions.0": [SELECTED.format("permissions.0")]}),
    (
        {**CUSTOM, "permissions": ["read-sms", "", "READ-SMS"]},
        {
            "permissions.1": [SELECTED.format("permissions.1")],
            "permissions.2": [SELECTED.format("permissions.2")],
        },
    ),
    ({**OK, "templates": TEMPLATE}, {"templates": [ARRAY.format("templates")]}),
    ({**CUSTOM, "templates": [TEMPLATE]}, {"templates": [READ_OWN]}),
    ({**CUSTOM, "templates": TEMPLATE}, {"templates": [ARRAY.format("templates"), READ_OWN]}),
    ({**OK, "templates": ["k1q7w3zr9vp5xd8y"]}, {"templates.0": [SELECTED.format("templates.0")]}),
    ({**OK, "domains": "d0ma1n000000one"}, {"domains": [ARRAY.format("domains")]}),
    (
        {**OK, "domains": ["d0ma1n000000one", TEMPLATE]},
        {"domains.1": [SELECTED.format("domains.1")]},
    ),
    ({**OK, FLAG: "yes"}, {FLAG: [TRUTH]}),
    ({**OK, FLAG: 2}, {FLAG: [TRUTH]}),
    ({**OK, FLAG: [True]}, {FLAG: [TRUTH]}),
]
EMAILS: list[tuple[dict[str, Any], list[str]]] = [
    ({"role": "Admin"}, [REQUIRED.format("email")]),
    ({**OK, "email": None}, [REQUIRED.format("email")]),
    ({**OK, "email": ""}, [REQUIRED.format("email")]),
    (
        {**OK, "email": 7},
        [
            "The email must be a string. #MS42221",
            "The email must be a valid email address. #MS42208",
        ],
    ),
    ({**OK, "email": "eve"}, ["The email must be a valid email address. #MS42208"]),
    (
        {**OK, "email": "e" * 308 + "@example.test"},
        ["The email must not be greater than 320 characters."],
    ),
    (
        {**OK, "email": "e" * 321},
        [
            "The email must be a valid email address. #MS42208",
            "The email must not be greater than 320 characters.",
        ],
    ),
    ({**OK, "email": "ana@acme.test"}, ["The email has already been taken."]),
]
# C7 as recorded: the role is unknown, and `templates` is there though empty.
RECORDED = {"role": "member", "permissions": ["email_send"], "templates": [], "domains": []}
RECORDED_ANSWER = (
    b'{"message":"The selected role is invalid. (and 2 more errors)",'
    b'"errors":{"role":["The selected role is invalid."],'
    b'"templates":["Templates require a read own templates permission. #MS42224"],'
    b'"permissions.0":["The selected permissions.0 is invalid."]}}'
)


def refused(errors: dict[str, list[str]]) -> dict[str, Any]:
    """The whole body: the first message leads and the others are counted, not their fields."""
    messages = [message for told in errors.values() for message in told]
    suffix = {1: "", 2: " (and 1 more error)"}.get(
        len(messages), f" (and {len(messages) - 1} more errors)"
    )
    return {"message": messages[0] + suffix, "errors": errors}


def test_what_the_tables_vary_is_taken_as_it_is(team: Team) -> None:
    assert team.post("/v1/users", OK).status_code == 200
    assert team.post("/v1/users", {**CUSTOM, "email": "e2@example.test"}).status_code == 200
    long = {**OK, "email": "e" * 307 + "@example.test"}
    assert team.post("/v1/users", long).json()["data"]["email"] == long["email"]


@pytest.mark.parametrize(("body", "errors"), GRANTS)
def test_a_grant_with_a_fault_says_which(
    team: Team, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    without_email = {name: value for name, value in body.items() if name != "email"}
    with team.unchanged():
        for answer in (
            team.post("/v1/users", body),
            team.put("/v1/users/user00000000cleo", without_email),
            team.put("/v1/users/x7m2k9d4rpq1zv83", without_email),
        ):
            assert (answer.status_code, answer.json()) == (422, refused(errors))


@pytest.mark.parametrize(("body", "messages"), EMAILS)
def test_an_address_with_a_fault_says_which(
    team: Team, body: dict[str, Any], messages: list[str]
) -> None:
    with team.unchanged():
        answer = team.post("/v1/users", body)
    assert (answer.status_code, answer.json()) == (422, refused({"email": messages}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/users"),
        ("PUT", "/v1/users/x7m2k9d4rpq1zv83"),
        ("PUT", "/v1/users/user00000000ana"),
    ],
)
def test_the_recorded_refusal_comes_byte_by_byte(team: Team, method: str, path: str) -> None:
    body = RECORDED if method == "PUT" else RECORDED | {"email": "bo@example.test"}
    with team.unchanged():
        answer = team.ask(method, path, json=body)
    assert answer.status_code == 422
    assert answer.content == RECORDED_ANSWER


def test_fields_speak_in_the_order_of_the_rules_and_their_entries_last(team: Team) -> None:
    body = {
        FLAG: "maybe",
        "domains": ["nowhere"],
        "templates": ["nothing"],
        "permissions": ["fly"],
        "role": "Custom User",
        "email": 7,
    }
    answer = team.post("/v1/users", body)
    assert list(answer.json()["errors"]) == [
        "email",
        "templates",
        FLAG,
        "permissions.0",
        "templates.0",
        "domains.0",
    ]
    # seven messages, for the address breaks two rules
    assert answer.json()["message"] == "The email must be a string. #MS42221 (and 6 more errors)"


def test_the_suffix_counts_one_error_in_the_singular(team: Team) -> None:
    answer = team.post("/v1/users", {})
    assert answer.content == (
        b'{"message":"The email field is required. #MS42209 (and 1 more error)",'
        b'"errors":{"email":["The email field is required. #MS42209"],'
        b'"role":["The role field is required. #MS42209"]}}'
    )


@pytest.mark.parametrize("role", ["Admin", "Manager", "Designer", "Accountant"])
@pytest.mark.parametrize("templates", [None, [], [TEMPLATE]])
def test_other_roles_list_templates_without_the_permission(
    team: Team, role: str, templates: list[str] | None
) -> None:
    body = {"email": "eve@example.test", "role": role, "templates": templates}
    assert team.post("/v1/users", body).status_code == 200


@pytest.mark.parametrize("role", ["Custom User", "member"])
@pytest.mark.parametrize("permissions", [["read-sms"], ["read-sms", "read-own-templates"]])
@pytest.mark.parametrize("templates", [None, [], [TEMPLATE]])
def test_templates_need_their_permission_beside_a_custom_or_unknown_role(
    team: Team, role: str, permissions: list[str], templates: list[str] | None
) -> None:
    body = {"email": "eve@example.test", "role": role, "permissions": permissions}
    answer = team.post("/v1/users", body | {"templates": templates})
    wanted = templates is not None and (bool(templates) or role == "member")
    fires = wanted and "read-own-templates" not in permissions
    errors = answer.json().get("errors", {})
    assert errors.get("templates") == ([READ_OWN] if fires else None)
    assert ("role" in errors) == (role == "member")


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("limit=9", {"limit": ["The limit must be at least 10."]}),
        ("limit=101", {"limit": ["The limit must not be greater than 100."]}),
        ("limit=-25", {"limit": ["The limit must be at least 10."]}),
        ("limit=abc", {"limit": ["The limit must be an integer."]}),
        ("limit=25.0", {"limit": ["The limit must be an integer."]}),
        ("limit=0x19", {"limit": ["The limit must be an integer."]}),
        ("limit=%D9%A2%D9%A5", {"limit": ["The limit must be an integer."]}),
        ("page=0", {"page": ["The page must be at least 1."]}),
        ("page=-1", {"page": ["The page must be at least 1."]}),
        ("page=one", {"page": ["The page must be an integer."]}),
        (f"page={10**30}", {"page": ["The page must be an integer."]}),
        (f"page=%2B{10**30}", {"page": ["The page must be an integer."]}),
        (f"page=-{10**30}", {"page": ["The page must be an integer."]}),
        (
            "page=0&limit=9",
            {
                "limit": ["The limit must be at least 10."],
                "page": ["The page must be at least 1."],
            },
        ),
    ],
)
def test_a_page_that_is_none_says_why(team: Team, query: str, errors: dict[str, list[str]]) -> None:
    for kind in ("users", "invites", "domains", "templates", "token"):
        answer = team.get(f"/v1/{kind}?{query}")
        assert (answer.status_code, answer.json()) == (422, refused(errors))


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"scopes": ["users_read"]}, {"name": [REQUIRED.format("name")]}),
        ({"name": 7, "scopes": ["users_read"]}, {"name": ["The name must be a string. #MS42221"]}),
        (
            {"name": "n" * 51, "scopes": ["users_read"]},
            {"name": ["The name must not be greater than 50 characters."]},
        ),
        ({"name": "ci"}, {"scopes": [REQUIRED.format("scopes")]}),
        ({"name": "ci", "scopes": []}, {"scopes": [REQUIRED.format("scopes")]}),
        ({"name": "ci", "scopes": "users_read"}, {"scopes": [ARRAY.format("scopes")]}),
        (
            {"name": "ci", "scopes": ["users_read", "users_write", 7]},
            {
                "scopes.1": [SELECTED.format("scopes.1")],
                "scopes.2": [SELECTED.format("scopes.2")],
            },
        ),
        (
            {"name": "ci", "scopes": ["users_read"] * 1001},
            {"scopes": ["The scopes must not have more than 1000 items."]},
        ),
    ],
)
def test_a_new_token_with_a_fault_says_which(
    team: Team, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    with team.unchanged():
        answer = team.post("/v1/token", body)
    assert (answer.status_code, answer.json()) == (422, refused(errors))
