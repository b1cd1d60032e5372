"""The first schema

Revision: 0001, after None
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("seats", Whole, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("users", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("admins", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("invitations", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("next_user", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("next_invitation", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "users >= 0 AND admins >= 0 AND invitations >= 0", name=op.f("ck_accounts_totals")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_accounts")),
        sa.UniqueConstraint("id", name=op.f("uq_accounts_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deployment",
        sa.Column("key", Whole, autoincrement=False, nullable=False),
        sa.Column("key_fingerprint", Words, nullable=False),
        sa.CheckConstraint("key = 1", name=op.f("ck_deployment_one_row")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "people",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("email", Words, nullable=False),
        sa.Column("email_key", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("last_name", Words, nullable=False),
        sa.Column("avatar", Words, nullable=True),
        sa.Column("two_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_people")),
        sa.UniqueConstraint("email_key", name=op.f("uq_people_email_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("request", Words, nullable=False),
        sa.Column("actor", Words, nullable=False),
        sa.Column("action", Words, nullable=False),
        sa.Column("subject", Words, nullable=False),
        sa.Column("before", Words, nullable=True),
        sa.Column("after", Words, nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_audit_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_account_key"), "audit", ["account", "key"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("account", Whole, nullable=False),
        sa.Column("list", Words, nullable=False),
        sa.Column("block", Whole, nullable=False),
        sa.Column("live", Whole, nullable=False),
        sa.CheckConstraint("live >= 0", name=op.f("ck_blocks_live")),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_blocks_account")),
        sa.PrimaryKeyConstraint("account", "list", "block", name=op.f("pk_blocks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "domains",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_domains_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_domains")),
        sa.UniqueConstraint("account", "id", name=op.f("uq_domains_account_id")),
        sa.UniqueConstraint("account", "name", name=op.f("uq_domains_account_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "invitations",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("place", Whole, nullable=False),
        sa.Column("email", Words, nullable=False),
        sa.Column("email_key", Words, nullable=False),
        sa.Column("role", Words, nullable=False),
        sa.Column("permissions", Words, nullable=False),
        sa.Column("requires_periodic_password_change", sa.Boolean(), nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("invited_by", Whole, nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("key_fingerprint", Words, nullable=True),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'declined', 'cancelled')",
            name=op.f("ck_invitations_state"),
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_invitations_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_invitations")),
        sa.UniqueConstraint("account", "id", name=op.f("uq_invitations_account_id")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_invitations_secret_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_invitations_pending",
        "invitations",
        ["account", "place"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_invitations_pending_end",
        "invitations",
        ["account", "expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_invitations_pending_inviter",
        "invitations",
        ["invited_by"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "rates",
        sa.Column("account", Whole, autoincrement=False, nullable=False),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("used", Whole, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_rates_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_rates")),
    )
    op.create_table(
        "templates",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("description", Words, nullable=True),
        sa.Column("type", Words, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_templates_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_templates")),
        sa.UniqueConstraint("account", "id", name=op.f("uq_templates_account_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("place", Whole, nullable=False),
        sa.Column("person", Whole, nullable=False),
        sa.Column("role", Words, nullable=False),
        sa.Column("permissions", Words, nullable=False),
        sa.Column("requires_periodic_password_change", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_users_account")),
        sa.ForeignKeyConstraint(["person"], ["people.key"], name=op.f("fk_users_person")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_users")),
        sa.UniqueConstraint("account", "id", name=op.f("uq_users_account_id")),
        sa.UniqueConstraint("account", "place", name=op.f("uq_users_account_place")),
        sa.UniqueConstraint("person", "account", name=op.f("uq_users_person_account")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "addresses",
        sa.Column("account", Whole, nullable=False),
        sa.Column("email_key", Words, nullable=False),
        sa.Column("user", Whole, nullable=True),
        sa.Column("invitation", Whole, nullable=True),
        sa.CheckConstraint(
            '("user" IS NULL) <> (invitation IS NULL)', name=op.f("ck_addresses_one_holder")
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_addresses_account")),
        sa.ForeignKeyConstraint(
            ["invitation"],
            ["invitations.key"],
            name=op.f("fk_addresses_invitation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user"], ["users.key"], name=op.f("fk_addresses_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account", "email_key", name=op.f("pk_addresses")),
        sa.UniqueConstraint("invitation", name=op.f("uq_addresses_invitation")),
        sa.UniqueConstraint("user", name=op.f("uq_addresses_user")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitation_domains",
        sa.Column("holder", Whole, nullable=False),
        sa.Column("thing", Whole, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder"],
            ["invitations.key"],
            name=op.f("fk_invitation_domains_holder"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thing"], ["domains.key"], name=op.f("fk_invitation_domains_thing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("holder", "thing", name=op.f("pk_invitation_domains")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_invitation_domains_thing"), "invitation_domains", ["thing"], unique=False
    )
    op.create_table(
        "invitation_templates",
        sa.Column("holder", Whole, nullable=False),
        sa.Column("thing", Whole, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder"],
            ["invitations.key"],
            name=op.f("fk_invitation_templates_holder"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thing"],
            ["templates.key"],
            name=op.f("fk_invitation_templates_thing"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("holder", "thing", name=op.f("pk_invitation_templates")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_invitation_templates_thing"), "invitation_templates", ["thing"], unique=False
    )
    op.create_table(
        "letters",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("invitation", Whole, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("attempts", Whole, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", Words, nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed', 'dropped')", name=op.f("ck_letters_state")
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_letters_account")),
        sa.ForeignKeyConstraint(
            ["invitation"], ["invitations.key"], name=op.f("fk_letters_invitation")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_letters")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_letters_invitation"), "letters", ["invitation"], unique=False)
    op.create_index(
        "ix_letters_queued",
        "letters",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "tokens",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("account", Whole, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("preview", Words, nullable=False),
        sa.Column("scopes", Words, nullable=False),
        sa.Column("owner", Whole, nullable=False),
        sa.Column("domain", Whole, nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_tokens_account")),
        sa.ForeignKeyConstraint(
            ["domain"], ["domains.key"], name=op.f("fk_tokens_domain"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner"], ["users.key"], name=op.f("fk_tokens_owner")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tokens")),
        sa.UniqueConstraint("account", "id", name=op.f("uq_tokens_account_id")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tokens_domain"), "tokens", ["domain"], unique=False)
    op.create_index(op.f("ix_tokens_owner"), "tokens", ["owner"], unique=False)
    op.create_table(
        "user_domains",
        sa.Column("holder", Whole, nullable=False),
        sa.Column("thing", Whole, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder"], ["users.key"], name=op.f("fk_user_domains_holder"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thing"], ["domains.key"], name=op.f("fk_user_domains_thing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("holder", "thing", name=op.f("pk_user_domains")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_user_domains_thing"), "user_domains", ["thing"], unique=False)
    op.create_table(
        "user_templates",
        sa.Column("holder", Whole, nullable=False),
        sa.Column("thing", Whole, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder"], ["users.key"], name=op.f("fk_user_templates_holder"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thing"], ["templates.key"], name=op.f("fk_user_templates_thing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("holder", "thing", name=op.f("pk_user_templates")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_user_templates_thing"), "user_templates", ["thing"], unique=False)
