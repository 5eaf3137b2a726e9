"""What each column of a written table holds, for people who look at it, and for errors that come before the drawing."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from renderer.spec.limits import Limits
from renderer.spec.source import ColumnKind

if TYPE_CHECKING:
    from renderer.data.engine import Engine

_TOP: Final = 10
_BARS: Final = 20
_DETAILED: Final = 100
"""Columns that get their most frequent values or a histogram; of a table of a thousand nobody looks at more."""
_TOGETHER: Final = 25
_EXACT: Final = 100_000


def summarise(
    file: Path,
    names: Sequence[str],
    kinds: Mapping[str, ColumnKind],
    rows: int,
    limits: Limits,
    *,
    on_clock: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Of each column: name, type, how many rows miss it, how many values it has, its range and middle or top values.

    Distinct values and medians of long tables are found nearly: within a few per cent. Raises MemoryError if that needs
    more memory than there is.
    """
    from renderer.data.engine import Engine, EngineError, TooLarge  # DuckDB; names are quoted here without it

    found: list[dict[str, Any]] = []
    with Engine(limits, files=(file,)) as engine:
        try:
            for start in range(0, len(names), _TOGETHER):
                found += _of_some(engine, file, names[start : start + _TOGETHER], kinds, rows)
        except TooLarge as error:
            raise MemoryError(str(error)) from error
        for summary in found:
            if summary["name"] in on_clock:
                summary["clock"] = True
        for summary in found[:_DETAILED]:
            try:
                _detail(engine, file, summary)
            except EngineError:  # too many different values to count them within the memory: there is no detail then
                continue
    return found


def _of_some(
    engine: Engine, file: Path, names: Sequence[str], kinds: Mapping[str, ColumnKind], rows: int
) -> list[dict[str, Any]]:
    parts = []
    is_long = rows > _EXACT
    distinct = "approx_count_distinct(" if is_long else "count(DISTINCT "
    for number, name in enumerate(names):
        column = quoted(name)
        parts += [
            f"count({column}) AS n{number}",
            f"{distinct}{column}) AS d{number}",
            f"any_value({column}) AS e{number}",
        ]
        if kinds.get(name) == "time":
            moment = f"{column}::TIMESTAMP"
            middle = f"approx_quantile({moment}, 0.5)" if is_long else f"quantile_disc({moment}, 0.5)"
            parts += [f"min({column})::TIMESTAMP AS l{number}", f"max({column})::TIMESTAMP AS h{number}"]
            parts += [f"{middle} AS q{number}"]
        elif kinds.get(name, "number") == "number":
            parts += [f"min({column}) AS l{number}", f"max({column}) AS h{number}", f"avg({column}) AS m{number}"]
            parts += [f"{f'approx_quantile({column}, 0.5)' if is_long else f'median({column})'} AS q{number}"]
    row = engine.run(f"SELECT {', '.join(parts)} FROM read_parquet({literal(str(file))})")
    summaries = []
    for number, name in enumerate(names):
        known = int(row[f"n{number}"][0])
        summary: dict[str, Any] = {
            "name": name,
            "type": kinds.get(name, "number"),
            "missing": rows - known,
            "distinct": min(known, int(row[f"d{number}"][0])),
        }
        if known:
            summary["example"] = _json(row[f"e{number}"][0])
            for key, letter in (("min", "l"), ("max", "h"), ("mean", "m"), ("median", "q")):
                if f"{letter}{number}" in row:
                    summary[key] = _json(row[f"{letter}{number}"][0])
        summaries.append(summary)
    return summaries


def _detail(engine: Engine, file: Path, summary: dict[str, Any]) -> None:
    column, table = quoted(summary["name"]), f"read_parquet({literal(str(file))})"
    if summary["type"] == "category":
        top = engine.run(
            f"SELECT {column} AS value, count(*) AS n FROM {table} WHERE {column} IS NOT NULL"
            f" GROUP BY 1 ORDER BY n DESC, 1 LIMIT {_TOP}"
        )
        summary["top"] = [
            {"value": value, "count": int(n)} for value, n in zip(top["value"].tolist(), top["n"].tolist(), strict=True)
        ]
        return
    if "min" not in summary:
        return
    value: str = column
    low, high = summary["min"], summary["max"]
    if summary["type"] == "time" and low is not None and high is not None:
        value = f"epoch_us({column}::TIMESTAMP)"
        low, high = (datetime.fromisoformat(text).timestamp() * 1e6 for text in (low, high))
    if low is None or high is None or not math.isfinite(high - low) or high <= low:
        return
    width = (high - low) / _BARS
    bars = engine.run(
        f"SELECT least(floor(({value} - $v1::DOUBLE) / $v2::DOUBLE), {_BARS - 1})::INTEGER AS bar, count(*) AS n"
        f" FROM {table} WHERE {column} IS NOT NULL GROUP BY 1",
        [low, width],
    )
    counts = [0] * _BARS
    for bar, n in zip(bars["bar"].tolist(), bars["n"].tolist(), strict=True):
        counts[max(0, int(bar))] = int(n)
    summary["histogram"] = counts


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _json(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"{value.astype('datetime64[ms]')}Z"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value if isinstance(value, str) else float(value)
