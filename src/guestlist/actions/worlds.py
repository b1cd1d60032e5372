"""Making the accounts of a world."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from guestlist.actions import accounts
from guestlist.actions.runtime import Runtime, Unit
from guestlist.domain import links
from guestlist.domain import tokens as token_rules
from guestlist.domain.access import Grant
from guestlist.domain.refusals import BrokenFile, Fault, Invalid, Rule, Unproven
from guestlist.domain.worlds import things as world_things
from guestlist.domain.worlds.accounts import NewAccount
from guestlist.domain.worlds.tokens import NewToken
from guestlist.domain.worlds.users import NewInvitation, NewUser
from guestlist.store import accounts as store_accounts
from guestlist.store import invitations, people, things, tokens, users
from guestlist.store.database import Conflict, Transaction

# Rows that go to the database at once: enough that a round trip costs nothing, and progress shows.
CHUNK = 5_000

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class MintedText:
    """The text of a token that was given none: shown this once, kept nowhere."""

    name: str
    owner: str
    text: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new account, how much of each kind is in it, and what was made up for its tokens."""

    id: str
    name: str
    counts: dict[str, int]
    minted: Sequence[MintedText]


@dataclass(frozen=True, slots=True)
class _Keys:
    """What the positions in a world's lists became."""

    domains: Sequence[int]
    templates: Sequence[int]
    users: Sequence[int] = ()
    user_ids: Sequence[str] = ()

    def giver(self, invite: NewInvitation) -> str:
        """As the audit tells it."""
        return (
            "operator" if invite.invited_by is None else f"user:{self.user_ids[invite.invited_by]}"
        )

    def grant(self, grant: Grant) -> Grant:
        if not (grant.domains or grant.templates):
            return grant
        return replace(
            grant,
            domains=tuple(self.domains[position] for position in grant.domains),
            templates=tuple(self.templates[position] for position in grant.templates),
        )


def check(runtime: Runtime, world: Sequence[NewAccount]) -> None:
    """Raises BrokenFile where what must be new is there already, Unproven."""
    faults = []
    with runtime.database.read() as transaction:
        for number, account in enumerate(world):
            path = f"accounts[{number}]"
            if account.id is not None and store_accounts.find(transaction, account.id):
                faults.append((f"{path}.id", "is an account that exists already"))
            faults += [
                (f"{path}.tokens[{position}]", "is a token that exists already")
                for position, token in enumerate(account.tokens)
                if token.sha256 is not None and tokens.exists(transaction, token.sha256)
            ]
            for chunk in _chunks(account.users):
                _check_proven(transaction, [user.email.key for user in chunk])
    if faults:
        raise BrokenFile(faults)


def make(
    runtime: Runtime,
    new: NewAccount,
    *,
    request: str,
    action: str = "account.import",
    progress: Callable[[int], None] = lambda _: None,
) -> Made:
    """One account of a world, in one transaction; `progress` hears of users and invites added.

    People who are there already are joined as they are. Invites get neither link nor letter until
    they are resent. Raises Invalid where an id or a token was taken since the world was checked,
    Unproven.
    """
    with accounts.found(runtime, new, request=request) as unit:
        counts = {
            kind: len(getattr(new, kind))
            for kind in ("domains", "templates", "users", "invites", "tokens")
        }
        unit.record(action, f"account:{unit.account.id}", after={"name": new.name} | counts)
        keys = _Keys(_add_domains(unit, new), _add_templates(unit, new))
        user_keys, user_ids = _add_users(unit, new.users, keys, progress)
        keys = replace(keys, users=user_keys, user_ids=user_ids)
        _add_invites(unit, new.invites, keys, progress)
        minted = [_add_token(unit, new, token, keys) for token in new.tokens]
        shown = [text for text in minted if text is not None]
        return Made(unit.account.id, new.name, counts, shown)


def _add_domains(unit: Unit, new: NewAccount) -> list[int]:
    keys = []
    for domain in new.domains:
        thing_id = domain.id or unit.new_id()
        values = {
            "id": thing_id,
            "name": domain.name or world_things.host_named(thing_id),
            **_times(unit, domain.created_at, domain.updated_at),
        }
        keys.append(things.add(unit.transaction, unit.account.key, "domains", **values))
        unit.record("domain.import", f"domain:{thing_id}", after={"name": values["name"]})
    return keys


def _add_templates(unit: Unit, new: NewAccount) -> list[int]:
    keys = []
    for template in new.templates:
        thing_id = template.id or unit.new_id()
        values = {
            "id": thing_id,
            "name": template.name or thing_id,
            "type": template.type,
            "description": template.description,
            "created_at": _or_now(unit, template.created_at),
        }
        keys.append(things.add(unit.transaction, unit.account.key, "templates", **values))
        unit.record("template.import", f"template:{thing_id}", after={"name": values["name"]})
    return keys


