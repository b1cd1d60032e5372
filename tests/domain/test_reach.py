"""Nobody climbs, in whatever words a deployment puts power."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from guestlist.domain.access import (
    ACCOUNT,
    DOMAIN,
    TEMPLATE,
    Catalog,
    Grant,
    Permission,
    ResourceType,
    Role,
)
from guestlist.domain.mailersend import MAILERSEND, PERMISSIONS, ROLES
from guestlist.domain.tokens import SCOPES as TOKEN_SCOPES
from guestlist.domain.vocabularies import read
from tests.domain.test_access import ACCOUNTANT, ADMIN, DESIGNER, GRANTS, MANAGER, custom, holder

KINDS: tuple[str, ...] = (DOMAIN, TEMPLATE)
THINGS = range(1, 5)
WORDS = ("manage-api-token", "manage-domain", "one", "two", "three", "four")
PLACES = {
    "account": ACCOUNT,
    "domain": DOMAIN,
    "template": TEMPLATE,
    "box": DOMAIN,
    "slot": ACCOUNT,
}


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Vocabularies of all shapes, as a deployment's file gives them."""
    names = draw(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
    base = draw(st.sampled_from(["mailersend", "none"]))
    if base == "mailersend":
        names = [f"own-{name}" for name in names]
    given_ = st.sampled_from(["all", "listed"]) | st.lists(st.sampled_from(names), unique=True)
    roles = [
        {
            "name": f"Role {number}",
            "permissions": draw(given_),
            "manages_users": draw(st.booleans()),
            "narrowed": draw(st.booleans()),
        }
        for number in range(draw(st.integers(1, 4)))
    ]
    document: dict[str, Any] = {
        "base": base,
        "resource_types": [{"name": "box", "within": "domain"}, {"name": "slot"}],
        "groups": [
            {
                "name": name,
                "on": draw(st.sampled_from(sorted(PLACES))),
                "permissions": [{"name": name}],
            }
            for name in names
        ],
        "roles": roles,
    }
    return read(document)


def grants_of(catalog: Catalog) -> st.SearchStrategy[Grant]:
    """Also with roles and permissions that it does not know."""
    names = [*sorted(catalog.names - MAILERSEND.names), "manage-domain", "gone"]
    things = st.lists(st.sampled_from(THINGS), unique=True).map(tuple)
    return st.builds(
        Grant,
        role=st.sampled_from([*catalog.role_by_name, "Gone"]),
        permissions=st.lists(st.sampled_from(names), unique=True).map(tuple),
        domains=things,
        templates=things,
    )


def powers(catalog: Catalog, grant: Grant) -> set[tuple[object, ...]]:
    """All that one can do with a grant, permission by permission and place by place."""
    return {
        *((p, kind, t) for kind in KINDS for t in THINGS for p in catalog.on(grant, kind, t)),
        *((p,) for p in {*catalog.names, *WORDS} if catalog.holds_on_account(grant, p)),
        *((s,) for s in TOKEN_SCOPES if catalog.permits(holder(grant, *TOKEN_SCOPES), s)),
        *(("tokens",) for _ in range(catalog.may_own_tokens(grant))),
        *(("everything",) for _ in range(catalog.holds_all(grant))),
    }


@given(st.data(), catalogs() | st.just(MAILERSEND))
def test_nobody_reaches_what_holds_more_than_they(data: st.DataObject, catalog: Catalog) -> None:
    giver, grant = data.draw(grants_of(catalog)), data.draw(grants_of(catalog))
    if catalog.reaches(giver, grant):
        assert powers(catalog, grant) <= powers(catalog, giver)
        assert giver.role == "Admin" or grant.role != "Admin"
    assert catalog.reaches(giver, giver) == catalog.manages_users(giver) or (
        # What is not known may be more than one thinks.
        not catalog.holds_all(giver) and not {*giver.permissions} <= catalog.names
    )


@given(GRANTS, GRANTS)
def test_who_holds_it_all_everywhere_covers_it(giver: Grant, grant: Grant) -> None:
    assume(grant.domains and grant.templates)  # what holds nowhere yet is not given away either
    within = powers(MAILERSEND, grant) <= powers(MAILERSEND, giver)
    account = {p.name for p in PERMISSIONS if p.on == ACCOUNT}
    assert MAILERSEND.covers(giver, grant) == (
        within and MAILERSEND.effective(grant) & account <= MAILERSEND.effective(giver)
    )


@given(st.data(), catalogs())
def test_reach_goes_on(data: st.DataObject, catalog: Catalog) -> None:
    """Whom those one reaches reach, one reaches: no chain of invitations climbs."""
    chain = [data.draw(grants_of(catalog)) for _ in range(3)]
    assume(all(catalog.reaches(giver, grant) for giver, grant in pairwise(chain)))
    assert catalog.reaches(chain[0], chain[-1])


@given(st.data(), catalogs())
def test_to_outrank_a_role_is_to_reach_whatever_is_listed_beside_it(
    data: st.DataObject, catalog: Catalog
) -> None:
    actor, held = data.draw(grants_of(catalog)), data.draw(grants_of(catalog))
    if catalog.outranks(actor, held.role):
        assert catalog.reaches(actor, held)


@given(st.data(), catalogs())
def test_a_word_that_comes_back_gives_nobody_what_their_giver_lacked(
    data: st.DataObject, catalog: Catalog
) -> None:
    """Given while the file lacked it, it gives at most what its giver has with it."""
    giver, grant = data.draw(grants_of(catalog)), data.draw(grants_of(catalog))
    kept = data.draw(st.sets(st.sampled_from(sorted(catalog.names))))
    known = data.draw(st.sets(st.sampled_from(sorted(catalog.role_by_name))))
    roles = tuple(
        role
        for role in catalog.roles
        if role.name in known and (isinstance(role.permissions, str) or role.permissions <= kept)
    )
    permissions = tuple(p for p in catalog.permissions if p.name in kept)
    smaller = Catalog(roles, permissions, catalog.resource_types)
    if smaller.covers(giver, grant):
        assert catalog.covers(giver, grant)


def test_the_narrowed_lead_gives_what_they_hold_where_they_hold_it() -> None:
    """The example of docs/reference/catalog.md."""
    lead_role = Role("Lead", "", frozenset({"read-activity"}), manages_users=True, is_narrowed=True)
    catalog = Catalog((*ROLES, lead_role), PERMISSIONS)
    lead = Grant("Lead", domains=(1, 2))
    within = [
        Grant("Lead", domains=(1,)),
        custom("read-activity", domains=(2,)),
        custom("read-activity", domains=(2,), templates=(9,)),
    ]
    beyond = [
        Grant("Lead", domains=(1, 3)),
        custom("read-activity", domains=(3,)),
        custom("read-email", domains=(1,)),
        custom("update-plan"),
        ADMIN,
        MANAGER,
        DESIGNER,
        ACCOUNTANT,
    ]
    assert [grant for grant in within if not catalog.reaches(lead, grant)] == []
    assert [grant for grant in beyond if catalog.reaches(lead, grant)] == []
    for role in catalog.role_by_name:
        assert not catalog.outranks(lead, role)
        assert catalog.outranks(ADMIN, role)
        assert catalog.outranks(MANAGER, role) == (role != "Admin")


def test_what_is_not_known_gives_nothing_and_is_out_of_all_but_full_reach() -> None:
    gone = Grant("Gone", ("read-sms",), (1,), (1,))
    for kind in KINDS:
        assert MAILERSEND.on(gone, kind, 1) == frozenset()
    assert powers(MAILERSEND, gone) == powers(MAILERSEND, custom())
    assert not MAILERSEND.manages_users(gone)
    assert not MAILERSEND.covers(custom("read-sms"), custom("gone"))
    assert MAILERSEND.reaches(ADMIN, gone)
    assert MAILERSEND.reaches(MANAGER, gone)
    assert MAILERSEND.outranks(MANAGER, "Gone")


def test_without_a_word_for_it_who_holds_everything_still_may() -> None:
    """A base of none has no `manage-domain`; the account's domains are there all the same."""
    catalog = read(
        {
            "base": "none",
            "groups": [{"name": "Own", "permissions": [{"name": "read-book"}]}],
            "roles": [
                {"name": "Part", "permissions": "all", "narrowed": True, "manages_users": True},
                {"name": "Reader", "permissions": ["read-book"], "manages_users": True},
            ],
        }
    )
    for scope in ("domains_read", "domains_full", "templates_full", "tokens_full", "users_full"):
        assert catalog.permits(holder(ADMIN, scope), scope)
    assert not catalog.permits(holder(Grant("Reader"), "domains_read"), "domains_read")
    assert catalog.holds_on_account(ADMIN, "manage-domain")
    assert not catalog.holds_on_account(Grant("Part"), "manage-domain")
    for lesser in ("Part", "Reader"):
        assert not catalog.reaches(Grant(lesser), MANAGER)


PROGRAM = """
from guestlist.domain.vocabularies import read
role = {"name": "A", "permissions": ["read-sms", "manage-sms", "read-invoice"]}
print(read({"roles": [role]}).version)
"""


def test_a_version_is_the_same_in_every_process() -> None:
    """Else what one worker's ETag says, another's does not know."""
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_a_version_is_another_where_anything_differs() -> None:
    role, permission = Role("A", "", frozenset({"x", "y"})), Permission("x", "", "G")
    catalog = Catalog((role,), (permission,))
    others = [
        Catalog((replace(role, name="B"),), (permission,)),
        Catalog((replace(role, description="B"),), (permission,)),
        Catalog((replace(role, permissions=frozenset({"x"})),), (permission,)),
        Catalog((replace(role, permissions="all"),), (permission,)),
        Catalog((replace(role, manages_users=True),), (permission,)),
        Catalog((replace(role, is_narrowed=True),), (permission,)),
        Catalog((role, replace(role, name="B")), (permission,)),
        Catalog((replace(role, name="B"), role), (permission,)),
        Catalog((role,), (replace(permission, is_narrowed=True),)),
        Catalog((role,), (permission,), (ResourceType(ACCOUNT, "", ACCOUNT),)),
    ]
    assert len({found.version for found in (catalog, *others)}) == 1 + len(others)
    assert catalog.version == Catalog((role,), (permission,)).version
