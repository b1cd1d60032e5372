"""The world that is measured: 100,000 users of one account, the same on every run."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import psycopg

ALPHABET = "0123456789dejgklmnopqrvwxyz"
START = datetime(2024, 1, 1, tzinfo=UTC)
PER_ACCOUNT = 20
ACCOUNT_ID = "bench"
FIRST_NAMES = (
    ("Ana", "ana"), ("Žiga", "ziga"), ("Søren", "soren"), ("María", "maria"), ("Peter", "peter"),
    ("Łucja", "lucja"), ("Grace", "grace"), ("Ольга", "olga"), ("Yuki", "yuki"), ("Zoë", "zoe"),
    ("Daniel", "daniel"), ("Amara", "amara"), ("李娜", "lina"),
)  # fmt: skip
LAST_NAMES = (
    ("Kos", "kos"), ("Novak", "novak"), ("Østergård", "ostergard"), ("García", "garcia"),
    ("Smith", "smith"), ("Wiśniewski", "wisniewski"), ("Okafor", "okafor"), ("Tanaka", "tanaka"),
    ("Brontë", "bronte"), ("Hopper", "hopper"), ("Lovelace", "lovelace"),
)  # fmt: skip
GRANTS = (
    ("read-own-templates", "manage-domain", "read-activity"),
    ("read-own-templates", "manage-template", "read-analytics"),
    ("read-own-templates", "access-smtp-credentials", "read-email"),
    ("read-own-templates", "read-recipient", "manage-sms"),
)


class Domain(TypedDict):
    """A domain as the wire shows it."""

    id: str
    name: str
    created_at: str
    updated_at: str


class Template(TypedDict):
    """A template as the wire shows it."""

    id: str
    name: str
    description: str | None
    type: str
    created_at: str


User = TypedDict(
    "User",
    {
        "id": str, "avatar": str | None, "email": str, "last_name": str, "name": str, "2fa": bool,
        "created_at": str, "updated_at": str, "role": str, "permissions": list[str],
        "domains": list[Domain], "templates": list[Template],
    },
)  # fmt: skip


Thing = TypeVar("Thing", Domain, Template)


class World:
    """One account with `size` users, each with two of its domains and two of its templates."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.token = token("world")
        self.domains = [domain("world", n) for n in range(PER_ACCOUNT)]
        self.templates = [template("world", n) for n in range(PER_ACCOUNT)]
        # The one Admin shows every domain and template, a document larger than the others'.
        # It stands in the middle, away from the first and the last pages that are compared.
        self.admin = size // 2

    def user(self, number: int) -> User:
        """Answer the user at this place (from 0) of the list, as the wire shows it."""
        is_admin = number == self.admin
        name, name_slug = FIRST_NAMES[number % len(FIRST_NAMES)]
        last_name, last_slug = LAST_NAMES[number % len(LAST_NAMES)]
        created = START + timedelta(minutes=7 * number)
        avatar = f"https://avatars.example.test/{_digest('avatar', number).hex()[:32]}.png"
        return {
            "id": wire_id("user", number),
            "avatar": avatar if number % 3 else None,
            "email": f"{name_slug}.{last_slug}.{number}@team{number % 40}.example.test",
            "last_name": last_name,
            "name": name,
            "2fa": number % 4 == 0,
            "created_at": wire_date(created),
            "updated_at": wire_date(created + timedelta(days=number % 90)),
            "role": "Admin" if is_admin else _role(number),
            "permissions": [] if is_admin else list(GRANTS[number % len(GRANTS)]),
            "domains": self.domains if is_admin else _two(self.domains, "d", number),
            "templates": self.templates if is_admin else _two(self.templates, "t", number),
        }

    def users(self) -> Iterator[User]:
        """Go through all users in their order."""
        return map(self.user, range(self.size))

    def page(self, page: int, limit: int) -> list[User]:
        """Answer the users that this page must show."""
        first = (page - 1) * limit
        return [self.user(n) for n in range(first, min(first + limit, self.size))]


def token(of: str) -> str:
    """Answer the API token of an account of this benchmark."""
    return "mlsn." + hashlib.sha256(f"token {of}".encode()).hexdigest()


