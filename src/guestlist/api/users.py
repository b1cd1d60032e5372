"""The wire's users."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec
from msgspec import Struct, field

from guestlist.actions import invitations, users
from guestlist.actions.users import Users
from guestlist.api import invites, pages
from guestlist.api.documents import NO_CONTENT, Answer, answer, fragment, instant
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, PermissionName, RoleName, WireId
from guestlist.domain.access import Catalog, Grant
from guestlist.domain.things import Domain, Template, Things
from guestlist.domain.users import User

PATH = "/v1/users"


class DomainReference(Struct, frozen=True):
    id: WireId
    name: str
    created_at: Instant
    updated_at: Instant


class TemplateReference(Struct, frozen=True):
    id: WireId
    name: str
    description: str | None
    type: str
    created_at: Instant


class UserDocument(Struct, frozen=True):
    """An Admin's and a Manager's domains and templates are all of the account's."""

    # Key order as recorded. The two lists are written once per set of things and then reused.
    id: WireId
    avatar: str | None
    email: str
    last_name: str
    name: str
    two_factor: bool = field(name="2fa")
    created_at: Instant
    updated_at: Instant
    role: RoleName
    permissions: tuple[PermissionName, ...]
    domains: list[DomainReference] | msgspec.Raw
    templates: list[TemplateReference] | msgspec.Raw


class WholeUserDocument(UserDocument, frozen=True):
    """A user as `/v1/users` shows it, and what that cannot show.

    `suspended_at`: since when the place gives no power; null where it does.
    """

    requires_periodic_password_change: bool
    suspended_at: Instant | None


def domain_reference(domain: Domain) -> DomainReference:
    return DomainReference(
        domain.id, domain.name, instant(domain.created_at), instant(domain.updated_at)
    )


def _template_reference(template: Template) -> TemplateReference:
    return TemplateReference(
        template.id,
        template.name,
        template.description,
        template.type,
        instant(template.created_at),
    )


class Lists:
    """The account's things as JSON, by key, so that a page of users writes each list once."""

    def __init__(self, things: Things) -> None:
        self._domains = {k: fragment(domain_reference(d)) for k, d in things.domains.items()}
        self._templates = {k: fragment(_template_reference(t)) for k, t in things.templates.items()}
        self._all = (_array(self._domains.values()), _array(self._templates.values()))

    def of(self, grant: Grant, catalog: Catalog) -> tuple[msgspec.Raw, msgspec.Raw]:
        """An Admin's and a Manager's lists are all of the account's (contract, section 2.1).

        So are those of a deployment's own roles that hold everything.
        """
        if catalog.holds_all(grant):
            return self._all
        return (
            _array(self._domains[key] for key in grant.domains),
            _array(self._templates[key] for key in grant.templates),
        )


def _array(items: Iterable[bytes]) -> msgspec.Raw:
    return msgspec.Raw(b"[" + b",".join(items) + b"]")


# Things are compared by identity and shared by all readers of one revision.
_lists = lru_cache(maxsize=32)(Lists)


def document(user: User, things: Things, catalog: Catalog) -> UserDocument:
    domains, templates = _lists(things).of(user.grant, catalog)
    return UserDocument(
        user.id,
        user.avatar,
        user.email,
        user.last_name,
        user.name,
        user.two_factor,
        instant(user.created_at),
        instant(user.updated_at),
        user.grant.role,
        user.grant.permissions,
        domains,
        templates,
    )


def whole(user: User, things: Things, catalog: Catalog) -> WholeUserDocument:
    return WholeUserDocument(
        **msgspec.structs.asdict(document(user, things, catalog)),
        requires_periodic_password_change=user.grant.requires_periodic_password_change,
        suspended_at=None if user.suspended_at is None else instant(user.suspended_at),
    )


def list_users(request: Request) -> Answer:
    found = users.list_users(request.runtime, request.caller, request.page)
    base = request.runtime.public_url + PATH
    catalog = request.runtime.catalog
    documents = [document(user, found.things, catalog) for user in found.users]
    paged = pages.length_aware(base, request.page, total=found.total, shown=len(documents))
    return answer({"data": documents, **paged}, revision=found.revision)


def get(request: Request) -> Answer:
    return _single(request, users.get(request.runtime, request.caller, request.id))


def get_whole(request: Request) -> Answer:
    return _single_whole(request, users.get(request.runtime, request.caller, request.id))


def suspend(request: Request) -> Answer:
    return _single_whole(request, users.suspend(request.runtime, request.caller, request.id))


def reactivate(request: Request) -> Answer:
    return _single_whole(request, users.reactivate(request.runtime, request.caller, request.id))


def invite(request: Request) -> Answer:
    made = invitations.invite(
        request.runtime,
        request.caller,
        email=request.body.get("email"),
        draft=invites.draft(request.body),
        key=request.key,
    )
    return invites.single(made)


def update(request: Request) -> Answer:
    changed = users.update(request.runtime, request.caller, request.id, invites.draft(request.body))
    return _single(request, changed)


def remove(request: Request) -> Answer:
    users.remove(request.runtime, request.caller, request.id)
    return NO_CONTENT


def _single(request: Request, found: Users) -> Answer:
    [user] = found.users
    told = document(user, found.things, request.runtime.catalog)
    return answer({"data": told}, revision=found.revision)


def _single_whole(request: Request, found: Users) -> Answer:
    [user] = found.users
    told = whole(user, found.things, request.runtime.catalog)
    return answer({"data": told}, revision=found.revision)