def _add_users(
    unit: Unit, new: Sequence[NewUser], keys: _Keys, progress: Callable[[int], None]
) -> tuple[list[int], list[str]]:
    added: list[int] = []
    ids: list[str] = []
    for chunk in _chunks(new):
        persons = _joined(unit, chunk)
        rows = [
            {
                "account": unit.account.key,
                "id": user.id or unit.new_id(),
                "place": unit.account.next_user + place,
                "person": persons[user.email.key],
                "email_key": user.email.key,
                **_times(unit, user.created_at, user.updated_at),
                "suspended_at": user.suspended_at,
            }
            for place, user in enumerate(chunk, len(added))
        ]
        grants = [keys.grant(user.grant) for user in chunk]
        added += users.add(unit.transaction, unit.account.key, rows, grants)
        for row, grant, user in zip(rows, grants, chunk, strict=True):
            told = unit.told(grant) | {"email": user.email.address}
            if user.suspended_at is not None:
                told["suspended"] = True
            unit.record("user.import", f"user:{row['id']}", after=told)
            ids.append(str(row["id"]))
        unit.write_down()
        admins = sum(user.is_active_admin for user in chunk)
        unit.count(users=len(chunk), next_user=len(chunk), admins=admins)
        progress(len(chunk))
    return added, ids


def _joined(unit: Unit, chunk: Sequence[NewUser]) -> dict[str, int]:
    """The people who are to be users, by the keys of their addresses."""
    rows = [
        {
            "email": user.email.address,
            "email_key": user.email.key,
            "name": user.name,
            "last_name": user.last_name,
            "avatar": user.avatar,
            "two_factor": user.two_factor,
            **_times(unit, user.created_at, user.updated_at),
        }
        # In one order, so that imports that meet wait for each other instead of forever.
        for user in sorted(chunk, key=lambda user: user.email.key)
    ]
    people.add_many(unit.transaction, rows)
    keys = [user.email.key for user in chunk]
    _check_proven(unit.transaction, keys)
    return people.keys(unit.transaction, keys)


def _check_proven(transaction: Transaction, email_keys: list[str]) -> None:
    """Whoever signs in without having shown to read their mail came by a link that was copied.

    No other account trusts them. Asked once more when all are kept, so that nobody comes between:
    who is there, unproven and without a sign-in, gets none by a copied link. Raises Unproven.
    """
    found = people.unproven(transaction, email_keys)
    if found is not None:
        raise Unproven(found)


def _add_invites(
    unit: Unit, new: Sequence[NewInvitation], keys: _Keys, progress: Callable[[int], None]
) -> None:
    added = 0
    for chunk in _chunks(new):
        rows = [
            {
                "account": unit.account.key,
                "id": invite.id or unit.new_id(),
                "place": unit.account.next_invitation + place,
                "email": invite.email.address,
                "email_key": invite.email.key,
                "invited_by": None if invite.invited_by is None else keys.users[invite.invited_by],
                "expires_at": _or_now(unit, invite.expires_at, more=unit.runtime.invitation_life),
                **_times(unit, invite.created_at, invite.updated_at),
            }
            for place, invite in enumerate(chunk, added)
        ]
        grants = [keys.grant(invite.grant) for invite in chunk]
        invitations.add_many(unit.transaction, unit.account.key, rows, grants)
        for row, grant, invite in zip(rows, grants, chunk, strict=True):
            told = unit.told(grant) | {
                "email": invite.email.address,
                "invited_by": keys.giver(invite),
            }
            unit.record("invitation.import", f"invitation:{row['id']}", after=told)
        unit.write_down()
        added += len(chunk)
        unit.count(invitations=len(chunk), next_invitation=len(chunk))
        progress(len(chunk))


def _add_token(unit: Unit, new: NewAccount, token: NewToken, keys: _Keys) -> MintedText | None:
    """What was made up for it, None where its secret was given."""
    text = token_rules.text_from(unit.random(token_rules.TEXT_BYTES))
    made_up = token.sha256 is None
    token_id = token.id or unit.random(token_rules.ID_BYTES).hex()
    try:
        tokens.add(
            unit.transaction,
            account=unit.account.key,
            id=token_id,
            name=token.name,
            sha256=links.digest(text) if made_up else token.sha256,
            preview=token_rules.preview(text) if made_up else token.preview,
            scopes=token.scopes,
            owner=keys.users[token.owner],
            domain=None if token.domain is None else keys.domains[token.domain],
            paused=token.paused,
            created_at=_or_now(unit, token.created_at),
            expires_at=token.expires_at,
        )
    except Conflict as conflict:
        raise Invalid([Fault("token", Rule.TAKEN)]) from conflict
    unit.record(
        "token.import",
        f"token:{token_id}",
        after={
            "name": token.name,
            "scopes": list(token.scopes),
            "owner": keys.user_ids[token.owner],
        },
    )
    owner = new.users[token.owner].email.address
    return MintedText(token.name, owner, text) if made_up else None


def _or_now(unit: Unit, instant: int | None, *, more: int = 0) -> int:
    return unit.now + more if instant is None else instant


def _times(unit: Unit, created_at: int | None, updated_at: int | None) -> dict[str, int]:
    created = _or_now(unit, created_at)
    return {"created_at": created, "updated_at": created if updated_at is None else updated_at}


def _chunks(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
