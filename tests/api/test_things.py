"""Domains and templates in the wire's own shapes (contract, section 7), and who sees which."""

from typing import Any

import pytest

from tests.stand import Team

DOMAINS, TEMPLATES = "/v1/domains", "/v1/templates"
D1, D2 = "d0ma1n000000one", "d0ma1n000000two"
T1, T2 = "temp1ate0000one", "temp1ate0000two"
DAN = "/v1/users/user00000000dan"
# As recorded, in their order.
DOMAIN_KEYS = """
    id name dkim spf tracking is_verified is_cname_verified is_dns_active is_cname_active
    is_tracking_allowed domain_stats has_not_queued_messages not_queued_messages_count
    domain_settings created_at updated_at totals
"""
SETTINGS = """
    send_paused track_clicks track_opens track_opens_pixel_on_top track_unsubscribe
    track_unsubscribe_html track_unsubscribe_html_enabled track_unsubscribe_plain
    track_unsubscribe_plain_enabled track_content custom_tracking_enabled
    custom_tracking_subdomain return_path_subdomain inbound_routing_enabled
    inbound_routing_subdomain precedence_bulk ignore_duplicated_recipients show_dmarc
"""
TEMPLATE_KEYS = "id name description type image_path variables created_at category categories"


def seen(team: Team, path: str, by: str) -> list[str]:
    return [thing["id"] for thing in team.get(path, by=by).json()["data"]]


def custom(team: Team, *permissions: str, **lists: list[str]) -> None:
    """Makes Dan's power what is listed, beside owning tokens."""
    listed = ["manage-api-token", *permissions]
    body = {"role": "Custom User", "permissions": listed, **lists}
    assert team.put(DAN, body).status_code == 200


def test_a_domain_has_the_recorded_keys_and_knows_nothing_else(team: Team) -> None:
    document = team.get(f"{DOMAINS}/{D1}").json()["data"]
    assert list(document) == DOMAIN_KEYS.split()
    assert list(document["domain_settings"]) == SETTINGS.split()
    assert list(document["domain_stats"]) == ["total", "queued", "sent", "rejected", "delivered"]
    known = {"id": D1, "name": "mail.acme.test"}
    known |= dict.fromkeys(("created_at", "updated_at"), "2027-01-15T08:00:00.000000Z")
    assert {key: document[key] for key in known} == known
    unknown = [value for key, value in document.items() if key not in known]
    for nested in ("domain_settings", "domain_stats"):
        unknown.remove(document[nested])
        unknown += document[nested].values()
    assert not any(unknown)  # null, false, 0 or empty
    assert team.get(DOMAINS).json()["data"][0] == document


def test_a_template_has_the_recorded_keys(team: Team) -> None:
    listed = team.get(TEMPLATES).json()["data"][1]
    assert list(listed) == TEMPLATE_KEYS.split()
    assert listed == {
        "id": T2,
        "name": "Grüße / Hello",
        "description": "Ours",
        "type": "dd",
        "image_path": None,
        "variables": {"variables": [], "personalization": []},
        "created_at": "2027-01-15T08:00:00.000000Z",
        "category": None,
        "categories": [],
    }
    single = team.get(f"{TEMPLATES}/{T2}").json()["data"]
    assert list(single) == [*TEMPLATE_KEYS.split(), "domain", "template_stats"]
    assert single | listed == single
    assert (single["domain"], single["template_stats"]["last_email_sent_at"]) == (None, None)


def test_names_are_the_same_wherever_they_are_told(team: Team) -> None:
    embedded = team.get("/v1/users/user00000000ana").json()["data"]["templates"][1]
    assert embedded["name"] == "Grüße / Hello"
    assert team.get("/v1/users").json()["data"][0]["templates"][1] == embedded


@pytest.mark.parametrize("query", ["verified=1", "verified=true", "verified=0", "domain_id=x"])
def test_the_lists_take_their_parameters(team: Team, query: str) -> None:
    none = query in {"verified=1", "verified=true"}
    assert len(team.get(f"{DOMAINS}?{query}").json()["data"]) == (0 if none else 2)
    assert len(team.get(f"{TEMPLATES}?{query}").json()["data"]) == 2


