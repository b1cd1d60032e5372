"""The tables, on the terminal and in the documentation."""

from pathlib import Path

from bench.measure import Case

BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"
COLUMNS = (
    "server", "requests/s", "min-max", "x Fastify", "x FastAPI", "p50 ms", "p99 ms",
    "CPU s/1,000", "database CPU s/1,000", "RSS MB", "errors",
)  # fmt: skip


def table(title: str, group: list[Case], fastify: str, fastapi: str) -> str:
    """One scenario as Markdown; ratios are to the peers of these names, where they took part."""
    rates = {case.server.name: case.median("rate") for case in group}
    lines = [f"### {title}", "", _row(COLUMNS), _row(["---", *["---:"] * (len(COLUMNS) - 1)])]
    lines += [_row(_cells(case, rates.get(fastify), rates.get(fastapi))) for case in group]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Put the text between the markers of a page, or at its end where it has none yet."""
    page = path.read_text(encoding="utf-8") if path.exists() else "# Performance\n"
    if BEGIN not in page:
        page += f"\n{BEGIN}\n{END}\n"
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    path.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


def _cells(case: Case, fastify: float | None, fastapi: float | None) -> list[str]:
    rates = [one.rate for one in case.rounds]
    rate = case.median("rate")
    return [
        case.server.name,
        f"{rate:,.0f}",
        f"{min(rates):,.0f}-{max(rates):,.0f}",
        _ratio(rate, fastify),
        _ratio(rate, fastapi),
        f"{case.median('p50') * 1000:,.1f}",
        f"{case.median('p99') * 1000:,.1f}",
        f"{case.median('cpu') * 1000:,.2f}",
        f"{case.median('database_cpu') * 1000:,.2f}" if case.database else "-",
        f"{max(one.resident for one in case.rounds) / 1e6:,.0f}",
        ", ".join(f"{n} x {status}" for status, n in sorted(case.errors.items())) or "0",
    ]


def _ratio(rate: float, base: float | None) -> str:
    if not base:
        return "-"
    ratio = rate / base
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}" if ratio >= 1 else f"{ratio:.2f}"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
