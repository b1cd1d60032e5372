"""Pages of the lists (contract, section 5), as whole documents."""

from typing import Any

import pytest

from tests.stand import PUBLIC_URL, Team

ADMIN = {"email": "ana@acme.test", "role": "Admin"}
INVITES = PUBLIC_URL + "/v1/invites"


def crew(size: int) -> list[dict[str, Any]]:
    more = [{"email": f"u{n}@acme.test", "role": "Accountant"} for n in range(size - 1)]
    return [ADMIN, *more]


def invites(size: int) -> list[dict[str, Any]]:
    return [{"email": f"i{n}@acme.test", "role": "Accountant"} for n in range(size)]


def number(url: str | None, label: str, *, active: bool = False) -> dict[str, Any]:
    return {"url": url, "label": label, "active": active}


def labels(document: dict[str, Any]) -> str:
    """The pager as one reads it."""
    shown = [entry["label"] for entry in document["meta"]["links"][1:-1]]
    return " ".join(shown)


def test_an_empty_list_reads_as_recorded(team: Team) -> None:
    assert team.get("/v1/invites?limit=10").json() == {
        "data": [],
        "links": {
            "first": f"{INVITES}?page=1",
            "last": f"{INVITES}?page=1",
            "prev": None,
            "next": None,
        },
        "meta": {
            "current_page": 1,
            "from": None,
            "last_page": 1,
            "links": [
                number(None, "&laquo; Previous"),
                number(f"{INVITES}?page=1", "1", active=True),
                number(None, "Next &raquo;"),
            ],
            "path": INVITES,
            "per_page": 10,
            "to": None,
            "total": 0,
        },
    }


def test_keys_of_a_page_stand_in_the_recorded_order(team: Team) -> None:
    document = team.get("/v1/users").json()
    assert list(document) == ["data", "links", "meta"]
    assert list(document["links"]) == ["first", "last", "prev", "next"]
    assert list(document["meta"]) == [
        "current_page",
        "from",
        "last_page",
        "links",
        "path",
        "per_page",
        "to",
        "total",
    ]
    assert list(document["meta"]["links"][0]) == ["url", "label", "active"]


def test_a_page_in_the_middle_points_both_ways(team: Team) -> None:
    team = Team(team.stand, invites=invites(25))
    document = team.get("/v1/invites?page=2&limit=10").json()
    assert [invite["email"] for invite in document["data"]] == [
        f"i{n}@acme.test" for n in range(10, 20)
    ]
    # `limit` is dropped here, as recorded.
    assert document["links"] == {
        "first": f"{INVITES}?page=1",
        "last": f"{INVITES}?page=3",
        "prev": f"{INVITES}?page=1",
        "next": f"{INVITES}?page=3",
    }
    assert document["meta"] == {
        "current_page": 2,
        "from": 11,
        "last_page": 3,
        "links": [
            number(f"{INVITES}?page=1", "&laquo; Previous"),
            number(f"{INVITES}?page=1", "1"),
            number(f"{INVITES}?page=2", "2", active=True),
            number(f"{INVITES}?page=3", "3"),
            number(f"{INVITES}?page=3", "Next &raquo;"),
        ],
        "path": INVITES,
        "per_page": 10,
        "to": 20,
        "total": 25,
    }


def test_a_page_beyond_the_end_is_empty_and_points_back(team: Team) -> None:
    for page in (2, 7, 10**12, 2**63 - 1):
        answer = team.get(f"/v1/users?page={page}")
        document = answer.json()
        assert (answer.status_code, document["data"]) == (200, [])
        assert document["links"] == {
            "first": f"{PUBLIC_URL}/v1/users?page=1",
            "last": f"{PUBLIC_URL}/v1/users?page=1",
            "prev": f"{PUBLIC_URL}/v1/users?page={page - 1}",
            "next": None,
        }
        meta = document["meta"]
        assert (meta["current_page"], meta["from"], meta["to"]) == (page, None, None)
        assert (meta["total"], meta["last_page"]) == (4, 1)
        assert not any(entry["active"] for entry in meta["links"])


@pytest.mark.parametrize("path", ["/v1/invites", "/v1/domains", "/v1/templates", "/v1/token"])
def test_every_list_ends_where_it_ends(team: Team, path: str) -> None:
    for page in (2, 10**12):
        answer = team.get(f"{path}?page={page}")
        assert (answer.status_code, answer.json()["data"]) == (200, [])
        assert answer.json()["links"]["next"] is None


