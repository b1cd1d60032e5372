"""A deployment's own vocabulary: what its file may say, and every fault with its place."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.access import Permission, ResourceType, Role
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import BrokenFile
from guestlist.domain.vocabularies import MAX_ROLE, read

BOX = {"name": "box", "description": "A box", "within": "domain"}
BOXES = {"name": "Boxes", "on": "box", "permissions": [{"name": "read-box"}]}
LEAD = {"name": "Lead", "permissions": ["read-box"]}
WHOLE: dict[str, Any] = {"resource_types": [BOX], "groups": [BOXES], "roles": [LEAD]}

WORD = "must be 1 to 64 characters of a-z, 0-9 and -, beginning with a letter"
PLACE = "must be one of: account, domain, template"
TEXT = "must be a string of 0 to 255 characters, none of them NUL"
NAME = "must be a string of 1 to 255 characters, none of them NUL, not only blanks"
ROLE = "must be 1 to 50 characters that can be printed, not only blanks"
GIVEN = 'must be "all", "listed" or an array of names'


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(BrokenFile) as refused:
        read(document)
    return list(refused.value.faults)


def with_(key: str, entry: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """`WHOLE` with one entry changed; what is None is left out."""
    kept = {name: value for name, value in {**entry, **changed}.items() if value is not None}
    return {**WHOLE, key: [kept]}


def of_type(**changed: Any) -> dict[str, Any]:
    """A file of one type of resource."""
    return {"resource_types": with_("resource_types", BOX, **changed)["resource_types"]}


def permission(**changed: Any) -> dict[str, Any]:
    """A file of one permission."""
    return {"groups": [{"name": "Own", "permissions": [{"name": "own", **changed}]}]}


def role(**given_: Any) -> Role:
    """The deployment's only one."""
    return read(with_("roles", LEAD, **given_)).roles[-1]


def test_nothing_said_is_mailersends() -> None:
    found = read({})
    assert (found.roles, found.permissions) == (MAILERSEND.roles, MAILERSEND.permissions)
    assert found.resource_types == MAILERSEND.resource_types
    assert found.version == MAILERSEND.version == read({"base": "mailersend"}).version


def test_a_file_adds_its_own() -> None:
    found = read(WHOLE)
    assert found.resource_types[-1] == ResourceType("box", "A box", "domain")
    assert found.permissions[-1] == Permission("read-box", "", "Boxes", "box", is_narrowed=True)
    assert found.roles[-1] == Role("Lead", "", frozenset({"read-box"}))
    assert len(found.permissions) == 37
    assert len(found.roles) == 6


def test_a_base_of_none_leaves_the_roles_that_say_nothing_of_single_permissions() -> None:
    found = read({**WHOLE, "base": "none"})
    assert [one.name for one in found.roles] == ["Admin", "Manager", "Custom User", "Lead"]
    assert [one.name for one in found.permissions] == ["read-box"]
    lone = {"groups": [{"name": "Own", "permissions": [{"name": "manage-domain"}]}]}
    assert read({"base": "none", **lone}).names == {"manage-domain"}
    assert faults({"base": "none"}) == [("groups", "must bring a permission, for base is none")]


@pytest.mark.parametrize(
    ("on", "is_narrowed"),
    [("account", False), ("domain", True), ("template", True), ("box", True), ("hall", False)],
)
def test_what_is_in_domains_and_templates_is_narrowed(on: str, is_narrowed: bool) -> None:  # noqa: FBT001
    found = read(
        {
            "resource_types": [BOX, {"name": "hall"}],
            "groups": [{"name": "G", "on": on, "permissions": [{"name": "own"}]}],
        }
    )
    assert (found.permissions[-1].on, found.permissions[-1].is_narrowed) == (on, is_narrowed)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"permissions": "all"}, ("all", False, False)),
        ({"permissions": "listed"}, ("listed", False, True)),
        ({"permissions": "listed", "narrowed": False}, ("listed", False, False)),
        ({"permissions": "all", "narrowed": True}, ("all", False, True)),
        ({"permissions": [], "manages_users": True}, (frozenset(), True, False)),
        (
            {"permissions": ["read-sms"] * 2, "narrowed": True},
            (frozenset({"read-sms"}), False, True),
        ),
    ],
)
def test_a_role_gives_all_what_is_listed_or_its_own(said: Any, wanted: Any) -> None:
    found = role(**said)
    assert (found.permissions, found.manages_users, found.is_narrowed) == wanted


def test_a_roles_name_stands_without_the_blanks_around_it() -> None:
    assert role(name="  Domain Lead ").name == "Domain Lead"
    assert role(name="é" * MAX_ROLE).name == "é" * MAX_ROLE


