"""Every control there is."""

from guestlist.testing.controls import (
    about,
    accounts,
    clock,
    faults,
    invites,
    openapi,
    outbox,
    quota,
    requests,
    snapshots,
)
from guestlist.testing.controls.asks import Control

_LETTERS = (
    ("to", "The address it went to, in any case"),
    ("kind", "What it is about, as in invitation"),
    ("after", "Only those with a higher number"),
    ("wait", "So many seconds for the first that fits, 60 at most"),
)
_REQUESTS = (
    ("method", "How it was asked"),
    ("path", "A route of the API, a path, or the beginning of one and a *"),
    ("status", "What was answered"),
    ("after", "Only those with a higher number"),
    ("wait", "So many seconds for the first that fits, 60 at most"),
)

CONTROLS = [
    Control("GET", "", about.show, "What this twin is"),
    Control("GET", openapi.PATH, openapi.show, "This description"),
    Control(
        *("POST", "/reset", snapshots.reset, "Set back to the start"),
        answer=snapshots.ResetAnswer,
    ),
    Control(
        *("POST", "/snapshot", snapshots.keep, "Keep everything as it is, under a name"),
        body=snapshots.SnapshotBody,
        answer=snapshots.SnapshotAnswer,
    ),
    Control(
        *("POST", "/restore", snapshots.restore, "Set back to a snapshot"),
        body=snapshots.SnapshotBody,
        answer=snapshots.SnapshotAnswer,
    ),
    Control(
        *("GET", "/world", accounts.export, "Everything, as an import reads it"),
        answer=accounts.WorldAnswer,
    ),
    Control(
        *("POST", "/world", accounts.load, "Add the accounts of a world"),
        body=dict,
        answer=accounts.LoadedAnswer,
    ),
    Control(
        *("POST", "/accounts", accounts.make, "Make an account in a realm of its own"),
        body=dict,
        answer=accounts.AccountAnswer,
    ),
    Control(
        *("POST", "/accounts/drop", accounts.drop, "Throw the token's account away"),
        answer=accounts.DroppedAnswer,
    ),
    Control(
        *("GET", "/outbox", outbox.show, "Read the letters, oldest first"),
        answer=outbox.OutboxAnswer,
        query=_LETTERS,
    ),
    Control(
        *("POST", "/outbox/clear", outbox.clear, "Throw the letters away"),
        answer=outbox.OutboxAnswer,
    ),
    Control(
        *("POST", "/invites/{id}/accept", invites.accept, "Click the link and say yes"),
        body=invites.AcceptBody,
        answer=invites.AcceptAnswer,
    ),
    Control(
        *("POST", "/invites/{id}/decline", invites.decline, "Click the link and say no"),
        answer=invites.DeclineAnswer,
    ),
    Control(
        *("GET", "/clock", clock.show, "What time it is"),
        answer=clock.ClockAnswer,
    ),
    Control(
        *("POST", "/clock/freeze", clock.freeze, "Stand still, now or at a later instant"),
        body=clock.FreezeBody,
        answer=clock.ClockAnswer,
    ),
    Control(
        *("POST", "/clock/advance", clock.advance, "Go forward; what falls due on the way is done"),
        body=clock.AdvanceBody,
        answer=clock.ClockAnswer,
    ),
    Control(
        *("POST", "/clock/resume", clock.resume, "Run on"),
        answer=clock.ClockAnswer,
    ),
    Control(
        *("GET", "/faults", faults.show, "What is left of the faults that were planned"),
        answer=faults.PlanAnswer,
    ),
    Control(
        *("POST", "/faults", faults.add, "Plan a fault, or several under `faults`"),
        body=faults.PlanBody,
        answer=faults.PlanAnswer,
    ),
    Control(
        *("POST", "/faults/clear", faults.clear, "Let everything go well"),
        answer=faults.PlanAnswer,
    ),
    Control(
        *("GET", "/requests", requests.show, "Read what was asked and answered, oldest first"),
        answer=requests.RequestsAnswer,
        query=_REQUESTS,
    ),
    Control(
        *("POST", "/requests/clear", requests.clear, "Forget what was asked"),
        answer=requests.RequestsAnswer,
    ),
    Control(
        *("GET", "/quota", quota.show, "How much may be asked, and what is left of it"),
        answer=quota.QuotaAnswer,
    ),
    Control(
        *("POST", "/quota", quota.put, "Allow so many requests a day, or at a rate"),
        body=quota.QuotaBody,
        answer=quota.QuotaAnswer,
    ),
]
