"""How far long work is, where somebody watches."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

# Fewer rows are there before a bar is drawn.
_WORTH_A_BAR = 2_000


@contextmanager
def bar(rows: int, what: str) -> Generator[Callable[[int], None]]:
    """What yields hears how many more rows are done."""
    columns = (BarColumn(), TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {what}"))
    console = Console(stderr=True)
    hidden = rows < _WORTH_A_BAR or not console.is_terminal
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=hidden
    ) as progress:
        task = progress.add_task("", total=rows)
        yield lambda more: progress.advance(task, more)
