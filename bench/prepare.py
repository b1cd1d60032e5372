"""Everything before the first figure: the data, the databases, the servers, the check."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import scenarios
from bench.check import check, get
from bench.data import World, load_peers, write_many, write_world
from bench.load import Load
from bench.measure import CONNECTIONS, Case
from bench.servers import MEASURED, PEERS, Server, ceiling, fastapi_orm, fastify, guestlist, pinned
from tests.postgres import PostgresCluster

FASTIFY, FASTAPI = "Fastify + pg", "FastAPI + ORM"
POSTGRES, SQLITE = "Guestlist, PostgreSQL", "Guestlist, SQLite"
# An ordinary server with this much data has it in memory.
DATABASE_SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB"}


@dataclass
class Bench:
    """All that runs while it is measured."""

    world: World
    folder: Path
    cluster: PostgresCluster
    peers: list[Server]
    guestlists: list[Server]
    ceiling: Server
    notes: list[str]

    def case(
        self,
        title: str,
        server: Server,
        requests: Iterator[bytes],
        before: Callable[[], None] | None = None,
    ) -> Case:
        """Put a load on a server; the database's time counts for those that use it."""
        alone = server.name in (SQLITE, self.ceiling.name)
        database = None if alone else postmaster(self.cluster)
        return Case(title, server, Load(server.port, requests, CONNECTIONS), database, before)


def prepare(stack: ExitStack, world: World, options: argparse.Namespace) -> Bench:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guestlist-bench-")))
    cluster = start_postgres(stack)
    say(f"loading {world.size:,} users for the peers")
    database = cluster.create_database("peers")
    load_peers(world, database, PEERS / "schema.sql")
    peers = [
        fastapi_orm(FASTAPI, folder, database, "kept"),
        fastapi_orm(f"{FASTAPI}, count(*)", folder, database, "count"),
        fastify(FASTIFY, folder, database, "kept"),
        fastify(f"{FASTIFY}, count(*)", folder, database, "count"),
    ]
    notes: list[str] = []
    guestlists: list[Server] = []
    if not options.peers_only:
        write_world(world, folder / "world.json")
        write_many(scenarios.MANY_ACCOUNTS, folder / "many.json")
        files = [folder / "world.json", folder / "many.json"]
        guestlists = list(make_guestlists(world.size, files, cluster, options.guestlist, notes))
    servers = [stack.enter_context(server) for server in (*peers, *guestlists)]
    say("checking that all give the same answers")
    check(servers, world)
    _, body = get(peers[2], 1, scenarios.LIMIT, world.token)
    notes.append(f"- An answer has {len(body):,} bytes.")
    top = stack.enter_context(ceiling("Ceiling", folder, body))
    return Bench(world, folder, cluster, peers, guestlists, top, notes)


def make_guestlists(
    size: int, files: Sequence[Path], cluster: PostgresCluster, program: Path, notes: list[str]
) -> Iterator[Server]:
    """Import files into both databases of Guestlist, the first with this many users.

    Answer a server for each.
    """
    if not program.exists():
        sys.exit(f"{program} does not exist: run make setup, or give --peers-only.")
    folder = files[0].parent
    key = secrets.token_hex(32)
    databases = {
        POSTGRES: cluster.create_database(f"guestlist_{size}"),
        SQLITE: f"sqlite:///{folder}/{size}.db",
    }
    for name, database in databases.items():
        run = _Commands(program, folder, {**os.environ, "GUESTLIST_SECRET_KEY": key}, database)
        run("migrate")
        seconds = [run("import", str(file)) for file in files]
        notes.append(f"- {name}: {size:,} users imported in {seconds[0]:.1f} s.")
        yield guestlist(name, folder, program, database, key)
    with psycopg.connect(databases[POSTGRES], autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


@dataclass
class _Commands:
    program: Path
    folder: Path
    environment: dict[str, str]
    database: str

    def __call__(self, *words: str) -> float:
        """Run a command of Guestlist; answer how many seconds it took."""
        say(f"guestlist {words[0]} on {self.database.partition(':')[0]}")
        command = [str(self.program), *words, "--database", self.database]
        start = time.monotonic()
        with pinned(MEASURED):
            done = subprocess.run(
                command, cwd=self.folder, env=self.environment, capture_output=True, check=False
            )
        if done.returncode:
            sys.exit(f"guestlist {words[0]} failed: {(done.stdout + done.stderr).decode()}")
        return time.monotonic() - start


def start_postgres(stack: ExitStack) -> PostgresCluster:
    """Start a PostgreSQL set up as an ordinary server is."""
    cluster = stack.enter_context(PostgresCluster(durable=True))
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        for name, value in DATABASE_SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
    cluster.stop()
    cluster.start()
    return cluster


def postmaster(cluster: PostgresCluster) -> int:
    """Answer the process that all of PostgreSQL's others are children of."""
    text = (cluster.folder / "data" / "postmaster.pid").read_text(encoding="utf-8")
    return int(text.split("\n", 1)[0])


def say(what: str) -> None:
    """Tell how far it is."""
    print(what, file=sys.stderr, flush=True)
