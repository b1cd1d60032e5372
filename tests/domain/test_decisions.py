"""May she? The rule of one decision, and the lists that follow from it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import decisions, searches
from guestlist.domain.access import (
    ACCOUNT,
    CUSTOM_USER,
    DOMAIN,
    TEMPLATE,
    Catalog,
    Grant,
    Permission,
    ResourceType,
    Role,
)
from guestlist.domain.decisions import Decision, Holder, Places, Resource, Spot
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.things import Domain, Template, Things

# MailerSend's vocabulary and a few words of a deployment's own.
OWN = Catalog(
    roles=(
        *MAILERSEND.roles,
        Role("Guard", "", frozenset({"open-gate", "read-meter"}), is_narrowed=True),
        Role("Warden", "", "listed"),
        Role("Owner", "", "all", is_narrowed=True),
    ),
    permissions=(
        *MAILERSEND.permissions,
        Permission("open-gate", "", "Gates", "gate", is_narrowed=True),
        Permission("sign-letter", "", "Letters", "letter", is_narrowed=True),
        Permission("read-meter", "", "Meters", "meter"),
    ),
    resource_types=(
        *MAILERSEND.resource_types,
        ResourceType("gate", "", DOMAIN),
        ResourceType("letter", "", TEMPLATE),
        ResourceType("meter", "", ACCOUNT),
    ),
)


def there(domains: int, templates: int) -> Places:
    """d1, d2 and so on, t1, t2 and so on, with keys that count."""
    numbers = range(1, domains + 1)
    kept = {n: Domain(n, f"d{n}", f"d{n}.test", 0, 0) for n in numbers}
    numbers = range(1, templates + 1)
    return decisions.places(
        "acme", Things(kept, {n: Template(n, f"t{n}", f"T{n}", None, "rt", 0) for n in numbers})
    )


PLACES = there(2, 2)
EMPTY = there(0, 0)
ON_ACCOUNT, ON_D1, ON_T1 = (
    Resource(ACCOUNT, "self"),
    Resource(DOMAIN, "d1"),
    Resource(TEMPLATE, "t1"),
)


def holder(role: str, *permissions: str, suspended: bool = False, **lists: Any) -> Holder:
    return decisions.holder(OWN, "u1", Grant(role, permissions, **lists), is_suspended=suspended)


def custom(*permissions: str, **lists: Any) -> Holder:
    return holder(CUSTOM_USER, *permissions, **lists)


def decide(who: Holder | None, what: str, where: Resource, places: Places = PLACES) -> Decision:
    return decisions.decide(OWN, who, what, where, places)


ADMIN = holder("Admin")
CASES: list[tuple[Holder | None, str, Resource, bool, str]] = [
    (None, "manage-domain", ON_D1, False, "There is no such user in this account."),
    (
        holder("Admin", suspended=True),
        "manage-domain",
        ON_D1,
        False,
        "The user is suspended.",
    ),
    (ADMIN, "fly", ON_D1, False, "There is no permission fly."),
    (ADMIN, "update-plan", Resource("moon", "m"), False, "There is no type of resource moon."),
    (ADMIN, "update-plan", ON_ACCOUNT, True, "Admin gives update-plan, on the account."),
    (
        ADMIN,
        "update-plan",
        Resource(ACCOUNT, "acme"),
        True,
        "Admin gives update-plan, on the account.",
    ),
    (
        ADMIN,
        "update-plan",
        Resource(ACCOUNT, "other"),
        False,
        "The token is not of an account other.",
    ),
    (ADMIN, "manage-domain", ON_ACCOUNT, True, "Admin gives manage-domain, on every domain."),
    (ADMIN, "manage-domain", ON_D1, True, "Admin gives manage-domain, on every domain."),
    (
        ADMIN,
        "manage-domain",
        Resource(DOMAIN, "d9"),
        False,
        "There is no domain d9 in this account.",
    ),
    (
        ADMIN,
        "manage-domain",
        ON_T1,
        False,
        "manage-domain is about a domain, not about a template.",
    ),
    (
        ADMIN,
        "update-plan",
        ON_D1,
        False,
        "update-plan is about the account, not about a domain.",
    ),
    (holder("Designer"), "update-plan", ON_ACCOUNT, False, "Designer does not give update-plan."),
    (
        holder("Designer", "update-plan"),
        "update-plan",
        ON_ACCOUNT,
        False,
        "Designer does not give update-plan.",
    ),
    (
        custom("read-sms"),
        "update-plan",
        ON_ACCOUNT,
        False,
        "Custom User has what is listed, and update-plan is not.",
    ),
    (
        custom("read-sms"),
        "read-sms",
        ON_ACCOUNT,
        True,
        "read-sms is listed for this Custom User, on the account.",
    ),
    (
        custom("read-all-templates"),
        "read-all-templates",
        ON_T1,
        True,
        "read-all-templates is listed for this Custom User, on every template.",
    ),
    (
        custom("manage-domain", domains=(1,)),
        "manage-domain",
        ON_D1,
        True,
        "manage-domain is listed for this Custom User, on this domain.",
    ),
    (
        custom("manage-domain", domains=(2,)),
        "manage-domain",
        ON_D1,
        False,
        "manage-domain is listed for this Custom User, but not on this domain.",
    ),
    (
        custom("manage-domain", domains=(2,)),
        "manage-domain",
        ON_ACCOUNT,
        False,
        "manage-domain is listed for this Custom User, but not on every domain there is.",
    ),
    (
        custom("manage-domain", domains=(2, 1)),
        "manage-domain",
        ON_ACCOUNT,
        True,
        "manage-domain is listed for this Custom User, on every domain.",
    ),
    (
        holder("Guard", domains=(1,)),
        "open-gate",
        ON_D1,
        True,
        "Guard gives open-gate, on this domain.",
    ),
]


@pytest.mark.parametrize(("who", "what", "where", "allowed", "reason"), CASES)
def test_the_reason_says_what_allows_it_or_what_is_missing(
    who: Holder | None, what: str, where: Resource, *, allowed: bool, reason: str
) -> None:
    assert decide(who, what, where) == (allowed, reason)


def test_where_there_is_nothing_a_narrowed_role_has_nothing() -> None:
    nobody = custom("manage-domain")
    assert not decide(nobody, "manage-domain", ON_ACCOUNT, EMPTY).allowed
    assert decide(ADMIN, "manage-domain", ON_ACCOUNT, EMPTY).allowed
    assert decide(custom("read-all-templates"), "read-all-templates", ON_ACCOUNT, EMPTY).allowed


def test_a_resource_of_a_deployments_own_is_where_its_properties_say() -> None:
    guard = holder("Guard", domains=(1,))
    gate = Resource("gate", "g1", domain="d1")
    assert decide(guard, "open-gate", gate).allowed
    assert not decide(guard, "open-gate", gate._replace(domain="d2")).allowed
    assert decide(ADMIN, "manage-domain", gate).allowed
    missing = decide(guard, "open-gate", Resource("gate", "g1", template="t1"))
    assert missing == (False, "properties.domain must name what this gate is in.")
    letter = Resource("letter", "l1", domain="d1", template="t2")
    assert decide(custom("sign-letter", templates=(2,)), "sign-letter", letter).allowed
    assert not decide(custom("sign-letter", templates=(1,)), "sign-letter", letter).allowed


def test_one_that_is_in_nothing_is_in_the_account_and_not_the_account() -> None:
    meter = Resource("meter", "any at all")
    assert decide(holder("Guard"), "read-meter", meter).allowed
    assert decide(holder("Guard"), "read-meter", ON_ACCOUNT).allowed
    assert decide(ADMIN, "manage-domain", meter) == (
        False,
        "manage-domain is about a domain, not about a meter.",
    )


def test_what_was_asked_is_told_again_within_bounds() -> None:
    for where in (Resource("x" * 10_000, "x"), Resource(DOMAIN, "x" * 10_000)):
        assert len(decide(ADMIN, "manage-domain", where).reason) < 150
    assert len(decide(ADMIN, "x" * 10_000, ON_D1).reason) < 150
    assert decisions.no_subject_type("dog") == (
        False,
        "There is no type of subject dog, only user.",
    )


HOLDERS = st.builds(
    holder,
    st.sampled_from([role.name for role in OWN.roles]),
    suspended=st.booleans(),
    domains=st.lists(st.integers(1, 2), unique=True).map(tuple),
    templates=st.lists(st.integers(1, 2), unique=True).map(tuple),
) | st.builds(
    lambda names, domains, templates: custom(*names, domains=domains, templates=templates),
    st.lists(st.sampled_from(sorted(OWN.names)), unique=True),
    st.lists(st.integers(1, 2), unique=True).map(tuple),
    st.lists(st.integers(1, 2), unique=True).map(tuple),
)
ANY_PLACES = st.sampled_from([PLACES, EMPTY, there(1, 0)])
RESOURCES = st.builds(
    Resource,
    st.sampled_from([*OWN.resource_type_by_name, "moon"]),
    st.sampled_from(["self", "acme", "d1", "d2", "t1", "t2", "x"]),
    st.sampled_from([None, "d1", "d2", "x"]),
    st.sampled_from([None, "t1", "t2", "x"]),
)
NAMES = st.sampled_from([*sorted(OWN.names), "fly"])


@given(st.none() | HOLDERS, RESOURCES, ANY_PLACES)
def test_a_search_for_actions_finds_what_evaluations_allow(
    who: Holder | None, where: Resource, places: Places
) -> None:
    found = searches.actions(OWN, who, where, places)
    assert found == [p.name for p in OWN.permissions if decide(who, p.name, where, places).allowed]
    nowhere = searches.nowhere(OWN, who, where, places)
    assert nowhere is None or (found == [] and nowhere.reason)


@given(st.none() | HOLDERS, NAMES, RESOURCES, ANY_PLACES)
def test_a_search_for_resources_finds_where_evaluations_allow(
    who: Holder | None, what: str, asked: Resource, places: Places
) -> None:
    kind = asked.type
    nothing = searches.unsearchable(OWN, who, what, kind)
    if nothing is not None:
        assert not nothing.allowed
        assert nothing.reason
        return
    found = searches.resources(OWN, who, what, kind, places)
    expected = [
        name
        for name in ("acme", "d1", "d2", "t1", "t2")
        if decide(who, what, Resource(kind, name), places).allowed
    ]
    assert list(found) == expected
    assert list(found.values()) == [int(name[1:]) if name != "acme" else 0 for name in expected]


def test_what_cannot_be_searched_says_why() -> None:
    suspended = holder("Admin", suspended=True)
    for who, what, kind, word in (
        (None, "manage-domain", DOMAIN, "no such user"),
        (suspended, "manage-domain", DOMAIN, "suspended"),
        (ADMIN, "fly", DOMAIN, "no permission fly"),
        (ADMIN, "manage-domain", "moon", "no type of resource moon"),
        (ADMIN, "open-gate", "gate", "ask about one of them"),
        (ADMIN, "read-meter", "meter", "ask about one of them"),
    ):
        nothing = searches.unsearchable(OWN, who, what, kind)
        assert nothing is not None
        assert word in nothing.reason
    assert searches.unsearchable(OWN, ADMIN, "manage-domain", DOMAIN) is None
    for who, where in ((None, ON_D1), (suspended, ON_D1), (ADMIN, Resource(DOMAIN, "d9"))):
        assert searches.nowhere(OWN, who, where, PLACES) is not None
    assert searches.nowhere(OWN, ADMIN, ON_D1, PLACES) is None


@given(HOLDERS, NAMES, RESOURCES, ANY_PLACES)
def test_users_are_sought_by_the_same_rule(
    who: Holder, what: str, where: Resource, places: Places
) -> None:
    found = decisions.find(OWN, what, where, places)
    expected = decide(who, what, where, places).allowed
    if isinstance(found, Decision):
        assert not expected
        return
    sought = searches.sought(OWN, *found, places)
    assert (not who.is_suspended and fits(who, what, sought)) == expected


def fits(who: Holder, permission: str, sought: searches.Sought) -> bool:
    """What the query for users looks at."""
    listed = who.listed.get(sought.kind, frozenset())
    is_on = sought.thing in listed if sought.thing is not None else len(listed) == sought.every
    is_listed = permission in who.held
    return (
        who.role in sought.by_role
        or (who.role in sought.where_listed and is_listed)
        or (who.role in sought.narrowed and is_on)
        or (who.role in sought.narrowed_where_listed and is_listed and is_on)
    )


def test_a_spot_on_nothing_is_no_account() -> None:
    assert decisions.locate(OWN, Resource("meter", "m"), PLACES) == Spot(ACCOUNT)
    assert decisions.locate(OWN, ON_ACCOUNT, PLACES) == Spot(ACCOUNT, is_account=True)
