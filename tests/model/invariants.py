"""What holds after every change, whoever made it: asked of the rows alone."""

from collections import Counter

from tests.model import power
from tests.model.rows import Rows

BLOCK = 1_024


def check(rows: Rows) -> None:
    """All of them."""
    an_admin_stays(rows)
    totals_are_the_counted_rows(rows)
    an_address_is_held_once(rows)
    nothing_outlives_its_right(rows)
    letters_bring_links_of_now(rows)


def an_admin_stays(rows: Rows) -> None:
    assert any(user.grant.role == "Admin" and not user.suspended for user in rows.users)


def totals_are_the_counted_rows(rows: Rows) -> None:
    admins = sum(user.grant.role == "Admin" and not user.suspended for user in rows.users)
    assert rows.totals == (len(rows.users), admins, len(rows.invites))
    living = Counter(("users", user.place // BLOCK) for user in rows.users)
    living.update(("invitations", invite.place // BLOCK) for invite in rows.invites)
    assert rows.blocks == dict(living)


def an_address_is_held_once(rows: Rows) -> None:
    """By a user or by a pending invitation, and by nobody who is neither."""
    held = [(user.email, user.key, None) for user in rows.users]
    offered = [(invite.email, None, invite.key) for invite in rows.invites]
    assert sorted(map(repr, rows.addresses)) == sorted(map(repr, (*held, *offered)))
    assert len({address[0] for address in rows.addresses}) == len(rows.addresses)


def nothing_outlives_its_right(rows: Rows) -> None:
    """What is pending or open is somebody's who may still give or own it, or is suspended."""
    users = {user.key: user for user in rows.users}
    for invite in rows.invites:
        if invite.giver is not None:
            giver = users.get(invite.giver)
            assert giver is not None, f"the giver of {invite.email} is gone"
            assert power.reaches(giver.grant, invite.grant), f"{invite.email} is beyond its giver"
    for token in rows.tokens:
        owner = users.get(token.owner)
        assert owner is not None, f"the owner of token {token.id} is gone"
        assert power.may_own_tokens(owner.grant), f"token {token.id} is beyond its owner"
    active = {user.person for user in rows.users if not user.suspended}
    assert rows.looking <= active, "a session looks where its person has no power"


def letters_bring_links_of_now(rows: Rows) -> None:
    assert rows.untold == 0
