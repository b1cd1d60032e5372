"""The tables of decisions."""

import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from bench import report
from bench.decisions.accounts import CHECKED, Account
from bench.decisions.changes import Writer
from bench.decisions.libraries import WAYS, Library, is_installed
from bench.decisions.wire import BATCH
from bench.measure import Case, Plan
from bench.prepare import FASTIFY, POSTGRES, SQLITE

SINGLE_AIM, P99_AIM, BATCH_AIM, LARGE_AIM = 3_000, 0.005, 100_000, 1.3


def setting(accounts: Sequence[Account], plan: Plan, connections: int, notes: Sequence[str]) -> str:
    """What was measured with."""
    packages = dict.fromkeys(way.package for way in WAYS if is_installed(way))
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    world, asked = accounts[0].world, accounts[0].questions["cold"]
    yes = sum(world.right_answer(question) for question in asked) / len(asked)
    sizes = " and ".join(account.label for account in accounts)
    rounds = f"medians of {plan.rounds} rounds of {plan.seconds:g} s, in turn"
    checked = f"the right answers to {CHECKED:,} questions, one by one and in batches"
    lines = [
        f"- Accounts with {sizes}; {connections} connections; {rounds}.",
        f"- All gave {checked}. Of the questions asked, {yes:.0%} are answered with yes.",
        f"- In process: {versions}; Python {platform.python_version()}.",
        *notes,
    ]
    return "\n".join(lines) + "\n"


def servers(group: list[Case], labels: Sequence[str]) -> str:
    """One kind of load on all servers, and what ten times the users cost."""
    names = [case.server.name for case in group]
    bases = {name: _base(name, labels) for name in names}
    text = report.table(group[0].scenario, group, {"Fastify": bases}, "evaluations")
    ratios = [
        f"{name} {_ratio(group, name, labels):.2f}"
        for name in (FASTIFY, POSTGRES, SQLITE)
        if f"{name}, {labels[0]}" in names
    ]
    return f"{text}\n{labels[1]} against {labels[0]}: {'; '.join(ratios)}.\n"


def changes(writers: Iterable[Writer]) -> str:
    """How often the account really changed."""
    made = "; ".join(f"{one.server.name} {one.rate:.1f}" for one in writers)
    return f"Changes in a second, while there were any: {made}.\n"


def next_answers(rows: dict[str, tuple[float, float]], times: int) -> str:
    """How long the very next answer after a change took."""
    lines = [
        f"### The next answer: {times:,} times a change, then a question about it",
        "",
        report.row(["server", "p50 ms", "p99 ms", "stale answers"]),
        report.row(["---", "---:", "---:", "---:"]),
    ]
    for name, (middle, late) in rows.items():
        lines.append(report.row([name, f"{middle * 1000:.2f}", f"{late * 1000:.2f}", "0"]))
    return "\n".join(lines) + "\n"


def libraries(entries: Sequence[Library], groups: Sequence[Sequence[Case]]) -> str:
    """All libraries in one table; `groups` are single warm and cold, batches warm and cold."""
    head = ["library", "load s", "RSS MB"]
    for what in ("warm", "cold"):
        head += [f"{what}/s", "p50 ms", "p99 ms"]
    head += [f"by {BATCH}, warm/s", f"by {BATCH}, cold/s"]
    lines = [
        "### In process: libraries, without HTTP, a database or a token",
        "",
        report.row(head),
        report.row(["---", *["---:"] * (len(head) - 1)]),
    ]
    for place, library in enumerate(entries):
        cases = [group[place] for group in groups]
        cells = [library.name, f"{library.seconds:,.1f}", f"{library.resident / 1e6:,.0f}"]
        for case in cases[:2]:
            cells += [_rate(case), *(f"{case.median(p) * 1000:.3f}" for p in ("p50", "p99"))]
        lines.append(report.row([*cells, *map(_rate, cases[2:])]))
    python = platform.python_version()
    lines += [
        f"\nNot measured: {way.title}, which Python {python} cannot install."
        for way in WAYS
        if not is_installed(way)
    ]
    return "\n".join(lines) + "\n"


def aims(groups: Sequence[Sequence[Case]], labels: Sequence[str]) -> str:
    """What was aimed for, beside what is."""
    head = [
        "aim on one core",
        *(f"{name}, {label}" for name in (POSTGRES, SQLITE) for label in labels),
    ]
    lines = [
        "### Aims",
        "",
        report.row(head),
        report.row(["---", *["---:"] * (len(head) - 1)]),
    ]
    lines += [report.row(cells) for group in groups for cells in _aims_of(group, head[1:], labels)]
    return "\n".join(lines) + "\n"


def _aims_of(
    group: Sequence[Case], names: Sequence[str], labels: Sequence[str]
) -> Iterator[list[str]]:
    cases = {case.server.name: case for case in group}
    single = group[0].batch == 1
    what = group[0].scenario.partition(":")[0]
    aim = SINGLE_AIM if single else BATCH_AIM
    rates = [cases[name].median("rate") for name in names]
    yield [f"{what}: {aim:,}/s", *(_judged(f"{rate:,.0f}", rate >= aim) for rate in rates)]
    if single:
        lates = [cases[name].median("p99") for name in names]
        cells = [_judged(f"{late * 1000:.2f} ms", late < P99_AIM) for late in lates]
        yield [f"{what}: p99 under {P99_AIM * 1000:g} ms", *cells]
    cells = []
    for name in (POSTGRES, SQLITE):
        slower = 1 / _ratio(group, name, labels)
        cells += ["", _judged(f"{slower:.2f} times", slower <= LARGE_AIM)]
    yield [f"{what}: within {LARGE_AIM} times of the smaller account", *cells]


def _judged(text: str, holds: bool) -> str:  # noqa: FBT001
    return text if holds else f"**missed**: {text}"


def _ratio(group: Iterable[Case], name: str, labels: Sequence[str]) -> float:
    rates = {case.server.name: case.median("rate") for case in group}
    return rates[f"{name}, {labels[1]}"] / rates[f"{name}, {labels[0]}"]


def _base(name: str, labels: Sequence[str]) -> str:
    return next(f"{FASTIFY}, {label}" for label in labels if name.endswith(f", {label}"))


def _rate(case: Case) -> str:
    return f"{case.median('rate'):,.0f}"
