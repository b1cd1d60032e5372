"""Where examples are played: a deployment on a fast disk, and a new account in it for each."""

import hashlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text

from guestlist.actions import worlds
from guestlist.actions.limits import Limits
from guestlist.actions.runtime import Runtime
from guestlist.app import deployments
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.store import accounts
from guestlist.store.database import Database
from guestlist.store.migrations import migrate
from guestlist.store.statements import Statement
from tests.model import power
from tests.model.doors import PASSWORD, Doors
from tests.model.facts import ALL_SCOPES, LIFE, Facts, Person, Token, User
from tests.model.power import Grant
from tests.stand import KEYS, NO_CAPS, PUBLIC_URL, QUICK, Clock

SEATS = 9
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it
DOMAINS = ("d0ma1n000000one", "d0ma1n000000two")
TEMPLATES = ("temp1ate0000one", "temp1ate0000two")
_TOKEN_SCOPES = {"ana": ALL_SCOPES, "bob": ALL_SCOPES, "cleo": ALL_SCOPES}
CREW = {
    "ana": Grant("Admin"),
    "bob": Grant("Manager"),
    "cleo": Grant("Domain Lead", (), DOMAINS[:1]),
    "dan": Grant("Custom User", ("read-mailbox", "manage-domain", "manage-api-token"), DOMAINS[1:]),
    "eva": Grant("Admin"),
}
# People of the deployment without a place here; hal never set up a sign-in.
OTHERS = ("gus", "hal")

_numbers = itertools.count(1)
_HASH = QUICK.hashed(PASSWORD)
_SETTLED = Statement(
    text(
        "UPDATE people SET password = :hash, password_changed_at = :now, proven_at = :now"
        " WHERE email_key = :email"
    )
)
_PERSON = Statement(
    text(
        "INSERT INTO people (email, email_key, name, last_name, two_factor, created_at, updated_at)"
        " VALUES (:email, :email, '', '', false, :now, :now)"
    )
)


@contextmanager
def folder() -> Iterator[Path]:
    """On a disk of memory, where there is one."""
    fast = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="guestlist-model-", dir=fast) as made:
        yield Path(made)


def migrated(where: Path) -> Path:
    """A file at the newest schema, to be copied."""
    file = where / "migrated.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


@contextmanager
def ground(file: Path, where: Path) -> Iterator[Runtime]:
    """A deployment on a copy of a migrated file."""
    copy = Path(shutil.copy(file, where / f"{next(_numbers)}.db"))
    made = runtime(f"sqlite:///{copy}", Clock())
    try:
        yield made
    finally:
        made.database.close()
        for left in where.glob(f"{copy.name}*"):
            left.unlink()


def runtime(address: str, clock: Any, *, connections: int = 4) -> Runtime:
    return Runtime(
        database=Database(address, connections=connections),
        keys=KEYS,
        now=clock,
        random=deployments.random,
        public_url=PUBLIC_URL,
        invitation_life=LIFE,
        catalog=power.CATALOG,
        caps=NO_CAPS,
        limits=Limits(scale=10**6),
        passwords=QUICK,
    )


def address(name: str, number: int) -> str:
    """Of somebody of the how-manieth account: people are the whole deployment's."""
    return f"{name}.{number}@acme.test"


def account(runtime: Runtime) -> tuple[Doors, Facts, int]:
    """A new account with its crew, who all can sign in; what is so of it; its number."""
    number = next(_numbers)
    facts = Facts(runtime.now(0), SEATS, domains=list(DOMAINS), templates=list(TEMPLATES))
    texts = {name: _text(number, name) for name in _TOKEN_SCOPES}
    document = msgspec.json.decode(json.dumps({"accounts": [_document(number, texts)]}))
    [new] = world_accounts.read(document, runtime.catalog)
    made = worlds.make(runtime, new, request="model")
    for name, grant in CREW.items():
        person = Person(address(name, number), proven=True, has_sign_in=True)
        facts.people[person.email] = person
        facts.users.append(User(f"user00000000{name:0>4}", person, grant, power.power(power.WHOLE)))
    for name in OTHERS:
        person = Person(address(name, number), proven=name == "gus", has_sign_in=name == "gus")
        facts.people[person.email] = person
    with runtime.database.change() as transaction:
        for name in OTHERS:
            transaction.run(_PERSON, email=address(name, number), now=facts.now)
        for person in facts.people.values():
            if person.has_sign_in:
                transaction.run(_SETTLED, hash=_HASH, now=facts.now, email=person.email)
        found = accounts.find(transaction, made.id)
    assert found is not None
    for (name, scopes), user in zip(_TOKEN_SCOPES.items(), facts.users, strict=False):
        facts.tokens.append(Token(_token_id(number, name), texts[name], user, scopes, scopes))
    return Doors(runtime, found.key, found.id), facts, number


def _document(number: int, texts: dict[str, str]) -> dict[str, Any]:
    return {
        "name": "Acme",
        "seats": SEATS,
        "domains": [{"id": thing, "name": f"{thing}.test"} for thing in DOMAINS],
        "templates": [{"id": thing, "name": thing} for thing in TEMPLATES],
        "users": [
            {
                "id": f"user00000000{name:0>4}",
                "email": address(name, number),
                "role": grant.role,
                "permissions": list(grant.permissions),
                "domains": list(grant.domains),
                "templates": list(grant.templates),
            }
            for name, grant in CREW.items()
        ],
        "tokens": [
            {
                "id": _token_id(number, name),
                "token": text_,
                "scopes": sorted(_TOKEN_SCOPES[name]),
                "owner": address(name, number),
            }
            for name, text_ in texts.items()
        ],
    }


def _text(number: int, name: str) -> str:
    return f"mlsn.{hashlib.sha256(f'{number} {name}'.encode()).hexdigest()}"


def _token_id(number: int, name: str) -> str:
    return hashlib.sha512(f"{number} {name}".encode()).hexdigest()[:80]
