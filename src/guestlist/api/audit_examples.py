"""An entry of the audit of the small world of `examples`: that of Bo's place."""

from guestlist.api import audit
from guestlist.domain.access import CUSTOM_USER

_ENTRY = audit.EntryDocument(
    sequence=5,
    at="2026-03-02T09:30:00.000000Z",
    actor="operator",
    origin=None,
    action="user.import",
    subject="user:r1e8n5y0wk3q7ljz",
    before=None,
    after={
        "role": CUSTOM_USER,
        "permissions": ["read-own-templates", "read-activity"],
        "domains": ["p3w8yq5nd2lk7e1g"],
        "templates": ["m9z4j6vxr0kd2q7n"],
        "requires_periodic_password_change": False,
        "email": "bo@acme.test",
    },
    request="cli-6c1b0a9d8e7f6a5b",
    hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
)
ANSWERS = {
    "listAudit": audit.AuditDocument([_ENTRY], audit.AuditLinks(None), audit.AuditMeta(None, 25))
}
