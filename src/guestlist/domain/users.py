"""A user: a person's place in one account, and the rules of changing and removing one."""

from collections.abc import Mapping
from dataclasses import dataclass

from guestlist.domain import grants
from guestlist.domain.access import ADMIN, Actor, Catalog, Grant
from guestlist.domain.grants import Draft
from guestlist.domain.refusals import Invalid, LastAdmin, OutOfReach


@dataclass(frozen=True, slots=True)
class User:
    """The wire's user: place and person joined. Instants are microseconds since 1970, UTC."""

    key: int
    id: str
    email: str
    name: str
    last_name: str
    avatar: str | None
    two_factor: bool
    grant: Grant
    created_at: int
    updated_at: int
    suspended_at: int | None = None

    @property
    def is_suspended(self) -> bool:
        """A suspended user keeps the place, and has no power."""
        return self.suspended_at is not None

    @property
    def is_active_admin(self) -> bool:
        return self.grant.role == ADMIN and not self.is_suspended


def changed_grant(
    draft: Draft,
    *,
    catalog: Catalog,
    stored: Grant | None,
    domains: Mapping[str, int],
    templates: Mapping[str, int],
) -> Grant:
    """The grant a PUT asks for. `stored` is None where no such user exists: fields are told first.

    Raises Invalid.
    """
    fields, entries = grants.examine(draft, catalog=catalog, domains=domains, templates=templates)
    if fields or entries:
        raise Invalid([*fields, *entries])
    return grants.grant_from(
        draft, catalog=catalog, domains=domains, templates=templates, stored=stored
    )


def check_change(catalog: Catalog, *, by: Actor, user: User, wanted: Grant, admins: int) -> None:
    """May `by` give `user` what is `wanted`? `admins` counts the account's active Admins.

    Raises OutOfReach, LastAdmin.
    """
    check_reach(catalog, by=by, target=user.grant)
    check_reach(catalog, by=by, target=wanted)
    if wanted.role != ADMIN:
        check_admin_stays(user, admins=admins)


def check_going(catalog: Catalog, *, by: Actor, user: User, admins: int) -> None:
    """May `by` remove or suspend `user`? Raises OutOfReach, LastAdmin."""
    check_reach(catalog, by=by, target=user.grant)
    check_admin_stays(user, admins=admins)


def check_reach(catalog: Catalog, *, by: Actor, target: Grant) -> None:
    """Raises OutOfReach where `by` may neither give nor take what `target` holds."""
    if not catalog.reaches(by.grant, target):
        raise OutOfReach


def check_admin_stays(leaving: User, *, admins: int) -> None:
    """Raises LastAdmin: an account keeps one active Admin, pending invitations do not count."""
    if leaving.is_active_admin and admins <= 1:
        raise LastAdmin
