"""The accounts that are asked about: loaded into the databases, with a server on each."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from bench.data import load_peers, write_world
from bench.decisions.world import DecisionWorld, Question, ask
from bench.prepare import FASTIFY, make_guestlists, say
from bench.servers import PEERS, Server, fastify
from tests.postgres import PostgresCluster

CHECKED, HOT, COLD = 2_000, 1_000, 300_000


@dataclass
class Account:
    """One account, the servers that know it, and what they are asked about it."""

    world: DecisionWorld
    servers: list[Server]
    questions: dict[str, list[Question]]

    @property
    def label(self) -> str:
        """What sets its servers apart from those of another size."""
        return f"{self.world.size:,} users"


def load_account(
    size: int,
    folder: Path,
    cluster: PostgresCluster,
    options: argparse.Namespace,
    notes: list[str],
) -> Account:
    """Load an account of this size; answer it with servers that are not started yet."""
    world = DecisionWorld(size)
    say(f"loading {size:,} users for the peer")
    database = cluster.create_database(f"peers_{size}")
    load_peers(world, database, PEERS / "schema.sql")
    servers = [fastify(FASTIFY, folder, database, "kept")]
    if not options.peers_only:
        file = folder / f"{size}.json"
        write_world(world, file)
        servers += make_guestlists(size, [file], cluster, options.guestlist, notes)
        file.unlink()
    for server in servers:
        server.name += f", {size:,} users"
        server.log = folder / f"{server.name}.log"
    questions = {
        "check": ask(world, CHECKED, seed=1),
        "hot": ask(world, HOT, seed=2),
        "cold": ask(world, min(size, COLD), seed=3),
    }
    return Account(world, servers, questions)
