"""A broken document is refused whole, with every fault under its JSON path."""

from typing import Any

import pytest

from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.worlds import accounts
from guestlist.domain.worlds.accounts import NewAccount
from tests.domain.documents import ANA, BO, account, faults, in_account, read

DATE = "2025-01-31T09:30:00Z"
MICROSECONDS = 1_738_315_800_000_000


def user(**keys: Any) -> dict[str, str]:
    """The faults of a user, by key."""
    found = in_account(users=[ANA, {"email": "cleo@acme.test", "role": "Manager"} | keys])
    return {path.removeprefix("users[1]."): wrong for path, wrong in found.items()}


def test_only_a_name_is_needed() -> None:
    assert accounts.read({"accounts": [{"name": "Acme"}]}, MAILERSEND) == [
        NewAccount(name="Acme", domains=[], templates=[], users=[], invites=[], tokens=[])
    ]
    assert accounts.read({"accounts": []}, MAILERSEND) == []


@pytest.mark.parametrize("document", [None, [], "accounts", 3, {}, {"accounts": None}])
def test_a_document_is_an_object_with_accounts(document: Any) -> None:
    assert faults(document) == {"": 'must be an object: {"accounts": […]}'}


@pytest.mark.parametrize(
    ("document", "path", "wrong"),
    [
        ({"accounts": {}}, "accounts", "must be an array"),
        ({"accounts": [3]}, "accounts[0]", "must be an object"),
        ({"accounts": [], "extra": 1}, "extra", "is not a key that is known here"),
        ({"accounts": [{"name": ""}]}, "accounts[0].name", "must be a string of 1 to 255 char"),
        ({"accounts": [{"name": " \t"}]}, "accounts[0].name", "must be a string of 1 to 255 char"),
        ({"accounts": [{}]}, "accounts[0].name", "is required"),
    ],
)
def test_faults_of_the_frame(document: Any, path: str, wrong: str) -> None:
    assert faults(document)[path].startswith(wrong)


@pytest.mark.parametrize("kind", ["domains", "templates", "users", "invites", "tokens"])
def test_a_key_nobody_knows_is_a_fault_wherever_it_is(kind: str) -> None:
    entry = (
        {} if kind in {"domains", "templates", "tokens"} else {"email": "x@y.zz", "role": "Admin"}
    )
    found = in_account(**{kind: [{**entry, "rôle": 1}]})
    assert found == {f"{kind}[0].rôle": "is not a key that is known here"}


@pytest.mark.parametrize("kind", ["domains", "templates", "users", "invites", "tokens"])
@pytest.mark.parametrize("entries", [{}, "x", 3, True])
def test_a_list_is_an_array(kind: str, entries: Any) -> None:
    assert in_account(**{kind: entries}) == {kind: "must be an array"}


@pytest.mark.parametrize("kind", ["domains", "templates", "users", "invites", "tokens"])
@pytest.mark.parametrize("entry", [[], "x", 3, None])
def test_an_entry_is_an_object(kind: str, entry: Any) -> None:
    assert in_account(**{kind: [entry]})[f"{kind}[0]"] == "must be an object"


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("id", "", "must be 1 to 64"),
        ("id", "a" * 65, "must be 1 to 64"),
        ("id", "A", "must be 1 to 64"),
        ("id", 3, "must be 1 to 64"),
        ("name", "a\0", "must be a string"),
        ("name", "a\ud800", "must be a string"),
        ("last_name", "a" * 256, "must be a string"),
        ("avatar", "javascript:alert(1)", "must be an http or https URL"),
        ("avatar", "https://a.test/\n", "must be an http or https URL"),
        ("2fa", 1, "must be true or false"),
        ("2fa", "true", "must be true or false"),
        ("created_at", "2025-01-31", "must be a date and time with Z"),
        ("created_at", "2025-01-31T09:30:00", "must be a date and time with Z"),
        ("created_at", "1969-12-31T23:59:59Z", "must be a date and time with Z"),
        ("created_at", "9999-12-31T23:59:59-14:00", "must be a date and time with Z"),
        ("updated_at", 3, "must be a date and time with Z"),
        ("email", None, "is required"),
        ("email", 3, "must be a string"),
        ("email", "ana", "must be an e-mail address"),
        ("email", "a@" + "b" * 320, "must be an e-mail address"),
        ("role", None, "is required"),
        ("role", "boss", "must be one of: Admin, Manager"),
        ("role", 3, "must be one of: Admin, Manager"),
        ("role", "Custom User", "is required for a Custom User"),
        ("permissions", "read-email", "must be an array"),
        ("requires_periodic_password_change", 1, "must be true or false"),
    ],
)
def test_faults_of_a_user(key: str, value: Any, wrong: str) -> None:
    [(path, told)] = user(**{key: value}).items()
    assert path == ("permissions" if wrong.endswith("Custom User") else key)
    assert told.startswith(wrong)


