"""A small world, and what the API would say of it: made by the code that serves it.

tests/api/test_openapi.py builds this world and asks for each example.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from guestlist.actions.bulk import MAX_ROWS, Fate, Row
from guestlist.actions.deliveries import Delivered
from guestlist.actions.invitations import Invitations
from guestlist.actions.tokens import Minted
from guestlist.api import (
    audit_examples,
    bulk,
    catalog,
    decision_examples,
    domains,
    invites,
    pages,
    refusals,
    templates,
    tokens,
    users,
    webhook_examples,
)
from guestlist.api.allowance import UNLIMITED
from guestlist.api.documents import Answer, encode
from guestlist.domain.access import ADMIN, CUSTOM_USER, DESIGNER, Catalog, Grant
from guestlist.domain.grants import Draft
from guestlist.domain.instants import parse
from guestlist.domain.invitations import DAY, DEFAULT_LIFE_DAYS, EXPIRED, Invitation
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.pages import MIN_SIZE, Page
from guestlist.domain.refusals import (
    Ended,
    Fault,
    Invalid,
    LastAdmin,
    NoFreeSeat,
    Refusal,
    Rule,
)
from guestlist.domain.things import Domain, Template, Things
from guestlist.domain.tokens import MAX_NAME, PREVIEW_LENGTH, Token
from guestlist.domain.users import User

NOW = parse("2026-03-02T09:30:00Z")
FOUNDED = parse("2025-11-20T08:00:00Z")
PRODUCTION_TEXT = "mlsn." + "1d2c3b4a59687766" * 4
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
LINK = "/invitations/" + 43 * "x"
ETAG = '"b1946ac92492d2347c6235b4d2611184"'

DOMAIN = Domain(1, "p3w8yq5nd2lk7e1g", "mail.acme.test", FOUNDED, FOUNDED + DAY)
TEMPLATE = Template(1, "m9z4j6vxr0kd2q7n", "Receipt", None, "rt", FOUNDED + 2 * DAY)
THINGS = Things({1: DOMAIN}, {1: TEMPLATE})
SENDER = Grant(CUSTOM_USER, ("read-own-templates", "read-activity"), (1,), (1,))

ANA = User(
    key=1,
    id="x7m2k9d4rpq1zv83",
    email="ana@acme.test",
    name="Ana",
    last_name="Kos",
    avatar="https://pictures.acme.test/ana.png",
    two_factor=True,
    grant=Grant(ADMIN),
    created_at=FOUNDED,
    updated_at=FOUNDED,
)
BO = User(
    key=2,
    id="r1e8n5y0wk3q7ljz",
    email="bo@acme.test",
    name="Bo",
    last_name="Lind",
    avatar=None,
    two_factor=False,
    grant=SENDER,
    created_at=FOUNDED + 3 * DAY,
    updated_at=NOW - DAY,
)
CLEO = Invitation(
    key=1,
    id="k1q7w3zr9vp5xd8y",
    email="cleo@acme.test",
    grant=SENDER,
    expires_at=NOW - DAY + DEFAULT_LIFE_DAYS * DAY,
    invited_by=1,
    created_at=NOW - DAY,
    updated_at=NOW - DAY,
)
DANA = Invitation(
    key=2,
    id="v0l9x2e7qj4n8zw5",
    email="dana@acme.test",
    grant=Grant(CUSTOM_USER, ("manage-domain", "read-activity"), (1,)),
    expires_at=NOW + DEFAULT_LIFE_DAYS * DAY,
    invited_by=1,
    created_at=NOW,
    updated_at=NOW,
)
BODIES: Mapping[str, dict[str, Any]] = {
    "inviteUser": {
        "email": DANA.email,
        "role": CUSTOM_USER,
        "permissions": ["manage-domain", "read-activity"],
        "domains": [DOMAIN.id],
    },
    "updateUser": {
        "role": CUSTOM_USER,
        "permissions": ["read-own-templates"],
        "templates": [TEMPLATE.id],
        "requires_periodic_password_change": True,
    },
    "editInvite": {"role": "Designer"},
    "inviteMany": {
        "invitations": [
            {"email": "dana@acme.test", "role": "Designer"},
            {"email": "bo@acme.test", "role": "Designer"},
        ],
        "dry_run": True,
    },
    "createToken": {"name": "Nightly report", "scopes": ["users_read"]},
    "changeToken": {"name": "Production, Frankfurt"},
    "changeTokenStatus": {"status": "pause"},
    **decision_examples.BODIES,
    **webhook_examples.BODIES,
}

PRODUCTION = Token(
    key=1,
    id="9c1e4f" + 74 * "0",
    name="Production",
    scopes=(
        *("users_full", "domains_full", "templates_full", "tokens_full"),
        *("webhooks_full", "audit_read"),
    ),
    owner=1,
    owner_id=ANA.id,
    owner_role=ADMIN,
    paused=False,
    preview=PRODUCTION_TEXT[:PREVIEW_LENGTH],
    domain=None,
    created_at=FOUNDED,
    expires_at=None,
    last_used_at=None,
)
NIGHTLY_TEXT = "mlsn." + "7f80a1b2c3d4e5f6" * 4
NIGHTLY = replace(
    PRODUCTION,
    id="52d7a8" + 74 * "0",
    name=BODIES["createToken"]["name"],
    scopes=("users_read",),
    preview=NIGHTLY_TEXT[:PREVIEW_LENGTH],
    created_at=NOW,
)

IDS = {
    "user_id": BO.id,
    "invite_id": CLEO.id,
    "domain_id": DOMAIN.id,
    "template_id": TEMPLATE.id,
    "token_id": PRODUCTION.id,
    "webhook_id": webhook_examples.CREW.id,
}

_NO_ROLE = Invalid(
    [
        Fault("role", Rule.SELECTED),
        Fault("templates", Rule.READ_OWN_TEMPLATES),
        Fault("permissions.0", Rule.SELECTED),
    ]
)
_REFUSED: Mapping[str, Refusal] = {
    "inviteUser": _NO_ROLE,
    "updateUser": _NO_ROLE,
    "removeUser": LastAdmin(),
    "suspendUser": LastAdmin(),
    "resendInvite": NoFreeSeat(),
    "editInvite": _NO_ROLE,
    "copyInviteLink": Ended(EXPIRED),
    "inviteMany": Invalid([Fault("invitations", Rule.MAX_ITEMS, MAX_ROWS)]),
    "createToken": Invalid([Fault("scopes.0", Rule.SELECTED)]),
    "changeToken": Invalid([Fault("name", Rule.MAX_CHARACTERS, MAX_NAME)]),
    "changeTokenStatus": Invalid([Fault("status", Rule.SELECTED)]),
    "listAudit": Invalid([Fault("from", Rule.INSTANT)]),
    **webhook_examples.REFUSED,
}
_NO_PAGE = Invalid([Fault("limit", Rule.AT_LEAST, MIN_SIZE)])


def answers(public_url: str, words: Catalog = MAILERSEND) -> dict[str, Any]:
    """What each operation that answers with a document would say, by operation."""
    found = _users(public_url) | _invites(public_url) | _things(public_url) | _tokens(public_url)
    found |= _whole_invites(public_url) | audit_examples.ANSWERS | decision_examples.ANSWERS
    found |= webhook_examples.answers(public_url)
    midnight = catalog.next_midnight(NOW)
    quota = catalog.QuotaDocument(UNLIMITED, UNLIMITED, midnight)
    found |= {"getQuota": quota, "getCatalog": {"data": catalog.document(words)}}
    return {operation: plain(encode(document)) for operation, document in found.items()}


def refusal(operation: str) -> Any:
    """What a 422 of the operation could say."""
    refused = _REFUSED.get(operation, _NO_PAGE)
    return said(refusals.refused(refused, is_change=operation == "updateUser"))


def said(answer: Answer) -> Any:
    return plain(answer.body)


def plain(body: bytes) -> Any:
    return msgspec.json.decode(body)


def _users(public_url: str) -> dict[str, Any]:
    bo = users.document(BO, THINGS, MAILERSEND)
    narrowed = Grant(
        CUSTOM_USER, ("read-own-templates",), (), (1,), requires_periodic_password_change=True
    )
    changed = users.document(replace(BO, grant=narrowed, updated_at=NOW), THINGS, MAILERSEND)
    suspended = replace(BO, suspended_at=NOW, updated_at=NOW)
    return {
        "listUsers": _listed(
            public_url + users.PATH, [users.document(ANA, THINGS, MAILERSEND), bo]
        ),
        "inviteUser": {"data": invites.document(DANA, THINGS)},
        "getUser": {"data": bo},
        "updateUser": {"data": changed},
        "getWholeUser": {"data": users.whole(BO, THINGS, MAILERSEND)},
        "suspendUser": {"data": users.whole(suspended, THINGS, MAILERSEND)},
        "reactivateUser": {"data": users.whole(BO, THINGS, MAILERSEND)},
    }


def _invites(public_url: str) -> dict[str, Any]:
    cleo = invites.document(CLEO, THINGS)
    return {
        "listInvites": _listed(public_url + invites.PATH, [cleo]),
        "getInvite": {"data": cleo},
        "resendInvite": {"data": cleo},
    }


def _whole_invites(public_url: str) -> dict[str, Any]:
    """An imported one has no letter."""
    edited = replace(CLEO, grant=Grant(DESIGNER, SENDER.permissions), updated_at=NOW)
    found = Delivered(Invitations([CLEO], 1, THINGS, 0), {}, {1: ANA.id}, NOW)
    cleo = invites.whole(CLEO, found)
    rows = [Row(sent["email"], Draft()) for sent in BODIES["inviteMany"]["invitations"]]
    taken = Invalid([Fault("email", Rule.TAKEN)])
    fates = [Fate(rows[0]), Fate(rows[1], refusal=taken)]
    return {
        "listWholeInvites": _listed(public_url + invites.WHOLE_PATH, [cleo]),
        "getWholeInvite": {"data": cleo},
        "editInvite": {"data": invites.whole(edited, found)},
        "copyInviteLink": {"data": invites.LinkDocument(public_url + LINK)},
        "inviteMany": bulk.document(fates, dry_run=True),
    }


def _things(public_url: str) -> dict[str, Any]:
    domain, template = domains.document(DOMAIN), templates.document(TEMPLATE)
    paged = pages.simple(public_url + templates.PATH, Page(), shown=1, more=False)
    return {
        "listDomains": _listed(public_url + domains.PATH, [domain]),
        "getDomain": {"data": domain},
        "listTemplates": {"data": [template], **paged},
        "getTemplate": {"data": templates.whole(TEMPLATE)},
    }


def _tokens(public_url: str) -> dict[str, Any]:
    production = tokens.document(PRODUCTION, None)
    renamed = replace(PRODUCTION, name=BODIES["changeToken"]["name"])
    return {
        "listTokens": _listed(public_url + tokens.PATH, [production]),
        "createToken": {"data": tokens.minted(Minted(NIGHTLY, None, NIGHTLY_TEXT))},
        "getToken": {"data": production},
        "changeToken": {"data": tokens.document(renamed, None)},
        "changeTokenStatus": {"data": tokens.document(replace(PRODUCTION, paused=True), None)},
    }


def _listed(base: str, documents: Sequence[Any]) -> dict[str, Any]:
    total = len(documents)
    return {"data": documents, **pages.length_aware(base, Page(), total=total, shown=total)}
