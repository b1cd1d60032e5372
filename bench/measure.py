"""Interleaved rounds: every server in turn, again and again, so that a slow minute hits all."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from bench.load import Outcome
from bench.servers import cpu_seconds, resident_bytes

CONNECTIONS = 32


class Contestant(Protocol):
    """A process that is measured."""

    name: str

    @property
    def pid(self) -> int: ...


class Work(Protocol):
    """What a contestant is made to do; a run goes on where the last one ended."""

    def run(self, seconds: float) -> Outcome: ...


@dataclass
class Plan:
    """How long to measure; `warm_up` goes before the first round of each case."""

    rounds: int
    seconds: float
    warm_up: float


@dataclass(frozen=True)
class Round:
    """One round of one case; times in seconds.

    The latencies are of requests; the rate and the CPU are of the things asked for, and a request
    may ask for many.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    resident: int


@dataclass
class Case:
    """One kind of work for one contestant.

    `before` goes before each round and is not measured, `beside` goes on during each round, and a
    request asks for `batch` things.
    """

    scenario: str
    server: Contestant
    work: Work
    database: int | None = None
    before: Callable[[], None] | None = None
    beside: Callable[[], AbstractContextManager[object]] = nullcontext
    batch: int = 1
    rounds: list[Round] = field(default_factory=list)
    errors: Counter[int] = field(default_factory=Counter)

    def median(self, of: str) -> float:
        """The median over the rounds of one of their figures."""
        return median(float(getattr(one, of)) for one in self.rounds)


def measure(group: list[Case], plan: Plan) -> None:
    """Measure cases that are to be compared with each other."""
    for case in group:
        case.errors.update(case.work.run(plan.warm_up).errors)
    for number in range(1, plan.rounds + 1):
        for case in group:
            if case.before:
                case.before()
            with case.beside():
                case.rounds.append(_round(case, plan.seconds))
            rate = case.rounds[-1].rate
            progress = f"{case.scenario} {number}/{plan.rounds}: {case.server.name} {rate:,.0f}/s"
            print(progress, file=sys.stderr, flush=True)


def _round(case: Case, seconds: float) -> Round:
    before = cpu_seconds(case.server.pid)
    database_before = cpu_seconds(case.database) if case.database else 0.0
    outcome = case.work.run(seconds)
    asked = max(1, len(outcome.latencies)) * case.batch
    cpu = (cpu_seconds(case.server.pid) - before) / asked
    database = cpu_seconds(case.database) - database_before if case.database else 0.0
    case.errors.update(outcome.errors)
    return Round(
        rate=outcome.rate * case.batch,
        p50=outcome.percentile(0.50),
        p99=outcome.percentile(0.99),
        cpu=cpu,
        database_cpu=database / asked,
        resident=resident_bytes(case.server.pid),
    )