@pytest.mark.parametrize(
    ("kind", "thing", "status"),
    [("domains", D1, 204), ("templates", T1, 200)],
)
def test_a_deleted_thing_falls_out_of_every_grant(
    team: Team, kind: str, thing: str, status: int
) -> None:
    body = {
        "role": "Custom User",
        "permissions": ["read-own-templates", "manage-domain"],
        "domains": [D1, D2],
        "templates": [T2, T1],
    }
    team.put(DAN, body)
    path = f"/v1/{kind}/{thing}"
    answer = team.delete(path)
    assert (answer.status_code, answer.content) == (status, b"")
    for again in (team.get(path), team.delete(path)):
        assert (again.status_code, "x-apiquota-remaining" in again.headers) == (404, False)
    rest = [entry for entry in body[kind] if entry != thing]
    for user in (DAN, "/v1/users/user00000000ana"):
        assert [entry["id"] for entry in team.get(user).json()["data"][kind]] == rest
    assert [entry["id"] for entry in team.get(f"/v1/{kind}").json()["data"]] == rest
    refused = team.put(DAN, body)
    assert list(refused.json()["errors"]) == [f"{kind}.{body[kind].index(thing)}"]


def test_all_are_an_admins_and_a_managers(team: Team) -> None:
    for by in ("ana", "bob"):
        assert seen(team, DOMAINS, by) == [D1, D2]
        assert seen(team, TEMPLATES, by) == [T1, T2]


@pytest.mark.parametrize(
    ("permission", "reads", "deletes"),
    [
        ("manage-domain", True, True),
        ("read-recipient", True, False),
        ("read-analytics", True, False),
        ("manage-sender-identities", True, False),
        ("read-sms", False, False),
        ("manage-account", False, False),
    ],
)
def test_a_custom_user_sees_the_listed_domains_they_have_a_permission_on(
    team: Team, permission: str, reads: Any, deletes: Any
) -> None:
    custom(team, permission, domains=[D2])
    answer = team.get(DOMAINS, by="dan")
    assert answer.status_code == (200 if reads else 403)
    if reads:
        assert [domain["id"] for domain in answer.json()["data"]] == [D2]
        assert answer.json()["meta"]["total"] == 1
    assert team.get(f"{DOMAINS}/{D2}", by="dan").status_code == (200 if reads else 403)
    assert team.get(f"{DOMAINS}/{D1}", by="dan").status_code == 403
    with team.unchanged():
        assert team.delete(f"{DOMAINS}/{D1}", by="dan").status_code == 403
    assert team.delete(f"{DOMAINS}/{D2}", by="dan").status_code == (204 if deletes else 403)


@pytest.mark.parametrize(
    ("permissions", "read", "deleted"),
    [
        (["read-own-templates"], [T2], []),
        (["read-all-templates"], [T1, T2], []),
        (["read-own-templates", "manage-template"], [T2], [T2]),
        (["read-all-templates", "manage-template"], [T1, T2], [T2]),
        (["manage-template"], [], [T2]),
    ],
    ids=" ".join,
)
def test_a_custom_user_sees_the_templates_listed_or_all(
    team: Team, permissions: list[str], read: list[str], deleted: list[str]
) -> None:
    dan = {
        "email": "dan@acme.test",
        "role": "Custom User",
        "permissions": ["manage-api-token", *permissions],
        "templates": [T2],
    }
    # by import, for only so can templates stand beside other permissions
    team = Team(team.stand, users=[{"email": "ana@acme.test", "role": "Admin"}, dan])
    assert seen(team, TEMPLATES, "dan") == read
    for template in (T1, T2):
        answer = team.get(f"{TEMPLATES}/{template}", by="dan")
        assert answer.status_code == (200 if template in read else 403)
        answer = team.delete(f"{TEMPLATES}/{template}", by="dan")
        assert answer.status_code == (200 if template in deleted else 403)


def test_no_list_is_no_power_there(team: Team) -> None:
    custom(team, "manage-domain", "read-own-templates")
    assert seen(team, DOMAINS, "dan") == seen(team, TEMPLATES, "dan") == []
    assert team.delete(f"{DOMAINS}/{D2}", by="dan").status_code == 403
    custom(team, "read-sms")
    for path in (DOMAINS, TEMPLATES):
        assert team.get(path, by="dan").status_code == 403


def test_a_scope_without_the_owners_power_and_the_other_way_round(team: Team) -> None:
    reader = team.minted("domains_read")
    assert seen(team, DOMAINS, reader) == [D1, D2]
    with team.unchanged():
        assert team.delete(f"{DOMAINS}/{D1}", by=reader).status_code == 403
        assert team.delete(f"{TEMPLATES}/{T1}", by=reader).status_code == 403
    assert team.get(TEMPLATES, by=reader).status_code == 403
    custom(team, "read-analytics", domains=[D2])
    full = team.tokens["dan"]  # all scopes, little power
    assert team.get(DOMAINS, by=full).status_code == 200
    assert team.delete(f"{DOMAINS}/{D2}", by=full).status_code == 403
