"""What any live token may ask: the catalog, the quota; and what anybody may."""

import pytest

from guestlist.domain.mailersend import PERMISSIONS, ROLES
from tests.stand import Team

CATALOG = "/guestlist/v1/catalog"


@pytest.mark.parametrize("by", ["ana", "bob", "dan", "no scopes"])
def test_any_live_token_reads_the_catalog_and_the_quota(team: Team, by: str) -> None:
    catalog = team.get(CATALOG, by=by).json()["data"]
    assert list(catalog) == ["roles", "permissions", "resource_types"]
    assert [role["name"] for role in catalog["roles"]] == [
        "Admin",
        "Manager",
        "Designer",
        "Accountant",
        "Custom User",
    ]
    assert all(role["description"] for role in catalog["roles"])
    assert len(catalog["roles"]) == len(ROLES)
    assert [role["manages_users"] for role in catalog["roles"]] == [True, True, *3 * [False]]
    assert [role["permissions"] for role in catalog["roles"]] == [
        [permission.name for permission in PERMISSIONS],
        [permission.name for permission in PERMISSIONS],
        ["read-all-templates", "manage-template", "read-filemanager"],
        ["update-plan", "read-invoice"],
        None,
    ]
    assert catalog["permissions"] == [
        {"name": p.name, "description": p.description, "group": p.group, "on": p.on}
        for p in PERMISSIONS
    ]
    assert catalog["permissions"][4] == {
        "name": "manage-domain",
        "description": "Manage domain",
        "group": "Domains",
        "on": "domain",
    }
    assert [(t["name"], t["within"]) for t in catalog["resource_types"]] == [
        ("account", "account"),
        ("domain", "domain"),
        ("template", "template"),
    ]
    quota = team.get("/v1/api-quota", by=by)
    assert quota.content == b'{"quota":-1,"remaining":-1,"reset":"2027-01-16T00:00:00Z"}'


def test_a_stranger_reads_neither(team: Team) -> None:
    for path in (CATALOG, "/v1/api-quota"):
        assert team.get(path, by="nobody").status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_anybody_may_ask_how_it_is(team: Team, path: str) -> None:
    answer = team.stand.http.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_metrics_count_by_endpoint_and_never_by_path(team: Team) -> None:
    team.get("/v1/users/x7m2k9d4rpq1zv83")
    team.get("/v1/invitations/hidden-in-a-path")
    team.stand.http.get("/invitations/hidden-in-a-path")
    answer = team.stand.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'endpoint="GET /v1/users/{user_id}",status="404"' in answer.text
    assert "x7m2k9d4rpq1zv83" not in answer.text
    assert 'endpoint="GET /invitations/{secret}",status="404"' in answer.text
    assert "hidden" not in answer.text
    assert team.tokens["ana"] not in answer.text
