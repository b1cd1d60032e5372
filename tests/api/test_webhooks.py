"""Webhooks over HTTP: kept, told of what happens, and never told a secret of."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from guestlist.actions import webhook_deliveries, webhooks
from guestlist.actions.webhook_deliveries import Heard, Post
from guestlist.domain.webhooks import HOUR, SECOND
from guestlist.store import schema
from tests.console.arrivals import mailed
from tests.stand import Stand, Team
from tests.store.reading import rows
from tests.visitors import Visitor

PATH = "/guestlist/v1/webhooks"
ALL = [
    *("user.invited", "invite.resent", "invite.cancelled", "invite.declined", "invite.accepted"),
    *("invite.expired", "user.updated", "user.removed", "user.suspended"),
    *("token.created", "token.revoked"),
]
BODY: dict[str, Any] = {"name": "crew", "url": "https://crew.acme.test/in", "events": ALL}
CLEO = "user00000000cleo"


@pytest.fixture
def stand(database_url: str) -> Iterator[Stand]:
    """By itself: what is due is due to nobody else."""
    with Stand(database_url) as made:
        yield made


def hook(team: Team, **changed: Any) -> Any:
    """The document of a new webhook, with its secret."""
    answer = team.post(PATH, {**BODY, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def posts(stand: Stand, webhook: str) -> Iterator[Post]:
    """What is sent now to one of the webhooks, each answered 200 once it was looked at."""
    while taken := webhook_deliveries.lease(stand.runtime, busy=[], most=100):
        for one in taken:
            for delivery in one.deliveries:
                post = webhook_deliveries.start(stand.runtime, one, delivery)
                assert post is not None
                if post.started.webhook.id == webhook:
                    yield post
                webhook_deliveries.settle(stand.runtime, post.started, Heard(1, status=200))
            webhook_deliveries.release(stand.runtime, one)


def sent(team: Team, webhook: Any) -> list[Any]:
    """The documents that are sent now."""
    return [json.loads(post.body) for post in posts(team.stand, webhook["id"])]


def test_a_webhook_is_shown_with_its_secret_once(team: Team) -> None:
    made = hook(team)
    secret, standard = made.pop("secret"), made.pop("standard_secret")
    assert (len(secret), standard.startswith("whsec_")) == (32, True)
    shown = team.get(f"{PATH}/{made['id']}")
    assert shown.json()["data"] == made
    assert team.get(PATH).json() == {"data": [made]}
    assert {**BODY, "enabled": True}.items() <= made.items()
    for answer in (shown, team.get(PATH), team.put(f"{PATH}/{made['id']}", {"name": "other"})):
        assert secret not in answer.text
        assert standard not in answer.text


def test_a_change_leaves_what_is_left_out(team: Team) -> None:
    made = hook(team)
    changed = team.put(f"{PATH}/{made['id']}", {"events": ["user.removed", "user.removed"]})
    expected = {**made, "events": ["user.removed"]}
    del expected["secret"], expected["standard_secret"]
    assert changed.json()["data"] == expected
    assert team.delete(f"{PATH}/{made['id']}").status_code == 204
    assert team.get(f"{PATH}/{made['id']}").status_code == 404


def test_who_manages_no_users_has_no_webhooks(team: Team) -> None:
    made = hook(team)
    for by, status in (("bob", 200), ("dan", 403)):
        for answer in (
            team.get(PATH, by=by),
            team.post(PATH, BODY, by=by),
            team.post(f"{PATH}/{made['id']}/test", by=by),
        ):
            assert answer.status_code == status, answer.text


def test_an_account_has_twenty_and_no_more(team: Team) -> None:
    for number in range(20):
        hook(team, name=f"hook {number}")
    with team.unchanged():
        refused = team.post(PATH, BODY)
    assert refused.status_code == 422
    assert "20 webhooks" in refused.json()["errors"]["webhook"][0]
    [first, *_] = team.get(PATH).json()["data"]
    team.delete(f"{PATH}/{first['id']}")
    hook(team)


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"url": "http://crew.acme.test"}, "url", "The url must be an https URL."),
        ({"url": "https://10.0.0.1/"}, "url", "The url must be at a public address."),
        ({"events": ["user.seen"]}, "events.0", "The selected events.0 is invalid."),
        ({"enabled": 1}, "enabled", "The enabled field must be true or false."),
    ],
)
def test_what_a_webhook_cannot_be_is_refused(
    team: Team, changed: dict[str, Any], field: str, message: str
) -> None:
    made = hook(team)
    with team.unchanged():
        for answer in (
            team.post(PATH, {**BODY, **changed}),
            team.put(f"{PATH}/{made['id']}", changed),
        ):
            assert (answer.status_code, answer.json()["errors"]) == (422, {field: [message]})


def test_each_change_is_told_once_in_order(team: Team) -> None:
    made = hook(team)
    eve = team.invited("eve@acme.test")["id"]
    team.post(f"/v1/invites/{eve}/resend")
    team.delete(f"/v1/invites/{eve}")
    team.put(f"/v1/users/{CLEO}", {"role": "Accountant"})
    token = team.minted("users_read")
    [*_, listed] = team.get("/v1/token?limit=100").json()["data"]
    team.delete(f"/v1/token/{listed['id']}")
    team.delete(f"/v1/users/{CLEO}")
    told = sent(team, made)
    assert [event["type"] for event in told] == [
        *("user.invited", "invite.resent", "invite.cancelled", "user.updated"),
        *("token.created", "token.revoked", "user.removed"),
    ]
    assert [event["sequence"] for event in told] == list(range(1, 8))
    assert token not in json.dumps(told)
    assert sent(team, made) == []


def test_an_event_tells_what_changed_and_who_changed_it(team: Team) -> None:
    made = hook(team)
    answer = team.put(f"/v1/users/{CLEO}", {"role": "Accountant"})
    [event] = sent(team, made)
    data = event.pop("data")
    assert event == {
        "type": "user.updated",
        "timestamp": "2027-01-15T08:00:00.000000Z",
        "account_id": team.id,
        "sequence": 1,
        "domain_id": None,
        "created_at": "2027-01-15T08:00:00.000000Z",
        "webhook_id": made["id"],
        "url": made["url"],
    }
    assert (data["id"], data["kind"]) == (CLEO, "user")
    assert data["actor"].startswith("user:user00000000ana token:")
    assert (data["before"]["role"], data["after"]["role"]) == ("Designer", "Accountant")
    assert data["request_id"] == answer.headers["x-request-id"]


def test_an_answered_invitation_is_told(team: Team) -> None:
    made = hook(team, events=["invite.accepted", "invite.declined"])
    Visitor(team.stand).accept(mailed(team, "eve@acme.test"))
    other = Visitor(team.stand)
    other.get(mailed(team, "fay@acme.test"))
    other.post("/invitations/decline")
    accepted, declined = sent(team, made)
    assert (accepted["type"], accepted["data"]["kind"]) == ("invite.accepted", "invite")
    assert accepted["data"]["after"]["email"] == "eve@acme.test"
    assert declined["type"] == "invite.declined"


def test_a_persons_own_change_is_told_to_their_accounts(team: Team) -> None:
    made = hook(team, events=["user.updated"])
    visitor = Visitor(team.stand)
    visitor.accept(mailed(team, "eve@acme.test"))
    visitor.get("/account")
    visitor.post("/account", name="Evelyn", last_name="Hart")
    [event] = sent(team, made)
    assert event["data"]["after"] == {"name": "Evelyn", "last_name": "Hart"}
    # The next one goes on counting.
    team.put(f"/v1/users/{CLEO}", {"role": "Accountant"})
    [later] = sent(team, made)
    assert later["sequence"] == event["sequence"] + 1


def test_an_expired_invitation_is_told_once_and_again_after_a_resend(team: Team) -> None:
    runtime = team.stand.runtime
    old = team.invited("old@acme.test")["id"]
    team.stand.clock.advance(days=8)
    made = hook(team, events=["invite.expired"])
    eve = team.invited("eve@acme.test")["id"]
    webhook_deliveries.expire_due(runtime)
    assert sent(team, made) == []  # one that was over before anybody listened is no news
    before = team.get("/v1/invites").headers["etag"]
    team.stand.clock.advance(days=7)
    for _ in range(2):
        webhook_deliveries.expire_due(runtime)
    [event] = sent(team, made)
    assert (event["type"], event["data"]["id"]) == ("invite.expired", eve)
    assert event["data"]["before"] == {"role": "Accountant", "email": "eve@acme.test"}
    assert event["data"]["actor"] == "guestlist"
    assert team.get("/v1/invites").headers["etag"] == before
    for invite in (eve, old):
        assert team.post(f"/v1/invites/{invite}/resend").status_code == 200
    team.stand.clock.advance(days=8)
    webhook_deliveries.expire_due(runtime)
    assert sorted(event["data"]["id"] for event in sent(team, made)) == sorted([eve, old])


def test_only_those_who_want_an_event_are_told(team: Team) -> None:
    invited, updated = hook(team, events=["user.invited"]), hook(team, events=["user.updated"])
    off = hook(team, enabled=False)
    team.invited("eve@acme.test")
    assert [event["type"] for event in sent(team, invited)] == ["user.invited"]
    assert sent(team, updated) == []
    assert team.get(f"{PATH}/{off['id']}/deliveries").json()["data"] == []


def test_another_account_is_told_nothing(team: Team) -> None:
    made = hook(team)
    other = Team(team.stand)
    hook(other)
    other.invited("eve@acme.test")
    assert sent(team, made) == []


def test_without_a_webhook_nothing_is_kept(stand: Stand) -> None:
    team = Team(stand)
    team.invited("eve@acme.test")
    assert rows(stand, schema.events) == []


def test_a_delivery_is_told_with_its_attempts(team: Team) -> None:
    made, runtime = hook(team), team.stand.runtime
    team.invited("eve@acme.test")
    path = f"{PATH}/{made['id']}/deliveries"
    [queued] = team.get(path).json()["data"]
    assert (queued["state"], queued["attempts"]) == ("queued", [])
    for status, trouble in ((500, None), (None, "There was no answer within 15 s."), (204, None)):
        [taken] = webhook_deliveries.lease(runtime, busy=[], most=10)
        [delivery] = taken.deliveries
        post = webhook_deliveries.start(runtime, taken, delivery)
        assert post is not None
        [under_way] = team.get(path).json()["data"]
        assert under_way["attempts"][-1]["milliseconds"] is None
        webhook_deliveries.settle(runtime, post.started, Heard(7, status=status, trouble=trouble))
        webhook_deliveries.release(runtime, taken)
        team.stand.clock.advance(seconds=600)
    [delivered] = team.get(path).json()["data"]
    assert (delivered["state"], delivered["next_attempt_at"]) == ("delivered", None)
    assert [(one["status"], one["trouble"]) for one in delivered["attempts"]] == [
        (500, None),
        (None, "There was no answer within 15 s."),
        (204, None),
    ]
    assert {one["milliseconds"] for one in delivered["attempts"]} == {7}


def failed(team: Team, heard: Heard) -> None:
    """The one delivery that is due is tried."""
    runtime = team.stand.runtime
    [taken] = webhook_deliveries.lease(runtime, busy=[], most=10)
    for delivery in taken.deliveries:
        post = webhook_deliveries.start(runtime, taken, delivery)
        assert post is not None
        webhook_deliveries.settle(runtime, post.started, heard)
    webhook_deliveries.release(runtime, taken)


def test_a_delivery_is_tried_for_days_and_then_has_failed(team: Team) -> None:
    made, runtime = hook(team), team.stand.runtime
    team.invited("eve@acme.test")
    path = f"{PATH}/{made['id']}/deliveries"
    for attempts in range(1, 11):
        failed(team, Heard(1, status=503))
        [delivery] = team.get(path).json()["data"]
        assert len(delivery["attempts"]) == attempts
        assert not webhook_deliveries.lease(runtime, busy=[], most=10)
        team.stand.clock.advance(days=1.25)
    assert (delivery["state"], delivery["next_attempt_at"]) == ("failed", None)
    answer = team.post(f"{path}/retry", {"sequence": 1})
    assert answer.json() == {"data": {"sequence": 1, "type": "user.invited"}}
    [event] = sent(team, made)
    assert event["sequence"] == 1
    [delivery] = team.get(path).json()["data"]
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 11)


def test_a_receiver_may_ask_for_time(team: Team) -> None:
    hook(team)
    team.invited("eve@acme.test")
    failed(team, Heard(1, status=429, wait=HOUR))
    runtime = team.stand.runtime
    team.stand.clock.advance(seconds=3_599)
    assert not webhook_deliveries.lease(runtime, busy=[], most=10)
    team.stand.clock.advance(seconds=1)
    assert webhook_deliveries.lease(runtime, busy=[], most=10)


def test_410_disables_a_webhook_and_drops_what_waits(team: Team) -> None:
    made = hook(team)
    for name in ("eve", "fay"):
        team.invited(f"{name}@acme.test")
    runtime = team.stand.runtime
    [taken] = webhook_deliveries.lease(runtime, busy=[], most=10)
    post = webhook_deliveries.start(runtime, taken, taken.deliveries[0])
    assert post is not None
    webhook_deliveries.settle(runtime, post.started, Heard(1, status=410))
    shown = team.get(f"{PATH}/{made['id']}").json()["data"]
    assert (shown["enabled"], shown["trouble"]) == (False, "It answered 410: gone.")
    listed = team.get(f"{PATH}/{made['id']}/deliveries").json()["data"]
    assert [delivery["state"] for delivery in listed] == ["dropped", "dropped"]
    assert webhook_deliveries.start(runtime, taken, taken.deliveries[1]) is None
    webhook_deliveries.release(runtime, taken)
    [entry] = [e for e in rows(team.stand, schema.audit) if e["action"] == "webhook.disable"]
    assert (entry["actor"], entry["account"]) == (f"webhook:{made['id']}", team.operator.account)
    team.invited("gus@acme.test")
    for answer in (
        team.post(f"{PATH}/{made['id']}/test"),
        team.post(f"{PATH}/{made['id']}/deliveries/retry", {"sequence": 1}),
    ):
        assert "disabled" in answer.json()["errors"]["webhook"][0]
    enabled = team.put(f"{PATH}/{made['id']}", {"enabled": True}).json()["data"]
    assert (enabled["enabled"], enabled["trouble"]) == (True, None)
    team.stand.clock.advance(seconds=60)
    assert sent(team, made) == []
    team.post(f"{PATH}/{made['id']}/deliveries/retry", {"sequence": 1})
    assert [event["sequence"] for event in sent(team, made)] == [1]


def test_a_test_event_is_sent_to_one_webhook_alone(team: Team) -> None:
    one, other = hook(team), hook(team)
    answer = team.post(f"{PATH}/{one['id']}/test").json()["data"]
    assert answer == {"sequence": 1, "type": "webhook.test"}
    assert sent(team, other) == []
    team.post(f"{PATH}/{one['id']}/test")
    [event] = sent(team, one)
    assert (event["type"], event["sequence"]) == ("webhook.test", 2)
    assert event["data"]["message"] == webhooks.TEST_MESSAGE


def test_only_what_was_sent_to_a_webhook_is_sent_again(team: Team) -> None:
    one, other = hook(team), hook(team, events=["user.removed"])
    team.invited("eve@acme.test")
    for webhook, sequence in ((other, 1), (one, 2)):
        path = f"{PATH}/{webhook['id']}/deliveries/retry"
        with team.unchanged():
            assert team.post(path, {"sequence": sequence}).status_code == 404


def test_signatures_overlap_after_a_rotation(team: Team) -> None:
    made = hook(team)
    path, clock = f"{PATH}/{made['id']}/secret", team.stand.clock

    def signatures() -> int:
        team.post(f"{PATH}/{made['id']}/test")
        [post] = posts(team.stand, made["id"])
        return len(post.headers["webhook-signature"].split(" "))

    assert signatures() == 1
    told = team.post(path, {"overlap_hours": 2}).json()["data"]
    assert told["secret"] != made["secret"]
    assert told["old_secret_until"] == "2027-01-15T10:00:00.000000Z"
    assert signatures() == 2
    clock.now += 2 * HOUR - SECOND
    assert signatures() == 2
    clock.now += SECOND
    assert signatures() == 1
    team.post(path)
    assert signatures() == 2
    team.post(path, {"overlap_hours": 0})
    assert signatures() == 1


def test_deliveries_come_in_pages_the_newest_first(team: Team) -> None:
    made = hook(team)
    for _ in range(12):
        team.post(f"{PATH}/{made['id']}/test")
    path = f"{PATH}/{made['id']}/deliveries"
    first, second, third = (team.get(f"{path}?limit=10&page={n}").json() for n in (1, 2, 3))
    assert [one["sequence"] for one in first["data"]] == list(range(12, 2, -1))
    assert [one["sequence"] for one in second["data"]] == [2, 1]
    assert third["data"] == []
    assert first["links"]["next"].endswith("/deliveries?page=2")
    assert second["links"]["next"] is None


def test_what_a_url_asks_with_is_not_kept_in_the_audit(team: Team) -> None:
    """It may be a secret, and whoever reads users reads the audit."""
    url = "https://crew.acme.test/in?key=0pen"
    made = hook(team, url=url)
    team.put(f"{PATH}/{made['id']}", {"url": f"{url}sesame"})
    team.delete(f"{PATH}/{made['id']}")
    answer = team.get("/guestlist/v1/audit", params={"subject": f"webhook:{made['id']}"})
    told = [(entry["before"] or entry["after"])["url"] for entry in answer.json()["data"]]
    assert told == ["https://crew.acme.test/in?…"] * 3
    assert "0pen" not in answer.text
