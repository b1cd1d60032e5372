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
    _column("created_at", BigInteger()),
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
    _column("two_factor", Boolean()),
    _column("created_at", BigInteger()),
    _column("updated_at", BigInteger()),
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

audit = _table(
    "audit",
    _key(),
    _account(),
    _column("at", BigInteger()),
    _column("request", Words),
    _column("actor", Words),
    _column("action", Words),
    _column("subject", Words),
    _column("before", Words, null=True),
    _column("after", Words, null=True),
    Index(None, "account", "key"),
)

letters = _table(
    "letters",
    _key(),
    _account(),
    _column("kind", Words),
    Column("invitation", Whole, ForeignKey("invitations.key"), nullable=False, index=True),
    # The invitation's nonce when this was queued: another one means it was resent since.
    _column("nonce", LargeBinary()),
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
)
