"""GET /guestlist/v1/audit: what was changed, as documents, as lines and as a table."""

import csv
import io
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.stand import PUBLIC_URL, Team

PATH = "/guestlist/v1/audit"
DAN = "user00000000dan"


@pytest.fixture
def lived(team: Team) -> Team:
    """A day after it was made, Ana and Bob change Dan and invite somebody."""
    team.stand.clock.advance(days=1)
    team.put(f"/v1/users/{DAN}", {"role": "Designer"})
    team.stand.clock.advance(days=1)
    team.put(f"/v1/users/{DAN}", {"role": "Accountant"}, by="bob")
    team.invited("eve@acme.test", by="bob")
    return team


def listed(team: Team, **query: Any) -> list[dict[str, Any]]:
    answer = team.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def shown(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["action"], entry["actor"].partition(" ")[0]) for entry in found]


def test_the_newest_entry_comes_first_with_all_that_is_known(lived: Team) -> None:
    answer = lived.put(f"/v1/users/{DAN}", {"role": "Manager"})
    [newest, *_] = listed(lived)
    token = newest.pop("actor").removeprefix("user:user00000000ana token:")
    assert token in {one["id"] for one in lived.kept()["tokens"]}
    assert len(newest.pop("hash")) == 64
    nothing: dict[str, Any] = {"permissions": [], "domains": [], "templates": []}
    plain = {"requires_periodic_password_change": False}
    kept = ["read-own-templates", "manage-domain", "manage-api-token"]
    assert newest == {
        "sequence": lived.kept()["row"].entries,
        "at": "2027-01-17T08:00:00.000000Z",
        "origin": "testclient",
        "action": "user.update",
        "subject": f"user:{DAN}",
        "before": {"role": "Accountant", **nothing, **plain} | {"permissions": kept},
        "after": {"role": "Manager", **nothing, **plain} | {"permissions": kept},
        "request": answer.headers["x-request-id"],
    }


def test_every_filter_finds_its_own(lived: Team) -> None:
    bob = [("invitation.create", "user:user00000000bob"), ("user.update", "user:user00000000bob")]
    ana = [("token.end", "user:user00000000ana"), ("user.update", "user:user00000000ana")]
    assert shown(listed(lived, actor="user:user00000000bob")) == bob
    assert shown(listed(lived, actor="user:user00000000b")) == []
    assert shown(listed(lived, subject=f"user:{DAN}")) == [
        bob[1],
        ana[1],
        ("user.import", "operator"),
    ]
    assert shown(listed(lived, action="token.end")) == ana[:1]
    [entry] = listed(lived, action="invitation.create")
    assert listed(lived, request=entry["request"]) == [entry]
    first = listed(lived, actor="operator", action="account.import")
    assert [one["sequence"] for one in first] == [1]
    assert shown(listed(lived, **{"from": "2027-01-16", "to": "2027-01-17"})) == ana
    assert shown(listed(lived, **{"from": "2027-01-17T08:00:00Z"})) == bob
    assert listed(lived, to="2027-01-15T08:00:00Z") == []
    assert listed(lived, actor="user:user00000000ana", action="invitation.create") == []


def test_page_by_page_nothing_is_told_twice_and_nothing_left_out(lived: Team) -> None:
    whole = [entry["sequence"] for entry in listed(lived, limit=1_000)]
    assert whole == list(range(len(whole), 0, -1))
    found, url = [], f"{lived.stand.runtime.public_url}{PATH}?limit=4"
    while url is not None:
        answer = lived.get(url).json()
        found += [entry["sequence"] for entry in answer["data"]]
        assert answer["meta"]["per_page"] == 4
        # What comes meanwhile is newer than all that is still to be told.
        lived.invited(f"{len(found)}@acme.test")
        url = answer["links"]["next"]
        assert (url is None) == (answer["meta"]["after"] is None)
    assert found == whole


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            {"from": "yesterday", "to": "2027-01-17T08:00:00"},
            {
                "from": ["The from must be a date, as in 2026-05-03 or 2026-05-03T09:30:00Z."],
                "to": ["The to must be a date, as in 2026-05-03 or 2026-05-03T09:30:00Z."],
            },
        ),
        ({"format": "xml"}, {"format": ["The selected format is invalid."]}),
        ({"limit": "0"}, {"limit": ["The limit must be at least 1."]}),
        ({"limit": "1001"}, {"limit": ["The limit must not be greater than 1000."]}),
        ({"after": "x"}, {"after": ["The after must be an integer."]}),
        ({"actor": "a\0"}, {"actor": ["The actor must be a string. #MS42221"]}),
    ],
)
def test_what_is_no_filter_is_refused(
    team: Team, query: dict[str, str], errors: dict[str, list[str]]
) -> None:
    answer = team.get(PATH, params=query)
    assert (answer.status_code, answer.json()["errors"]) == (422, errors)


def test_lines_and_table_say_what_the_documents_say(lived: Team) -> None:
    documents = listed(lived, limit=3)
    lines = lived.get(PATH, params={"format": "jsonl", "limit": 3})
    assert lines.headers["content-type"] == "application/jsonl"
    assert [json.loads(line) for line in lines.text.splitlines()] == documents
    table = lived.get(PATH, params={"format": "csv", "limit": 3})
    assert table.headers["content-type"] == "text/csv; charset=UTF-8"
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    for row, entry in zip(rows, documents, strict=True):
        assert row["subject"] == entry["subject"]
        assert json.loads(row["after"] or "null") == entry["after"]
        assert row["sequence"] == str(entry["sequence"])
    for answer in (lines, table):
        url, rel = answer.headers["link"].split("; ")
        assert rel == 'rel="next"'
        assert lived.get(url.strip("<>")).text


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(team: Team, first: str) -> None:
    """Not even of an address that some proxy says."""
    origin = f"{first}cmd|' /C calc'!A0"
    http = TestClient(team.stand.front, base_url=PUBLIC_URL, client=(origin, 1))
    headers = {"authorization": f"Bearer {team.tokens['ana']}"}
    assert http.put(f"/v1/users/{DAN}", json={"role": "Manager"}, headers=headers).is_success
    [entry] = listed(team, action="user.update")
    assert entry["origin"] == origin
    answer = team.get(PATH, params={"format": "csv", "action": "user.update"})
    [row] = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["origin"] == f"'{origin}"


def test_it_begins_with_what_was_there_when_the_account_was_made(team: Team) -> None:
    first = listed(team, limit=1_000)[-1]
    assert first["at"] == "2027-01-15T08:00:00.000000Z"
    assert (first["actor"], first["origin"], first["action"]) == (
        "operator",
        None,
        "account.import",
    )


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_other_formats_are_told_in_openapi(team: Team, kind: str) -> None:
    answer = team.get(PATH, params={"format": kind, "limit": 1})
    told = team.stand.http.get("/openapi.json").json()["paths"][PATH]["get"]["responses"]["200"]
    assert answer.headers["content-type"].partition(";")[0] in told["content"]
    assert {"link"} <= set(answer.headers) & set(told["headers"])
