"""People who sign in, what proves them, and letters to them

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mailings",
        sa.Column("email_key", Words, nullable=False),
        sa.Column("day", Whole, nullable=False),
        sa.Column("used", Whole, nullable=False),
        sa.PrimaryKeyConstraint("email_key", name=op.f("pk_mailings")),
    )
    op.create_table(
        "avatars",
        sa.Column("person", Whole, autoincrement=False, nullable=False),
        sa.Column("id", Words, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.key"], name=op.f("fk_avatars_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_avatars")),
        sa.UniqueConstraint("id", name=op.f("uq_avatars_id")),
    )
    op.create_table(
        "challenges",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", Words, nullable=False),
        sa.Column("person", Whole, nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.key"], name=op.f("fk_challenges_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_challenges")),
    )
    op.create_index(op.f("ix_challenges_person"), "challenges", ["person"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("person", Whole, nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.key"], name=op.f("fk_passkeys_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_passkeys_person"), "passkeys", ["person"], unique=False)
    op.create_table(
        "proofs",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("person", Whole, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("key_fingerprint", Words, nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("email", Words, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('reset', 'sign_in', 'email_old', 'email_new')", name=op.f("ck_proofs_kind")
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["people.key"], name=op.f("fk_proofs_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_proofs")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_proofs_secret_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_proofs_person"), "proofs", ["person"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("person", Whole, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.key"], name=op.f("fk_recovery_codes_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recovery_codes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recovery_codes_person"), "recovery_codes", ["person"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("key", Whole, sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("person", Whole, nullable=False),
        sa.Column("account", Whole, nullable=True),
        sa.Column("stage", Words, nullable=False),
        sa.Column("network", Words, nullable=False),
        sa.Column("agent", Words, nullable=False),
        sa.Column("totp_seed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("stage IN ('half', 'whole')", name=op.f("ck_sessions_stage")),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_sessions_account")),
        sa.ForeignKeyConstraint(
            ["person"], ["people.key"], name=op.f("fk_sessions_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sessions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_sessions_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sessions_account"), "sessions", ["account"], unique=False)
    op.create_index(op.f("ix_sessions_person"), "sessions", ["person"], unique=False)
    op.create_table(
        "repeats",
        sa.Column("account", Whole, nullable=False),
        sa.Column("caller", Words, nullable=False),
        sa.Column("idempotency_key", Words, nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("invitation", Whole, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.key"], name=op.f("fk_repeats_account")),
        sa.ForeignKeyConstraint(
            ["invitation"], ["invitations.key"], name=op.f("fk_repeats_invitation")
        ),
        sa.PrimaryKeyConstraint("account", "caller", "idempotency_key", name=op.f("pk_repeats")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_repeats_created_at"), "repeats", ["created_at"], unique=False)
    op.create_index(op.f("ix_repeats_invitation"), "repeats", ["invitation"], unique=False)
    op.add_column(
        "accounts", sa.Column("invited_on", Whole, server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "accounts", sa.Column("invited", Whole, server_default=sa.text("0"), nullable=False)
    )
    op.add_column("accounts", sa.Column("url", Words, nullable=True))
    op.add_column(
        "accounts",
        sa.Column(
            "requires_second_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    op.add_column(
        "accounts", sa.Column("password_days", Whole, server_default=sa.text("90"), nullable=False)
    )
    op.add_column("invitations", sa.Column("copy_nonce", sa.LargeBinary(), nullable=True))
    op.add_column("invitations", sa.Column("copy_key_fingerprint", Words, nullable=True))
    op.add_column("invitations", sa.Column("copy_sha256", sa.LargeBinary(), nullable=True))
    op.add_column("invitations", sa.Column("accepted_by", Whole, nullable=True))
    op.add_column("invitations", sa.Column("reminded_at", sa.BigInteger(), nullable=True))
    op.add_column("invitations", sa.Column("asked_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_invitations_copy_sha256", "invitations", ["copy_sha256"], unique=True)
    op.create_index(op.f("ix_invitations_email_key"), "invitations", ["email_key"])
    op.create_index(
        "ix_invitations_accepted_by",
        "invitations",
        ["accepted_by"],
        sqlite_where=sa.text("accepted_by IS NOT NULL"),
        postgresql_where=sa.text("accepted_by IS NOT NULL"),
    )
    op.add_column("people", sa.Column("proven_at", sa.BigInteger(), nullable=True))
    op.add_column("people", sa.Column("password", Words, nullable=True))
    op.add_column("people", sa.Column("password_changed_at", sa.BigInteger(), nullable=True))
    op.add_column("people", sa.Column("totp_seed", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column(
        "people",
        sa.Column("must_set_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("people", sa.Column("language", Words, nullable=True))
    op.add_column("people", sa.Column("signed_in_at", sa.BigInteger(), nullable=True))

    # SQLite makes these anew, so nothing may refer to them.
    with op.batch_alter_table("audit", table_kwargs={"sqlite_autoincrement": True}) as audit:
        audit.alter_column("account", existing_type=Whole, nullable=True)
    with op.batch_alter_table("letters", table_kwargs={"sqlite_autoincrement": True}) as letters:
        for name, kind in (("account", Whole), ("invitation", Whole), ("nonce", sa.LargeBinary())):
            letters.alter_column(name, existing_type=kind, nullable=True)
        letters.add_column(sa.Column("person", Whole, nullable=True))
        letters.add_column(sa.Column("proof", Whole, nullable=True))
        for name in ("email_key", "email", "facts"):
            letters.add_column(sa.Column(name, Words, nullable=True))
        for name, table in (("person", "people"), ("proof", "proofs")):
            letters.create_index(op.f(f"ix_letters_{name}"), [name])
            letters.create_foreign_key(
                op.f(f"fk_letters_{name}"), table, [name], ["key"], ondelete="CASCADE"
            )
        for name, column, rows in (
            ("settled", "created_at", "state <> 'queued'"),
            ("email_key", "email_key", "email_key IS NOT NULL"),
            ("email", "email", "email IS NOT NULL"),
        ):
            letters.create_index(
                f"ix_letters_{name}",
                [column],
                sqlite_where=sa.text(rows),
                postgresql_where=sa.text(rows),
            )
