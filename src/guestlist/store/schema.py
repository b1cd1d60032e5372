"""The tables, whose constraints have the last word over every rule they can express.

Keys are never reused, instants are microseconds since 1970 in UTC, text is compared byte by byte.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Whole = BigInteger().with_variant(Integer, "sqlite")
Words = Text().with_variant(Text(collation="C"), "postgresql")


def _key() -> Column[int]:
    return Column("key", Whole, Identity(always=False), primary_key=True)


def _column(name: str, kind: TypeEngine[Any], *, null: bool = False) -> Column[Any]:
    return Column(name, kind, nullable=null)


def _account() -> Column[int]:
    return Column("account", Whole, ForeignKey("accounts.key"), nullable=False)


def _total(name: str) -> Column[int]:
    return Column(name, Whole, nullable=False, server_default=text("0"))


def _index_of(table: str, column: str, rows: str, *, name: str = "") -> Index:
    """Of a few rows only."""
    where = text(rows)
    named = f"ix_{table}_{name or column}"
    return Index(named, column, sqlite_where=where, postgresql_where=where)


def _table(name: str, *parts: SchemaItem) -> Table:
    return Table(name, metadata, *parts, sqlite_autoincrement=True)


deployment = Table(
    "deployment",
    metadata,
    Column("key", Whole, primary_key=True, autoincrement=False),
    _column("key_fingerprint", Words),
    CheckConstraint("key = 1", name="one_row"),
)

accounts = _table(
    "accounts",
    _key(),
    Column("id", Words, nullable=False, unique=True),
    _column("name", Words),
    _column("seats", Whole, null=True),
    _column("revision", BigInteger()),
    # Totals kept under the account's lock, and the next places in its lists, which never go back.
    _total("users"),
    _total("admins"),
    _total("invitations"),
    _total("next_user"),
    _total("next_invitation"),
    # How many invitations were made on the day, counted since 1970, of the newest.
    _total("invited_on"),
    _total("invited"),
    _column("created_at", BigInteger()),
    # Where the account's own product is; shown to who just joined.
    _column("url", Words, null=True),
    Column("requires_second_factor", Boolean(), nullable=False, server_default=text("false")),
    Column("password_days", Whole, nullable=False, server_default=text("90")),
    # The sequence and hash of the audit's newest entry, from which its chain goes on.
    _total("entries"),
    _column("head", LargeBinary(), null=True),
    # How many webhooks there are, and the sequence of the newest event.
    _total("webhooks"),
    _total("events"),
    CheckConstraint("users >= 0 AND admins >= 0 AND invitations >= 0", name="totals"),
)

people = _table(
    "people",
    _key(),
    _column("email", Words),
    Column("email_key", Words, nullable=False, unique=True),
    _column("name", Words),
    _column("last_name", Words),
    _column("avatar", Words, null=True),
    # What the wire's 2fa tells: a second factor is set up, or was where this was imported from.
    _column("two_factor", Boolean()),
    _column("created_at", BigInteger()),
    _column("updated_at", BigInteger()),
    # When a letter to the address was first answered; NULL: nobody has shown to read its mail.
    _column("proven_at", BigInteger(), null=True),
    _column("password", Words, null=True),
    _column("password_changed_at", BigInteger(), null=True),
    # The seed of an authenticator, sealed, and the last of its steps that was used.
    _column("totp_seed", LargeBinary(), null=True),
    _column("totp_step", BigInteger(), null=True),
    Column("must_set_factor", Boolean(), nullable=False, server_default=text("false")),
    _column("language", Words, null=True),
    _column("signed_in_at", BigInteger(), null=True),
)


def _person(**more: Any) -> Column[int]:
    return Column(
        "person", Whole, ForeignKey("people.key", ondelete="CASCADE"), nullable=False, **more
    )


recovery_codes = _table(
    "recovery_codes",
    _key(),
    _person(index=True),
    _column("sha256", LargeBinary()),
)

passkeys = _table(
    "passkeys",
    _key(),
    _person(index=True),
    Column("credential", LargeBinary(), nullable=False, unique=True),
    _column("public_key", LargeBinary()),
    _column("sign_count", BigInteger()),
    _column("name", Words),
    _column("created_at", BigInteger()),
    _column("used_at", BigInteger(), null=True),
)

# Of a passkey's ceremony; each is answered once.
challenges = Table(
    "challenges",
    metadata,
    Column("sha256", LargeBinary(), primary_key=True),
    _column("purpose", Words),
    Column("person", Whole, ForeignKey("people.key", ondelete="CASCADE"), index=True),
    _column("expires_at", BigInteger()),
)

avatars = Table(
    "avatars",
    metadata,
    _person(primary_key=True, autoincrement=False),
    Column("id", Words, nullable=False, unique=True),
    _column("body", LargeBinary()),
)

# An ended session stays a while, so that its browser is known when it comes again.
sessions = _table(
    "sessions",
    _key(),
    Column("sha256", LargeBinary(), nullable=False, unique=True),
    _person(index=True),
    Column("account", Whole, ForeignKey("accounts.key"), index=True),
    # 'half': the password was right and the second factor is still asked for.
    _column("stage", Words),
    _column("network", Words),
    _column("agent", Words),
    # The seed of an authenticator that is being set up, sealed.
    _column("totp_seed", LargeBinary(), null=True),
    _column("created_at", BigInteger()),
    _column("seen_at", BigInteger()),
    _column("ended_at", BigInteger(), null=True),
    CheckConstraint("stage IN ('half', 'whole')", name="stage"),
)

# One-time links mailed to people, or told by the operator. As with invitations, the secret is
# derived and only what it is looked up by is kept.
proofs = _table(
    "proofs",
    _key(),
    _person(index=True),
    _column("kind", Words),
    _column("nonce", LargeBinary()),
    _column("key_fingerprint", Words),
    Column("secret_sha256", LargeBinary(), nullable=False, unique=True),
    # The new address, where this is about changing it.
    _column("email", Words, null=True),
    _column("created_at", BigInteger()),
    _column("expires_at", BigInteger()),
    _column("used_at", BigInteger(), null=True),
    CheckConstraint("kind IN ('reset', 'sign_in', 'email_old', 'email_new')", name="kind"),
)


def _grant() -> tuple[Column[Any], ...]:
    return (
        _column("role", Words),
        _column("permissions", Words),
        _column("requires_periodic_password_change", Boolean()),
    )


users = _table(
    "users",
    _key(),
    _account(),
    _column("id", Words),
    _column("place", Whole),
    Column("person", Whole, ForeignKey("people.key"), nullable=False),
    *_grant(),
    _column("created_at", BigInteger()),
    _column("updated_at", BigInteger()),
    # Suspended: the place is kept and gives no power.
    _column("suspended_at", BigInteger(), null=True),
    UniqueConstraint("account", "id"),
    UniqueConstraint("account", "place"),
    UniqueConstraint("person", "account"),
)

domains = _table(
    "domains",
    _key(),
    _account(),
    _column("id", Words),
    _column("name", Words),
    _column("created_at", BigInteger()),
    _column("updated_at", BigInteger()),
    UniqueConstraint("account", "id"),
    UniqueConstraint("account", "name"),
)

templates = _table(
    "templates",
    _key(),
    _account(),
    _column("id", Words),
    _column("name", Words),
    _column("description", Words, null=True),
    _column("type", Words),
    _column("created_at", BigInteger()),
    UniqueConstraint("account", "id"),
)

invitations = _table(
    "invitations",
    _key(),
    _account(),
    _column("id", Words),
    _column("place", Whole),
    _column("email", Words),
    _column("email_key", Words),
    *_grant(),
    _column("state", Words),
    # The user who offers it. No foreign key: a key is never reused, and one that is gone gives
    # nothing, while NULL is the operator, who holds everything.
    _column("invited_by", Whole, null=True),
    # What the link's secret is derived from, which key derives it, and what it is looked up by.
    # All NULL until a letter is due: an imported invitation has no link until it is resent.
    _column("nonce", LargeBinary(), null=True),
    _column("key_fingerprint", Words, null=True),
    Column("secret_sha256", LargeBinary(), nullable=True, unique=True),
    _column("expires_at", BigInteger()),
    _column("created_at", BigInteger()),
    _column("updated_at", BigInteger()),
    # A link that was copied has a secret of its own: it proves no address.
    _column("copy_nonce", LargeBinary(), null=True),
    _column("copy_key_fingerprint", Words, null=True),
    _column("copy_sha256", LargeBinary(), null=True),
    # The person who accepted; no foreign key, for they may be erased.
    _column("accepted_by", Whole, null=True),
    # What was told, once: that its end is near, that the invitee asks for another, that it is over.
    _column("reminded_at", BigInteger(), null=True),
    _column("asked_at", BigInteger(), null=True),
    _column("expiry_told_at", BigInteger(), null=True),
    Index("ix_invitations_copy_sha256", "copy_sha256", unique=True),
    Index(None, "email_key"),
    _index_of("invitations", "accepted_by", "accepted_by IS NOT NULL"),
    UniqueConstraint("account", "id"),
    CheckConstraint("state IN ('pending', 'accepted', 'declined', 'cancelled')", name="state"),
    Index(
        "ix_invitations_pending",
        "account",
        "place",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_invitations_pending_end",
        "account",
        "expires_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_invitations_end_untold",
        "account",
        "expires_at",
        sqlite_where=text("state = 'pending' AND expiry_told_at IS NULL"),
        postgresql_where=text("state = 'pending' AND expiry_told_at IS NULL"),
    ),
    Index(
        "ix_invitations_pending_inviter",
        "invited_by",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)


def _scope(holder: str, thing: str) -> Table:
    """Which things a grant is narrowed to, in the order they were listed."""
    return Table(
        f"{holder.removesuffix('s')}_{thing}",
        metadata,
        Column("holder", Whole, ForeignKey(f"{holder}.key", ondelete="CASCADE"), nullable=False),
        Column("thing", Whole, ForeignKey(f"{thing}.key", ondelete="CASCADE"), nullable=False),
        _column("position", Whole),
        PrimaryKeyConstraint("holder", "thing"),
        Index(None, "thing"),
        sqlite_with_rowid=False,
    )


user_domains = _scope("users", "domains")
user_templates = _scope("users", "templates")
invitation_domains = _scope("invitations", "domains")
invitation_templates = _scope("invitations", "templates")

# Every address in use in an account: of its users and of its pending invitations. One constraint
# spans both, and no predicate knows the clock.
addresses = Table(
    "addresses",
    metadata,
    Column("account", Whole, ForeignKey("accounts.key"), nullable=False),
    _column("email_key", Words),
    Column("user", Whole, ForeignKey("users.key", ondelete="CASCADE"), unique=True),
    Column("invitation", Whole, ForeignKey("invitations.key", ondelete="CASCADE"), unique=True),
    PrimaryKeyConstraint("account", "email_key"),
    CheckConstraint('("user" IS NULL) <> (invitation IS NULL)', name="one_holder"),
    sqlite_with_rowid=False,
)

# How many rows of a list live in each run of places: deep pages are found by adding these up.
blocks = Table(
    "blocks",
    metadata,
    Column("account", Whole, ForeignKey("accounts.key"), nullable=False),
    _column("list", Words),
    _column("block", Whole),
    _column("live", Whole),
    PrimaryKeyConstraint("account", "list", "block"),
    CheckConstraint("live >= 0", name="live"),
    sqlite_with_rowid=False,
)

tokens = _table(
    "tokens",
    _key(),
    _account(),
    _column("id", Words),
    _column("name", Words),
    Column("sha256", LargeBinary(), nullable=False, unique=True),
    _column("preview", Words),
    _column("scopes", Words),
    Column("owner", Whole, ForeignKey("users.key"), nullable=False, index=True),
    Column("domain", Whole, ForeignKey("domains.key", ondelete="SET NULL"), index=True),
    _column("paused", Boolean()),
    _column("created_at", BigInteger()),
    _column("expires_at", BigInteger(), null=True),
    _column("last_used_at", BigInteger(), null=True),
    UniqueConstraint("account", "id"),
)

# How often an account asked since `window` began; only filled where a rate limit is set.
rates = Table(
    "rates",
    metadata,
    Column("account", Whole, ForeignKey("accounts.key"), primary_key=True, autoincrement=False),
    _column("window", BigInteger()),
    _column("used", Whole),
)

# How many letters with links an address got on a day, counted since 1970.
mailings = Table(
    "mailings",
    metadata,
    Column("email_key", Words, primary_key=True),
    _column("day", Whole),
    _column("used", Whole),
)

# What a request with an Idempotency-Key made, to be answered again.
repeats = Table(
    "repeats",
    metadata,
    Column("account", Whole, ForeignKey("accounts.key"), nullable=False),
    _column("caller", Words),
    _column("idempotency_key", Words),
    _column("body_sha256", LargeBinary()),
    Column("invitation", Whole, ForeignKey("invitations.key"), nullable=False, index=True),
    Column("created_at", BigInteger(), nullable=False, index=True),
    PrimaryKeyConstraint("account", "caller", "idempotency_key"),
    sqlite_with_rowid=False,
)

audit = _table(
    "audit",
    _key(),
    # NULL: of a person who is in no account.
    Column("account", Whole, ForeignKey("accounts.key")),
    _column("at", BigInteger()),
    _column("request", Words),
    _column("actor", Words),
    _column("action", Words),
    _column("subject", Words),
    # Without what says who somebody is: in its place stands what `personal_digest` is of.
    _column("before", Words, null=True),
    _column("after", Words, null=True),
    # What can be erased, each with the salt its digest was made with: who somebody is, and from
    # where the actor asked.
    _column("personal", Words, null=True),
    _column("personal_digest", LargeBinary(), null=True),
    _column("origin", Words, null=True),
    _column("origin_digest", LargeBinary(), null=True),
    # Its number in its account, and what the next one is chained to; NULL: from before the chain.
    _column("sequence", Whole, null=True),
    _column("hash", LargeBinary(), null=True),
    Index(None, "account", "at"),
    Index(None, "account", "actor"),
    Index(None, "account", "subject"),
    Index("ix_audit_account_sequence", "account", "sequence", unique=True),
)

# From where an account's chain goes on after old entries were deleted. Of those up to `sequence`,
# the ones that say what somebody holds today were kept: `kept_digest` is of them.
audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("account", Whole, ForeignKey("accounts.key"), primary_key=True, autoincrement=False),
    _column("sequence", Whole),
    _column("hash", LargeBinary()),
    _column("kept_digest", LargeBinary()),
    # When the newest of the deleted was written.
    _column("at", BigInteger()),
)

letters = _table(
    "letters",
    _key(),
    # NULL: to a person, whatever accounts they are in.
    Column("account", Whole, ForeignKey("accounts.key")),
    _column("kind", Words),
    Column("invitation", Whole, ForeignKey("invitations.key"), index=True),
    # The invitation's nonce when this was queued: another one means it was resent since.
    _column("nonce", LargeBinary(), null=True),
    Column("person", Whole, ForeignKey("people.key", ondelete="CASCADE"), index=True),
    # Whoever has this address, if anybody: who asked is not told whether somebody does.
    _column("email_key", Words, null=True),
    Column("proof", Whole, ForeignKey("proofs.key", ondelete="CASCADE"), index=True),
    # Where it goes, if not to the person's address of now.
    _column("email", Words, null=True),
    # What it tells, as JSON; no secret.
    _column("facts", Words, null=True),
    _column("state", Words),
    _column("attempts", Whole),
    _column("due_at", BigInteger()),
    _column("leased_until", BigInteger(), null=True),
    _column("created_at", BigInteger()),
    _column("sent_at", BigInteger(), null=True),
    _column("trouble", Words, null=True),
    CheckConstraint("state IN ('queued', 'sent', 'failed', 'dropped')", name="state"),
    Index(
        "ix_letters_queued",
        "due_at",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    _index_of("letters", "created_at", "state <> 'queued'", name="settled"),
    _index_of("letters", "email_key", "email_key IS NOT NULL"),
    _index_of("letters", "email", "email IS NOT NULL"),
)

webhooks = _table(
    "webhooks",
    _key(),
    _account(),
    _column("id", Words),
    _column("name", Words),
    _column("url", Words),
    # Types of events, with blanks between them.
    _column("events", Words),
    _column("is_enabled", Boolean()),
    # Why it was disabled, where nobody did it by hand.
    _column("trouble", Words, null=True),
    # Sealed; the one before stays good for a while after a rotation.
    _column("secret", LargeBinary()),
    _column("old_secret", LargeBinary(), null=True),
    _column("old_secret_until", BigInteger(), null=True),
    # One process at a time starts deliveries to it, so that they start in order.
    _column("leased_until", BigInteger(), null=True),
    _column("created_at", BigInteger()),
    _column("updated_at", BigInteger()),
    UniqueConstraint("account", "id"),
)

# What happened in an account, in its order, for those who are told.
events = _table(
    "events",
    _key(),
    _account(),
    _column("sequence", Whole),
    _column("type", Words),
    _column("at", BigInteger()),
    # What it is about, as `kind:id`.
    _column("subject", Words),
    # JSON; no secret.
    _column("data", Words),
    UniqueConstraint("account", "sequence"),
    Index(None, "at"),
)

webhook_deliveries = _table(
    "webhook_deliveries",
    _key(),
    Column("webhook", Whole, ForeignKey("webhooks.key", ondelete="CASCADE"), nullable=False),
    Column(
        "event", Whole, ForeignKey("events.key", ondelete="CASCADE"), nullable=False, index=True
    ),
    _column("state", Words),
    _column("attempts", Whole),
    # When the next attempt is due; 0: the first one, after those of the events before it.
    _column("due_at", BigInteger()),
    _column("created_at", BigInteger()),
    UniqueConstraint("webhook", "event"),
    CheckConstraint("state IN ('queued', 'delivered', 'failed', 'dropped')", name="state"),
    Index(
        "ix_webhook_deliveries_queued",
        "webhook",
        "due_at",
        "event",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    _index_of("webhook_deliveries", "due_at", "state = 'queued'"),
)

# Each attempt, with the answer's status or what went wrong instead.
webhook_attempts = _table(
    "webhook_attempts",
    _key(),
    Column(
        "delivery",
        Whole,
        ForeignKey("webhook_deliveries.key", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    _column("started_at", BigInteger()),
    _column("milliseconds", Whole, null=True),
    _column("status", Whole, null=True),
    _column("trouble", Words, null=True),
)
