"""What a person at a terminal calls things by, besides their ids."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from guestlist.actions import invitations, things, tokens, users, webhooks
from guestlist.actions.things import Kind
from guestlist.cli.desk import Desk
from guestlist.cli.refusals import Told
from guestlist.domain import emails, instants
from guestlist.domain.pages import Page
from guestlist.domain.refusals import NotFound
from guestlist.domain.tokens import Token

_PAGE = 1_000
# Fewer characters of a token's id could be a name.
_LEAST_OF_ID = 6


@contextmanager
def missing(desk: Desk, kind: str, given: str) -> Generator[None]:
    """Says what it is that was not found."""
    try:
        yield
    except NotFound as refusal:
        raise Told(f"The account {desk.account.name} has no {kind} {given}.") from refusal


def user(desk: Desk, given: str) -> str:
    """The id of a user named by id or e-mail address. Raises Told."""
    if "@" not in given:
        return given
    with missing(desk, "user", given):
        return users.id_of(desk.runtime, desk.caller, given)


def invite(desk: Desk, given: str) -> str:
    """The id of an invite named by id or e-mail address. Raises Told."""
    if "@" not in given:
        return given
    with missing(desk, "invite", given):
        return invitations.id_of(desk.runtime, desk.caller, given)


def token(desk: Desk, given: str) -> str:
    """The id of a token named by it, by its beginning, or by the token's name. Raises Told."""
    found = [
        token.id
        for token in every_token(desk)
        if token.name == given or (len(given) >= _LEAST_OF_ID and token.id.startswith(given))
    ]
    return _only(desk, "token", given, found)


def every_token(desk: Desk) -> list[Token]:
    found: list[Token] = []
    for number in count(1):
        page = tokens.list_tokens(desk.runtime, desk.caller, Page(number, _PAGE))
        found += page.tokens
        if len(found) >= page.total or not page.tokens:
            return found
    raise AssertionError


def webhook(desk: Desk, given: str) -> str:
    """The id of a webhook named by id or name. Raises Told."""
    known = webhooks.list_webhooks(desk.runtime, desk.caller)
    if any(one.id == given for one in known):
        return given
    return _only(desk, "webhook", given, [one.id for one in known if one.name == given])


def thing(desk: Desk, kind: Kind, given: str) -> str:
    """The id of a domain or template named by id or name. Raises Told."""
    return _thing(desk, kind, given, things.list_things(desk.runtime, desk.caller, kind))


def every_thing(desk: Desk, kind: Kind, given: Sequence[str]) -> list[str]:
    """The ids of several."""
    known = things.list_things(desk.runtime, desk.caller, kind) if given else []
    return [_thing(desk, kind, name, known) for name in given]


def listed(
    desk: Desk, kind: Kind, given: Sequence[str] | None, *, kept: Sequence[int]
) -> list[str]:
    """The ids a changed grant lists: those given, else those of the keys it keeps."""
    if given:
        return every_thing(desk, kind, given)
    if not kept:
        return []
    by_key = {one.key: one.id for one in things.list_things(desk.runtime, desk.caller, kind)}
    return [by_key[key] for key in kept if key in by_key]


def instant(option: str, text: str) -> int:
    """What an option means by a date. Raises Told."""
    try:
        return instants.moment(text)
    except ValueError as error:
        raise Told(
            f"{option} takes a date, as in 2026-05-03, or an instant with an offset, as in"
            f" 2026-05-03T09:30:00Z; got {text!r}."
        ) from error


def _thing(desk: Desk, kind: Kind, given: str, known: Sequence[Any]) -> str:
    if any(thing.id == given for thing in known):
        return given
    names = {given, emails.host(given)} if kind == "domains" else {given}
    return _only(desk, kind[:-1], given, [thing.id for thing in known if thing.name in names])


def _only(desk: Desk, kind: str, given: str, found: Sequence[str]) -> str:
    if not found:
        raise Told(f"The account {desk.account.name} has no {kind} {given}.")
    if len(found) > 1:
        raise Told(f"Several have the name {given}; give an id: {', '.join(found)}.")
    return found[0]
