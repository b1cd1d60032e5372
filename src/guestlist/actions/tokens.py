"""What one can do with API tokens, and who a request's token speaks for."""

from dataclasses import dataclass, replace
from typing import Any

from guestlist.actions.runtime import Caller, Runtime, Unit, begin, read
from guestlist.domain import links
from guestlist.domain import tokens as rules
from guestlist.domain.audit import Cause
from guestlist.domain.ids import is_wire_id
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Fault, Invalid, NotFound, Rule, Unauthenticated
from guestlist.domain.things import Domain, Things
from guestlist.domain.tokens import Token
from guestlist.domain.users import User
from guestlist.store import rates, tokens, users
from guestlist.store import things as store_things

HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token with its text, which is shown this once and kept nowhere."""

    token: Token
    domain: Domain | None
    text: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A page of tokens, and the domains that some are labelled with."""

    tokens: list[Token]
    total: int
    things: Things

    def domain_of(self, token: Token) -> Domain | None:
        return None if token.domain is None else self.things.domains[token.domain]


def authenticate(
    runtime: Runtime, text: str, *, cause: Cause, scope: str | None, until: float | None = None
) -> Caller:
    """Who a token speaks for now. Raises Unauthenticated, Unavailable."""
    sha256 = links.digest(text)
    standing = tokens.standing(runtime.database, sha256, now=runtime.now, catalog=runtime.catalog)
    if standing is None:
        raise Unauthenticated
    now = runtime.now(standing.account)
    if standing.last_used_at is None or now - standing.last_used_at >= HOUR:
        runtime.marks[standing.token] = now
    return Caller(standing.account, standing.actor, cause, standing.revision, sha256, scope, until)


def flush_marks(runtime: Runtime) -> None:
    """Keeps when tokens were last used. Raises Unavailable."""
    marks = {key: runtime.marks.pop(key) for key in list(runtime.marks)}
    if marks:
        with runtime.database.change() as transaction:
            tokens.used(transaction, marks)


def count_request(runtime: Runtime, caller: Caller, *, seconds: int) -> tuple[int, int]:
    """How many requests the account made in the current window, and when it ends (seconds)."""
    now = runtime.now(caller.account) // 1_000_000
    window = now - now % seconds
    return rates.count(runtime.database, caller.account, window), window + seconds - now


def list_tokens(runtime: Runtime, caller: Caller, page: Page) -> Tokens:
    """The tokens the caller may see: their own, and those of users within their reach."""
    owner, roles = caller.actor.user or 0, rules.visible_roles(runtime.catalog, caller.actor)
    with read(runtime, caller) as (transaction, account):
        found = tokens.page(transaction, account.key, page, owner=owner, roles=roles)
        total = tokens.total(transaction, account.key, owner=owner, roles=roles)
        return Tokens(found, total, runtime.things(transaction, account, keep=True))


def get(runtime: Runtime, caller: Caller, token_id: str) -> Tokens:
    """The one token of that id. Raises NotFound, OutOfReach."""
    with read(runtime, caller) as (transaction, account):
        token = tokens.find(transaction, account.key, token_id)
        if token is None:
            raise NotFound
        rules.check_reach(
            runtime.catalog, by=caller.actor, owner=token.owner, role=token.owner_role
        )
        return Tokens([token], 1, runtime.things(transaction, account, keep=True))


def exists(runtime: Runtime, caller: Caller, token_id: str) -> bool:
    with read(runtime, caller) as (transaction, account):
        return tokens.find(transaction, account.key, token_id) is not None


