"""May she? What AuthZEN's evaluations answer, and when a change is seen."""

from typing import Any

import pytest

from guestlist.domain import vocabularies
from tests.stand import WORLD, Stand, Team
from tests.visitors import Visitor

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


def test_many_are_answered_in_order_and_alike(team: Team) -> None:
    questions = [
        question(user, permission, "domain", domain)
        for user in ("ana@acme.test", IDS["dan"], "nobody@acme.test", IDS["dan"])
        for permission in ("manage-domain", "read-sms", "fly")
        for domain in (*DOMAINS, "d9")
    ]
    answered = team.post(MANY, {"evaluations": questions}).json()
    assert answered == {"evaluations": [team.post(ONE, asked).json() for asked in questions]}


def test_what_stands_beside_the_list_stands_in_for_what_is_left_out(team: Team) -> None:
    whole = question("dan@acme.test", "manage-domain", "domain", DOMAINS[1])
    items: list[Any] = [
        {},
        {"resource": {"type": "domain", "id": DOMAINS[0]}},
        {"action": {"name": "read-sms"}},
        {"subject": {"type": "user", "id": "ana@acme.test"}, "action": {"name": "read-activity"}},
    ]
    expected = [team.post(ONE, {**whole, **item}).json() for item in items]
    assert [decision["decision"] for decision in expected] == [True, False, False, True]
    answer = team.post(MANY, {**whole, "evaluations": items})
    assert answer.json() == {"evaluations": expected}
    none: dict[str, Any]
    for none in ({}, {"evaluations": []}, {"evaluations": None}):
        assert team.post(MANY, {**whole, **none}).json() == expected[0]


