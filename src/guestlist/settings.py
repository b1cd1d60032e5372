"""How a deployment is set up: read once, then passed as values."""

import ipaddress
import os
import secrets
import tempfile
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from guestlist.api.allowance import RateLimit
from guestlist.domain import destinations, emails, vocabularies
from guestlist.domain.access import Catalog
from guestlist.domain.destinations import Allowed
from guestlist.domain.hosts import is_loopback
from guestlist.domain.invitations import (
    DAY,
    DEFAULT_LIFE_DAYS,
    MAX_LIFE_DAYS,
    MIN_LIFE_DAYS,
    Caps,
)
from guestlist.domain.links import Keys
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import BrokenFile, Misconfigured
from guestlist.store import deployment, folders
from guestlist.store.database import Database

DEFAULT_DATABASE = "sqlite:///data/guestlist.db"
DEFAULT_LIMITS = "memory://"
KEY_VARIABLE = "GUESTLIST_SECRET_KEY"
KEY_BYTES = 32
_PORTS = {"http": 80, "https": 443}
WEBHOOK_ALLOW_VARIABLE = "GUESTLIST_WEBHOOK_ALLOW"
SMTP_PASSWORD_VARIABLE = "GUESTLIST_SMTP_PASSWORD"  # noqa: S105 - its name only


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything `serve` needs to know; each has its option and its variable (docs: settings)."""

    database: str = DEFAULT_DATABASE
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 16
    public_url: str = "http://localhost:8000"
    trusted_proxies: tuple[str, ...] = ()
    rate_limit: RateLimit | None = None
    # Where letters go, as `delivery.senders` reads it; None is the outbox folder.
    mail: str | None = None
    mail_from: str | None = None
    outbox: Path = Path("outbox")
    sends: bool = True
    reminds: bool = False
    webhook_allow: Allowed = field(default_factory=Allowed)
    language: str = "en"
    catalog: Catalog = MAILERSEND
    invitation_life: int = DEFAULT_LIFE_DAYS * DAY
    caps: Caps = field(default_factory=Caps)
    limits: str = DEFAULT_LIMITS
    log_format: str = "pretty"
    log_level: str = "info"


def serving(  # noqa: PLR0913 - what needs reading of all that `serve` takes
    *,
    database: str,
    host: str,
    port: int,
    public_url: str | None,
    insecure_http: bool,
    trusted_proxies: str,
    rate_limit: str | None,
    outbox: Path | None,
    no_outbox: bool,
    reminders: bool,
    webhook_allow: str,
    invitation_days: int,
    invitations_per_day: int,
    letters_per_day: int,
    catalog: Path | None,
    **plain: Any,
) -> Settings:
    """The settings that the options of `serve` say. Raises Misconfigured."""
    return Settings(
        database=database,
        host=host,
        port=port,
        public_url=own_url(public_url, host=host, port=port, insecure_http=insecure_http),
        trusted_proxies=proxies(trusted_proxies),
        rate_limit=None if rate_limit is None else requests_per(rate_limit),
        outbox=outbox or default_outbox(database),
        sends=not no_outbox,
        reminds=reminders,
        webhook_allow=allowed(webhook_allow),
        invitation_life=invitation_life(invitation_days),
        caps=Caps(invitations_per_day, letters_per_day),
        catalog=vocabulary(catalog),
        **plain,
    )


def requests_per(text: str) -> RateLimit:
    """Reads `N/SECONDS`. Raises Misconfigured."""
    requests, slash, seconds = text.partition("/")
    if slash and requests.isdecimal() and seconds.isdecimal() and int(requests) and int(seconds):
        return RateLimit(int(requests), int(seconds))
    raise Misconfigured(
        f"A rate limit looks like 60/60, requests per seconds, both above zero; got {text!r}."
    )


def proxies(text: str) -> tuple[str, ...]:
    """Reads addresses and networks with commas between them. Raises Misconfigured."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in found:
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise Misconfigured(
                "Trusted proxies are addresses or networks with commas between them, as in"
                f" 10.0.0.0/8,::1; got {part!r}."
            ) from error
    return found


def allowed(text: str) -> Allowed:
    """Reads where webhooks may be beside the internet at large. Raises Misconfigured."""
    try:
        return destinations.read(text)
    except ValueError as error:
        raise Misconfigured(
            "Webhooks are allowed at addresses or networks, with a port or without, and commas"
            f" between them, as in 10.0.0.0/8,127.0.0.1:9000,[::1]:9000; got {text!r}."
        ) from error


def invitation_life(days: int) -> int:
    """In microseconds. Raises Misconfigured."""
    if MIN_LIFE_DAYS <= days <= MAX_LIFE_DAYS:
        return days * DAY
    raise Misconfigured(
        f"An invitation lives for {MIN_LIFE_DAYS} to {MAX_LIFE_DAYS} days; got {days}."
    )


