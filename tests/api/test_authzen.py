"""The examples of AuthZEN's Authorization API 1.0, in this service's words, and their shapes.

Source: the specification's sections on evaluations, searches and errors. `authzen.json` holds the
requests and answers in order; in it, "*" is any text that is not empty, and where a token is asked
for, the one of the answer before.
"""

import json
from pathlib import Path
from typing import Any

from tests.stand import Team

EXAMPLES = json.loads((Path(__file__).parent / "authzen.json").read_text())
DOMAINS = ["boxcarring", "subjectsearch", "resourcesearch"]
ALICE = {
    "id": "alice",
    "email": "alice@acme.test",
    "role": "Custom User",
    "permissions": ["read-activity", "read-email", "read-sms"],
    "domains": ["boxcarring", "resourcesearch"],
}
ID = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"


def test_every_example_is_answered_as_it_is_documented(team: Team) -> None:
    acme = Team(
        team.stand,
        domains=[{"id": name, "name": f"{name}.test"} for name in DOMAINS],
        users=[{"id": "ana", "email": "ana@acme.test", "role": "Admin"}, ALICE],
    )
    token = ""
    for example in EXAMPLES:
        asked = example["request"]
        if asked.get("page", {}).get("token"):
            asked = asked | {"page": {"token": token}}
        answer = acme.post(example["path"], asked, headers={"x-request-id": ID})
        assert answer.status_code == example["status"], example["name"]
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-request-id"] == ID
        told = answer.json()
        assert_like(told, example["answer"], example["name"])
        token = told.get("page", {}).get("next_token", "")


def assert_like(told: Any, documented: Any, name: str) -> None:
    if documented == "*":
        assert isinstance(told, str), name
        assert told, name
    elif isinstance(documented, dict):
        assert set(told) == set(documented), name
        for key, value in documented.items():
            assert_like(told[key], value, name)
    elif isinstance(documented, list):
        assert len(told) == len(documented), name
        for one, value in zip(told, documented, strict=True):
            assert_like(one, value, name)
    else:
        assert (told, type(told)) == (documented, type(documented)), name


def test_who_asks_is_refused_before_what_is_asked(team: Team) -> None:
    for example in EXAMPLES:
        for by, status in (("nobody", 401), ("no scopes", 403)):
            answer = team.post(example["path"], example["request"], by=by)
            assert answer.status_code == status
            assert list(answer.json()) == ["message"]
