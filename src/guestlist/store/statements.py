"""SQL as values: Core statements, compiled once and run by the driver itself.

Core's own execution costs several times the statement (docs/decisions/statements.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Dialect, Select, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, FromClause
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, String, Text

Values: TypeAlias = Mapping[str, Any]
Row: TypeAlias = Sequence[Any]


class Statement:
    """A Core statement; the names of its bound parameters are the values it takes."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def on(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """The text for a dialect and the values the statement itself brings."""
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._clause.compile(dialect=dialect)
            constants = {k: v for k, v in compiled.params.items() if v is not None}
            found = self._compiled[dialect.name] = (str(compiled), constants)
        return found


class among(ColumnElement[bool]):  # noqa: N801 - reads as the SQL operator it is
    """`column` is one of the list bound as `name`, however long, in one compiled statement."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values = bindparam(name, type_=String())

    def self_group(self, against: Any = None) -> "among":  # noqa: ARG002
        """As it is: SQLite finds no index behind the `= 1` that Core would add."""
        return self


@compiles(among, "postgresql")
def _among_array(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY(%({element.values.key})s)"


@compiles(among, "sqlite")
def _among_json(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    name = element.values.key
    listed = f"SELECT value FROM json_each(:{name})"  # noqa: S608 - a name of ours, no value
    return f"{compiler.process(element.column, **kw)} IN ({listed})"


class joined(ColumnElement[str]):  # noqa: N801 - reads as the SQL function it is
    """The keys a subquery yields, in its order, as text with commas; NULL where there are none."""

    inherit_cache = False
    type = Text()

    def __init__(self, ordered_keys: Select[Any]) -> None:
        self.rows = ordered_keys.subquery()

    @property
    def _from_objects(self) -> list[FromClause]:
        return [self.rows]


@compiles(joined, "postgresql")
def _joined_array(element: joined, compiler: SQLCompiler, **kw: Any) -> str:
    return f"string_agg({compiler.process(next(iter(element.rows.c)), **kw)}::text, ',')"


@compiles(joined, "sqlite")
def _joined_group(element: joined, compiler: SQLCompiler, **kw: Any) -> str:
    return f"group_concat({compiler.process(next(iter(element.rows.c)), **kw)}, ',')"


def keys(text: str | None) -> tuple[int, ...]:
    return tuple(map(int, text.split(","))) if text else ()


def words(values: Iterable[str]) -> str:
    """Names without blanks, as one text; `split` reads them back."""
    return " ".join(values)
