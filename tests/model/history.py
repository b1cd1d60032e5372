"""What the audit tells, followed from the first entry: it must lead to what there is now."""

import json
from dataclasses import dataclass, field
from typing import Any

from guestlist.actions import audit
from guestlist.domain import audit as rules
from guestlist.domain.audit import Broken, Entry, Link
from tests.model.doors import Doors
from tests.model.power import Grant
from tests.model.rows import Rows


def chain_is_whole(doors: Doors) -> None:
    """As its operator verifies it, from its start."""
    verdict = audit.verify(doors.runtime, doors.operator)
    assert verdict.broken is None, f"the audit's chain is broken: {verdict.broken!r}"
    assert verdict.unchained == 0


def followed(doors: Doors, link: Link, head: Link) -> Link:
    """Where the chain ends that goes on behind a link: at what the account says is its head."""
    try:
        for entry in audit.span(doors.runtime, doors.operator, link.sequence, head.sequence):
            link = rules.follow(link, entry, doors.account_id)
    except Broken as broken:
        raise AssertionError(f"the audit's chain is broken: {broken!r}") from broken
    assert link == head, "the account's head is not where the chain ends"
    return link


@dataclass
class Told:
    """What is so after some entries: grants of users and invitations, owners of tokens."""

    users: dict[str, tuple[Grant, bool]] = field(default_factory=dict)
    invites: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def hear(self, entry: Entry) -> None:
        """What it says was so before must be what was told last."""
        kind, _, wire_id = entry.subject.partition(":")
        verb = entry.action.partition(".")[2]
        before, after = (json.loads(side or "null") for side in (entry.before, entry.after))
        if kind == "user":
            self._user(wire_id, verb, before, after)
        elif kind == "invitation":
            self._invitation(wire_id, verb, before, after)
        elif kind == "token":
            self._token(wire_id, verb, before, after)
        elif verb == "remove":
            self._forget(wire_id)

    def _user(self, user: str, verb: str, before: Any, after: Any) -> None:
        if verb == "import":
            self.users[user] = _grant(after), False
        elif verb in {"update", "suspend", "reactivate", "remove", "leave"}:
            grant, suspended = self.users.pop(user)
            assert _grant(before) == grant, f"{verb} of {user} began with something else"
            assert before.get("suspended", suspended) == suspended
            if after is not None:
                self.users[user] = _grant(after), after.get("suspended", suspended)

    def _invitation(self, invite: str, verb: str, before: Any, after: Any) -> None:
        if verb in {"create", "import"}:
            self.invites[invite] = _grant(after)
        elif verb in {"update", "accept", "decline", "cancel"}:
            grant = self.invites.pop(invite)
            assert _grant(before) == grant, f"{verb} of {invite} began with something else"
            if verb == "update":
                self.invites[invite] = _grant(after)
            if verb == "accept":
                self.users[after["user"]] = grant, False
        else:
            assert invite in self.invites, f"{verb} of {invite}, which is over"

    def _token(self, token: str, verb: str, before: Any, after: Any) -> None:
        if verb in {"create", "import"}:
            self.tokens[token] = after["owner"], False
            return
        owner, paused = self.tokens.pop(token)
        assert before.get("owner", owner) == owner
        assert before.get("paused", paused) == paused
        if after is not None:
            self.tokens[token] = after.get("owner", owner), after.get("paused", paused)

    def _forget(self, thing: str) -> None:
        self.users = {user: (held.without(thing), off) for user, (held, off) in self.users.items()}
        self.invites = {invite: held.without(thing) for invite, held in self.invites.items()}


def leads_to(doors: Doors, found: Rows) -> None:
    """One entry for each change, so that what is so now follows from them alone."""
    told = Told()
    for entry in audit.every(doors.runtime, doors.operator):
        told.hear(entry)
    owners = {user.key: user.id for user in found.users}
    assert told.users == {user.id: (user.grant, user.suspended) for user in found.users}
    assert told.invites == {invite.id: invite.grant for invite in found.invites}
    assert told.tokens == {token.id: (owners[token.owner], token.paused) for token in found.tokens}


def _grant(told: Any) -> Grant:
    return Grant(
        told["role"], tuple(told["permissions"]), tuple(told["domains"]), tuple(told["templates"])
    )
