"""The JSON of the endpoint."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PlainSerializer


def _wire_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


WireDate = Annotated[datetime, PlainSerializer(_wire_date, return_type=str)]
PublicId = Annotated[str, Field(validation_alias=AliasChoices("public_id", "id"))]


class Document(BaseModel):
    """A part of the answer, read off a row."""

    model_config = ConfigDict(from_attributes=True)


class DomainOut(Document):
    """A domain within a user."""

    id: PublicId
    name: str
    created_at: WireDate
    updated_at: WireDate


class TemplateOut(Document):
    """A template within a user."""

    id: PublicId
    name: str
    description: str | None
    type: str
    created_at: WireDate


class UserOut(Document):
    """A user."""

    id: PublicId
    avatar: str | None
    email: str
    last_name: str
    name: str
    two_factor: Annotated[bool, Field(serialization_alias="2fa")]
    created_at: WireDate
    updated_at: WireDate
    role: str
    permissions: list[str]
    domains: list[DomainOut]
    templates: list[TemplateOut]


class Links(BaseModel):
    """Where the other pages are."""

    first: str
    last: str
    prev: str | None
    next: str | None


class MetaLink(BaseModel):
    """A button of a pager."""

    url: str | None
    label: str
    active: bool


class Meta(BaseModel):
    """Which page this is."""

    current_page: int
    from_: Annotated[int | None, Field(alias="from")]
    last_page: int
    links: list[MetaLink]
    path: str
    per_page: int
    to: int | None
    total: int


class UserPage(BaseModel):
    """The whole answer."""

    data: list[UserOut]
    links: Links
    meta: Meta