def test_entries_of_lists_are_told_one_by_one() -> None:
    found = user(
        permissions=["read-email", "email_send", 3], domains=["nope"], templates=["nope", None]
    )
    assert {path: wrong.partition(" of ")[0] for path, wrong in found.items()} == {
        "permissions[1]": "is not a known permission",
        "permissions[2]": "is not a known permission",
        "domains[0]": "is not the id",
        "templates[0]": "is not the id",
        "templates[1]": "is not the id",
    }


def test_every_fault_of_a_file_is_told() -> None:
    bad = {"email": "nobody", "role": "boss"}
    found = faults({"accounts": [account(users=[ANA, bad, bad]), {"name": 3, "invites": [bad]}]})
    assert list(found) == [
        "accounts[0].users[1].email",
        "accounts[0].users[1].role",
        "accounts[0].users[2].email",
        "accounts[0].users[2].role",
        "accounts[1].name",
        "accounts[1].invites[0].email",
        "accounts[1].invites[0].role",
    ]


@pytest.mark.parametrize(
    ("keys", "path", "first"),
    [
        ({"users": [ANA, {**BO, "email": "ANA@Acme.test"}]}, "users[1].email", "users[0].email"),
        ({"invites": [{**BO, "email": "ANA@Acme.test"}]}, "invites[0].email", "users[0].email"),
        ({"users": [{**ANA, "id": "1"}, {**BO, "id": "1"}]}, "users[1].id", "users[0].id"),
        ({"domains": [{"id": "1"}, {"id": "1"}]}, "domains[1].id", "domains[0].id"),
        ({"templates": [{"id": "1"}, {"id": "1"}]}, "templates[1].id", "templates[0].id"),
        ({"tokens": [{"id": "1"}, {"id": "1"}]}, "tokens[1].id", "tokens[0].id"),
        ({"tokens": [{"token": "a"}, {"token": "a"}]}, "tokens[1].token", "tokens[0].token"),
        (
            {"domains": [{"name": "a.test"}, {"name": "a.test"}]},
            "domains[1].name",
            "domains[0].name",
        ),
        # A domain without a name is called after its id.
        ({"domains": [{"name": "a.test"}, {"id": "a"}]}, "domains[1].name", "domains[0].name"),
    ],
)
def test_what_is_unique_comes_once(keys: dict[str, Any], path: str, first: str) -> None:
    assert in_account(**keys)[path] == f"is the same as accounts[0].{first}"


def test_account_ids_and_token_texts_are_unique_in_the_whole_file() -> None:
    one = account(id="acme", tokens=[{"token": "text"}])
    text = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"  # of "text"
    two = account(id="acme", tokens=[{"sha256": text}])
    assert faults({"accounts": [one, two]}) == {
        "accounts[1].id": "is the same as accounts[0].id",
        "accounts[1].tokens[0].sha256": "is the same as accounts[0].tokens[0].token",
    }
    [first, second] = accounts.read({"accounts": [{**one, "id": "a"}, {"name": "B"}]}, MAILERSEND)
    assert (first.id, second.id) == ("a", None)


def test_users_have_an_admin_among_them() -> None:
    assert in_account(users=[BO]) == {"users": "must have an active Admin among them"}
    # A user with faults may be the Admin that seems to be missing.
    assert list(in_account(users=[BO, {"role": "Admin"}])) == ["users[1].email"]
    assert read(users=[]).users == []


def test_roles_are_named_in_any_case_and_lists_refer_to_positions() -> None:
    things = {"domains": [{"id": "d0"}, {"id": "d1"}], "templates": [{"id": "t0"}]}
    dan = {
        "email": "Dan@Acme.test",
        "role": "cUSTOM uSER",
        "permissions": ["read-email", "read-email", "manage-sms"],
        "domains": ["d1", "d0", "d1"],
        "templates": ["t0"],
        "requires_periodic_password_change": True,
    }
    grant = read(users=[ANA, dan], **things).users[1].grant
    assert grant.role == "Custom User"
    assert grant.permissions == ("read-email", "manage-sms")
    assert (grant.domains, grant.templates) == ((1, 0), (0,))
    assert grant.requires_periodic_password_change


