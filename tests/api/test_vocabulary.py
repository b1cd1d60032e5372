"""A deployment's own roles and permissions, on the wire; and that nobody climbs by them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import copy
from typing import Any

import pytest

from guestlist.actions import exports, things, tokens
from guestlist.actions.runtime import Caller
from guestlist.domain.access import Catalog
from guestlist.domain.audit import Cause
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import OutOfReach
from guestlist.domain.vocabularies import read
from tests.stand import SCOPES, WORLD, Stand, Team

USERS, INVITES = "/v1/users", "/v1/invites"
ONE, TWO = (domain["id"] for domain in WORLD["domains"])
FORBIDDEN = {"message": "This action is unauthorized. #MS40301"}
OWN: dict[str, Any] = {
    "resource_types": [{"name": "mailbox", "within": "domain"}],
    "groups": [
        {
            "name": "Mailboxes",
            "on": "mailbox",
            "permissions": [
                {"name": "read-mailbox", "description": "Read"},
                {"name": "empty-mailbox"},
            ],
        }
    ],
    "roles": [
        {
            "name": "Domain Lead",
            "description": "Leads",
            "permissions": ["read-mailbox", "read-activity", "manage-api-token"],
            "manages_users": True,
            "narrowed": True,
        },
        {"name": "Auditor", "permissions": "all"},
        {"name": "Clerk", "permissions": "listed", "manages_users": True},
    ],
}
CATALOG = read(OWN)
ALONE = read(
    {
        "base": "none",
        "groups": [{"name": "Books", "permissions": [{"name": "read-book"}]}],
        "roles": [
            {"name": "Reader", "permissions": ["read-book"]},
            {"name": "Branch", "permissions": "all", "narrowed": True, "manages_users": True},
        ],
    }
)


def person(
    name: str, role: str, *permissions: str, domains: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "id": f"user00000000{name}",
        "email": f"{name}@acme.test",
        "role": role,
        "permissions": list(permissions),
        "domains": list(domains),
    }


def path(name: str) -> str:
    return f"{USERS}/user00000000{name}"


CREW = [
    person("ana", "Admin"),
    person("bob", "Manager"),
    person("lea", "Domain Lead", domains=(ONE,)),
    person("tom", "Domain Lead", domains=(ONE, TWO)),
    person("cleo", "Custom User", "read-mailbox", domains=(ONE,)),
    person("dan", "Custom User", "read-mailbox", domains=(TWO,)),
    person("max", "Custom User", "empty-mailbox", domains=(ONE,)),
    person("ida", "Auditor"),
    person("kim", "Clerk", "read-activity", "manage-api-token", domains=(ONE,)),
]


@pytest.fixture
def own(shared_url: str) -> Iterator[Stand]:
    with Stand(shared_url, catalog=CATALOG) as made:
        yield made


@pytest.fixture
def crew(own: Stand) -> Team:
    """Lea leads the first domain, Tom both; Ida audits all of it, and Kim gives what is listed."""
    team = Team(own, users=CREW)
    for name in ("lea", "tom", "ida", "kim"):
        team.tokens[name] = minted(team, name)
    return team


def minted(team: Team, name: str) -> str:
    made = tokens.create(
        team.stand.runtime,
        team.operator,
        name=f"of {name}",
        scopes=SCOPES,
        owner_id=f"user00000000{name}",
    )
    return made.text


def caller(team: Team, by: str) -> Caller:
    text = team.tokens[by]
    return tokens.authenticate(team.stand.runtime, text, cause=Cause("test"), scope="domains_full")


Elsewhere = Callable[[Team, Catalog], Team]


@pytest.fixture
def elsewhere(shared_url: str) -> Iterator[Elsewhere]:
    """The same account at a server with another vocabulary."""
    with ExitStack() as stack:

        def made(team: Team, catalog: Catalog) -> Team:
            other = copy(team)
            other.stand = stack.enter_context(Stand(shared_url, catalog=catalog))
            return other

        yield made


def test_the_catalog_and_the_description_follow_the_file(own: Stand) -> None:
    team = Team(own)
    told = team.get("/guestlist/v1/catalog").json()["data"]
    roles = {role.pop("name"): role for role in map(dict, told["roles"])}
    assert list(roles)[5:] == ["Domain Lead", "Auditor", "Clerk"]
    assert roles["Domain Lead"] == {
        "description": "Leads",
        "permissions": ["read-activity", "manage-api-token", "read-mailbox"],
        "manages_users": True,
        "narrowed": True,
    }
    assert roles["Clerk"]["permissions"] is None
    mailboxes = {"group": "Mailboxes", "on": "mailbox"}
    assert told["permissions"][36:] == [
        {"name": "read-mailbox", "description": "Read", **mailboxes},
        {"name": "empty-mailbox", "description": "", **mailboxes},
    ]
    assert [found["name"] for found in told["resource_types"]][3:] == ["mailbox"]
    schemas = own.http.get("/openapi.json").json()["components"]["schemas"]
    shown = schemas["User"]["properties"]
    assert shown["role"]["enum"] == [role["name"] for role in told["roles"]]
    assert shown["permissions"]["items"]["enum"] == [p["name"] for p in told["permissions"]]
    assert schemas["Role"]["properties"]["name"]["enum"] == shown["role"]["enum"]
    listed = own.http.get("/openapi.json").json()["paths"]["/guestlist/v1/catalog"]["get"]
    content = listed["responses"]["200"]["content"]["application/json"]
    assert content["example"] == {"data": told}
    assert '["roles"]' not in str(schemas).replace("'", '"')


def test_own_words_are_invited_changed_and_listed_as_the_others(crew: Team) -> None:
    grant = {"role": "DOMAIN lead", "domains": [ONE], "permissions": ["empty-mailbox"]}
    invite = crew.invited("eve@acme.test", **grant)
    assert (invite["role"], invite["permissions"]) == ("Domain Lead", ["empty-mailbox"])
    assert crew.get(INVITES).json()["data"] == [invite]
    changed = crew.put(path("cleo"), {"role": "clerk", "permissions": ["read-mailbox", "read-sms"]})
    assert changed.status_code == 200
    shown = crew.get(path("cleo")).json()["data"]
    assert (shown["role"], shown["permissions"]) == ("Clerk", ["read-mailbox", "read-sms"])
    assert shown in crew.get(USERS).json()["data"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"role": "Lead"}, {"role": ["The selected role is invalid."]}),
        (
            {"role": "Clerk", "permissions": ["read-mailboxes"]},
            {"permissions.0": ["The selected permissions.0 is invalid."]},
        ),
    ],
)
def test_no_other_words_are_known(crew: Team, body: Any, errors: Any) -> None:
    answer = crew.put(path("cleo"), body)
    assert (answer.status_code, answer.json()["errors"]) == (422, errors)
    assert crew.put(path("cleo"), {"role": "Clerk"}).status_code == 422  # what is listed?


def test_whoever_has_power_over_everything_is_shown_with_everything(crew: Team) -> None:
    """As an Admin and a Manager (contract, section 2.1)."""
    for name in ("ana", "bob", "ida"):
        shown = crew.get(path(name)).json()["data"]
        assert [domain["id"] for domain in shown["domains"]] == [ONE, TWO], name
    for name, domains in (("lea", [ONE]), ("tom", [ONE, TWO]), ("max", [ONE])):
        shown = crew.get(path(name)).json()["data"]
        assert [domain["id"] for domain in shown["domains"]] == domains


INVITE = {"email": "eve@acme.test"}
READER = {"role": "Custom User", "permissions": ["read-mailbox"]}
CLIMBS: list[tuple[str, str, Any]] = [
    # Oneself.
    ("PUT", path("lea"), {"role": "Domain Lead", "domains": [ONE, TWO]}),
    ("PUT", path("lea"), {"role": "Manager"}),
    ("PUT", path("lea"), {"role": "Auditor"}),
    ("PUT", path("lea"), {"role": "Clerk", "permissions": ["read-email"], "domains": [ONE]}),
    # Others.
    ("PUT", path("tom"), {"role": "Domain Lead", "domains": [ONE]}),
    ("DELETE", path("tom"), None),
    ("POST", f"/guestlist{path('tom')}/suspend", None),
    ("PUT", path("cleo"), READER | {"domains": [TWO]}),
    ("PUT", path("cleo"), {"role": "Domain Lead", "domains": [TWO]}),
    ("PUT", path("cleo"), {"role": "Custom User", "permissions": ["empty-mailbox"]}),
    ("PUT", path("cleo"), {"role": "Accountant"}),
    ("PUT", path("dan"), READER | {"domains": [ONE]}),
    ("DELETE", path("dan"), None),
    ("POST", f"/guestlist{path('dan')}/reactivate", None),
    ("DELETE", path("max"), None),
    ("DELETE", path("ida"), None),
    ("DELETE", path("bob"), None),
    ("PUT", path("ana"), {"role": "Admin"}),
    # Invitations.
    ("POST", USERS, INVITE | READER | {"domains": [TWO]}),
    ("POST", USERS, INVITE | {"role": "Domain Lead", "domains": [ONE, TWO]}),
    ("POST", USERS, INVITE | {"role": "Custom User", "permissions": ["update-plan"]}),
    ("POST", USERS, INVITE | {"role": "Designer"}),
    ("POST", USERS, INVITE | {"role": "Manager"}),
    ("POST", "/v1/invites/{invite}/resend", None),
    ("DELETE", "/v1/invites/{invite}", None),
    ("PUT", "/guestlist/v1/invites/{invite}", READER | {"domains": [ONE]}),
    ("PUT", "/guestlist/v1/invites/{own}", READER | {"domains": [TWO]}),
    ("POST", "/guestlist/v1/invites/{invite}/link", None),
    # Tokens of others, whatever these may do.
    ("GET", "/v1/token/{of_tom}", None),
    ("PUT", "/v1/token/{of_tom}", {"name": "mine"}),
    ("DELETE", "/v1/token/{of_ana}", None),
    # Domains and templates.
    ("DELETE", f"/v1/domains/{ONE}", None),
    ("GET", f"/v1/domains/{TWO}", None),
]


@pytest.mark.parametrize(("method", "where", "body"), CLIMBS)
def test_who_leads_one_domain_gives_and_takes_nothing_beyond_it(
    crew: Team, method: str, where: str, body: Any
) -> None:
    held = {token["name"]: token["id"] for token in crew.get("/v1/token?limit=100").json()["data"]}
    where = where.format(
        invite=crew.invited("gus@acme.test", **READER, domains=[TWO])["id"],
        own=crew.invited("hal@acme.test", **READER, domains=[ONE], by="lea")["id"],
        of_tom=held["of tom"],
        of_ana=held[crew.tokens["ana"][-8:]],
    )
    with crew.unchanged():
        answer = crew.ask(method, where, json=body, by="lea")
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    # Out of reach, and not wrong in itself.
    assert crew.ask(method, where, json=body).status_code in {200, 201, 204, 422}


def test_who_leads_one_domain_leads_it(crew: Team) -> None:
    invite = crew.invited("eve@acme.test", **READER, domains=[ONE], by="lea")
    for answer in (
        crew.post(f"{INVITES}/{invite['id']}/resend", by="lea"),
        crew.post(f"/guestlist{INVITES}/{invite['id']}/link", by="lea"),
        crew.delete(f"{INVITES}/{invite['id']}", by="lea"),
        crew.put(path("cleo"), {"role": "Domain Lead", "domains": [ONE]}, by="lea"),
        crew.post(f"/guestlist{path('cleo')}/suspend", by="lea"),
        crew.post(f"/guestlist{path('cleo')}/reactivate", by="lea"),
        crew.delete(path("cleo"), by="lea"),
        crew.put(path("lea"), {"role": "Domain Lead"}, by="lea"),
    ):
        assert answer.is_success, answer.text
    assert crew.get("/v1/domains", by="lea").json()["data"] == []


def test_what_tells_of_everything_is_for_who_holds_everything(crew: Team) -> None:
    audit, webhooks = "/guestlist/v1/audit", "/guestlist/v1/webhooks"
    allowed = {
        by: [crew.get(path, by=by).status_code for path in (audit, webhooks)]
        for by in ("ana", "bob", "ida", "lea", "kim")
    }
    assert allowed == {
        "ana": [200, 200],
        "bob": [200, 200],
        "ida": [200, 403],
        "lea": [403, 403],
        "kim": [403, 403],
    }
    assert crew.get(audit, by=crew.minted("users_full", "tokens_full")).status_code == 403


def test_they_see_their_own_domains_and_tokens_only(crew: Team) -> None:
    assert [domain["id"] for domain in crew.get("/v1/domains", by="lea").json()["data"]] == [ONE]
    listed = crew.get("/v1/token", by="lea").json()
    assert [token["name"] for token in listed["data"]] == ["of lea"]
    assert listed["meta"]["total"] == 1


def test_many_at_once_are_judged_one_by_one_in_a_rehearsal_too(crew: Team) -> None:
    rows = [
        {"email": "eve@acme.test", **READER, "domains": [ONE]},
        {"email": "fay@acme.test", **READER, "domains": [TWO]},
        {"email": "gus@acme.test", "role": "Manager"},
    ]
    for dry, done in ((True, "can_be_invited"), (False, "invited")):
        body = {"invitations": rows, "dry_run": dry}
        told = crew.post("/guestlist/v1/invites/bulk", body, by="lea").json()["data"]
        assert [row["status"] for row in told] == [done, "refused", "refused"]
        assert {row["message"] for row in told[1:]} == {FORBIDDEN["message"]}


def test_who_loses_a_domain_loses_what_they_gave_there(crew: Team) -> None:
    kept = crew.invited("eve@acme.test", **READER, domains=[ONE], by="tom")
    lost = crew.invited("fay@acme.test", **READER, domains=[ONE, TWO], by="tom")
    by_ana = crew.invited("gus@acme.test", **READER, domains=[TWO])
    crew.put(path("tom"), {"role": "Domain Lead", "domains": [ONE]})
    waiting = {invite["id"] for invite in crew.get(INVITES).json()["data"]}
    assert waiting == {kept["id"], by_ana["id"]}
    assert lost["id"] not in waiting


def test_a_domain_that_goes_takes_no_more_than_itself(crew: Team) -> None:
    invite = crew.invited("eve@acme.test", **READER, domains=[ONE, TWO], by="tom")
    assert crew.delete(f"/v1/domains/{TWO}").status_code == 204
    [shown] = crew.get(INVITES).json()["data"]
    assert shown["data"]["domains"] == [ONE]
    # Tom and the invitation lost the same, so it is still his to give.
    assert crew.post(f"{INVITES}/{invite['id']}/resend", by="tom").status_code == 200


def test_power_over_everything_is_not_power_over_users(crew: Team) -> None:
    assert crew.get("/v1/domains", by="ida").status_code == 200
    assert crew.delete(f"/v1/domains/{ONE}", by="ida").status_code == 204
    for method, where in (("GET", USERS), ("DELETE", path("cleo")), ("GET", INVITES)):
        assert crew.ask(method, where, by="ida").status_code == 403
    assert [t["name"] for t in crew.get("/v1/token", by="ida").json()["data"]] == ["of ida"]


def test_what_is_listed_is_what_can_be_given(crew: Team) -> None:
    within = {"role": "Clerk", "permissions": ["read-activity"], "domains": [ONE]}
    assert crew.post(USERS, INVITE | within, by="kim").status_code == 200
    for changed in ({"permissions": ["read-mailbox"]}, {"domains": [TWO]}, {"role": "Auditor"}):
        with crew.unchanged():
            body = {"email": "fay@acme.test"} | within | changed
            assert crew.post(USERS, body, by="kim").json() == FORBIDDEN


def test_where_the_file_lacks_a_role_it_gives_nothing_and_is_shown_all_the_same(
    crew: Team, elsewhere: Elsewhere
) -> None:
    given_ = crew.invited("eve@acme.test", **READER, domains=[ONE], by="lea")
    bare = elsewhere(crew, MAILERSEND)
    assert bare.get(USERS, by="lea").status_code == 401
    assert bare.get(USERS, by="kim").status_code == 401
    shown = {user["id"]: user for user in bare.get(USERS).json()["data"]}
    assert shown["user00000000lea"]["role"] == "Domain Lead"
    assert [d["id"] for d in shown["user00000000tom"]["domains"]] == [ONE, TWO]
    assert shown["user00000000max"]["permissions"] == ["empty-mailbox"]
    assert bare.get(f"{INVITES}/{given_['id']}").json()["data"]["permissions"] == ["read-mailbox"]
    # Their tokens are there still, for an Admin to see and to end.
    names = [token["name"] for token in bare.get("/v1/token?limit=100").json()["data"]]
    assert names == [token["name"] for token in crew.get("/v1/token?limit=100").json()["data"]]
    assert {"of lea", "of tom", "of ida", "of kim"} <= set(names)
    with exports.account(bare.stand.runtime, bare.operator) as document:
        whole = {name: list(document[name]) for name in ("users", "invites", "tokens")}
    assert [token["name"] for token in whole["tokens"]] == names
    assert len(whole["users"]) == len(CREW)
    # Back again, all is as it was.
    assert crew.get(USERS, by="lea").status_code == 200


def test_what_the_file_lacks_is_for_an_admin_and_a_manager_to_change(
    crew: Team, elsewhere: Elsewhere
) -> None:
    without = dict(OWN, roles=[OWN["roles"][0], OWN["roles"][1]])  # no Clerk
    part = elsewhere(crew, read(without))
    clerk = {"role": "Clerk", "permissions": ["read-activity"], "domains": [ONE]}
    invite = crew.invited("eve@acme.test", **clerk, by="lea")
    with crew.unchanged():
        for method, where in (
            ("POST", f"{INVITES}/{invite['id']}/resend"),
            ("DELETE", f"{INVITES}/{invite['id']}"),
            ("DELETE", path("kim")),
        ):
            assert part.ask(method, where, by="lea").json() == FORBIDDEN
    assert part.post(f"{INVITES}/{invite['id']}/resend", by="bob").status_code == 200
    assert part.delete(path("kim"), by="bob").status_code == 204


def test_copies_of_links_end_with_who_may_have_copied_them(
    crew: Team, elsewhere: Elsewhere
) -> None:
    """Also where the file does not know any more that they managed users."""
    invite = crew.invited("eve@acme.test", **READER, domains=[ONE])
    link = crew.post(f"/guestlist{INVITES}/{invite['id']}/link", by="lea").json()["data"]["link"]
    assert crew.stand.http.get(link).status_code == 200
    bare = elsewhere(crew, MAILERSEND)
    assert bare.delete(path("lea")).status_code == 204
    crew.stand.http.cookies.clear()
    assert crew.stand.http.get(link).status_code == 404


def test_answers_under_another_vocabulary_are_other_answers(
    crew: Team, elsewhere: Elsewhere
) -> None:
    bare, same = (elsewhere(crew, found) for found in (MAILERSEND, read(OWN)))
    known = crew.get(USERS).headers["etag"]
    assert bare.get(USERS, headers={"if-none-match": known}).status_code == 200
    assert same.get(USERS, headers={"if-none-match": known}).status_code == 304


@pytest.fixture
def library(shared_url: str) -> Iterator[Team]:
    """With a vocabulary of its own only."""
    with Stand(shared_url, catalog=ALONE) as made:
        users = [
            person("ana", "Admin"),
            person("bob", "Manager"),
            person("rex", "Reader"),
            person("bea", "Branch", domains=(ONE,)),
        ]
        yield Team(made, users=users)


def test_instead_of_mailersends_words_there_are_only_ones_own(library: Team) -> None:
    told = library.get("/guestlist/v1/catalog").json()["data"]
    roles = ["Admin", "Manager", "Custom User", "Reader", "Branch"]
    assert [role["name"] for role in told["roles"]] == roles
    assert [permission["name"] for permission in told["permissions"]] == ["read-book"]
    for body in (
        {"role": "Designer"},
        {"role": "Custom User", "permissions": ["read-sms"]},
    ):
        assert library.post(USERS, INVITE | body).status_code == 422
    library.invited("eve@acme.test", "reader")
    # An example in words that are not there would be wrong.
    described = library.stand.http.get("/openapi.json").json()
    assert described["components"]["schemas"]["User"]["properties"]["role"]["enum"] == roles
    users = {path: told for path, told in described["paths"].items() if "users" in path}
    assert users
    assert "'example'" not in str(users)
    # Templates ask for read-own-templates only where there is such a permission.
    custom = {"role": "Custom User", "permissions": ["read-book"], "templates": ["temp1ate0000one"]}
    assert library.put(path("rex"), custom).status_code == 200


def test_who_holds_everything_needs_no_word_for_it(library: Team) -> None:
    for by in ("ana", "bob"):
        assert len(library.get("/v1/domains", by=by).json()["data"]) == 2
        assert len(library.get("/v1/templates", by=by).json()["data"]) == 2
    added = things.add_domain(library.stand.runtime, caller(library, "ana"), "new.acme.test")
    assert library.delete(f"/v1/domains/{added.id}", by="bob").status_code == 204
    assert library.delete("/v1/templates/temp1ate0000one").status_code == 200
    assert library.minted("users_full")


def test_all_of_some_domains_is_not_everything(library: Team) -> None:
    library.tokens["bea"] = minted(library, "bea")
    with library.unchanged():
        for method, where, body in (
            ("DELETE", f"/v1/domains/{ONE}", None),
            ("DELETE", "/v1/templates/temp1ate0000one", None),
            ("POST", USERS, INVITE | {"role": "Manager"}),
            ("POST", USERS, INVITE | {"role": "Branch", "domains": [ONE, TWO]}),
            ("DELETE", path("bob"), None),
        ):
            assert library.ask(method, where, json=body, by="bea").json() == FORBIDDEN
        with pytest.raises(OutOfReach):
            things.add_domain(library.stand.runtime, caller(library, "bea"), "new.acme.test")
    assert library.post(USERS, INVITE | {"role": "Branch", "domains": [ONE]}, by="bea").is_success
