"""The tables, on the terminal and in the documentation."""

from collections.abc import Iterable
from pathlib import Path

from bench.measure import Case

FIGURES = (
    "min-max", "p50 ms", "p99 ms", "CPU s/1,000", "database CPU s/1,000", "RSS MB", "errors",
)  # fmt: skip


def table(
    title: str, group: list[Case], bases: dict[str, dict[str, str]], counted: str = "requests"
) -> str:
    """One scenario as Markdown; `counted` is what a rate is of.

    `bases` says for a heading of ratios to whom those of each server are, where it took part.
    """
    rates = {case.server.name: case.median("rate") for case in group}
    columns = ["server", f"{counted}/s", FIGURES[0], *(f"x {base}" for base in bases), *FIGURES[1:]]
    lines = [f"### {title}", "", row(columns), row(["---", *["---:"] * (len(columns) - 1)])]
    for case in group:
        name = case.server.name
        lines.append(row(_cells(case, [rates.get(of.get(name, "")) for of in bases.values()])))
    return "\n".join(lines) + "\n"


def row(cells: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def write(path: Path, part: str, text: str) -> None:
    """Put the text between the part's markers of a page, or at its end where it has none yet."""
    begin, end = f"<!-- bench:{part}:begin -->", f"<!-- bench:{part}:end -->"
    page = path.read_text(encoding="utf-8") if path.exists() else "# Performance\n"
    if begin not in page:
        page += f"\n{begin}\n{end}\n"
    head, _, rest = page.partition(begin)
    tail = rest.partition(end)[2]
    path.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def _cells(case: Case, bases: list[float | None]) -> list[str]:
    rates = [one.rate for one in case.rounds]
    rate = case.median("rate")
    return [
        case.server.name,
        f"{rate:,.0f}",
        f"{min(rates):,.0f}-{max(rates):,.0f}",
        *(_ratio(rate, base) for base in bases),
        f"{case.median('p50') * 1000:,.2f}",
        f"{case.median('p99') * 1000:,.2f}",
        f"{case.median('cpu') * 1000:,.3f}",
        f"{case.median('database_cpu') * 1000:,.3f}" if case.database else "-",
        f"{max(one.resident for one in case.rounds) / 1e6:,.0f}",
        ", ".join(f"{n} x {status}" for status, n in sorted(case.errors.items())) or "0",
    ]


def _ratio(rate: float, base: float | None) -> str:
    if not base:
        return "-"
    ratio = rate / base
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}" if ratio >= 1 else f"{ratio:.2f}"
