"""A webhook of a twin's account, at a receiver of the test's, and what became of its deliveries."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from guestlist.domain.events import TYPES
from tests.receiver import Handler, Post, Receiver
from tests.testing.hands import Hands

PATH = "/guestlist/v1/webhooks"


@dataclass(slots=True)
class Failing:
    """Answers the attempts of the nth event with 503 as often as `times` says, from 1 on."""

    times: list[int]
    seen: Counter[int] = field(default_factory=Counter)

    def __call__(self, handler: Handler, post: Post) -> None:
        self.seen[post.sequence] += 1
        allowed = self.times[(post.sequence - 1) % len(self.times)] if self.times else 0
        handler.say(503 if self.seen[post.sequence] <= allowed else 200)


def listen(hands: Hands, receiver: Receiver) -> str:
    """The id of a webhook that is told everything."""
    body = {"name": "crew", "url": receiver.url, "events": list(TYPES)}
    answer = hands.api("POST", PATH, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["id"])


def deliveries(hands: Hands, webhook: str) -> list[Any]:
    """Oldest first."""
    answer = hands.api("GET", f"{PATH}/{webhook}/deliveries?limit=100")
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["data"]))