def test_templates_need_no_permission_beside_them() -> None:
    """The wire refuses this (MS42224); a world may hold it, and it gives nothing."""
    dan = {"email": "d@a.test", "role": "Custom User", "permissions": ["read-email"]}
    found = read(users=[ANA, dan | {"templates": ["t0"]}], templates=[{"id": "t0"}])
    assert found.users[1].grant.templates == (0,)


def test_dates_are_instants() -> None:
    found = read(
        users=[{**ANA, "created_at": DATE, "updated_at": "2025-01-31T10:30:00.000001+01:00"}]
    )
    assert found.users[0].created_at == MICROSECONDS
    assert found.users[0].updated_at == MICROSECONDS + 1


def invite(**keys: Any) -> dict[str, str]:
    found = in_account(invites=[{"email": "eve@acme.test", "role": "Manager"} | keys])
    return {path.removeprefix("invites[0]."): wrong for path, wrong in found.items()}


def test_an_inviter_is_a_user_who_may_give_that() -> None:
    cleo = {"email": "cleo@acme.test", "role": "Designer"}
    eve = {"email": "eve@acme.test", "role": "manager", "invited_by": "BO@acme.test"}
    assert read(users=[ANA, BO], invites=[eve]).invites[0].invited_by == 1
    assert invite(role="Admin", invited_by="ana@acme.test", id="?") == {
        "id": "must be 1 to 64 characters of 0-9 and a-z"
    }
    beyond = "is a user who may not give this role"
    assert invite(role="Admin", invited_by="bo@acme.test") == {"invited_by": beyond}
    found = in_account(users=[ANA, cleo], invites=[{**eve, "invited_by": "cleo@acme.test"}])
    assert found == {"invites[0].invited_by": beyond}
    unknown = "is not the e-mail of one of this account's users"
    assert invite(invited_by="eve@acme.test") == {"invited_by": unknown}
    assert invite(invited_by=3) == {"invited_by": "must be an e-mail address"}


def test_seats_are_a_number_from_one_on() -> None:
    wrong = "must be a whole number from 1 to 1000000000"
    for seats in (0, -1, 1.5, "3", True, 10**30):
        assert in_account(seats=seats) == {"seats": wrong}
    for url in ("http://acme.test", "acme", 7):
        assert "https URL" in in_account(url=url)["url"]
    for days in (0, 3651, "90"):
        assert in_account(password_days=days) == {
            "password_days": "must be a whole number from 1 to 3650"
        }
    assert [read(seats=seats).seats for seats in (1, 10**9, None)] == [1, 10**9, None]


def test_domains_are_hosts() -> None:
    for name in ("", "a b", "-a.test", "a..test", "a" * 64 + ".test", 3, "x@y.test"):
        wrong = {"domains[0].name": "must be a host name, as in mail.acme.test"}
        assert in_account(domains=[{"name": name}]) == wrong
    assert [d.name for d in read(domains=[{"name": "bücher.test"}, {"id": "x1"}]).domains] == [
        "xn--bcher-kva.test",
        "x1.test",
    ]


def test_a_domain_is_the_same_however_it_is_spelled() -> None:
    spelled = ["Mail.Acme.test", "bücher.test", "mail.acme.TEST", "BÜCHER.test", "mail.test"]
    assert in_account(domains=[{"name": name} for name in spelled]) == {
        "domains[2].name": "is the same as accounts[0].domains[0].name",
        "domains[3].name": "is the same as accounts[0].domains[1].name",
    }


def test_what_is_null_is_left_out() -> None:
    keys = ("id", "name", "last_name", "avatar", "2fa", "created_at", "updated_at", "permissions")
    nothing: dict[str, Any] = dict.fromkeys(keys)
    [found] = read(users=[{**nothing, **ANA}]).users
    assert (found.id, found.name, found.avatar, found.two_factor) == (None, "", None, False)
    assert found.grant.permissions == ()


def test_every_permission_can_be_given() -> None:
    dan = {"email": "d@a.test", "role": "Custom User", "permissions": sorted(MAILERSEND.names)}
    assert set(read(users=[ANA, dan]).users[1].grant.permissions) == MAILERSEND.names
