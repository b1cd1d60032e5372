"""Interleaved rounds: every server in turn, again and again, so that a slow minute hits all."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

from bench.load import Load
from bench.servers import Server, cpu_seconds, resident_bytes

CONNECTIONS = 32


@dataclass
class Plan:
    """How long to measure; `warm_up` goes before the first round of each case."""

    rounds: int
    seconds: float
    warm_up: float


@dataclass(frozen=True)
class Round:
    """One round of one case; times in seconds, CPU of a request in seconds too."""

    rate: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    resident: int


@dataclass
class Case:
    """One kind of load on one server; `before` goes before each round and is not measured."""

    scenario: str
    server: Server
    requests: Iterator[bytes]
    database: int | None = None
    before: Callable[[], None] | None = None
    rounds: list[Round] = field(default_factory=list)
    errors: Counter[int] = field(default_factory=Counter)

    def median(self, of: str) -> float:
        """The median over the rounds of one of their figures."""
        return median(float(getattr(one, of)) for one in self.rounds)


def measure(group: list[Case], plan: Plan) -> None:
    """Measure cases that are to be compared with each other."""
    loads = [Load(case.server.port, case.requests, CONNECTIONS) for case in group]
    for case, load in zip(group, loads, strict=True):
        case.errors.update(load.run(plan.warm_up).errors)
    for number in range(1, plan.rounds + 1):
        for case, load in zip(group, loads, strict=True):
            if case.before:
                case.before()
            case.rounds.append(_round(case, load, plan.seconds))
            rate = case.rounds[-1].rate
            progress = f"{case.scenario} {number}/{plan.rounds}: {case.server.name} {rate:,.0f}/s"
            print(progress, file=sys.stderr, flush=True)


def _round(case: Case, load: Load, seconds: float) -> Round:
    before = cpu_seconds(case.server.pid)
    database_before = cpu_seconds(case.database) if case.database else 0.0
    outcome = load.run(seconds)
    requests = max(1, len(outcome.latencies))
    cpu = (cpu_seconds(case.server.pid) - before) / requests
    database = cpu_seconds(case.database) - database_before if case.database else 0.0
    case.errors.update(outcome.errors)
    return Round(
        rate=outcome.rate,
        p50=outcome.percentile(0.50),
        p99=outcome.percentile(0.99),
        cpu=cpu,
        database_cpu=database / requests,
        resident=resident_bytes(case.server.pid),
    )
