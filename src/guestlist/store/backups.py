"""Whole copies of a database, taken while it is in use."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from guestlist.domain.refusals import Misconfigured
from guestlist.store import folders
from guestlist.store.database import Database


def copy(database: Database, target: Path) -> None:
    """SQLite: a database like it. PostgreSQL: what pg_dump writes for pg_restore.

    Nobody else may read it. Raises Misconfigured where there is a file already, or no pg_dump.
    """
    with _new_file(target) as draft:
        if database.is_sqlite:
            database.backup(draft)
        else:
            _dump(database.url, draft)


def copy_key(key: Path, target: Path) -> None:
    """Copies the file that holds a deployment's key; nobody else may read it."""
    with _new_file(target) as draft:
        draft.write_bytes(key.read_bytes())


@contextmanager
def _new_file(target: Path) -> Generator[Path]:
    """A file to fill, which gets its name when it is whole and safe from a power cut."""
    if not target.parent.is_dir():
        raise Misconfigured(f"There is no folder {target.parent} to write to.")
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        target.hardlink_to(draft)
        folders.keep(target.parent)
    except FileExistsError as error:
        raise Misconfigured(f"{target} exists already; name another file.") from error
    finally:
        draft.unlink()


def _dump(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Misconfigured(
            "There is no pg_dump on this machine's PATH: install PostgreSQL's client programs, or"
            " take the backup where the database is."
        )
    # Everybody on the machine can read a command line, so the password is not on it.
    address = url.set(password=None)
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603 - the program found, and no shell
        [program, "--format=custom", f"--file={target}", f"--dbname={_written(address)}"],
        env=os.environ | secret,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().replace("\n", " ")
        raise Misconfigured(f"pg_dump failed: {told}")


def _written(url: URL) -> str:
    return url.render_as_string(hide_password=False)
