"""The world of the API's examples, in a database of its own for whoever asks."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, update

from guestlist.api import examples, webhook_examples
from guestlist.api.allowance import RateLimit
from guestlist.domain.events import Event
from guestlist.domain.worlds import things, users
from guestlist.store import events, schema, webhooks
from guestlist.store.database import Database
from guestlist.store.migrations import migrate
from guestlist.store.statements import Statement
from tests.stand import Stand

TOKEN = examples.PRODUCTION_TEXT
WORLD: Mapping[str, Any] = {
    "name": "Acme",
    "domains": [things.domain_written(examples.DOMAIN)],
    "templates": [things.template_written(examples.TEMPLATE)],
    "users": [users.user_written(user, examples.THINGS) for user in (examples.ANA, examples.BO)],
    "invites": [users.invite_written(examples.CLEO, examples.THINGS, examples.ANA.email)],
    "tokens": [
        {
            "id": examples.PRODUCTION.id,
            "name": examples.PRODUCTION.name,
            "token": TOKEN,
            "scopes": examples.PRODUCTION.scopes,
            "owner": examples.ANA.email,
            "created_at": "2025-11-20T08:00:00Z",
        }
    ],
}


_ATTEMPTED = Statement(
    insert(schema.webhook_attempts).values(
        {
            name: bindparam(name)
            for name in ("delivery", "started_at", "milliseconds", "status", "trouble")
        }
    )
)
_DELIVERED = Statement(
    update(schema.webhook_deliveries).values(
        state=bindparam("new_state"), due_at=bindparam("new_due_at")
    )
)
_COUNTED = Statement(update(schema.accounts).values(webhooks=1, events=1))


def tell(stand: Stand, account_id: str) -> None:
    """The examples' webhook, and what was sent to it: no import brings one."""
    account = stand.operator(account_id).account
    crew, delivery = webhook_examples.CREW, webhook_examples.DELIVERY
    shown = ("id", "name", "url", "events", "is_enabled", "created_at")
    with stand.runtime.database.change() as transaction:
        webhooks.add(
            transaction,
            account=account,
            secret=b"sealed",
            **{name: getattr(crew, name) for name in shown},
        )
        event = Event(delivery.sequence, delivery.type, delivery.created_at, {})
        events.add(transaction, account, [("user:1", event)], after=0)
        transaction.run(_DELIVERED, new_state=delivery.state, new_due_at=delivery.due_at)
        transaction.many(
            _ATTEMPTED,
            [
                {
                    "delivery": 1,
                    "started_at": attempt.started_at,
                    "milliseconds": attempt.milliseconds,
                    "status": attempt.status,
                    "trouble": attempt.trouble,
                }
                for attempt in delivery.attempts
            ],
        )
        transaction.run(_COUNTED)


class Worlds:
    """Worlds to spoil: each is a copy of one file."""

    def __init__(self, folder: Path, world: Mapping[str, Any] = WORLD) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        url = f"sqlite:///{self._template}"
        database = Database(url)
        migrate(database)
        database.close()
        with Stand(url) as stand:
            stand.clock.now = examples.NOW
            [account_id] = stand.make(world)
            tell(stand, account_id)

    @contextmanager
    def fresh(self, *, rate_limit: RateLimit | None = None) -> Iterator[Stand]:
        copy = self._folder / "copy.db"
        shutil.copyfile(self._template, copy)
        with Stand(f"sqlite:///{copy}", rate_limit=rate_limit) as stand:
            stand.clock.now = examples.NOW
            yield stand
