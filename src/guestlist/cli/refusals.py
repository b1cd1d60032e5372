"""How the terminal says a refusal: in one sentence, or one line for each fault of a file."""

from guestlist.cli import output
from guestlist.domain import refusals
from guestlist.domain.events import TYPES
from guestlist.domain.refusals import Fault, Refusal, Rule
from guestlist.domain.tokens import SCOPES

MOST_FAULTS = 50


class Told(Refusal):
    """A refusal that the terminal worded where it arose."""


_SENTENCES: dict[type[Refusal], str] = {
    refusals.Malformed: "That question cannot be read. Ask as docs/authorization.md says.",
    refusals.NotFound: "There is no such thing in this account.",
    refusals.Unauthenticated: "Nobody with this token is known here.",
    refusals.MissingScope: "This is beyond the power of who asks.",
    refusals.OutOfReach: (
        "This is out of reach of who asks: nobody gives, changes or takes more than they hold"
        " themselves. Somebody who holds it must do it."
    ),
    refusals.LastAdmin: (
        "An account keeps an Admin: this is its last one, so make somebody else Admin first."
    ),
    refusals.NoFreeSeat: (
        "Every seat of the account is taken: remove a user or an invite, or make more with:"
        " guestlist account set --seats N"
    ),
    refusals.TooManyInvitations: "The account reached its limit of invitations a day.",
    refusals.TooManyLetters: "This address got its letters of the day already.",
    refusals.Ended: "The invite has expired and its links open nothing; resend it first.",
    refusals.TooManyWebhooks: "The account has as many webhooks as it may: remove one first.",
    refusals.Disabled: (
        "The webhook is disabled, so nothing is sent to it; enable it with:"
        " guestlist webhooks update ID --enable"
    ),
    refusals.BrokenKey: "A key is 1 to 255 printable ASCII characters.",
    refusals.KeyReused: (
        "This key came with something else for this address in the last 24 hours; make a new key."
    ),
    refusals.BrokenAudit: (
        "The audit is not what was written, so nothing was deleted: that would end what can be"
        " found out of it. See: guestlist audit verify"
    ),
    refusals.NotRemembered: "What was so then was pruned from the audit; ask for a later moment.",
    refusals.HeadPruned: (
        "The entry of this head was pruned, so it shows nothing any more; give a later one."
    ),
}
_SUBJECTS = {
    "email": "The e-mail address",
    "role": "The role",
    "name": "The name",
    "status": "The status",
    "type": "The type",
    "description": "The description",
    "owner": "The owner",
    "id": "The id",
    "token": "The token",
    "password": "The password",
    "avatar": "The picture",
    "url": "The URL",
    "seats": "The number of seats",
    "password_days": "The number of days",
    "permissions": "The permissions",
    "domains": "The domains",
    "templates": "The templates",
    "scopes": "The scopes",
    "events": "The types of events",
    "enabled": "What says whether it is enabled",
    "overlap_hours": "The number of hours",
    "sequence": "The event's number",
}
_ENTRIES = {
    "permissions": "Permission",
    "domains": "Domain",
    "templates": "Template",
    "scopes": "Scope",
    "events": "Type of event",
}
PREDICATES = {
    Rule.REQUIRED: "must be given",
    Rule.REQUIRED_FOR_CUSTOM_USER: "must be given: a Custom User needs one or more",
    Rule.STRING: "must be text without NUL",
    Rule.EMAIL: "is not an e-mail address",
    Rule.URL: "is not an https URL",
    Rule.PUBLIC: "is at no public address; see --webhook-allow of: guestlist serve",
    Rule.HOST: "is not a host name, as in mail.acme.test",
    Rule.MAX_CHARACTERS: "has more than {limit} characters",
    Rule.TAKEN: "is in use already",
    Rule.SELECTED: "is not known{hint}",
    Rule.ARRAY: "must be a list",
    Rule.MAX_ITEMS: "have more than {limit} entries",
    Rule.READ_OWN_TEMPLATES: "need the permission read-own-templates",
    Rule.BOOLEAN: "must be true or false",
    Rule.INTEGER: "must be a whole number",
    Rule.INSTANT: "must be a date, as in 2026-05-03 or 2026-05-03T09:30:00Z",
    Rule.AT_LEAST: "must be at least {limit}",
    Rule.AT_MOST: "must be at most {limit}",
    Rule.MAY_OWN_TOKENS: (
        "may not own API tokens: that needs the permission manage-api-token, and nobody suspended"
        " has it"
    ),
    Rule.PASSWORD_SHORT: "has fewer than {limit} characters",
    Rule.PASSWORD_LONG: "has more than {limit} characters",
    Rule.PASSWORD_COMMON: "is easy to guess: it is a common one, a repetition or a sequence",
    Rule.PASSWORD_SAME: "is the one there is already",
    Rule.PASSWORD_LIKE_EMAIL: "is too much like the e-mail address, the name or the account",
    Rule.PICTURE: "is not a picture in PNG, JPEG, WebP or GIF",
    Rule.PICTURE_BYTES: "has more than {limit} MiB",
    Rule.PICTURE_PIXELS: "has more than {limit} megapixels",
}
_HINTS = {
    "role": "; see: guestlist roles",
    "permissions": "; see: guestlist permissions",
    "scopes": "; there are " + ", ".join(sorted(SCOPES)),
    "events": "; there are " + ", ".join(TYPES),
}


def worded(refusal: Refusal) -> str:
    match refusal:
        case refusals.Repeated() | refusals.Unproven():
            return _about_address(refusal)
        case refusals.Invalid():
            return "; ".join(_fault(fault) for fault in refusal.faults) + "."
        case refusals.BrokenFile():
            return _broken(refusal)
        case refusals.Unavailable():
            return f"{refusal}{_cause(refusal)}"
        case refusals.Misconfigured() | Told():
            return str(refusal)
    return _SENTENCES[type(refusal)]


def _about_address(refusal: refusals.Repeated | refusals.Unproven) -> str:
    if isinstance(refusal, refusals.Repeated):
        return f"The e-mail address is that of row {refusal.first + 1} too."
    return (
        f"Somebody signs in as {output.printable(refusal.email)} who came by a copied link, and"
        " nobody has shown to read its mail. Whoever does must first choose a password by a letter"
        " (at /forgotten); or erase them with: guestlist people erase EMAIL"
    )


def _fault(fault: Fault) -> str:
    name, _, number = fault.field.partition(".")
    subject = f"{_ENTRIES[name]} {int(number) + 1}" if number else _SUBJECTS[name]
    predicate = PREDICATES[fault.rule].format(limit=fault.limit, hint=_HINTS.get(name, ""))
    return f"{subject} {predicate}"


def _broken(refusal: refusals.BrokenFile) -> str:
    faults = refusal.faults
    lines = [f"{path}: {wrong}" if path else f"It {wrong}" for path, wrong in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        lines.append(f"and {len(faults) - MOST_FAULTS} more")
    shown = "\n".join(output.printable(line) for line in lines)
    return f"Nothing was written, for there {_counted(len(faults))}:\n{shown}"


def _counted(faults: int) -> str:
    return "is a fault" if faults == 1 else f"are {faults} faults"


def _cause(refusal: Refusal) -> str:
    """What the driver says of a database that cannot be reached."""
    cause = refusal.__cause__
    told = str(getattr(cause, "orig", cause) or "").strip().partition("\n")[0]
    return f" ({told})" if told else ""
