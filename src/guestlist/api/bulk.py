"""Many invites in one request: each row has a fate of its own."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from guestlist.actions import bulk
from guestlist.actions.bulk import MAX_ROWS, Fate, Row
from guestlist.api import forms, invites, refusals
from guestlist.api.documents import Answer, answer
from guestlist.api.endpoints import Request
from guestlist.api.invites import InviteDocument
from guestlist.domain.refusals import Fault, Invalid, Rule

INVITED, REPEATED, REFUSED, UNTRIED = "invited", "repeated", "refused", "untried"
CAN_BE_INVITED = "can_be_invited"
_STATUSES = (CAN_BE_INVITED, INVITED, REPEATED, REFUSED, UNTRIED)

RowStatus: TypeAlias = Annotated[
    str,
    Meta(
        description=(
            "`can_be_invited`: of a dry run. `repeated`: invited under this `Idempotency-Key` "
            "before. `untried`: what is in `message` ended the list before this row."
        ),
        extra_json_schema={"enum": list(_STATUSES)},
    ),
]


class RowDocument(Struct, frozen=True):
    """`row` counts from 0; `message` and `errors` are what a request of its own would be told."""

    row: int
    email: str | None
    status: RowStatus
    invite: InviteDocument | None
    message: str | None
    errors: dict[str, list[str]]


class BulkMeta(Struct, frozen=True):
    """How many rows have each status."""

    can_be_invited: int
    invited: int
    repeated: int
    refused: int
    untried: int


class BulkDocument(Struct, frozen=True):
    data: list[RowDocument]
    meta: BulkMeta


def invite(request: Request) -> Answer:
    rows, dry_run = read(request.body)
    ask = bulk.rehearse if dry_run else bulk.invite
    fates = ask(request.runtime, request.caller, rows, key=request.key)
    return answer(document(list(fates), dry_run=dry_run))


def read(body: dict[str, Any]) -> tuple[list[Row], bool]:
    """Raises Invalid for what is no list of rows; the rows are judged one by one later."""
    sent = body.get("invitations")
    faults = _list_faults(sent)
    dry_run = body.get("dry_run") or False
    if not isinstance(dry_run, bool):
        faults.append(Fault("dry_run", Rule.BOOLEAN))
    if faults:
        raise Invalid(faults)
    return [_row(value) for value in sent or ()], dry_run


def document(fates: Sequence[Fate], *, dry_run: bool) -> BulkDocument:
    rows = [_told(number, fate, dry_run=dry_run) for number, fate in enumerate(fates)]
    counted = Counter(row.status for row in rows)
    return BulkDocument(rows, BulkMeta(**{status: counted[status] for status in _STATUSES}))


def _list_faults(sent: object) -> list[Fault]:
    if sent in (None, [], {}):
        return [Fault("invitations", Rule.REQUIRED)]
    if not isinstance(sent, list):
        return [Fault("invitations", Rule.ARRAY)]
    return [Fault("invitations", Rule.MAX_ITEMS, MAX_ROWS)] if len(sent) > MAX_ROWS else []


def _row(value: object) -> Row:
    """What is no object has no fields, as a body that is none."""
    fields = forms.fields(value) if isinstance(value, dict) else {}
    return Row(fields.get("email"), invites.draft(fields))


def _told(number: int, fate: Fate, *, dry_run: bool) -> RowDocument:
    email = fate.row.email if isinstance(fate.row.email, str) else None
    if fate.refusal is not None:
        said = refusals.said(fate.refusal)
        status = UNTRIED if fate.untried else REFUSED
        return RowDocument(number, email, status, None, said.message, said.errors)
    invite = None
    status = CAN_BE_INVITED if dry_run else INVITED
    if fate.made is not None:
        [invitation] = fate.made.invitations
        invite = invites.document(invitation, fate.made.things)
        status = REPEATED if fate.made.repeated else status
    return RowDocument(number, email, status, invite, None, {})
