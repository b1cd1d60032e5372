"""API tokens: what they look like, what they may be given, and what a token's body must be."""

from dataclasses import dataclass
from typing import Any

from guestlist.domain import access
from guestlist.domain.access import ADMIN, Actor, Catalog, Grant
from guestlist.domain.refusals import Fault, Invalid, OutOfReach, Rule

PREFIX = "mlsn."
PREVIEW_LENGTH = len(PREFIX) + 6
TEXT_BYTES = 32
ID_BYTES = 40
MAX_NAME = 50
MAX_SCOPES = 1_000
STATUSES = ("pause", "unpause")

_READ_AND_FULL = (
    "domains",
    "activity",
    "analytics",
    "suppressions",
    "sms",
    "email_verification",
    "recipients",
    "sender_identity",
    "users",
    "smtp_users",
    "dmarc_monitoring",
    "blocklist_monitoring",
    "whatsapp",
)
_FULL_ONLY = ("email", "tokens", "webhooks", "templates", "inbounds")
# Contract section 6; `whatsapp_read` is Python's, `ifttt` is Node's, `audit_read` our own: who asks
# for decisions need not read where everybody sits.
SCOPES = frozenset(
    {f"{name}_{way}" for name in _READ_AND_FULL for way in ("read", "full")}
    | {f"{name}_full" for name in _FULL_ONLY}
    | {"ifttt", "audit_read"}
)


def text_from(random: bytes) -> str:
    return PREFIX + random.hex()


def preview(text: str) -> str:
    """What may be shown of a token; nothing of one so short that it would be known by it."""
    return text[:PREVIEW_LENGTH] if len(text) > 4 * PREVIEW_LENGTH else ""


@dataclass(frozen=True, slots=True)
class Token:
    """`owner` is a user's key. Instants are microseconds since 1970, UTC; None is never."""

    key: int
    id: str
    name: str
    scopes: tuple[str, ...]
    owner: int
    owner_id: str
    owner_role: str
    paused: bool
    preview: str
    domain: int | None
    created_at: int
    expires_at: int | None
    last_used_at: int | None


def examine_new(name: Any, scopes: Any, *, by: Actor) -> tuple[str, tuple[str, ...]]:
    """The name and scopes of a new token. Raises Invalid; nobody gives a scope they lack."""
    faults = name_faults(name, required=True) + _scopes_faults(scopes)
    if isinstance(scopes, list) and len(scopes) <= MAX_SCOPES:
        faults += [
            Fault(f"scopes.{number}", Rule.SELECTED)
            for number, scope in enumerate(scopes)
            if not (isinstance(scope, str) and _may_give(by, scope))
        ]
    if faults:
        raise Invalid(faults)
    return name, tuple(dict.fromkeys(scopes))


def examine_change(
    name: Any, status: Any, *, status_required: bool
) -> tuple[str | None, bool | None]:
    """The new name and pause of a token, None for what stays. Raises Invalid."""
    faults = name_faults(name, required=False)
    if status is None:
        faults += [Fault("status", Rule.REQUIRED)] if status_required else []
    elif status not in STATUSES:
        faults.append(Fault("status", Rule.SELECTED))
    if faults:
        raise Invalid(faults)
    return name, None if status is None else status == "pause"


def check_reach(catalog: Catalog, *, by: Actor, owner: int, role: str) -> None:
    """One's own tokens; Admin and Manager all, a Manager not an Admin's. Raises OutOfReach."""
    if by.is_operator or by.user == owner:
        return
    if not catalog.outranks(by.grant, role):
        raise OutOfReach


def is_usable(
    catalog: Catalog,
    owner: Grant,
    *,
    paused: bool,
    suspended: bool,
    expires_at: int | None,
    now: int,
) -> bool:
    """Not paused, not past its end, and its owner is neither suspended nor forbidden one."""
    if paused or suspended or (expires_at is not None and now >= expires_at):
        return False
    return catalog.may_own_tokens(owner)


def _may_give(by: Actor, scope: str) -> bool:
    if scope not in SCOPES:
        return False
    return by.is_operator or access.scope_covers(by.scopes, scope)


def name_faults(name: object, *, required: bool) -> list[Fault]:
    """Of a token's name, and of a webhook's."""
    if name is None or (required and name in ([], {})):
        return [Fault("name", Rule.REQUIRED)] if required else []
    if not isinstance(name, str) or "\0" in name:
        return [Fault("name", Rule.STRING)]
    if not name.strip():
        return [Fault("name", Rule.REQUIRED)]
    return [Fault("name", Rule.MAX_CHARACTERS, MAX_NAME)] if len(name) > MAX_NAME else []


def _scopes_faults(scopes: object) -> list[Fault]:
    if scopes in (None, [], {}):
        return [Fault("scopes", Rule.REQUIRED)]
    if not isinstance(scopes, list):
        return [Fault("scopes", Rule.ARRAY)]
    return [Fault("scopes", Rule.MAX_ITEMS, MAX_SCOPES)] if len(scopes) > MAX_SCOPES else []


def visible_roles(catalog: Catalog, by: Actor) -> list[str] | None:
    """The roles of owners whose tokens `by` sees beside its own; None is any, unknown ones too."""
    if by.grant.role == ADMIN:
        return None
    return [role.name for role in catalog.roles if catalog.outranks(by.grant, role.name)]
