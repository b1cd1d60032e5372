"""An account of a twin."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from guestlist.testing.handles.clock import Clock
from guestlist.testing.handles.controls import Controls, Refused
from guestlist.testing.handles.faults import Faults
from guestlist.testing.handles.outbox import NoLetter, Outbox

_NOBODY = 401


class Account:
    """An account in a world of its own: nobody of another account is met there.

    `token` has every scope, unless its document said otherwise, and `admin` is the e-mail address
    of whose token it is. `tokens` are the texts of all of them, by name.
    """

    def __init__(self, url: str, told: Mapping[str, Any]) -> None:
        tokens = told.get("tokens") or [{}]
        first = tokens[0]
        self.id = str(told["id"])
        self.name = str(told["name"])
        self.token = str(first.get("token", ""))
        self.admin = str(first.get("owner", ""))
        self.tokens = {str(it["name"]): str(it["token"]) for it in tokens if it}
        self.controls = Controls(url, self.token)
        self.clock = Clock(self.controls)
        self.outbox = Outbox(self.controls)
        self.faults = Faults(self.controls)

    def invite_link(self, email: str) -> str:
        """What the newest invitation to an address would be answered by. Raises NoLetter."""
        letters = [letter for letter in self.outbox if letter.to.casefold() == email.casefold()]
        links = [letter.link for letter in letters if letter.kind in {"invitation", "reminder"}]
        if not links:
            raise NoLetter(f"No invitation went to {email}.")
        return links[-1]

    def accept(self, invite_id: str, *, name: str = "Eve", last_name: str = "") -> str:
        """Clicks the newest link of an invite and says yes, under that name; the new user's id.

        Raises Refused: 404 where no letter brought its link, 410 where it opens nothing any more,
        409 where no seat is free.
        """
        body = {"name": name, "last_name": last_name}
        return str(self._answered(invite_id, "accept", body)["user_id"])

    def decline(self, invite_id: str) -> None:
        """Clicks the newest link of an invite and says no. Raises Refused, as `accept`."""
        self._answered(invite_id, "decline", {})

    def reset(self) -> None:
        """Back to how the account began."""
        self.controls.ask("POST", "/reset")

    def snapshot(self, name: str = "snapshot") -> None:
        """Keeps the account as it is now, for `restore`."""
        self.controls.ask("POST", "/snapshot", {"name": name})

    def restore(self, name: str = "snapshot") -> None:
        """Back to a snapshot. Raises Refused where there is none of that name."""
        self.controls.ask("POST", "/restore", {"name": name})

    def drop(self) -> None:
        """Throws it away; once more does nothing."""
        try:
            self.controls.ask("POST", "/accounts/drop")
        except Refused as refused:
            if refused.status != _NOBODY:
                raise

    def _answered(self, invite_id: str, how: str, body: Mapping[str, Any]) -> Any:
        return self.controls.ask("POST", f"/invites/{quote(invite_id, safe='')}/{how}", body)
