"""A user: a person's place in one account, and the rules of changing and removing one."""

from collections.abc import Mapping
from dataclasses import dataclass

from guestlist.domain import access, grants
from guestlist.domain.access import ADMIN, Actor, Grant
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


def changed_grant(
    draft: Draft,
    *,
    stored: Grant | None,
    domains: Mapping[str, int],
    templates: Mapping[str, int],
) -> Grant:
    """The grant a PUT asks for. `stored` is None where no such user exists: fields are told first.

    Raises Invalid.
    """
    fields, entries = grants.examine(draft, domains=domains, templates=templates)
    if fields or entries:
        raise Invalid([*fields, *entries])
    return grants.grant_from(draft, domains=domains, templates=templates, stored=stored)


def check_change(*, by: Actor, stored: Grant, wanted: Grant, admins: int) -> None:
    """May `by` turn `stored` into `wanted`? `admins` counts the account's active Admins.

    Raises OutOfReach, LastAdmin.
    """
    check_reach(by=by, target=stored)
    check_reach(by=by, target=wanted)
    if wanted.role != ADMIN:
        check_admin_stays(stored, admins=admins)


def check_removal(*, by: Actor, stored: Grant, admins: int) -> None:
    """Raises OutOfReach, LastAdmin."""
    check_reach(by=by, target=stored)
    check_admin_stays(stored, admins=admins)


def check_reach(*, by: Actor, target: Grant) -> None:
    """Raises OutOfReach where `by` may neither give nor take what `target` holds."""
    if not access.reaches(by.grant, target):
        raise OutOfReach


def check_admin_stays(leaving: Grant, *, admins: int) -> None:
    """Raises LastAdmin: an account keeps one active Admin, pending invitations do not count."""
    if leaving.role == ADMIN and admins <= 1:
        raise LastAdmin
