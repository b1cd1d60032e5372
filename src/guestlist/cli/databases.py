"""`guestlist migrate` and `guestlist backup`."""

from pathlib import Path
from typing import Annotated

import typer

from guestlist import settings as configuration
from guestlist.cli import desk, output
from guestlist.cli.options import DatabaseOption
from guestlist.settings import DEFAULT_DATABASE, Settings


def add_to(app: typer.Typer) -> None:
    app.command("migrate")(migrate)
    app.command("backup")(backup)


def migrate(*, database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """Bring the database to this version's schema.

    One that has it is left alone. On SQLite every command does this by itself; on PostgreSQL run
    it before a new version serves.

    Example: guestlist migrate --database postgresql://guestlist@db/guestlist
    """
    # No help page should wait for Alembic or a web server to be loaded.
    from guestlist.actions import deployment  # noqa: PLC0415
    from guestlist.app import deployments  # noqa: PLC0415

    opened = deployments.open_database(Settings(database=database, threads=1))
    try:
        configuration.keys(opened)  # what is missing is said before anything is changed
        changed = deployment.migrate(opened)
    finally:
        opened.close()
    with desk.deployment(database):
        pass  # the database now remembers the deployment's key
    when = "now" if changed else "already"
    output.say(f"The database {opened.address} has the newest schema {when}.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not exist yet.")],
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Copy the database while it is in use.

    On SQLite the copy is a database, and FILE.key beside it is the key its links are made with,
    unless that comes from GUESTLIST_SECRET_KEY. On PostgreSQL the copy is what pg_dump writes, for
    pg_restore.

    Example: guestlist backup backups/monday.db
    """
    from guestlist.actions import deployment  # noqa: PLC0415
    from guestlist.app import deployments  # noqa: PLC0415 - as above

    desk.check_exists(database)
    opened = deployments.open_database(Settings(database=database, threads=1))
    try:
        key = configuration.kept_key(opened)
        written = deployment.backup(opened, file, key=key)
    finally:
        opened.close()
    output.say(f"Wrote {' and '.join(str(path) for path in written)}.")
