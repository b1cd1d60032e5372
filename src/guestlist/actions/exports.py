"""Keeping an account as part of a world, to be made again elsewhere."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from guestlist.actions.runtime import Caller, Runtime, read
from guestlist.actions.users import shown
from guestlist.domain.pages import Page
from guestlist.domain.things import Things
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.domain.worlds import things as world_things
from guestlist.domain.worlds import tokens as world_tokens
from guestlist.domain.worlds import users as world_users
from guestlist.store import invitations, tokens, users
from guestlist.store.database import Transaction

CHUNK = 1_000


@contextmanager
def account(runtime: Runtime, caller: Caller) -> Generator[dict[str, Any]]:
    """One account as a world's document has it, all as of one moment.

    The lists that can be long are iterators, read from the database as they are read: in order, and
    before the block ends. Raises NotFound, Unavailable.
    """
    with read(runtime, caller) as (transaction, kept):
        things = runtime.things(transaction, kept, keep=True)
        yield world_accounts.written(kept) | {
            "domains": [world_things.domain_written(d) for d in things.domains.values()],
            "templates": [world_things.template_written(t) for t in things.templates.values()],
            "users": _users(runtime, transaction, kept.key, things),
            "invites": _invites(transaction, kept.key, things),
            "tokens": _tokens(transaction, kept.key, things),
        }


def _users(
    runtime: Runtime, transaction: Transaction, account: int, things: Things
) -> Iterator[dict[str, Any]]:
    for found in _pages(lambda page: users.page(transaction, account, page)):
        for user in found:
            yield world_users.user_written(shown(runtime, user), things)


def _invites(transaction: Transaction, account: int, things: Things) -> Iterator[dict[str, Any]]:
    for found in _pages(lambda page: invitations.page(transaction, account, page)):
        inviters = [invite.invited_by for invite in found if invite.invited_by is not None]
        emails = users.emails(transaction, account, inviters)
        for invite in found:
            inviter = None if invite.invited_by is None else emails[invite.invited_by]
            yield world_users.invite_written(invite, things, inviter)


def _tokens(transaction: Transaction, account: int, things: Things) -> Iterator[dict[str, Any]]:
    digests = tokens.digests(transaction, account)
    for found in _pages(lambda page: tokens.page(transaction, account, page, owner=0, roles=None)):
        emails = users.emails(transaction, account, [token.owner for token in found])
        for token in found:
            yield world_tokens.written(
                token,
                sha256=digests[token.id],
                owner=emails[token.owner],
                domain=None if token.domain is None else things.domains[token.domain],
            )


def _pages(read_page: Callable[[Page], list[Any]]) -> Iterator[list[Any]]:
    for number in count(1):
        found = read_page(Page(number, CHUNK))
        if not found:
            return
        yield found
