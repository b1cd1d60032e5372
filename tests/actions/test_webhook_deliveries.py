"""What webhooks are sent outlives a change of keys, forgets who is erased, and goes in the end."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from guestlist.actions import erasing, outbox, seals, webhook_deliveries, webhooks
from guestlist.actions.runtime import Runtime
from guestlist.actions.webhook_deliveries import Heard, Post
from guestlist.domain.links import Keys
from guestlist.domain.webhooks import LONGEST_WAIT, Shape
from guestlist.store import people, schema
from tests.stand import KEYS, Stand, Team
from tests.store.reading import rows

OTHER = Keys((b"another key, of 32 bytes or more as well",))
BOTH = Keys((*OTHER.keys, *KEYS.keys))
SHAPE = Shape(name="crew", url="https://crew.acme.test/in", events=["user.invited", "user.removed"])


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url) as stand:
        yield Team(stand)


def sent(runtime: Runtime, heard: Heard) -> list[Post]:
    """What is due now, each with this answer."""
    posts = []
    for taken in webhook_deliveries.lease(runtime, busy=[], most=10):
        for delivery in taken.deliveries:
            post = webhook_deliveries.start(runtime, taken, delivery)
            if post is not None:
                posts.append(post)
                webhook_deliveries.settle(runtime, post.started, heard)
        webhook_deliveries.release(runtime, taken)
    return posts


def signature(runtime: Runtime, team: Team, webhook: str) -> dict[str, Any]:
    webhooks.send_test(runtime, team.operator, webhook)
    [post] = sent(runtime, Heard(1, status=200))
    return dict(post.headers)


def test_secrets_outlive_a_change_of_keys(team: Team) -> None:
    runtime = team.stand.runtime
    told = webhooks.create(runtime, team.operator, SHAPE)
    webhooks.rotate(runtime, team.operator, told.webhook.id)
    assert len(signature(runtime, team, told.webhook.id)["webhook-signature"].split()) == 2
    rotating, rotated = replace(runtime, keys=BOTH), replace(runtime, keys=OTHER)
    assert seals.renew(replace(runtime, keys=OTHER)) == 0
    assert seals.renew(rotating) == 1
    assert seals.renew(rotating) == 0
    assert len(signature(rotated, team, told.webhook.id)["webhook-signature"].split()) == 2


def test_without_the_key_nothing_is_sent_and_the_reason_is_told(team: Team) -> None:
    runtime = team.stand.runtime
    told = webhooks.create(runtime, team.operator, SHAPE)
    without = replace(runtime, keys=OTHER)
    webhooks.send_test(without, team.operator, told.webhook.id)
    assert sent(without, Heard(1, status=200)) == []
    path = f"/guestlist/v1/webhooks/{told.webhook.id}/deliveries"
    [delivery] = team.get(path).json()["data"]
    assert delivery["state"] == "queued"
    assert "Rotate it" in delivery["attempts"][0]["trouble"]
    # As it says: the old secret, which nobody can open, is not kept.
    webhooks.rotate(without, team.operator, told.webhook.id)
    team.stand.clock.advance(seconds=10)
    [post] = sent(without, Heard(1, status=200))
    assert len(post.headers["webhook-signature"].split()) == 1


def test_a_sealed_secret_opens_in_no_other_row(team: Team) -> None:
    runtime = team.stand.runtime
    one = webhooks.create(runtime, team.operator, SHAPE).webhook
    webhooks.create(runtime, team.operator, SHAPE)
    first, second = rows(team.stand, schema.webhooks)
    about = seals.about_webhook(team.operator.account, one.id, "secret")
    seals.unseal(KEYS, first["secret"], about=about)
    for sealed, wrong in (
        (second["secret"], about),
        (first["secret"], seals.about_webhook(team.operator.account, one.id, "old_secret")),
        (first["secret"], seals.about_webhook(team.operator.account + 1, one.id, "secret")),
    ):
        with pytest.raises(ValueError, match="something else"):
            seals.unseal(KEYS, sealed, about=wrong)


def test_who_is_erased_is_not_told_of_any_more(team: Team) -> None:
    runtime = team.stand.runtime
    webhooks.create(runtime, team.operator, SHAPE)
    team.invited("cleo.invited@acme.test")
    cleo = people.find(runtime.database, "cleo@acme.test")
    assert cleo is not None
    erasing.erase(runtime, cleo.key, request="test")
    invited, removed = sent(runtime, Heard(1, status=200))
    assert b"cleo.invited@acme.test" in invited.body
    assert b'"email":"erased"' in removed.body
    assert b"cleo@" not in removed.body
    kept = "".join(event["data"] for event in rows(team.stand, schema.events))
    assert "cleo@" not in kept


def test_events_go_with_their_deliveries_after_a_month(team: Team) -> None:
    runtime = team.stand.runtime
    webhooks.create(runtime, team.operator, SHAPE)
    team.invited("eve@acme.test")
    sent(runtime, Heard(1, status=500))
    team.stand.clock.advance(days=30)
    outbox.tidy(runtime)
    assert rows(team.stand, schema.events) != []
    team.stand.clock.advance(days=1)
    outbox.tidy(runtime)
    for table in (schema.events, schema.webhook_deliveries, schema.webhook_attempts):
        assert rows(team.stand, table) == []
    assert len(rows(team.stand, schema.webhooks)) == 1


def test_a_removed_webhook_takes_what_waits_and_what_is_under_way_with_it(team: Team) -> None:
    runtime = team.stand.runtime
    told = webhooks.create(runtime, team.operator, SHAPE)
    for _ in range(2):
        webhooks.send_test(runtime, team.operator, told.webhook.id)
    [taken] = webhook_deliveries.lease(runtime, busy=[], most=10)
    post = webhook_deliveries.start(runtime, taken, taken.deliveries[0])
    assert post is not None
    webhooks.remove(runtime, team.operator, told.webhook.id)
    for status in (200, 410):
        webhook_deliveries.settle(runtime, post.started, Heard(1, status=status))
    assert webhook_deliveries.start(runtime, taken, taken.deliveries[1]) is None
    webhook_deliveries.release(runtime, taken)
    assert rows(team.stand, schema.webhook_deliveries) == []
    assert rows(team.stand, schema.webhook_attempts) == []


@pytest.mark.parametrize("back", [2 * LONGEST_WAIT, 365 * 24 * 3_600_000_000])
def test_a_clock_set_back_holds_nothing_up(team: Team, back: int) -> None:
    runtime = team.stand.runtime
    told = webhooks.create(runtime, team.operator, SHAPE)
    webhooks.send_test(runtime, team.operator, told.webhook.id)
    sent(runtime, Heard(1, status=500))
    webhooks.send_test(runtime, team.operator, told.webhook.id)
    webhook_deliveries.lease(runtime, busy=[], most=10)  # and nothing more was heard
    team.stand.clock.now -= back
    posts = sent(runtime, Heard(1, status=200))
    assert [post.started.event.sequence for post in posts] == [2, 1]


def test_a_clock_set_back_a_little_holds_no_first_attempt_up(team: Team) -> None:
    runtime = team.stand.runtime
    told = webhooks.create(runtime, team.operator, SHAPE)
    webhooks.send_test(runtime, team.operator, told.webhook.id)
    sent(runtime, Heard(1, status=200))
    team.stand.clock.advance(seconds=-3_600)
    webhooks.send_test(runtime, team.operator, told.webhook.id)
    [post] = sent(runtime, Heard(1, status=200))
    assert post.started.event.sequence == 2


def test_busy_webhooks_are_left_alone_and_who_was_served_last_comes_last(team: Team) -> None:
    runtime = team.stand.runtime
    keys = []
    for _ in range(3):
        told = webhooks.create(runtime, team.operator, SHAPE)
        keys.append(told.webhook.key)
        for _ in range(2 * webhook_deliveries.EACH):
            webhooks.send_test(runtime, team.operator, told.webhook.id)
    one, two, three = keys
    [first] = webhook_deliveries.lease(runtime, busy=[], most=1)
    assert (first.webhook, len(first.deliveries)) == (one, webhook_deliveries.EACH)
    team.stand.clock.advance(seconds=1)
    webhook_deliveries.release(runtime, first)
    leased = webhook_deliveries.lease(runtime, busy=[three], most=10)
    assert [taken.webhook for taken in leased] == [two, one]
    assert [t.webhook for t in webhook_deliveries.lease(runtime, busy=[], most=10)] == [three]
    assert webhook_deliveries.lease(runtime, busy=[], most=10) == []
