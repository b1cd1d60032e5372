"""Small is a rule, so a machine holds it."""

import ast
from collections.abc import Callable
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).parents[1] / "src/guestlist"
# A migration says once what tables there are, and is not read again.
MIGRATIONS = SOURCE / "store/migrations/versions"
MODULES = sorted(set(SOURCE.rglob("*.py")) - set(MIGRATIONS.iterdir()))

LINES_OF_A_FUNCTION = 40
LINES_OF_A_MODULE = 300

# Longer because they are tables of data.
TABLES = {"api/routes.py", "store/schema.py"}


def name(module: Path) -> str:
    return module.relative_to(SOURCE).as_posix()


def functions(module: Path) -> dict[str, int]:
    """How many lines each function has, by place."""
    tree = ast.parse(module.read_text())
    return {
        f"{name(module)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_no_function_is_long(record_property: Callable[[str, object], None]) -> None:
    lengths = {place: lines for module in MODULES for place, lines in functions(module).items()}
    record_property("summary", f"Median function: {median(lengths.values()):.0f} lines")
    assert {place: n for place, n in lengths.items() if n > LINES_OF_A_FUNCTION} == {}


def test_no_module_is_long(record_property: Callable[[str, object], None]) -> None:
    lengths = {name(module): len(module.read_text().splitlines()) for module in MODULES}
    record_property("summary", f"Median module: {median(lengths.values()):.0f} lines")
    long = {module for module, lines in lengths.items() if lines > LINES_OF_A_MODULE}
    assert long == TABLES
