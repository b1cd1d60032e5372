"""What is measured of decisions, in which order."""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from bench.decisions import tables
from bench.decisions.accounts import HOT, Account, load_account
from bench.decisions.changes import CHANGES, Writer, next_answers
from bench.decisions.check import check_library, check_server
from bench.decisions.libraries import WAYS, Asking, Library, is_installed
from bench.decisions.wire import BATCH, requests
from bench.decisions.world import write_facts
from bench.load import Load
from bench.measure import Case, Plan, measure
from bench.prepare import SQLITE, postmaster, say, start_postgres
from tests.postgres import PostgresCluster

# Few, because the aim is a time of each answer as much as a rate: a queue would be measured.
CONNECTIONS = 8
QUICK = Plan(1, 0.5, 0.2)
WARM = f"warm: {HOT:,} questions, again and again"
CHANGING = f"changing: the same, while the account changes {CHANGES} times a second"
COLD = "cold: each about another user"
TITLES = (WARM, COLD, CHANGING)


def decisions(options: argparse.Namespace, plan: Plan) -> Iterator[str]:
    """Measure everything; answer the parts of the report."""
    if options.quick:
        plan = QUICK
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guestlist-bench-")))
        cluster = start_postgres(stack)
        notes: list[str] = []
        accounts = []
        for size in (1_000, 10_000) if options.quick else (options.users, 10 * options.users):
            accounts.append(load_account(size, folder, cluster, options, notes))
            for server in accounts[-1].servers:
                stack.enter_context(server)
        for account in accounts:
            for server in account.servers:
                say(f"checking {server.name}")
                check_server(server, account.world, account.questions["check"])
        yield tables.setting(accounts, plan, CONNECTIONS, notes)
        writers = {
            server.name: Writer(server, account.world, account.questions["hot"])
            for account in accounts
            for server in account.servers
        }
        groups = list(_servers(accounts, cluster, plan, writers))
        for group in groups:
            yield tables.servers(group, [account.label for account in accounts])
        yield tables.changes(writers.values())
        yield _next(accounts, plan)
        if not options.peers_only:
            yield tables.aims(groups, [account.label for account in accounts])
    # The servers are gone: a million users are in memory once for each library.
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guestlist-bench-")))
        yield _libraries(stack, folder, accounts, plan)


def _servers(
    accounts: list[Account], cluster: PostgresCluster, plan: Plan, writers: dict[str, Writer]
) -> Iterator[list[Case]]:
    """Measure the servers; answer the cases that belong into one table."""
    database = postmaster(cluster)
    for batch, what in ((1, "Single"), (BATCH, f"Batches of {BATCH}")):
        for title in TITLES:
            group = [
                case
                for account in accounts
                for case in _cases(account, f"{what}, {title}", batch, database)
            ]
            if title == CHANGING:
                for case in group:
                    case.beside = writers[case.server.name].beside
            measure(group, plan)
            yield group


def _cases(account: Account, title: str, batch: int, database: int) -> Iterator[Case]:
    asked = account.questions["cold" if COLD in title else "hot"]
    ready = requests(account.world, asked, batch)
    for server in account.servers:
        yield Case(
            title,
            server,
            Load(server.port, cycle(ready), CONNECTIONS),
            None if server.name.startswith(SQLITE) else database,
            batch=batch,
        )


def _next(accounts: list[Account], plan: Plan) -> str:
    times = 50 if plan.seconds < 2 else 500
    rows = {
        server.name: next_answers(server, account.world, times)
        for account in accounts
        for server in account.servers
    }
    return tables.next_answers(rows, 2 * times)


def _libraries(stack: ExitStack, folder: Path, accounts: list[Account], plan: Plan) -> str:
    """Measure the libraries in turn, each alone in its process, with all users in memory."""
    entries = []
    for account in accounts:
        size = account.world.size
        users, questions = folder / f"{size}.jsonl", folder / f"questions-{size}.json"
        write_facts(account.world, users)
        questions.write_text(json.dumps(account.questions), encoding="utf-8")
        for way in filter(is_installed, WAYS):
            if size > way.at_most:
                continue
            title = f"{way.title}, {account.label}"
            say(f"loading {title}")
            library = stack.enter_context(Library(title, way.module, users, questions))
            check_library(library, account.world, account.questions["check"])
            entries.append(library)
    columns = [(of, batch) for batch in (1, BATCH) for of in ("hot", "cold")]
    groups = [
        [
            Case(f"{of}, {batch} at a time", library, Asking(library, of, batch), batch=batch)
            for library in entries
        ]
        for of, batch in columns
    ]
    for group in groups:
        measure(group, plan)
    return tables.libraries(entries, groups)
