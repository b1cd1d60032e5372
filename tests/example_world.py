"""The world of the API's examples, in a database of its own for whoever asks."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guestlist.api import examples
from guestlist.api.dispatch import RateLimit
from guestlist.domain.worlds import things, users
from guestlist.store.database import Database
from guestlist.store.migrations import migrate
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
            stand.make(world)

    @contextmanager
    def fresh(self, *, rate_limit: RateLimit | None = None) -> Iterator[Stand]:
        copy = self._folder / "copy.db"
        shutil.copyfile(self._template, copy)
        with Stand(f"sqlite:///{copy}", rate_limit=rate_limit) as stand:
            stand.clock.now = examples.NOW
            yield stand
