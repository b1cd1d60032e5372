"""The audit as its readers see it."""

from typing import Any

from guestlist.actions import audit
from guestlist.actions.audit import Verdict
from guestlist.domain.audit import network, sides
from tests.stand import Team


def entries(team: Team, since: int = 0) -> list[dict[str, Any]]:
    """Of this account, behind an entry: `actor` without the token's id."""
    return [
        {
            "at": entry.at,
            "actor": entry.actor.partition(" token:")[0],
            "origin": network(entry),
            "request": entry.request,
            "action": entry.action,
            "subject": entry.subject,
            "before": sides(entry)[0],
            "after": sides(entry)[1],
        }
        for entry in audit.every(team.stand.runtime, team.operator)
        if (entry.sequence or 0) > since
    ]


def last(team: Team) -> int:
    """The newest entry's sequence."""
    return len(list(audit.every(team.stand.runtime, team.operator)))


def verdict(team: Team) -> Verdict:
    return audit.verify(team.stand.runtime, team.operator)


def check_whole(team: Team) -> None:
    found = verdict(team)
    assert found.broken is None, found.broken
    assert (found.entries, found.unchained) == (found.head.sequence, 0)
