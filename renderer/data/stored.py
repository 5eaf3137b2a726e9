"""Stored tables: a Parquet file that an upload became, read column by column, or scanned by transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from renderer.data.supply import SourceAway, Supply
from renderer.data.table import Column, ColumnType

if TYPE_CHECKING:
    from renderer.data.engine import Engine
    from renderer.data.query import Place, Query

GONE: Final = "The dataset was replaced or deleted while it was read."
_NEVER: Final = np.datetime64("NaT")

ColumnInfo = Mapping[str, Any]
"""What ``renderer.data.uploads.summary`` says of a column."""


def stored(path: Path, columns: Sequence[ColumnInfo], *, rows: int, version: str, as_of: datetime) -> Supply:
    """The rows of a file. Nothing is read by this."""
    types, clocks = types_of(columns), on_clock(columns)

    def reader(name: str) -> Callable[[], Column]:
        return lambda: _column(path, name, types[name], clock=name in clocks)

    return Supply(
        columns={name: reader(name) for name in types},
        length=rows,
        version=version,
        as_of=as_of,
        parquet=path,
        types=types,
        on_clock=clocks,
    )


def sketch(columns: Sequence[ColumnInfo], *, as_of: datetime) -> Supply:
    """A supply of one row, an example of what is in the file: for questions that only the columns decide."""

    def example(info: ColumnInfo) -> Callable[[], Column]:
        def make() -> Column:
            value, kind = info.get("example"), cast("ColumnType", info["type"])
            if kind == "time":
                moment = _NEVER if value is None else np.datetime64(str(value).removesuffix("Z"), "us")
                return Column(info["name"], kind, np.array([moment], dtype="datetime64[us]"), clock="clock" in info)
            if kind == "number":
                return Column(info["name"], kind, np.array([np.nan if value is None else value], dtype=np.float64))
            return Column(info["name"], kind, np.array([value], dtype=object))

        return make

    return Supply(columns={str(info["name"]): example(info) for info in columns}, length=1, version="", as_of=as_of)


def stand_in(name: str, kind: ColumnType) -> Column:
    """A column of one row that says no more than its type."""
    if kind == "number":
        return Column(name, kind, np.array([0.0]))
    if kind == "time":
        return Column(name, kind, np.array(["2000-01-01"], dtype="datetime64[us]"))
    return Column(name, kind, np.array(["…"], dtype=object))


def types_of(columns: Sequence[ColumnInfo]) -> dict[str, ColumnType]:
    """The types of columns by their names."""
    return {str(info["name"]): cast("ColumnType", info["type"]) for info in columns}


def on_clock(columns: Sequence[ColumnInfo]) -> frozenset[str]:
    """The columns of times that name no zone."""
    return frozenset(str(info["name"]) for info in columns if info.get("clock"))


def scanned(engine: Engine, supply: Supply, names: Sequence[str], place: Place) -> Query:
    """A query whose source is the file of a supply: DuckDB reads the columns and the rows that it needs."""
    # Only here: a chart without a transform needs no engine.
    from renderer.data.clock import Clock
    from renderer.data.engine import EngineError
    from renderer.data.query import ROW, Query, Variable
    from renderer.data.uploads.summary import literal, quoted

    assert supply.parquet is not None, "the caller has looked"
    columns: dict[str, Variable] = {}
    listed = [f"file_row_number AS {ROW}"]
    for number, name in enumerate(names):
        kind = supply.types[name]
        columns[name] = Variable(f'"s{number}"', "text" if kind == "category" else kind)
        cast_to = "::TIMESTAMP" if kind == "time" else ""
        listed.append(f'{quoted(name)}{cast_to} AS "s{number}"')
    table = f"read_parquet({literal(str(supply.parquet))}, file_row_number = true)"
    try:
        engine.view("source", f"SELECT {', '.join(listed)} FROM {table}")
    except EngineError as error:
        raise SourceAway(GONE) from error
    times = [variable for name, variable in columns.items() if variable.type == "time"]
    clock = Clock.of(place.zone, [_years(engine, variable.sql) for variable in times] if place.zone != "UTC" else [])
    known = tuple(supply.columns)
    unread = frozenset(known) - columns.keys()
    query = Query(engine, place, clock, columns, '"source"', known, unread, supply.length)
    if place.zone != "UTC":
        for name in supply.on_clock & columns.keys():
            moment = query.let(clock.moment_of(columns[name].sql, query.let))
            query.columns = {**query.columns, name: Variable(moment, "time")}
    return query


def _years(engine: Engine, column: str) -> Any:
    """A moment in each year that a column of times reaches over."""
    ends = engine.run(f'SELECT min({column}) AS low, max({column}) AS high FROM "source"')
    low, high = ends["low"][0], ends["high"][0]
    if np.isnat(low):
        return np.array([], dtype="datetime64[us]")
    first, last = (int(end.astype("datetime64[Y]").astype(np.int64)) for end in (low, high))
    return np.arange(first, last + 1).astype("datetime64[Y]").astype("datetime64[us]")


def _column(path: Path, name: str, kind: ColumnType, *, clock: bool) -> Column:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, memory_map=True, arrow_extensions_enabled=False) as file:
            found = file.read(columns=[name]).column(name)
    except FileNotFoundError:
        raise SourceAway(GONE) from None
    if kind == "category":
        cells = found.unify_dictionaries().combine_chunks()
        cells = cells.chunk(0) if isinstance(cells, pa.ChunkedArray) else cells
        words = np.empty(len(cells.dictionary) + 1, dtype=object)
        words[:-1] = cells.dictionary.to_pylist()  # and None at -1
        return Column(name, kind, words[cells.indices.fill_null(-1).to_numpy()])
    values = found.to_numpy()
    return Column(
        name, kind, values.astype(np.float64 if kind == "number" else "datetime64[us]", copy=False), clock=clock
    )