@pytest.mark.parametrize(
    ("semantic", "told"),
    [
        ("execute_all", [True, False, True, False]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_first_denial_or_permit_can_end_it(team: Team, semantic: str, told: list[bool]) -> None:
    users = ["ana@acme.test", "cleo@acme.test", IDS["bob"], "nobody@acme.test"]
    body = {
        **question("-", "manage-domain"),
        "evaluations": [{"subject": {"type": "user", "id": user}} for user in users],
        "options": {"evaluations_semantic": semantic, "another": True},
    }
    found = team.post(MANY, body).json()["evaluations"]
    assert [decision["decision"] for decision in found] == told


def test_a_thousand_can_be_asked_and_no_more(team: Team) -> None:
    items = [question("ana@acme.test", "read-sms")] * 1_000
    answered = team.post(MANY, {"evaluations": items}).json()["evaluations"]
    assert (len(answered), answered[-1]["decision"]) == (1_000, True)
    refused = team.post(MANY, {"evaluations": [*items, items[0]]})
    assert refused.status_code == 400
    assert "`array` of length <= 1000 - at `$.evaluations`" in refused.json()["message"]


@pytest.mark.parametrize("kind", ["token", "machine", "User", ""])
def test_only_users_are_subjects(team: Team, kind: str) -> None:
    asked = question("ana@acme.test", "read-sms") | {"subject": {"type": kind, "id": IDS["ana"]}}
    answer = team.post(ONE, asked)
    assert (answer.status_code, answer.json()["decision"]) == (200, False)


def test_the_account_is_self_or_its_id_and_no_other(team: Team) -> None:
    other = Team(team.stand)
    for account, allowed in (("self", True), (team.id, True), (other.id, False), ("", False)):
        answer = team.post(ONE, question(IDS["ana"], "update-plan", "account", account))
        assert answer.json()["decision"] is allowed


def test_what_another_account_has_is_like_what_there_is_nowhere(team: Team) -> None:
    other = Team(
        team.stand,
        domains=[{"id": "0ther", "name": "other.test"}],
        templates=[{"id": "0ther", "name": "Other"}],
        users=[{"id": "0ther", "email": "other@other.test", "role": "Admin"}],
    )
    own = other.post(ONE, question("0ther", "manage-domain", "domain", "0ther"), by="other")
    assert own.json()["decision"] is True
    for theirs, nowhere in (
        (question("0ther", "read-sms"), question("nowhere", "read-sms")),
        (question("other@other.test", "read-sms"), question("no@other.test", "read-sms")),
        (
            question(IDS["ana"], "manage-domain", "domain", "0ther"),
            question(IDS["ana"], "manage-domain", "domain", "nowhere"),
        ),
        (
            question(IDS["ana"], "manage-template", "template", "0ther"),
            question(IDS["ana"], "manage-template", "template", "nowhere"),
        ),
    ):
        told = [team.post(ONE, asked).json() for asked in (theirs, nowhere)]
        assert told[0]["decision"] is False
        reasons = [answer["context"]["reason"] for answer in told]
        assert reasons[0].replace("0ther", "nowhere") == reasons[1]


OWN = {
    "resource_types": [
        {"name": "gate", "within": "domain"},
        {"name": "meter", "within": "account"},
    ],
    "groups": [
        {"name": "Gates", "on": "gate", "permissions": [{"name": "open-gate"}]},
        {"name": "Meters", "on": "meter", "permissions": [{"name": "read-meter"}]},
    ],
    "roles": [
        {"name": "Guard", "permissions": ["open-gate", "read-meter"], "narrowed": True},
    ],
}


def test_a_deployments_own_words_are_decided_by(shared_url: str) -> None:
    with Stand(shared_url, catalog=vocabularies.read(OWN)) as stand:
        guard = {"email": "gil@acme.test", "role": "Guard", "domains": [DOMAINS[0]]}
        team = Team(stand, users=[*WORLD["users"], guard])

        def allowed(permission: str, kind: str, **properties: Any) -> Any:
            asked = question("gil@acme.test", permission, kind, "any")
            asked["resource"]["properties"] = properties
            return team.post(ONE, asked).json()["decision"]

        assert allowed("open-gate", "gate", domain=DOMAINS[0])
        assert not allowed("open-gate", "gate", domain=DOMAINS[1])
        assert not allowed("open-gate", "gate", domain=[DOMAINS[0]])
        assert not allowed("open-gate", "gate")
        assert allowed("read-meter", "meter", domain=DOMAINS[1])
        assert not allowed("open-gate", "meter", domain=DOMAINS[0])
        found = question("", "open-gate", "gate", "any")
        found["resource"]["properties"] = {"domain": DOMAINS[0]}
        who = team.post("/access/v1/search/subject", found).json()["results"]
        assert [user["id"] for user in who][:2] == [IDS["ana"], IDS["bob"]]
        assert len(who) == 3
        told = team.get("/guestlist/v1/catalog").json()["data"]
        assert told["resource_types"][3:] == [
            {"name": "gate", "description": "", "within": "domain"},
            {"name": "meter", "description": "", "within": "account"},
        ]
        assert told["roles"][-1]["permissions"] == ["open-gate", "read-meter"]


def test_a_change_is_seen_by_the_very_next_question_of_another_process(
    team: Team, shared_url: str
) -> None:
    """Two runtimes over one database, each with what it remembers."""
    dan, listed = f"/v1/users/{IDS['dan']}", ["read-own-templates", "manage-domain"]
    custom = {"role": "Custom User", "permissions": listed}
    changes: list[tuple[str, str, Any, bool]] = [
        ("PUT", dan, custom | {"domains": [DOMAINS[0]]}, False),
        ("PUT", dan, custom | {"domains": DOMAINS}, True),
        ("POST", f"/guestlist/v1/users/{IDS['dan']}/suspend", None, False),
        ("POST", f"/guestlist/v1/users/{IDS['dan']}/reactivate", None, True),
        ("PUT", dan, {"role": "Accountant"}, False),
        ("PUT", dan, {"role": "Manager"}, True),
        ("DELETE", f"/v1/domains/{DOMAINS[1]}", None, False),
        ("DELETE", dan, None, False),
    ]
    asked = question("dan@acme.test", "manage-domain", "domain", DOMAINS[1])
    with Stand(shared_url) as elsewhere:

        def decisions() -> list[bool]:
            told = [
                stand.ask("POST", path, token=team.tokens["ana"], json=body).json()
                for stand in (elsewhere, team.stand)
                for path, body in ((ONE, asked), (MANY, {"evaluations": [asked]}))
            ]
            return [answer.get("evaluations", [answer])[0]["decision"] for answer in told]

        assert decisions() == 4 * [True]
        for method, path, body, allowed in changes:
            assert team.ask(method, path, json=body).is_success
            assert decisions() == 4 * [allowed], (method, path, body)


def test_whoever_joins_is_found_by_the_next_question(team: Team) -> None:
    """That nobody was there is remembered no longer than anything else."""
    asked = question("joins@decisions.test", "manage-domain")
    assert team.post(ONE, asked).json()["decision"] is False
    invite = team.invited("joins@decisions.test", "Manager")
    assert team.post(ONE, asked).json()["decision"] is False
    link = team.post(f"/guestlist/v1/invites/{invite['id']}/link").json()["data"]["link"]
    Visitor(team.stand).accept(link)
    assert team.post(ONE, asked).json()["decision"] is True
