"""What concerns a deployment as a whole: its key, and whether its database answers."""

from contextlib import suppress
from pathlib import Path

from guestlist.actions import seals
from guestlist.actions.runtime import Runtime
from guestlist.domain.links import Keys
from guestlist.domain.refusals import Misconfigured, Unavailable
from guestlist.store import backups, deployment, migrations
from guestlist.store.database import Database


def claim(runtime: Runtime) -> None:
    """Remembers the key that this database's secrets are made with, or checks that we have it.

    Raises Misconfigured: letters already sent would lead nowhere.
    """
    keys = runtime.keys
    with runtime.database.read() as transaction:
        known = deployment.key_fingerprint(transaction)
    if known is not None:
        _check(known, keys)
    if known != keys.fingerprint:
        with runtime.database.change() as transaction:
            # Others may be starting at this moment, with another key: who comes first has said it.
            _check(deployment.first_fingerprint(transaction, keys.fingerprint), keys)
            deployment.remember_key(transaction, keys.fingerprint)
    if len(keys.keys) > 1:
        # Not here and now, as on a standby, means at another start.
        with suppress(Unavailable):
            seals.renew(runtime)


def _check(known: str, keys: Keys) -> None:
    if known not in keys.fingerprints:
        raise Misconfigured(
            "This database's links were made with another key. Give that one in"
            " GUESTLIST_SECRET_KEY; to change keys, put the new one first and the old one after"
            " it, with a blank between."
        )


def check(runtime: Runtime) -> None:
    """Raises Unavailable where the database does not answer."""
    with runtime.database.read() as transaction:
        deployment.key_fingerprint(transaction)


def migrate(database: Database) -> bool:
    """Brings a database to the newest schema; says whether there was anything to do.

    Raises Unavailable.
    """
    if migrations.is_current(database):
        return False
    migrations.migrate(database)
    return True


def backup(database: Database, target: Path, *, key: Path | None) -> list[Path]:
    """Copies a database in use, and the file of its key if it has one; returns what it wrote.

    Raises Misconfigured where a file is there already.
    """
    wanted = [target] if key is None else [target, target.with_name(f"{target.name}.key")]
    for path in wanted:
        if path.exists():
            raise Misconfigured(f"{path} exists already; name another file.")
    backups.copy(database, target)
    if key is not None:
        backups.copy_key(key, wanted[1])
    return wanted