def create(
    runtime: Runtime,
    caller: Caller,
    *,
    name: Any,
    scopes: Any,
    domain_id: Any = None,
    owner_id: str | None = None,
    expires_at: int | None = None,
) -> Minted:
    """A new token of the caller's owner, or of `owner_id` where the operator makes it.

    Raises Invalid, NotFound (the owner).
    """
    with begin(runtime, caller) as unit:
        name, given = rules.examine_new(name, scopes, by=unit.by)
        owner = _owner(unit, owner_id)
        text = rules.text_from(unit.random(rules.TEXT_BYTES))
        values: dict[str, Any] = {
            "id": unit.random(rules.ID_BYTES).hex(),
            "name": name,
            "scopes": given,
            "owner": owner.key,
            "paused": False,
            "preview": rules.preview(text),
            "domain": _label(unit, domain_id),
            "created_at": unit.now,
            "expires_at": expires_at,
        }
        key = tokens.add(
            unit.transaction, account=unit.account.key, sha256=links.digest(text), **values
        )
        unit.record(
            "token.create",
            f"token:{values['id']}",
            after={"name": name, "scopes": list(given), "owner": owner.id},
        )
        shown: dict[str, Any] = {"owner_id": owner.id, "owner_role": owner.grant.role}
        token = Token(key=key, last_used_at=None, **values, **shown)
        return Minted(token, _labelled(unit, token), text)


def change(
    runtime: Runtime,
    caller: Caller,
    token_id: str,
    *,
    name: Any = None,
    status: Any = None,
    status_required: bool = False,
) -> Tokens:
    """Renames, pauses or wakes a token. Raises NotFound, Invalid, OutOfReach."""
    with begin(runtime, caller) as unit:
        token = _found(unit, token_id)
        wanted_name, paused = rules.examine_change(name, status, status_required=status_required)
        _check_reach(unit, token)
        changed = replace(
            token,
            name=token.name if wanted_name is None else wanted_name,
            paused=token.paused if paused is None else paused,
        )
        tokens.change(unit.transaction, changed)
        unit.record(
            "token.change",
            f"token:{token.id}",
            before={"name": token.name, "paused": token.paused},
            after={"name": changed.name, "paused": changed.paused},
        )
        return Tokens([changed], 1, unit.things)


def transfer(runtime: Runtime, caller: Caller, token_id: str, *, to: str) -> Tokens:
    """Hands a token on to another user, so that it outlives its owner's place.

    Raises NotFound (the token or the user), Invalid where the user may own none.
    """
    with begin(runtime, caller) as unit:
        token = _found(unit, token_id)
        _check_reach(unit, token)
        owner = _owner(unit, to)
        changed = replace(token, owner=owner.key, owner_id=owner.id, owner_role=owner.grant.role)
        tokens.change(unit.transaction, changed)
        unit.record(
            "token.transfer",
            f"token:{token.id}",
            before={"owner": token.owner_id},
            after={"owner": owner.id},
        )
        return Tokens([changed], 1, unit.things)


def revoke(runtime: Runtime, caller: Caller, token_id: str) -> None:
    """Ends a token for good. Raises NotFound, OutOfReach."""
    with begin(runtime, caller) as unit:
        token = _found(unit, token_id)
        _check_reach(unit, token)
        tokens.remove(unit.transaction, token)
        unit.record("token.end", f"token:{token.id}", before={"owner": token.owner_id})


def _found(unit: Unit, token_id: str) -> Token:
    token = tokens.find(unit.transaction, unit.account.key, token_id)
    if token is None:
        raise NotFound
    return token


def _check_reach(unit: Unit, token: Token) -> None:
    """Raises OutOfReach."""
    rules.check_reach(unit.catalog, by=unit.by, owner=token.owner, role=token.owner_role)


def _labelled(unit: Unit, token: Token) -> Domain | None:
    return None if token.domain is None else unit.things.domains[token.domain]


def _label(unit: Unit, domain_id: object) -> int | None:
    """The domain a token is labelled with; an unknown one is none (contract, section 11)."""
    wanted = [domain_id] if isinstance(domain_id, str) and is_wire_id(domain_id) else []
    known = store_things.keys(unit.transaction, unit.account.key, "domains", wanted)
    return next(iter(known.values()), None)


def _owner(unit: Unit, owner_id: str | None) -> User:
    """Whose a token will be: the named user's, else that of the token it is made through."""
    wanted = unit.by.user_id if owner_id is None else owner_id
    user = None if wanted is None else users.find(unit.transaction, unit.account.key, wanted)
    if user is None:
        raise NotFound
    if user.is_suspended or not unit.catalog.may_own_tokens(user.grant):
        raise Invalid([Fault("owner", Rule.MAY_OWN_TOKENS)])
    rules.check_reach(unit.catalog, by=unit.by, owner=user.key, role=user.grant.role)
    return user
