"""Who may, what may she, and where: page by page."""

import base64
from typing import Any

import pytest

from guestlist.actions import searches
from guestlist.actions.searches import Window
from guestlist.domain.decisions import Resource
from tests.stand import WORLD, Stand, Team

SUBJECTS, RESOURCES, ACTIONS = (
    f"/access/v1/search/{kind}" for kind in ("subject", "resource", "action")
)
DOMAINS = [{"id": f"d{n}", "name": f"d{n}.test"} for n in range(12)]
MANY = [
    {"id": f"m{n}", "email": f"m{n}@acme.test", "role": "Manager" if n % 2 else "Designer"}
    for n in range(50)
]
WHO: dict[str, Any] = {
    "subject": {"type": "user"},
    "action": {"name": "manage-domain"},
    "resource": {"type": "domain", "id": "d1"},
}
WHERE: dict[str, Any] = {
    "subject": {"type": "user", "id": "ana@acme.test"},
    "action": {"name": "manage-domain"},
    "resource": {"type": "domain"},
}
WHAT: dict[str, Any] = {
    "subject": {"type": "user", "id": "ana@acme.test"},
    "resource": {"type": "domain", "id": "d1"},
}


@pytest.fixture
def crowd(stand: Stand) -> Team:
    people = [user | {"domains": []} for user in WORLD["users"]]
    return Team(stand, domains=DOMAINS, users=[*people, *MANY])


def pages(team: Team, path: str, asked: dict[str, Any], **first: Any) -> list[list[str]]:
    """The names on each page; all but the first are asked for by token alone."""
    found: list[list[str]] = []
    page: dict[str, Any] = dict(first)
    while True:
        answer = team.post(path, asked | {"page": page})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert next(iter(told)) == "page"
        names = [one.get("id") or one["name"] for one in told["results"]]
        assert told["page"]["count"] == len(names)
        found.append(names)
        if not told["page"]["next_token"]:
            return found
        page = {"token": told["page"]["next_token"]}


