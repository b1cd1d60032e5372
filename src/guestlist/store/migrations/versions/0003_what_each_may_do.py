"""What each may do: suspension, a chained audit, webhooks

Revision: 0003, after 0002
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ZERO = sa.text("0")
AUDIT = sa.table(
    "audit",
    *(sa.column(name) for name in ("key", "subject", "before", "after", "personal")),
)
OF_PEOPLE = ("user", "invitation", "person")
PERSONAL = ("email", "name", "last_name", "avatar")


def upgrade() -> None:
    _suspension()
    _audit()
    _webhooks()


def _suspension() -> None:
    op.add_column("users", sa.Column("suspended_at", sa.BigInteger(), nullable=True))


def _audit() -> None:
    op.add_column("accounts", sa.Column("entries", Whole, server_default=ZERO, nullable=False))
    op.add_column("accounts", sa.Column("head", sa.LargeBinary(), nullable=True))
    for name in ("personal", "origin"):
        op.add_column("audit", sa.Column(name, Words, nullable=True))
        op.add_column("audit", sa.Column(f"{name}_digest", sa.LargeBinary(), nullable=True))
    op.add_column("audit", sa.Column("sequence", Whole, nullable=True))
    op.add_column("audit", sa.Column("hash", sa.LargeBinary(), nullable=True))
    _older_entries()
    op.drop_index(op.f("ix_audit_account_key"), "audit")
    for name in ("at", "actor", "subject"):
        op.create_index(op.f(f"ix_audit_account_{name}"), "audit", ["account", name])
    op.create_index("ix_audit_account_sequence", "audit", ["account", "sequence"], unique=True)
    op.create_table(
        "audit_checkpoints",
        sa.Column("account", Whole, autoincrement=False, nullable=False),
        sa.Column("sequence", Whole, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kept_digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.key"], name=op.f("fk_audit_checkpoints_account")
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_audit_checkpoints")),
    )


def _older_entries() -> None:
    """They get numbers and no hashes; what says who somebody is moves to where it can be erased."""
    op.execute(
        "UPDATE audit SET sequence = numbered.number FROM (SELECT key AS numbered_key,"
        " row_number() OVER (PARTITION BY account ORDER BY key) AS number"
        " FROM audit WHERE account IS NOT NULL) AS numbered WHERE key = numbered_key"
    )
    op.execute(
        "UPDATE accounts SET entries = (SELECT count(*) FROM audit WHERE account = accounts.key)"
    )
    found = op.get_bind().execute(
        sa.select(AUDIT).where(sa.or_(*(AUDIT.c.subject.like(f"{kind}:%") for kind in OF_PEOPLE)))
    )
    move = (
        sa.update(AUDIT)
        .where(AUDIT.c.key == sa.bindparam("the_key"))
        .values({name: sa.bindparam(f"new_{name}") for name in ("before", "after", "personal")})
    )
    while rows := found.fetchmany(1_000):
        moved = [
            {"the_key": key, "new_before": sides[0], "new_after": sides[1], "new_personal": told}
            for key, _, before, after, _ in rows
            for sides, told in [_apart(before, after)]
            if told is not None
        ]
        if moved:
            op.get_bind().execute(move, moved)


def _apart(*sides: str | None) -> tuple[list[str | None], str | None]:
    """`before` and `after` without what says who somebody is, and that."""
    personal: dict[str, dict[str, str]] = {}
    rest: list[str | None] = []
    for name, text in zip(("before", "after"), sides, strict=True):
        side = (json.loads(text) if text else None) or {}
        known = {k: v for k, v in side.items() if k in PERSONAL and v}
        if known:
            personal[name] = known
        rest.append(json.dumps(side | dict.fromkeys(known, "erased")) if known else text)
    told = json.dumps(personal, sort_keys=True, separators=(",", ":")) if personal else None
    return rest, told


def _webhooks() -> None:
    for name in ("webhooks", "events"):
        op.add_column("accounts", sa.Column(name, Whole, server_default=ZERO, nullable=False))
    op.add_column("invitations", sa.Column("expiry_told_at", sa.BigInteger(), nullable=True))
    untold = sa.text("state = 'pending' AND expiry_told_at IS NULL")
    op.create_index(
        "ix_invitations_end_untold",
        "invitations",
        ["account", "expires_at"],
        sqlite_where=untold,
        postgresql_where=untold,
    )
    op.create_table(
        "webhooks",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("url", Words, nullable=False),
        sa.Column("events", Words, nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("trouble", Words, nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_webhooks_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("account", "id", name=op.f("uq_webhooks_account_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("sequence", Whole, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", Words, nullable=False),
        sa.Column("data", Words, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_events_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_events")),
        sa.UniqueConstraint("account", "sequence", name=op.f("uq_events_account_sequence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_at"), "events", ["at"])
    _webhook_deliveries()


def _webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("webhook", Whole, nullable=False),
        sa.Column("event", Whole, nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("attempts", Whole, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'delivered', 'failed', 'dropped')",
            name=op.f("ck_webhook_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["webhook"],
            ["webhooks.key"],
            name=op.f("fk_webhook_deliveries_webhook"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event"],
            ["events.key"],
            name=op.f("fk_webhook_deliveries_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("webhook", "event", name=op.f("uq_webhook_deliveries_webhook_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_deliveries_event"), "webhook_deliveries", ["event"])
    op.create_index(
        "ix_webhook_deliveries_queued",
        "webhook_deliveries",
        ["webhook", "due_at", "event"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_webhook_deliveries_due_at",
        "webhook_deliveries",
        ["due_at"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("delivery", Whole, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", Whole, nullable=True),
        sa.Column("status", Whole, nullable=True),
        sa.Column("trouble", Words, nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["webhook_deliveries.key"],
            name=op.f("fk_webhook_attempts_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webhook_attempts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_attempts_delivery"), "webhook_attempts", ["delivery"])