@pytest.mark.parametrize(
    ("size", "page", "shown"),
    [
        (10, 1, "1"),
        (11, 1, "1 2"),
        (130, 1, "1 2 3 4 5 6 7 8 9 10 11 12 13"),
        (130, 13, "1 2 3 4 5 6 7 8 9 10 11 12 13"),
        (131, 1, "1 2 3 4 5 6 7 8 9 10 ... 13 14"),
        (140, 7, "1 2 3 4 5 6 7 8 9 10 ... 13 14"),
        (140, 8, "1 2 ... 5 6 7 8 9 10 11 12 13 14"),
        (140, 99, "1 2 ... 5 6 7 8 9 10 11 12 13 14"),
        (200, 8, "1 2 ... 5 6 7 8 9 10 11 ... 19 20"),
        (200, 13, "1 2 ... 10 11 12 13 14 15 16 ... 19 20"),
        (200, 14, "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
    ],
)
def test_a_long_pager_leaves_gaps(team: Team, size: int, page: int, shown: str) -> None:
    team = Team(team.stand, users=crew(size))
    document = team.get(f"/v1/users?limit=10&page={page}").json()
    assert labels(document) == shown
    entries = document["meta"]["links"][1:-1]
    assert [e["label"] for e in entries if e["active"]] == ([str(page)] if page <= 20 else [])
    for entry in entries:
        wanted = None if entry["label"] == "..." else f"{PUBLIC_URL}/v1/users?page={entry['label']}"
        assert entry["url"] == wanted


def test_the_list_of_tokens_keeps_its_limit(team: Team) -> None:
    token = PUBLIC_URL + "/v1/token"
    for _ in range(8):
        team.minted("users_read")
    document = team.get("/v1/token?page=2&limit=10").json()
    assert document["links"] == {
        "first": f"{token}?limit=10&page=1",
        "last": f"{token}?limit=10&page=2",
        "prev": f"{token}?limit=10&page=1",
        "next": None,
    }
    assert document["meta"]["path"] == token
    assert document["meta"]["links"][1]["url"] == f"{token}?limit=10&page=1"
    assert (document["meta"]["from"], document["meta"]["to"]) == (11, 12)
    assert team.get("/v1/token").json()["links"]["first"] == f"{token}?page=1"


def test_templates_only_say_whether_there_is_more(team: Team) -> None:
    names = [{"name": f"T{n}"} for n in range(25)]
    users = [{"email": "ana@acme.test", "role": "Admin"}]
    team = Team(team.stand, templates=names, users=users)
    base = PUBLIC_URL + "/v1/templates"
    document = team.get("/v1/templates?limit=10&page=2").json()
    assert [template["name"] for template in document["data"]] == [f"T{n}" for n in range(10, 20)]
    assert document["links"] == {
        "first": f"{base}?page=1",
        "last": None,
        "prev": f"{base}?page=1",
        "next": f"{base}?page=3",
    }
    assert document["meta"] == {
        "current_page": 2,
        "from": 11,
        "path": base,
        "per_page": 10,
        "to": 20,
    }
    last = team.get("/v1/templates?limit=10&page=3").json()
    assert (last["links"]["next"], last["meta"]["to"]) == (None, 25)
    assert team.get("/v1/templates").json()["links"]["next"] is None  # exactly one page of 25


@pytest.mark.parametrize("query", ["", "?limit=&page=", "?limit=%20&page=+", "?page=1&limit=25"])
def test_a_page_has_25_unless_asked(team: Team, query: str) -> None:
    team = Team(team.stand, users=crew(26))
    document = team.get("/v1/users" + query).json()
    assert (len(document["data"]), document["meta"]["per_page"]) == (25, 25)
    assert document["meta"]["current_page"] == 1


def test_links_come_from_the_public_url_and_never_from_the_host(team: Team) -> None:
    answer = team.get(
        "/v1/users",
        headers={"host": "evil.test", "x-forwarded-host": "evil.test", "x-forwarded-proto": "ftp"},
    )
    assert answer.status_code == 200
    assert b"evil" not in answer.content
    assert answer.json()["meta"]["path"] == PUBLIC_URL + "/v1/users"
