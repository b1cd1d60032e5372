"""When something falls due next: what would be done then, and nothing that would not."""

from collections.abc import Iterator

import pytest

from guestlist.actions import dues, outbox, users, webhook_deliveries, webhooks
from guestlist.actions.webhook_deliveries import Heard
from guestlist.domain.invitations import DAY
from guestlist.domain.letters import Letter
from guestlist.domain.webhooks import Shape
from tests.stand import Stand, Team

SHAPE = Shape(
    name="crew", url="https://crew.acme.test/in", events=["user.invited", "invite.expired"]
)


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url) as stand:
        made = Team(stand)
        stand.letters()
        yield made


def following(team: Team, *, reminds: bool = False) -> int | None:
    """From now."""
    found = dues.following(team.stand.runtime, reminds=reminds)
    return None if found is None else found - team.stand.clock.now


def fails(_: Letter) -> None:
    raise OSError("the line is dead")


def test_a_letter_that_could_not_be_sent(team: Team) -> None:
    runtime, clock = team.stand.runtime, team.stand.clock
    assert following(team) is None
    team.invited("eve@acme.test")
    assert following(team) == 0
    outbox.send_due(runtime, fails)
    wait = following(team)
    assert wait is not None
    assert 0 < wait <= outbox.FIRST_RETRY
    clock.now += wait - 1
    assert outbox.send_due(runtime, fails) == 0
    clock.now += 1
    assert [letter.to for letter in team.stand.letters()] == ["eve@acme.test"]
    assert following(team) is None


def test_a_letter_that_somebody_has_taken(team: Team) -> None:
    team.invited("eve@acme.test")
    seen: list[int | None] = []
    outbox.send_due(team.stand.runtime, lambda _: seen.append(following(team)))
    assert seen == [outbox.LEASE]


def test_the_end_of_an_invitation_that_is_told(team: Team) -> None:
    runtime, clock = team.stand.runtime, team.stand.clock
    webhook = webhooks.create(runtime, team.operator, SHAPE).webhook
    team.invited("eve@acme.test")
    team.stand.letters()
    [taken] = webhook_deliveries.lease(runtime, busy=[], most=1)
    assert following(team) == webhook_deliveries.LEASE
    post = webhook_deliveries.start(runtime, taken, taken.deliveries[0])
    assert post is not None
    webhook_deliveries.settle(runtime, post.started, Heard(1, status=200))
    webhook_deliveries.release(runtime, taken)
    assert following(team) == 7 * DAY
    clock.now += 7 * DAY
    assert following(team) == 0
    webhook_deliveries.expire_due(runtime)
    assert following(team) == 0
    webhooks.change(runtime, team.operator, webhook.id, Shape(is_enabled=False))
    assert following(team) is None


def test_a_reminder_only_where_they_are_sent_and_can_be(team: Team) -> None:
    runtime, clock = team.stand.runtime, team.stand.clock
    team.invited("eve@acme.test", by="bob")
    team.stand.letters()
    assert following(team) is None
    assert following(team, reminds=True) == 4 * DAY
    bob = "user00000000bob"
    users.suspend(runtime, team.operator, bob)
    assert following(team, reminds=True) is None
    users.reactivate(runtime, team.operator, bob)
    clock.now += 5 * DAY
    assert following(team, reminds=True) == 0
    assert outbox.remind_due(runtime) == 1
    assert len(team.stand.letters()) == 1
    assert following(team, reminds=True) is None
