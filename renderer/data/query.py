"""One SELECT that grows step by step: common table expressions, bound values, and names that no author chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from renderer.data.clock import Clock
from renderer.data.engine import Arrays, Engine, Value
from renderer.data.params import Settled
from renderer.data.table import Column
from renderer.spec.limits import Limits

Type = Literal["number", "text", "time", "truth", "null"]
"""What a column or an expression holds. "truth" becomes the categories "true" and "false" when it is drawn."""

SQL_TYPES: Final[dict[Type, str]] = {
    "number": "DOUBLE", "text": "VARCHAR", "time": "TIMESTAMP", "truth": "BOOLEAN", "null": "DOUBLE",
}  # fmt: skip
ROW: Final = '"row"'
"""The column that keeps the order of the rows, which a query alone does not have."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of a query. `sql` is its name there: ours, quoted, since DuckDB does not tell "Day" from "day"."""

    sql: str
    type: Type
    made_at: str = ""
    """The pointer of the step that made it; "" if it is of the source."""
    column: Column | None = None
    """The column of the source that it is, to say in errors what it holds."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the meaning of steps depends on, beside the rows: the same for all steps of a chart."""

    zone: str
    now: datetime
    params: Mapping[str, Settled]
    limits: Limits


@dataclass(slots=True)
class Query:
    """The query so far: `relation` is its last table, `columns` are the author's in it."""

    engine: Engine
    place: Place
    clock: Clock
    columns: dict[str, Variable]
    relation: str
    known: tuple[str, ...]
    """The columns of the source, in its order."""
    unread: frozenset[str]
    """Those of them that no step and no channel names: they are not made."""
    most_rows: int
    """No more rows than this come out, whatever they hold."""
    tables: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    _names: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that there are."""
        first = [name for name in self.known if name in self.columns or name in self.unread]
        return tuple(dict.fromkeys([*first, *self.columns]))

    def name(self) -> str:
        """A new name, quoted."""
        self._names += 1
        return f'"c{self._names}"'

    def bind(self, value: float | str | bool | np.datetime64) -> str:
        """SQL for a value: a parameter, never the value itself."""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        kind: Type = "text" if isinstance(value, str) else "number"
        if isinstance(value, np.datetime64):
            self.values.append(int(value.astype("datetime64[us]").astype(np.int64)))
            return f"make_timestamp($v{len(self.values)}::BIGINT)"
        self.values.append(value if isinstance(value, str) else float(value))
        return f"$v{len(self.values)}::{SQL_TYPES[kind]}"

    def let(self, sql: str) -> str:
        """A name for an expression, which is then computed once, however often the name is used."""
        name = self.name()
        self.table(f"SELECT *, {sql} AS {name} FROM {self.relation}")
        return name

    def table(self, select: str, *, kept: bool = False) -> None:
        """Make a SELECT the relation; `kept` if it is read more than once."""
        name = f'"t{len(self.tables)}"'
        self.tables.append(f"{name} AS {'' if kept else 'NOT '}MATERIALIZED ({select})")
        self.relation = name

    def keep(self) -> str:
        """Make the relation one that is computed once, and return its name."""
        self.table(f"SELECT {self.listed()}, {ROW} FROM {self.relation}", kept=True)
        return self.relation

    def listed(self, names: Sequence[str] | None = None, *, of: str = "") -> str:
        """SQL for columns: all, or those named."""
        found = self.columns if names is None else {name: self.columns[name] for name in names}
        prefix = f"{of}." if of else ""
        return ", ".join(f"{prefix}{variable.sql}" for variable in found.values()) or "1 AS nothing"

    def project(
        self,
        columns: dict[str, Variable],
        computed: Mapping[str, str] | None = None,
        *,
        row: str = ROW,
        tail: str = "",
    ) -> None:
        """Go on with these columns, of which `computed` gives the SQL of new ones by their name in the query."""
        computed = computed or {}
        listed = [
            f"{computed[variable.sql]} AS {variable.sql}" if variable.sql in computed else variable.sql
            for variable in columns.values()
        ]
        self.table(f"SELECT {', '.join([*listed, f'{row} AS {ROW}'])} FROM {self.relation} {tail}".rstrip())
        self.columns = columns

    def text(self, select: str) -> str:
        """The whole query that ends in this SELECT."""
        return f"WITH {', '.join(self.tables)} {select}" if self.tables else select

    def probe(self, select: str) -> Arrays:
        """What the rows so far hold, where the shape of the next step depends on it."""
        return self.engine.run(self.text(f"{select} FROM {self.relation}"), self.values)

    def count(self) -> int:
        """The number of rows so far."""
        return int(self.probe("SELECT count(*) AS n")["n"][0])


def floats(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Numbers as a table has them: no infinities, which are missing."""
    found = values.astype(np.float64)
    found[~np.isfinite(found)] = np.nan
    return found
