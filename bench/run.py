"""`python -m bench.run`: load the data, start the servers, check them, measure them, report."""

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import psycopg

from bench import report, scenarios
from bench.check import post
from bench.data import World
from bench.decisions.run import decisions
from bench.measure import CONNECTIONS, Case, Plan, measure
from bench.prepare import FASTAPI, FASTIFY, POSTGRES, SQLITE, Bench, prepare
from bench.servers import CORES, OTHERS, Server
from bench.twin import twin

ROOT = Path(__file__).parents[1]


def main() -> None:
    options = _options()
    # Ended from outside, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, OTHERS)
    plan = Plan(2, 1.0, 0.3) if options.quick else Plan(options.rounds, options.seconds, 1.5)
    parts = {"users": _users, "decisions": decisions, "twin": twin}
    for name in (options.only,) if options.only else parts:
        text = "\n".join(parts[name](options, plan))
        print(text, flush=True)
        if options.write:
            report.write(ROOT / "docs" / "performance.md", name, text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--only", choices=["users", "decisions", "twin"], help="one part of the tables"
    )
    parser.add_argument("--users", type=int, default=100_000, help="decisions: 10 times too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a round")
    parser.add_argument("--quick", action="store_true", help="does it run? figures mean little")
    parser.add_argument("--peers-only", action="store_true", help="without Guestlist")
    parser.add_argument("--guestlist", type=Path, default=ROOT / ".venv" / "bin" / "guestlist")
    parser.add_argument("--write", action="store_true", help="put it into docs/performance.md")
    return parser.parse_args()


def _users(options: argparse.Namespace, plan: Plan) -> Iterator[str]:
    """Measure the list of users, invitations and sign-in; answer the parts of the report."""
    with ExitStack() as stack:
        bench = prepare(stack, World(options.users), options)
        yield _setting(bench, plan)
        yield from bench.notes
        yield ""
        yield from _measure(bench, plan)
        if not options.peers_only:
            yield _sign_in(options.guestlist, bench.folder)


def _measure(bench: Bench, plan: Plan) -> Iterator[str]:
    """Measure everything; answer a table for each scenario."""
    world = bench.world
    everyone = [bench.ceiling, *bench.peers, *bench.guestlists]
    title = "Warm: the first page, again and again"
    yield from _group(plan, [bench.case(title, one, scenarios.warm(world)) for one in everyone])
    # A write before each round: what Guestlist remembered of the last one is worthless.
    renew = {server.name: _renewal(server, world) for server in bench.guestlists}
    title = "Cold: every request another page"
    yield from _group(
        plan,
        [
            bench.case(title, one, scenarios.cold(world), renew.get(one.name))
            for one in everyone[1:]
        ],
    )
    yield from _ends(bench, plan, renew)
    title = f"Writes: POST /v1/users over {scenarios.MANY_ACCOUNTS} accounts, durable commits"
    yield from _group(
        plan, [bench.case(title, one, scenarios.invite()) for one in bench.guestlists]
    )


def _sign_in(program: Path, folder: Path) -> str:
    """Measure in a process of Guestlist's own, with the Python beside its program."""
    command = [program.with_name("python"), ROOT / "bench" / "sign_in.py", folder]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def _ends(bench: Bench, plan: Plan, renew: dict[str, Callable[[], None]]) -> Iterator[str]:
    """Compare the first pages with the last ones."""
    everyone = [*bench.peers, *bench.guestlists]
    compared = [server for server in everyone if server.name in (FASTIFY, POSTGRES, SQLITE)]
    cases = [
        bench.case(title, one, requests(bench.world), renew.get(one.name))
        for one in compared
        for title, requests in (
            ("Front: cold, among the first users", scenarios.front),
            ("Deep: cold, among the last users", scenarios.deep),
        )
    ]
    yield from _group(plan, cases)
    ratios = [
        f"{front.server.name} {deep.median('rate') / front.median('rate'):.2f}"
        for front, deep in zip(cases[::2], cases[1::2], strict=True)
    ]
    yield f"Deep against front: {', '.join(ratios)}.\n"


def _group(plan: Plan, cases: list[Case]) -> Iterator[str]:
    measure(cases, plan)
    names = [case.server.name for case in cases]
    fastify, fastapi = dict.fromkeys(names, FASTIFY), dict.fromkeys(names, FASTAPI)
    for title in dict.fromkeys(case.scenario for case in cases):
        of_title = [case for case in cases if case.scenario == title]
        yield report.table(title, of_title, {"Fastify": fastify, "FastAPI": fastapi})


def _renewal(server: Server, world: World) -> Callable[[], None]:
    requests = scenarios.invite_one(world)
    return lambda: post(server, next(requests))


def _setting(bench: Bench, plan: Plan) -> str:
    with psycopg.connect(bench.cluster.url("postgres")) as connection:
        database = connection.info.server_version // 10_000
    node = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True)
    sync = _sync_seconds(bench.folder) * 1000
    return (
        f"- {len(CORES)} cores: one for the server, the rest for the load and the database. "
        f"Python {platform.python_version()}, Node {node.stdout.strip()}, PostgreSQL {database}.\n"
        f"- {bench.world.size:,} users, {CONNECTIONS} connections; "
        f"medians of {plan.rounds} rounds of {plan.seconds:g} s, in turn.\n"
        f"- Both peers read a kept total of users, as Guestlist does; those with count(*) count "
        f"on every request.\n"
        f"- Writing 8 kB through to the disk takes {sync:.2f} ms."
    )


def _sync_seconds(folder: Path) -> float:
    """Answer how long a durable write takes: what every commit waits for."""
    times = []
    with (folder / "sync").open("wb") as file:
        for _ in range(100):
            file.write(bytes(8192))
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    return median(times)


if __name__ == "__main__":
    main()
