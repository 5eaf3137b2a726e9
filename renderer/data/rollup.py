"""The aggregates of the language in SQL, over groups and over windows; the same as renderer.data.groups' on numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from renderer.data.dimensions import describe
from renderer.data.load import no_column
from renderer.data.query import ROW, Query, Type, Variable
from renderer.spec.channel import UNITS as CHANNEL_UNITS
from renderer.spec.channel import read_shorthand
from renderer.spec.errors import show, suggest

_QUANTILES: Final = {
    "median": 0.50, "p05": 0.05, "p10": 0.10, "p25": 0.25, "p75": 0.75, "p90": 0.90, "p95": 0.95, "p99": 0.99,
}  # fmt: skip
_OF_NUMBERS: Final = {"sum": "sum", "mean": "avg", "std": "stddev_samp", "var": "var_samp"}
_KEEPS_TYPE: Final = ("min", "max", "first", "last", "lag", "lead")


class StepError(ValueError):
    """A step that these columns cannot go through; `option` is the part of the step that is wrong, as a pointer."""

    def __init__(self, message: str, option: str) -> None:
        self.message, self.option = message, option
        super().__init__(message)


def find(query: Query, name: str, option: str) -> Variable:
    """The column of a name. Raises StepError."""
    if name not in query.columns:
        message = no_column(name, query.names, suggest(name, query.names))
        call = read_shorthand(name)
        if "unit" in call and call["field"] in query.columns and call["unit"] in CHANNEL_UNITS:
            field, unit = call["field"], call["unit"]
            message = f'no column {show(name)}; cut it before, with {{"truncate": {show(field)}, "unit": {show(unit)}}}'
            message = message.replace("'", '"').replace(f'"{name}"', show(name), 1)
        raise StepError(message, option)
    return query.columns[name]


def holds(name: str, variable: Variable) -> str:
    """What a column holds, in an error."""
    if variable.column is not None:
        return describe(variable.column)
    noun = {"number": "numbers", "text": "texts", "time": "times"}.get(variable.type, "true and false")
    return f"column {show(name)} holds {noun}"


def measured(query: Query, agg: str, field: str | None, option: str) -> tuple[str, Type]:
    """The SQL name of the column that is aggregated ("" to count rows) and the type of the result."""
    if field is None:
        return "", "number"
    variable = find(query, field, option)
    if agg in _KEEPS_TYPE:
        if agg in ("min", "max") and variable.type == "truth":
            raise StepError(f"{agg} needs an order, and {holds(field, variable)}", option)
        return variable.sql, variable.type
    if agg not in ("count", "distinct") and variable.type != "number":
        raise StepError(f"{agg} needs numbers, and {holds(field, variable)}", option)
    return variable.sql, "number"


def of_group(agg: str, column: str, *, where: str = "") -> str:
    """SQL for the aggregate of a group, of the rows in which `where` holds."""

    def call(function: str, condition: str = "") -> str:
        conditions = " AND ".join(part for part in (where, condition) if part)
        return f"{function} FILTER (WHERE {conditions})" if conditions else function

    if agg == "count":
        return call(f"count({column or '*'})") + "::DOUBLE"
    if agg == "distinct":
        return call(f"count(DISTINCT {column})") + "::DOUBLE"
    if agg in ("first", "last"):
        return call(f"arg_{'min' if agg == 'first' else 'max'}({column}, {ROW})", f"{column} IS NOT NULL")
    if agg == "stderr":
        return f"{call(f'stddev_samp({column})')} / sqrt({call(f'count({column})')})"
    return call(_plain(agg, column))


def of_window(agg: str, column: str, rows: int, over: str, ranked: str) -> str:
    """SQL for an aggregate of the rows around a row. `ranked` is the window of ranks, in which equals are equal."""
    match agg:
        case "count":
            return f"(count({column or '*'}) OVER ({over}))::DOUBLE"
        case "distinct":
            return f"(count(DISTINCT {column}) OVER ({over}))::DOUBLE"
        case "first" | "last":
            return f"{agg}_value({column} IGNORE NULLS) OVER ({over})"
        case "stderr":
            return f"(stddev_samp({column}) OVER ({over})) / sqrt(count({column}) OVER ({over}))"
        case "lag" | "lead":
            return f"{agg}({column}, {rows}) OVER ({ranked}, {ROW})"
        case "row_number":
            return f"(row_number() OVER ({ranked}, {ROW}))::DOUBLE"
        case "rank" | "dense_rank":
            return f"({agg}() OVER ({ranked}))::DOUBLE"
    return f"{_plain(agg, column)} OVER ({over})"


def _plain(agg: str, column: str) -> str:
    if agg in _QUANTILES:
        return f"quantile_cont({column}, {_QUANTILES[agg]})"
    return f"{_OF_NUMBERS.get(agg, agg)}({column})"


def order_by(query: Query, order: Sequence[str], option: str) -> list[str]:
    """SQL for an order such as ("day", "-price"), missing values last. A column that is named "-price" wins."""
    found: list[str] = []
    for name in order:
        down = name.startswith("-") and name not in query.columns
        variable = find(query, name[1:] if down else name, option)
        direction = "DESC" if down else "ASC"
        if variable.type == "text":  # as people read lists: "apple", "Banana", "cherry"
            found.append(f"lower({variable.sql}) {direction} NULLS LAST")
        found.append(f"{variable.sql} {direction} NULLS LAST")
    return found


def partition(query: Query, by: Sequence[str], option: str) -> str:
    """SQL for the groups of a window."""
    columns = [find(query, name, option).sql for name in by]
    return f"PARTITION BY {', '.join(columns)} " if columns else ""
