"""Every control there is."""

from dataclasses import dataclass

from guestlist.testing.controls import about, accounts, clock, invites, outbox, snapshots
from guestlist.testing.controls.asks import Handler


@dataclass(frozen=True, slots=True)
class Control:
    """`path` comes after /_twin; at most one part of it is an id."""

    method: str
    path: str
    handler: Handler
    summary: str


CONTROLS = [
    Control("GET", "", about.show, "What this twin is"),
    Control("POST", "/reset", snapshots.reset, "Set back to the start"),
    Control("POST", "/snapshot", snapshots.keep, "Keep a snapshot, by `name`"),
    Control("POST", "/restore", snapshots.restore, "Set back to a snapshot, by `name`"),
    Control("GET", "/world", accounts.export, "Everything, as an import reads it"),
    Control("POST", "/world", accounts.load, "Add the accounts of a world"),
    Control("POST", "/accounts", accounts.make, "An account of its own, for one test"),
    Control("POST", "/accounts/drop", accounts.drop, "Throw the token's account away"),
    Control("GET", "/outbox", outbox.show, "Letters, by `to`, `kind`, `after`; `wait` seconds"),
    Control("POST", "/outbox/clear", outbox.clear, "Throw the letters away"),
    Control("POST", "/invites/{id}/accept", invites.accept, "Click the link and say yes"),
    Control("POST", "/invites/{id}/decline", invites.decline, "Click the link and say no"),
    Control("GET", "/clock", clock.show, "What time it is"),
    Control("POST", "/clock/freeze", clock.freeze, "Stand still, now or `at` a later instant"),
    Control("POST", "/clock/advance", clock.advance, "Go forward by `days`…`seconds`, or `to`"),
    Control("POST", "/clock/resume", clock.resume, "Run on"),
]
