"""Reading a grant from what somebody sent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import grants
from guestlist.domain.access import Grant
from guestlist.domain.grants import Draft
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import Fault, Rule

DOMAINS = {"d1": 11, "d2": 12}
TEMPLATES = {"t1": 21, "t2": 22}
KNOWN: dict[str, Any] = {"catalog": MAILERSEND, "domains": DOMAINS, "templates": TEMPLATES}
FLAG = "requires_periodic_password_change"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NEARLY = (
    JSON
    | st.sampled_from(["Admin", "custom user", "0", "1", "read-own-templates", "d1", "t1"])
    | st.lists(st.sampled_from(["read-own-templates", "read-sms", "d1", "d2", "t1", "t2", "zzz"]))
)
DRAFTS = st.builds(
    Draft,
    role=NEARLY | st.sampled_from([role.name for role in MAILERSEND.roles]),
    permissions=NEARLY,
    templates=NEARLY,
    domains=NEARLY,
    requires_periodic_password_change=NEARLY,
)


def faults(**fields: Any) -> list[Fault]:
    whole, entries = grants.examine(Draft(**fields), **KNOWN)
    return whole + entries


@given(DRAFTS)
def test_whatever_is_sent_is_either_faulty_or_a_grant(draft: Draft) -> None:
    whole, entries = grants.examine(draft, **KNOWN)
    fields = set(Draft.__dataclass_fields__)
    assert all(fault.field in fields for fault in whole)
    assert all(fault.field.partition(".")[0] in fields for fault in entries)
    assert all(fault.rule is Rule.SELECTED for fault in entries)
    if whole or entries:
        return
    grant = grants.grant_from(draft, **KNOWN)
    assert grant.role in MAILERSEND.role_by_name
    assert set(grant.permissions) <= MAILERSEND.names
    assert set(grant.domains) <= set(DOMAINS.values())
    assert set(grant.templates) <= set(TEMPLATES.values())
    for listed in (grant.permissions, grant.domains, grant.templates):
        assert len(set(listed)) == len(listed)
    assert isinstance(grant.requires_periodic_password_change, bool)
    if grant.role == "Custom User":
        assert grant.permissions
        assert not grant.templates or "read-own-templates" in grant.permissions


@given(DRAFTS)
def test_only_what_looks_like_an_id_is_looked_up(draft: Draft) -> None:
    for ids in (draft.domain_ids(), draft.template_ids()):
        assert len(set(ids)) == len(ids)
        assert all(id_.isalnum() and id_.isascii() for id_ in ids)


def test_faults_stand_in_the_order_of_the_rules() -> None:
    found = faults(
        role="x",
        permissions=["x"],
        templates=["x"],
        domains=["x"],
        requires_periodic_password_change=7,
    )
    assert [fault.field for fault in found] == [
        "role",
        "templates",
        FLAG,
        "permissions.0",
        "templates.0",
        "domains.0",
    ]


@pytest.mark.parametrize("missing", [None, [], {}])
def test_what_is_missing_is_only_required(missing: Any) -> None:
    assert faults(role=missing) == [Fault("role", Rule.REQUIRED)]
    found = faults(role="Custom User", permissions=missing)
    assert found == [Fault("permissions", Rule.REQUIRED_FOR_CUSTOM_USER)]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("permissions", grants.MAX_PERMISSIONS),
        ("domains", grants.MAX_THINGS),
        ("templates", grants.MAX_THINGS),
    ],
)
def test_a_list_beyond_any_reason_is_told_once(name: str, most: int) -> None:
    entry = {"permissions": "read-sms", "domains": "d1", "templates": "t1"}[name]
    assert faults(role="Admin", **{name: [entry] * most}) == []
    found = faults(role="Admin", **{name: [entry] * (most + 1)})
    assert found == [Fault(name, Rule.MAX_ITEMS, most)]
    assert Draft(domains=["d1"] * (grants.MAX_THINGS + 1)).domain_ids() == []


@pytest.mark.parametrize("templates", [[], ["t1"], "t1", {}, 0, False])
@pytest.mark.parametrize("role", [*MAILERSEND.role_by_name, "member", None])
@pytest.mark.parametrize(
    "permissions", [["read-sms"], ["read-own-templates"], "read-own-templates"]
)
def test_templates_beside_a_custom_or_unknown_role_need_their_permission(
    role: Any, permissions: Any, templates: Any
) -> None:
    """Contract C7."""
    found = faults(role=role, permissions=permissions, templates=templates)
    fires = Fault("templates", Rule.READ_OWN_TEMPLATES) in found
    known = role in MAILERSEND.role_by_name
    asks = not known or (role == "Custom User" and bool(templates))
    assert fires == (asks and permissions != ["read-own-templates"])


def test_templates_left_out_need_nothing() -> None:
    assert faults(role="member", permissions=[]) == [Fault("role", Rule.SELECTED)]


STORED = Grant("Custom User", ("read-sms",), (11,), (21,), requires_periodic_password_change=True)


def test_a_change_keeps_permissions_and_flag_and_never_lists() -> None:
    kept = grants.grant_from(Draft(role="designer"), stored=STORED, **KNOWN)
    assert kept == Grant("Designer", ("read-sms",), requires_periodic_password_change=True)
    emptied = grants.grant_from(
        Draft(role="Designer", permissions=[], requires_periodic_password_change="0"),
        stored=STORED,
        **KNOWN,
    )
    assert emptied == Grant("Designer")


def test_repeated_entries_count_once_in_their_order() -> None:
    draft = Draft(
        role="ADMIN", permissions=["read-sms", "read-email", "read-sms"], domains=["d2", "d1", "d2"]
    )
    grant = grants.grant_from(draft, **KNOWN)
    assert grant == Grant("Admin", ("read-sms", "read-email"), (12, 11))


@pytest.mark.parametrize(
    ("sent", "kept"), [(True, True), (1, True), ("1", True), (False, False), ("0", False)], ids=repr
)
def test_a_flag_is_true_in_three_spellings(sent: Any, kept: Any) -> None:
    draft = Draft(role="Admin", requires_periodic_password_change=sent)
    assert grants.grant_from(draft, **KNOWN).requires_periodic_password_change is kept


def test_a_draft_with_faults_makes_no_grant() -> None:
    with pytest.raises(ValueError, match="member"):
        grants.grant_from(Draft(role="member"), **KNOWN)
