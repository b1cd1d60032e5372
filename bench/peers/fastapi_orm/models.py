"""The tables, mapped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, LargeBinary, String, Table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The base of all tables."""

    type_annotation_map = {  # noqa: RUF012
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(String),
        int: BigInteger,
    }


user_domains = Table(
    "user_domains",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("domain_id", ForeignKey("domains.id"), primary_key=True),
)
user_templates = Table(
    "user_templates",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("template_id", ForeignKey("templates.id"), primary_key=True),
)


class Account(Base):
    """A tenant."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    users_total: Mapped[int]


class Domain(Base):
    """A sending domain of an account."""

    __tablename__ = "domains"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Template(Base):
    """A letter's template of an account."""

    __tablename__ = "templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str | None]
    type: Mapped[str]
    created_at: Mapped[datetime]


class User(Base):
    """A user of an account."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    public_id: Mapped[str] = mapped_column(unique=True)
    avatar: Mapped[str | None]
    email: Mapped[str]
    last_name: Mapped[str]
    name: Mapped[str]
    two_factor: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    role: Mapped[str]
    permissions: Mapped[list[str]]
    domains: Mapped[list[Domain]] = relationship(secondary=user_domains, order_by=Domain.id)
    templates: Mapped[list[Template]] = relationship(secondary=user_templates, order_by=Template.id)


class Token(Base):
    """An API token; only its hash is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]]
    status: Mapped[str]
