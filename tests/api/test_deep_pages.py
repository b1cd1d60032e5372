"""Pages far into a long list are found through kept counts, and are what counting would find."""

from typing import Any

from sqlalchemy import text

from guestlist.actions import users
from guestlist.store import blocks
from guestlist.store.statements import Statement
from tests.stand import Stand, Team

USERS = 3_000
LIMIT = 37  # pages straddle blocks
# As cancelling each invitation of the second block would, in a moment.
EMPTY = """
    DELETE FROM addresses WHERE invitation IN
      (SELECT key FROM invitations WHERE account = :account AND place BETWEEN :first AND :last);
    UPDATE invitations SET state = 'cancelled'
      WHERE account = :account AND place BETWEEN :first AND :last;
    UPDATE blocks SET live = 0 WHERE account = :account AND list = 'invitations'
      AND block = :first / (:last + 1 - :first);
    UPDATE accounts SET invitations = invitations - (:last + 1 - :first), revision = 1
      WHERE key = :account
"""


def listed(team: Team, kind: str, page: int) -> tuple[list[str], dict[str, Any]]:
    document = team.get(f"/v1/{kind}?page={page}&limit={LIMIT}").json()
    return [entry["email"] for entry in document["data"]], document["meta"]


def check(team: Team, kind: str, model: list[str]) -> None:
    last = max(1, -(-len(model) // LIMIT))
    around = {blocks.SIZE * n // LIMIT + more for n in (1, 2) for more in (0, 1, 2)}
    for page in {1, last, last + 1, 10**9} | around:
        found, meta = listed(team, kind, page)
        assert found == model[(page - 1) * LIMIT : page * LIMIT]
        assert (meta["total"], meta["last_page"]) == (len(model), last)


def test_deep_pages_are_those_of_the_whole_list(stand: Stand) -> None:
    emails = [f"u{n}@acme.test" for n in range(1, USERS)]
    people = [{"email": email, "role": "Accountant"} for email in emails]
    team = Team(stand, users=[{"email": "ana@acme.test", "role": "Admin"}, *people])
    model = ["ana@acme.test", *emails]
    check(team, "users", model)

    ids = {user["email"]: user["id"] for user in team.kept()["users"]}
    # some of the first block, none of the second, the end of the third
    gone = model[7 : blocks.SIZE : 51] + model[-15:]
    for email in gone:
        users.remove(stand.runtime, team.operator, ids[email])
    check(team, "users", [email for email in model if email not in gone])


def test_blocks_that_became_empty_are_passed_over(stand: Stand) -> None:
    emails = [f"i{n}@acme.test" for n in range(2 * blocks.SIZE + 200)]
    team = Team(stand, invites=[{"email": email, "role": "Admin"} for email in emails])
    check(team, "invites", emails)

    places = {"first": blocks.SIZE, "last": 2 * blocks.SIZE - 1}
    with stand.runtime.database.change() as transaction:
        for sql in EMPTY.split(";"):
            transaction.run(Statement(text(sql)), account=team.operator.account, **places)
    check(team, "invites", emails[: blocks.SIZE] + emails[2 * blocks.SIZE :])
