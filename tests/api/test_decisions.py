"""May she? What AuthZEN's evaluations answer, and when a change is seen."""

from typing import Any

import pytest

from tests.stand import WORLD, Team

ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"
DOMAINS = [domain["id"] for domain in WORLD["domains"]]
TEMPLATES = [template["id"] for template in WORLD["templates"]]
IDS = {user["email"].partition("@")[0]: user["id"] for user in WORLD["users"]}


def question(user: str, permission: str, kind: str = "account", thing: str = "self") -> Any:
    return {
        "subject": {"type": "user", "id": user},
        "action": {"name": permission},
        "resource": {"type": kind, "id": thing},
    }


@pytest.mark.parametrize(
    ("user", "permission", "kind", "thing", "allowed", "reason"),
    [
        ("ana@acme.test", "manage-domain", "domain", DOMAINS[0], True, "Admin gives"),
        (IDS["bob"], "update-plan", "account", "self", True, "Manager gives"),
        ("CLEO@ACME.test", "manage-template", "template", TEMPLATES[1], True, "Designer gives"),
        ("cleo@acme.test", "update-plan", "account", "self", False, "Designer does not give"),
        ("dan@acme.test", "manage-domain", "domain", DOMAINS[1], True, "on this domain"),
        ("dan@acme.test", "manage-domain", "domain", DOMAINS[0], False, "not on this domain"),
        ("dan@acme.test", "manage-domain", "account", "self", False, "not on every domain"),
        ("dan@acme.test", "manage-api-token", "domain", DOMAINS[1], False, "about the account"),
        ("eve@acme.test", "manage-domain", "account", "self", False, "no such user"),
        ("ana@acme.test", "fly", "account", "self", False, "no permission fly"),
        ("ana@acme.test", "manage-domain", "domain", "d9", False, "no domain d9"),
        ("ana@acme.test", "manage-domain", "planet", "d9", False, "no type of resource planet"),
        ("ana@acme.test", "manage-domain", "account", "a9", False, "not of an account a9"),
    ],
)
def test_it_decides_by_the_table_and_says_why(
    team: Team, user: str, permission: str, kind: str, thing: str, *, allowed: bool, reason: str
) -> None:
    answer = team.post(ONE, question(user, permission, kind, thing))
    assert answer.status_code == 200
    assert answer.json()["decision"] is allowed
    assert reason in answer.json()["context"]["reason"]
