"""The one table of roles and permissions, and the power that follows from a grant."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import access
from guestlist.domain.access import DOMAIN, OPERATOR, TEMPLATE, Actor, Grant
from guestlist.domain.mailersend import MAILERSEND, PERMISSIONS, ROLES

ALL_PERMISSIONS = MAILERSEND.names
DOMAIN_PERMISSIONS = {permission.name for permission in PERMISSIONS if permission.on == DOMAIN}

ADMIN, MANAGER = Grant("Admin"), Grant("Manager")
DESIGNER, ACCOUNTANT = Grant("Designer"), Grant("Accountant")
ROLE_NAMES = [role.name for role in ROLES]
GRANTS = st.builds(
    Grant,
    role=st.sampled_from(ROLE_NAMES),
    permissions=st.lists(st.sampled_from(sorted(ALL_PERMISSIONS)), unique=True).map(tuple),
    domains=st.lists(st.integers(1, 5), unique=True).map(tuple),
    templates=st.lists(st.integers(1, 5), unique=True).map(tuple),
)
SCOPES = ("users", "domains", "templates", "tokens")


def custom(
    *permissions: str, domains: tuple[int, ...] = (), templates: tuple[int, ...] = ()
) -> Grant:
    return Grant("Custom User", permissions, domains, templates)


def holder(grant: Grant, *scopes: str) -> Actor:
    return Actor(grant, 1, "u", "t", frozenset(scopes))


def test_the_table_is_the_pages() -> None:
    assert ROLE_NAMES == ["Admin", "Manager", "Designer", "Accountant", "Custom User"]
    assert len(PERMISSIONS) == len(ALL_PERMISSIONS) == 36
    assert Counter(permission.group for permission in PERMISSIONS) == {
        "Templates": 4,
        "Domains": 8,
        "Recipient": 1,
        "Activity": 2,
        "Analytics": 1,
        "Sender identities": 2,
        "Email verification": 2,
        "SMS": 7,
        "Plan and Billing": 2,
        "Account settings": 7,
    }
    assert (PERMISSIONS[0].name, PERMISSIONS[-1].name) == ("read-all-templates", "read-error-log")
    assert len(DOMAIN_PERMISSIONS) == 14
    assert all(role.description for role in ROLES)
    assert all(permission.description for permission in PERMISSIONS)


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_a_role_is_named_in_any_case(role: str) -> None:
    for spelling in (role, role.lower(), role.upper(), role.swapcase()):
        assert MAILERSEND.role_named(spelling) == role


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_nothing_else_is_a_role(name: object) -> None:
    found = MAILERSEND.role_named(name)
    assert found is None or (isinstance(name, str) and name.casefold() == found.casefold())


def test_a_role_gives_all_its_own_or_what_is_listed() -> None:
    listed = ("manage-api-token", "read-sms")
    assert (
        MAILERSEND.effective(Grant("Admin", listed))
        == ALL_PERMISSIONS
        == MAILERSEND.effective(Grant("Manager"))
    )
    assert MAILERSEND.effective(Grant("Designer", listed)) == {
        "read-all-templates",
        "manage-template",
        "read-filemanager",
    }
    assert MAILERSEND.effective(Grant("Accountant", listed)) == {"update-plan", "read-invoice"}
    assert MAILERSEND.effective(custom(*listed)) == set(listed)
    assert MAILERSEND.effective(custom()) == frozenset()


@given(GRANTS, GRANTS)
def test_reach_is_for_managers_of_users_and_ends_below_admins(asker: Grant, target: Grant) -> None:
    reaches = MAILERSEND.reaches(asker, target)
    assert reaches == (
        asker.role == "Admin" or (asker.role == "Manager" and target.role != "Admin")
    )
    assert MAILERSEND.manages_users(asker) == (asker.role in {"Admin", "Manager"})


@given(GRANTS, st.integers(1, 6))
def test_lists_narrow_custom_users_only_and_nothing_widens(grant: Grant, thing: int) -> None:
    on_domain, on_template = (
        MAILERSEND.on(grant, DOMAIN, thing),
        MAILERSEND.on(grant, TEMPLATE, thing),
    )
    assert on_domain <= MAILERSEND.effective(grant) & DOMAIN_PERMISSIONS
    assert on_template <= MAILERSEND.effective(grant)
    if grant.role != "Custom User":
        assert on_domain == MAILERSEND.effective(grant) & DOMAIN_PERMISSIONS
        assert not MAILERSEND.role(grant).is_narrowed
    elif thing not in grant.domains:
        assert on_domain == frozenset()
    if grant.role == "Custom User" and thing not in grant.templates:
        assert on_template <= {"read-all-templates"}


def test_template_permissions_hold_on_the_listed_ones() -> None:
    names = ("read-all-templates", "read-own-templates", "manage-template", "read-filemanager")
    grant = custom(*names, templates=(1,))
    assert MAILERSEND.on(grant, TEMPLATE, 1) == set(names[:3])
    assert MAILERSEND.on(grant, TEMPLATE, 2) == {"read-all-templates"}
    assert MAILERSEND.on(DESIGNER, TEMPLATE, 2) == {"read-all-templates", "manage-template"}
    assert MAILERSEND.on(ACCOUNTANT, TEMPLATE, 2) == frozenset()


def test_who_may_own_tokens() -> None:
    assert MAILERSEND.may_own_tokens(ADMIN)
    assert MAILERSEND.may_own_tokens(MANAGER)
    assert MAILERSEND.may_own_tokens(custom("manage-api-token"))
    for grant in (
        DESIGNER,
        ACCOUNTANT,
        custom("read-sms"),
        Grant("Designer", ("manage-api-token",)),
    ):
        assert not MAILERSEND.may_own_tokens(grant)


@pytest.mark.parametrize("name", SCOPES)
def test_full_covers_read_and_read_covers_no_more(name: str) -> None:
    full, read = f"{name}_full", f"{name}_read"
    assert access.scope_covers({full}, read)
    assert access.scope_covers({full}, full)
    assert access.scope_covers({read}, read)
    assert not access.scope_covers({read}, full)
    assert not access.scope_covers({"sms_full", f"x{full}"}, read)


OWNERS = [
    (ADMIN, {"users_full", "domains_full", "domains_read", "templates_full", "tokens_full"}),
    (MANAGER, {"users_full", "domains_full", "domains_read", "templates_full", "tokens_full"}),
    (DESIGNER, {"templates_full"}),
    (ACCOUNTANT, set[str]()),
    (custom("manage-domain"), {"domains_read", "domains_full"}),
    (custom("read-analytics"), {"domains_read"}),
    (custom("read-own-templates"), {"templates_full"}),
    (custom("read-filemanager"), set[str]()),
    (custom("manage-api-token"), {"tokens_full"}),
]


@pytest.mark.parametrize(("grant", "open_to"), OWNERS, ids=[repr(grant) for grant, _ in OWNERS])
def test_a_tokens_power_is_its_scopes_cut_by_its_owners(grant: Grant, open_to: set[str]) -> None:
    asked = {"users_full", "domains_read", "domains_full", "templates_full", "tokens_full"}
    assert {scope for scope in asked if MAILERSEND.permits(holder(grant, *asked), scope)} == open_to
    assert not any(MAILERSEND.permits(holder(grant, "sms_full"), scope) for scope in asked)


def test_scopes_without_an_endpoint_are_nobodys_to_refuse() -> None:
    assert MAILERSEND.permits(holder(ACCOUNTANT, "sms_full"), "sms_read")


def test_the_operator_holds_everything_and_is_nobodys_user() -> None:
    assert OPERATOR.is_operator
    assert not holder(ADMIN).is_operator
    for name in SCOPES:
        assert MAILERSEND.permits(OPERATOR, f"{name}_full")
    assert MAILERSEND.reaches(OPERATOR.grant, ADMIN)