@pytest.mark.parametrize(
    ("path", "asked", "number"), [(SUBJECTS, WHO, 27), (RESOURCES, WHERE, 12), (ACTIONS, WHAT, 14)]
)
def test_pages_hold_everything_once_and_in_order(
    crowd: Team, path: str, asked: dict[str, Any], number: int
) -> None:
    [whole] = pages(crowd, path, asked)
    assert len(whole) == len(set(whole)) == number
    for limit in (1, 5, number - 1, number, 1_000, 10**30):
        found = pages(crowd, path, asked, limit=limit)
        assert [name for names in found for name in names] == whole
        assert {len(names) for names in found[:-1]} <= {limit}
        assert len(found) == -(-number // min(limit, number))


@pytest.mark.parametrize(("path", "asked"), [(SUBJECTS, WHO), (RESOURCES, WHERE), (ACTIONS, WHAT)])
def test_a_limit_of_none_shows_none_and_goes_on(
    crowd: Team, path: str, asked: dict[str, Any]
) -> None:
    told = crowd.post(path, asked | {"page": {"limit": 0}}).json()
    assert told["results"] == []
    assert told["page"]["next_token"]


@pytest.mark.parametrize(("path", "asked"), [(SUBJECTS, WHO), (RESOURCES, WHERE), (ACTIONS, WHAT)])
def test_a_token_is_of_one_question_and_one_limit(
    crowd: Team, path: str, asked: dict[str, Any]
) -> None:
    page = crowd.post(path, asked | {"page": {"limit": 2}}).json()["page"]
    token = page["next_token"]
    again = crowd.post(path, asked | {"page": {"token": token, "limit": 2}})
    assert again.status_code == 200
    other = crowd.post(path, asked | {"page": {"token": token, "limit": 3}})
    assert (other.status_code, "`$.page.limit`" in other.text) == (400, True)
    changed: list[dict[str, Any]] = [
        {"resource": {"type": "template", "id": "t1"}},
        {"subject": {"type": "user", "id": "bob@acme.test"}},
        {"action": {"name": "read-sms"}},
    ]
    for more in changed:
        if set(more) <= set(asked) and (path, list(more)) != (SUBJECTS, ["subject"]):
            other = crowd.post(path, asked | more | {"page": {"token": token}})
            assert (other.status_code, "`$.page.token`" in other.text) == (400, True), more


def test_what_is_no_token_is_refused(crowd: Team) -> None:
    page = crowd.post(SUBJECTS, WHO | {"page": {"limit": 2}}).json()["page"]
    inside = base64.urlsafe_b64decode(page["next_token"]).decode()
    place, size, asked = inside.split(".")
    for text in (
        "x",
        "-1",
        f"-1.{size}.{asked}",
        f"{10**18}.{size}.{asked}",
        f"{place}.1001.{asked}",
        f"{place}.{size}.{asked}0",
        f"{place}.{size}",
        f"\u0661.{size}.{asked}",
        inside + "\n",
    ):
        token = base64.urlsafe_b64encode(text.encode()).decode()
        refused = crowd.post(SUBJECTS, WHO | {"page": {"token": token}})
        assert (refused.status_code, "`$.page.token`" in refused.text) == (400, True), text
    for token in ("%", "é", "\0", "=", inside, 100_000 * "A"):
        assert crowd.post(SUBJECTS, WHO | {"page": {"token": token}}).status_code == 400
    wrong: Any
    for wrong in (-1, "2", 1.5, True, [], {}):
        assert crowd.post(SUBJECTS, WHO | {"page": {"limit": wrong}}).status_code == 400
    assert crowd.post(SUBJECTS, WHO | {"page": []}).status_code == 400
    beyond = base64.urlsafe_b64encode(f"{10**17}.{size}.{asked}".encode()).decode()
    assert crowd.post(SUBJECTS, WHO | {"page": {"token": beyond}}).json()["results"] == []


def test_a_page_looks_at_so_many_places_and_no_more(crowd: Team) -> None:
    [whole] = pages(crowd, SUBJECTS, WHO)
    found: list[list[str]] = []
    after: int | None = -1
    while after is not None:
        told = searches.users(
            crowd.stand.runtime,
            crowd.operator,
            "manage-domain",
            Resource("domain", "d1"),
            Window(after, 100),
            most_places=4,
        )
        after = told.after
        found.append(told.names)
    assert [name for names in found for name in names] == whole
    assert len(found) == 14


@pytest.mark.parametrize(
    ("path", "asked", "reason"),
    [
        (SUBJECTS, WHO | {"subject": {"type": "dog"}}, "no type of subject dog"),
        (SUBJECTS, WHO | {"action": {"name": "fly"}}, "no permission fly"),
        (SUBJECTS, WHO | {"resource": {"type": "domain", "id": "d99"}}, "no domain d99"),
        (SUBJECTS, WHO | {"resource": {"type": "account", "id": "a"}}, "not of an account a"),
        (RESOURCES, WHERE | {"subject": {"type": "dog", "id": "d"}}, "no type of subject dog"),
        (RESOURCES, WHERE | {"subject": {"type": "user", "id": "d"}}, "no such user"),
        (RESOURCES, WHERE | {"resource": {"type": "moon"}}, "no type of resource moon"),
        (ACTIONS, WHAT | {"subject": {"type": "dog", "id": "d"}}, "no type of subject dog"),
        (ACTIONS, WHAT | {"subject": {"type": "user", "id": "d"}}, "no such user"),
        (ACTIONS, WHAT | {"resource": {"type": "template", "id": "d1"}}, "no template d1"),
    ],
)
def test_where_nothing_can_be_found_it_says_why(
    crowd: Team, path: str, asked: dict[str, Any], reason: str
) -> None:
    told = crowd.post(path, asked).json()
    assert (told["results"], told["page"]) == ([], {"next_token": "", "count": 0})
    assert reason in told["context"]["reason"]


def test_ids_of_what_is_sought_are_ignored(crowd: Team) -> None:
    for path, asked, sought in ((SUBJECTS, WHO, "subject"), (RESOURCES, WHERE, "resource")):
        for odd in ("d2", 7, None, {"x": 1}):
            told = crowd.post(path, asked | {sought: asked[sought] | {"id": odd}})
            assert told.json() == crowd.post(path, asked).json()


def test_who_is_suspended_is_not_found(crowd: Team) -> None:
    assert crowd.post("/guestlist/v1/users/m1/suspend").status_code == 200
    [found] = pages(crowd, SUBJECTS, WHO)
    assert "m1" not in found
    assert len(found) == 26