FAULTS: list[tuple[Any, list[tuple[str, str]]]] = [
    ([], [("", "must be an object")]),
    ({"extra": 1}, [("extra", "is not a key that is known here")]),
    ({"base": "all"}, [("base", "must be one of: mailersend, none")]),
    ({"base": ["none"]}, [("base", "must be one of: mailersend, none")]),
    ({"roles": {}}, [("roles", "must be an array")]),
    ({"groups": ["x"]}, [("groups[0]", "must be an object"), ("groups[0].name", "is required")]),
    # Types of resources.
    (of_type(name=None), [("resource_types[0].name", "is required")]),
    (of_type(name=""), [("resource_types[0].name", WORD)]),
    (of_type(name="Box"), [("resource_types[0].name", WORD)]),
    (of_type(name="1box"), [("resource_types[0].name", WORD)]),
    (of_type(name="box\n"), [("resource_types[0].name", WORD)]),
    (of_type(name="b" * 65), [("resource_types[0].name", WORD)]),
    (of_type(name=["box"]), [("resource_types[0].name", WORD)]),
    (of_type(description=1), [("resource_types[0].description", TEXT)]),
    (of_type(within="box"), [("resource_types[0].within", PLACE)]),
    (of_type(within=["domain"]), [("resource_types[0].within", PLACE)]),
    (
        {**WHOLE, "resource_types": [BOX, BOX, {"name": "user"}, {"name": "domain"}]},
        [
            ("resource_types[1].name", "is the same as resource_types[0].name"),
            ("resource_types[2].name", "is the same as a type that there is anyway"),
            ("resource_types[3].name", "is the same as a type that there is anyway"),
        ],
    ),
    (
        of_type(of=1),
        [("resource_types[0].of", "is not a key that is known here")],
    ),
    # Groups and permissions.
    (with_("groups", BOXES, name=None), [("groups[0].name", "is required")]),
    (with_("groups", BOXES, name=" "), [("groups[0].name", NAME)]),
    (
        with_("groups", BOXES, on="boxes"),
        [("groups[0].on", "must be one of: account, domain, template, box")],
    ),
    (
        with_("groups", BOXES, on=["box"]),
        [("groups[0].on", "must be one of: account, domain, template, box")],
    ),
    (
        with_("groups", BOXES, on={"box": 1}),
        [("groups[0].on", "must be one of: account, domain, template, box")],
    ),
    (permission(name="read box"), [("groups[0].permissions[0].name", WORD)]),
    (permission(name=""), [("groups[0].permissions[0].name", WORD)]),
    (permission(description="\0"), [("groups[0].permissions[0].description", TEXT)]),
    (permission(on="box"), [("groups[0].permissions[0].on", "is not a key that is known here")]),
    (
        {
            "groups": [
                {"name": "G", "permissions": [{"name": "read-sms"}, {"name": "x"}, {"name": "x"}]}
            ]
        },
        [
            ("groups[0].permissions[0].name", "is the same as a permission of MailerSend's"),
            ("groups[0].permissions[2].name", "is the same as groups[0].permissions[1].name"),
        ],
    ),
    # Roles.
    (with_("roles", LEAD, name=None), [("roles[0].name", "is required")]),
    (with_("roles", LEAD, name=""), [("roles[0].name", ROLE)]),
    (with_("roles", LEAD, name=" "), [("roles[0].name", ROLE)]),
    (with_("roles", LEAD, name=7), [("roles[0].name", ROLE)]),
    (with_("roles", LEAD, name="é" * (MAX_ROLE + 1)), [("roles[0].name", ROLE)]),
    # It stands in a letter's subject.
    (with_("roles", LEAD, name="Lead\nBcc: eve@acme.test"), [("roles[0].name", ROLE)]),
    (with_("roles", LEAD, name="Lead\u202e"), [("roles[0].name", ROLE)]),
    (
        {**WHOLE, "roles": [LEAD, {**LEAD, "name": " lead"}, {**LEAD, "name": "ADMIN"}]},
        [
            ("roles[1].name", "is the same as roles[0].name"),
            ("roles[2].name", "is the same as a role of MailerSend's"),
        ],
    ),
    (
        {**WHOLE, "base": "none", "roles": [{**LEAD, "name": "designer"}]},
        [("roles[0].name", "is the same as a role of MailerSend's")],
    ),
    (with_("roles", LEAD, description=[]), [("roles[0].description", TEXT)]),
    (with_("roles", LEAD, permissions=None), [("roles[0].permissions", GIVEN)]),
    (with_("roles", LEAD, permissions="some"), [("roles[0].permissions", GIVEN)]),
    (with_("roles", LEAD, permissions={"all": True}), [("roles[0].permissions", GIVEN)]),
    (
        with_("roles", LEAD, permissions=["read-box", "read", 1, ["read-box"]]),
        [(f"roles[0].permissions[{n}]", "is not a known permission") for n in (1, 2, 3)],
    ),
    (with_("roles", LEAD, manages_users=1), [("roles[0].manages_users", "must be true or false")]),
    (with_("roles", LEAD, narrowed="no"), [("roles[0].narrowed", "must be true or false")]),
    (with_("roles", LEAD, scope=1), [("roles[0].scope", "is not a key that is known here")]),
    (
        {"base": "none", "roles": [{"name": "A", "permissions": ["read-sms"]}]},
        [
            ("roles[0].permissions[0]", "is not a known permission"),
            ("groups", "must bring a permission, for base is none"),
        ],
    ),
]


@pytest.mark.parametrize(("document", "wanted"), FAULTS, ids=range(len(FAULTS)))
def test_each_fault_is_told_with_its_place(document: Any, wanted: list[tuple[str, str]]) -> None:
    assert faults(document) == wanted


def test_all_faults_are_told_at_once() -> None:
    document = {"base": "x", "resource_types": [{}], "groups": [{}], "roles": [{}]}
    assert [path for path, _ in faults(document)] == [
        "base",
        "resource_types[0].name",
        "groups[0].name",
        "roles[0].permissions",
        "roles[0].name",
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("base", "resource_types", "groups", "roles", "name", "description", "within"),
                    *("on", "permissions", "manages_users", "narrowed"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_a_file_says_it_is_a_catalog_or_told_what_is_wrong(document: Any) -> None:
    found = None
    with suppress(BrokenFile):
        found = read(document)
    assert found is None or found.names
