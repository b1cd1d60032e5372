"""MailerSend's vocabulary: five roles and 36 permissions.

Source: the requirement's Users page; what each is about: design, section 4.
"""

from guestlist.domain.access import (
    ACCOUNT,
    ACCOUNTANT,
    ADMIN,
    CUSTOM_USER,
    DESIGNER,
    DOMAIN,
    MANAGER,
    TEMPLATE,
    Catalog,
    Permission,
    Role,
)

ROLES = (
    Role(ADMIN, "Full access; can do everything in the account.", "all", manages_users=True),
    Role(
        MANAGER,
        "Full access, the API and billing included; Admins are out of reach.",
        "all",
        manages_users=True,
    ),
    Role(
        DESIGNER,
        "Views and creates templates, nothing else.",
        frozenset({"read-all-templates", "manage-template", "read-filemanager"}),
    ),
    Role(
        ACCOUNTANT,
        "Manages payments and reads invoices, nothing else.",
        frozenset({"update-plan", "read-invoice"}),
    ),
    Role(CUSTOM_USER, "What is listed, permission by permission.", "listed", is_narrowed=True),
)

_ON_DOMAINS = frozenset({"Domains", "Recipient", "Activity", "Analytics", "Sender identities"})
# Of the group Templates; `read-all-templates` is on all of them.
_ON_LISTED_TEMPLATES = frozenset({"read-own-templates", "manage-template"})
_ON_TEMPLATES = _ON_LISTED_TEMPLATES | {"read-all-templates"}


def _permission(name: str, description: str, group: str) -> Permission:
    if group in _ON_DOMAINS:
        return Permission(name, description, group, DOMAIN, is_narrowed=True)
    if name in _ON_TEMPLATES:
        narrowed = name in _ON_LISTED_TEMPLATES
        return Permission(name, description, group, TEMPLATE, is_narrowed=narrowed)
    return Permission(name, description, group, ACCOUNT)


PERMISSIONS = tuple(
    _permission(name, description, group)
    for group, permissions in (
        (
            "Templates",
            (
                ("read-all-templates", "View all templates"),
                ("read-own-templates", "View specific templates"),
                ("manage-template", "Manage templates"),
                ("read-filemanager", "View the file manager"),
            ),
        ),
        (
            "Domains",
            (
                ("manage-domain", "Manage domain"),
                ("manage-inbound", "Manage inbound routes"),
                ("manage-webhook", "Manage webhooks"),
                ("control-sendings", "Control sendings"),
                ("control-tracking-options", "Control tracking option"),
                ("access-smtp-credentials", "Access SMTP credentials"),
                ("view-smtp-users", "View SMTP users"),
                ("manage-smtp-users", "Manage SMTP users"),
            ),
        ),
        ("Recipient", (("read-recipient", "View recipients"),)),
        (
            "Activity",
            (("read-activity", "View email activity"), ("read-email", "View email content")),
        ),
        ("Analytics", (("read-analytics", "View email analytics"),)),
        (
            "Sender identities",
            (
                ("read-sender-identities", "View sender identities"),
                ("manage-sender-identities", "Manage sender identities"),
            ),
        ),
        (
            "Email verification",
            (
                ("read-email-verification", "View email verifications lists"),
                ("manage-email-verification", "Manage email verification lists"),
            ),
        ),
        (
            "SMS",
            (
                ("manage-sms", "Manage numbers"),
                ("read-sms", "View SMS activity"),
                ("manage-verified-recipients", "Manage verified recipients"),
                ("view-sms-webhooks", "View number webhooks"),
                ("manage-sms-webhooks", "Manage number webhooks"),
                ("view-sms-inbound", "View number inbound routes"),
                ("manage-sms-inbound", "Manage number inbound routes"),
            ),
        ),
        (
            "Plan and Billing",
            (("update-plan", "Manage plans"), ("manage-account", "Edit account settings")),
        ),
        (
            "Account settings",
            (
                ("read-invoice", "View invoices"),
                ("manage-api-token", "Manage API tokens"),
                ("read-suppressions", "View suppressions lists"),
                ("manage-suppressions", "Manage suppressions"),
                ("read-ip-addresses", "View IP allowlist"),
                ("manage-ip-addresses", "Manage IP allowlist"),
                ("read-error-log", "View error log"),
            ),
        ),
    )
    for name, description in permissions
)

MAILERSEND = Catalog(ROLES, PERMISSIONS)