def wire_id(kind: str, number: int) -> str:
    """Answer 16 characters that look like an id of the wire."""
    value = int.from_bytes(_digest(kind, number))
    letters = []
    for _ in range(16):
        value, place = divmod(value, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def wire_date(moment: datetime) -> str:
    """Answer a moment in UTC the way the wire writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def write_world(world: World, path: Path) -> None:
    """Write the account as an import file, a user at a time: all of it is large."""
    account = {
        "id": ACCOUNT_ID,
        "name": "Bench",
        "domains": world.domains,
        "templates": world.templates,
    }
    owner = world.user(world.admin)["email"]
    account["tokens"] = [_token_entry(world.token, owner)]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"accounts":[' + json.dumps(account)[:-1] + ', "users":[\n')
        for number, user in enumerate(world.users()):
            file.write(",\n" if number else "")
            file.write(json.dumps(_user_entry(user), ensure_ascii=False))
        file.write("\n]}]}\n")


def write_many(accounts: int, path: Path) -> None:
    """Write many small accounts, each with an Admin, a domain, a template and a token."""
    entries = []
    for number in range(accounts):
        owner = f"owner.{number}@example.test"
        entries.append(
            {
                "name": f"Account {number}",
                "domains": [domain("many", number)],
                "templates": [template("many", number)],
                "users": [{"email": owner, "role": "Admin"}],
                "tokens": [_token_entry(token(f"many {number}"), owner)],
            }
        )
    path.write_text(json.dumps({"accounts": entries}), encoding="utf-8")


def load_peers(world: World, url: str, schema: Path) -> None:
    """Make the peers' tables and fill them, then leave them as a settled server has them."""
    token_hash = hashlib.sha256(world.token.encode()).digest()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(schema.read_bytes())
        connection.execute(
            "INSERT INTO accounts (id, public_id, name) VALUES (1, %s, 'Bench')", [ACCOUNT_ID]
        )
        connection.execute(
            "INSERT INTO tokens (account_id, sha256, scopes, status) VALUES (1, %s, %s, %s)",
            [token_hash, ["users_full"], "unpause"],
        )
        cursor = connection.cursor()
        _copy(cursor, "domains", _domain_rows(world))
        _copy(cursor, "templates", _template_rows(world))
        _copy(cursor, "users", _user_rows(world))
        _copy(cursor, "user_domains", _links(world, "domains"))
        _copy(cursor, "user_templates", _links(world, "templates"))
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _copy(cursor: psycopg.Cursor[Any], table: str, rows: Iterable[tuple[object, ...]]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _domain_rows(world: World) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(world.domains, 1):
        yield number, 1, row["id"], row["name"], row["created_at"], row["updated_at"]


def _template_rows(world: World) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(world.templates, 1):
        yield (
            number, 1, row["id"], row["name"], row["description"], row["type"], row["created_at"],
        )  # fmt: skip


def _user_rows(world: World) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(world.users(), 1):
        yield (
            number, 1, row["id"], row["avatar"], row["email"], row["last_name"], row["name"],
            row["2fa"], row["created_at"], row["updated_at"], row["role"], row["permissions"],
        )  # fmt: skip


def _links(world: World, kind: str) -> Iterator[tuple[object, ...]]:
    things = world.domains if kind == "domains" else world.templates
    places = {thing["id"]: place for place, thing in enumerate(things, 1)}
    for number, user in enumerate(world.users(), 1):
        for thing in user["domains"] if kind == "domains" else user["templates"]:
            yield number, places[thing["id"]]


def _user_entry(user: User) -> dict[str, object]:
    ids: dict[str, object] = {
        "domains": [thing["id"] for thing in user["domains"]],
        "templates": [thing["id"] for thing in user["templates"]],
    }
    return {**user, **ids}


def _token_entry(text: str, owner: str) -> dict[str, object]:
    return {"name": "bench", "token": text, "scopes": ["users_full"], "owner": owner}


def domain(of: str, number: int) -> Domain:
    """Answer a domain of an account of this benchmark."""
    made = START + timedelta(hours=number)
    return {
        "id": wire_id(f"{of} domain", number),
        "name": f"mail{number}.example.test",
        "created_at": wire_date(made),
        "updated_at": wire_date(made + timedelta(days=1)),
    }


def template(of: str, number: int) -> Template:
    """Answer a template of an account of this benchmark."""
    return {
        "id": wire_id(f"{of} template", number),
        "name": f"Receipt {number}",
        "description": f"What was bought, version {number}" if number % 2 else None,
        "type": ("dd", "rt", "gh")[number % 3],
        "created_at": wire_date(START + timedelta(hours=number)),
    }


def _role(number: int) -> str:
    return {0: "Designer", 1: "Accountant"}.get(number % 50, "Custom User")


def _two(things: list[Thing], kind: str, number: int) -> list[Thing]:
    # In the account's order, so that no peer is asked to keep the order of a grant.
    digest = _digest(kind, number)
    first = digest[0] % PER_ACCOUNT
    second = (first + 1 + digest[1] % (PER_ACCOUNT - 1)) % PER_ACCOUNT
    return [things[place] for place in sorted((first, second))]


def _digest(kind: str, number: int) -> bytes:
    return hashlib.sha256(f"{kind} {number}".encode()).digest()