def vocabulary(file: Path | None) -> Catalog:
    """MailerSend's where no file says otherwise. Raises Misconfigured with every fault."""
    if file is None:
        return MAILERSEND
    try:
        return vocabularies.read(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} is not TOML: {error}.") from error
    except OSError as error:
        raise Misconfigured(f"{file} cannot be read: {error.strerror}.") from error
    except BrokenFile as broken:
        told = "\n".join(f"{path}: {wrong}" for path, wrong in broken.faults)
        raise Misconfigured(f"{file} is no catalog of roles and permissions:\n{told}") from broken


def database_file(address: str) -> Path | None:
    """Where an SQLite database is or would be kept; None on PostgreSQL. Raises Misconfigured."""
    return Database(address).file


def default_outbox(address: str) -> Path:
    """Beside an SQLite database, else in the working folder."""
    file = database_file(address)
    return Path("outbox") if file is None else file.parent / "outbox"


def own_url(given: str | None, *, host: str, port: int, insecure_http: bool) -> str:
    """The address that links and pages are built from, never a request's Host.

    Raises Misconfigured where it is needed and missing, or not safe.
    """
    if given is None:
        if is_loopback(host):
            return f"http://localhost:{port}"
        raise Misconfigured(
            f"Bound to {host}, beyond this machine, the server must know its own address:"
            " give it with --public-url https://…"
        )
    scheme, name, its_port = _own_address(given)
    if scheme == "http" and not is_loopback(name) and not insecure_http:
        raise Misconfigured(
            "The public URL must be https: letters carry secret links built from it."
            " For a trusted network, add --insecure-http."
        )
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}" if its_port is None else f"{scheme}://{shown}:{its_port}"


def _own_address(given: str) -> tuple[str, str, int | None]:
    """Scheme, host and port in their one spelling, as browsers name an origin.

    Raises Misconfigured.
    """
    try:
        parts = urlsplit(given)
        name, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        name, port = None, None
    if not name or port == 0 or parts.scheme not in _PORTS or any(map(str.isspace, given)):
        raise Misconfigured(f"The public URL must look like https://people.example; got {given!r}.")
    if parts.username is not None or parts.password is not None:
        raise Misconfigured(
            "The public URL must name no user and no password: everybody sees it in links."
        )
    if parts.path not in {"", "/"} or "?" in given or "#" in given:
        raise Misconfigured(
            "The public URL must end with its host and port: the pages are at the root of a host"
            f" of their own, as in https://people.example; got {given!r}."
        )
    return parts.scheme, name, None if port == _PORTS[parts.scheme] else port


def _host(name: str) -> str | None:
    """A name, or an IP address; None for what is neither."""
    try:
        return ipaddress.ip_address(name).compressed
    except ValueError:
        return emails.host(name)


def keys(database: Database) -> Keys:
    """The deployment's keys: from GUESTLIST_SECRET_KEY, or on SQLite from a file beside it.

    Raises Misconfigured where there is none though links were made with one, or it is too short.
    """
    given = os.environ.get(KEY_VARIABLE, "").split()
    try:
        if given:
            return Keys(tuple(key.encode() for key in given))
        if database.file is None:
            raise Misconfigured(
                "On PostgreSQL, GUESTLIST_SECRET_KEY must be set: links are derived from it."
                " Make one with: openssl rand -hex 32"
            )
        return Keys((_key_beside(database, key_file(database.file)),))
    except ValueError as error:
        raise Misconfigured(
            f"GUESTLIST_SECRET_KEY: {error}. Make one with: openssl rand -hex 32"
        ) from error


def key_file(database: Path) -> Path:
    """Where the key of an SQLite database is kept, unless the environment brings it."""
    return database.with_name(database.name + ".key")


def kept_key(database: Database) -> Path | None:
    """The file that the key of this deployment is in; None where the environment brings it.

    Raises Misconfigured where the file is missing, or holds another key than links were made with.
    """
    if os.environ.get(KEY_VARIABLE, "").split() or database.file is None:
        return None
    file = key_file(database.file)
    known = deployment.remembered(database)
    if known is not None and known not in keys(database).fingerprints:
        raise Misconfigured(
            f"{file} is not the key this database's links were made with."
            f" Put that one back, or give it in {KEY_VARIABLE}."
        )
    return file if file.exists() else None


def _key_beside(database: Database, path: Path) -> bytes:
    # Asked for before the file: whoever makes a key keeps it there, and only then is it remembered.
    known = None if path.exists() else deployment.remembered(database)
    try:
        return path.read_text().strip().encode()
    except FileNotFoundError as error:
        if known is not None:
            raise Misconfigured(
                f"There is no {path}, the key of this database's links."
                f" Put it back, or give it in {KEY_VARIABLE}."
            ) from error
    _make_key(path)
    return path.read_text().strip().encode()


def _make_key(path: Path) -> None:
    # Written aside and linked, so that no other process ever reads half a key.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was faster
        os.link(draft, path)
    Path(draft).unlink()
    folders.keep(path.parent)
