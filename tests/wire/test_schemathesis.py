"""The whole API, asked what a client might send, answers only what its description tells."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from guestlist.api import examples, openapi
from guestlist.api.serve import Scope, Send
from guestlist.bodies import Receive
from tests.example_world import TOKEN, Worlds
from tests.stand import PUBLIC_URL, Stand

EXAMPLES = 30
CONFIG = {
    "seed": 1,
    # The server takes what it can: unknown keys, roles in any case, and more. And what fits the
    # description may still be refused, as an address that is taken.
    "checks": {
        "negative_data_rejection": {"enabled": False},
        "positive_data_acceptance": {"enabled": False},
    },
}
UNKNOWN = "k00000000000000k"


def in_the_world(document: dict[str, Any]) -> dict[str, Any]:
    """The description with what there is to be found in place of any id: chance would find none."""
    document = json.loads(json.dumps(document))
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["schema"]["enum"] = [examples.IDS[parameter["name"]], UNKNOWN]
    schemas = document["components"]["schemas"]
    ids = {"domains": examples.DOMAIN.id, "templates": examples.TEMPLATE.id}
    for body in ("GrantBody", "InviteBody"):
        for name, known in ids.items():
            schemas[body]["properties"][name]["items"]["enum"] = [known, UNKNOWN]
    schemas["InviteBody"]["properties"]["email"]["format"] = "email"
    # An answer must not say more than is told, either.
    for name, component in schemas.items():
        if not name.endswith("Body"):
            component.setdefault("additionalProperties", False)
    return document


class Spoilable:
    """An ASGI application: the example world, or a fresh one where that was thrown away.

    It has no lifespan: each world has its own.
    """

    def __init__(self) -> None:
        self.worlds: Worlds | None = None
        self._open = ExitStack()
        self._stand: Stand | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        assert self.worlds is not None
        if self._stand is None:
            self._stand = self._open.enter_context(self.worlds.fresh())
        await self._stand.door(scope, receive, send)

    def throw_away(self) -> None:
        self._open.close()
        self._stand = None


# The tests are made from the description, before there is a folder for databases.
api = Spoilable()
schema = schemathesis.openapi.from_dict(
    in_the_world(openapi.document(PUBLIC_URL)), config=schemathesis.Config.from_dict(CONFIG)
)
schema.app = api


@pytest.fixture(scope="module", autouse=True)
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    api.worlds = Worlds(tmp_path_factory.mktemp("schemathesis"))
    yield
    api.throw_away()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_answers_as_told(case: schemathesis.Case[Any]) -> None:
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
    if case.method != "GET" and answer.status_code < HTTPStatus.BAD_REQUEST:
        api.throw_away()
