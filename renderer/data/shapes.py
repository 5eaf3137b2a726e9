"""Shapes of tables in Python: what a dataset function may return, told apart by what it can do, not by its class.

It is taken as hostile: an iterable may never end, a table may have any number of columns, a cell may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Final

import numpy as np

from renderer.data.supply import Supply
from renderer.data.values import column_of, digest
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.text import TextError, clean_text

KINDS: Final = (
    "a list of dicts, a dict of lists, an iterable of dicts, a data frame or Arrow table, "
    "or a pair of column names and rows"
)


class ShapeError(ValueError):
    """What was returned is no table. str() is a sentence."""


def supply_of(returned: object, *, version: str = "", limits: Limits = LIMITS) -> Supply:
    """The rows that something returned holds, whose version is made of them unless it is known. Raises ShapeError;
    iterating may raise anything."""
    columns, length = _columns(returned, limits)
    _check(columns, length, limits)
    # All cells count for the version, also of columns that this chart does not use.
    cells = {name: read() for name, read in columns.items()}
    return Supply(
        columns={name: partial(column_of, name, found, limits=limits) for name, found in cells.items()},
        length=length,
        version=version or digest(cells, cells.values()),
        as_of=datetime.now(UTC),
    )


Cells = dict[Any, Callable[[], Sequence[Any]]]
"""Columns by name; the names are looked at in the end."""


def _columns(returned: object, limits: Limits) -> tuple[Cells, int]:
    if isinstance(returned, Mapping):
        return _of_lists(returned)
    if isinstance(returned, str | bytes) or not isinstance(returned, Iterable) or returned is None:
        if (frame := _of_frame(returned)) is not None:
            return frame
        raise ShapeError(f"returned {_what(returned)}; return {KINDS}")
    if (frame := _of_frame(returned)) is not None:
        return frame
    if _is_pair(returned):
        names, rows = returned
        return _of_rows(list(names), rows, limits)
    return _of_dicts(iter(returned), limits)


def _of_lists(columns: Mapping[Any, Any]) -> tuple[Cells, int]:
    lengths = {}
    for name, cells in columns.items():
        if isinstance(cells, str | bytes) or not hasattr(cells, "__len__") or not hasattr(cells, "__getitem__"):
            raise ShapeError(f"returned a dict whose {show(name)} is no list")
        lengths[name] = len(cells)
    if len(set(lengths.values())) > 1:
        first, *others = lengths
        other = next(name for name in others if lengths[name] != lengths[first])
        raise ShapeError(
            f"returned columns of different lengths: {show(first)} has {lengths[first]:,} rows, "
            f"{show(other)} has {lengths[other]:,}"
        )
    return {name: partial(_listed, cells) for name, cells in columns.items()}, next(iter(lengths.values()), 0)


def _of_frame(returned: Any) -> tuple[Cells, int] | None:
    """pyarrow names its columns ``column_names``, pandas and polars ``columns``; each gives one by its name."""
    names = getattr(returned, "column_names", None)
    if names is None:
        names = getattr(returned, "columns", None)
    if names is None or callable(names) or not hasattr(returned, "__getitem__") or not hasattr(returned, "__len__"):
        return None
    names = list(islice(names, LIMITS.columns + 1))
    if len(set(map(str, names))) < len(names):
        raise ShapeError("returned a table that has two columns of the same name")
    length = getattr(returned, "num_rows", None)
    length = len(returned) if length is None else int(length)
    return {str(name): partial(_taken, returned, name) for name in names}, length


def _taken(frame: Any, name: object) -> Sequence[Any]:
    return _listed(frame[name])


def _listed(cells: Any) -> Sequence[Any]:
    """A column as a list. An array of moments stays one: as a list it would forget its unit."""
    if isinstance(cells, np.ndarray):
        found: Any = cells if cells.dtype.kind == "M" else cells.tolist()
        return found  # type: ignore[no-any-return]  # an array is no Sequence, and does as one
    if callable(getattr(cells, "to_pylist", None)):
        return arrow_list(cells)
    for method in ("to_list", "tolist"):
        if callable(read := getattr(cells, method, None)):
            return list(read())
    return list(cells)


def arrow_list(cells: Any) -> list[Any]:
    """An Arrow column as a list. Nanoseconds are cut to microseconds: Python's own times hold no more."""
    if str(cells.type).startswith("timestamp[ns"):
        import pyarrow as pa  # it is there: this is one of its columns

        cells = cells.cast(pa.timestamp("us", tz=cells.type.tz), safe=False)
    return list(cells.to_pylist())


def _is_pair(returned: object) -> bool:
    """Whether it is (column names, rows): names are texts, and no dict is one."""
    return (
        isinstance(returned, tuple)
        and len(returned) == 2
        and isinstance(returned[0], list | tuple)
        and all(isinstance(name, str) for name in returned[0])
    )


def _of_rows(names: list[str], rows: Any, limits: Limits) -> tuple[Cells, int]:
    if len(set(names)) < len(names):
        raise ShapeError("returned a table that has two columns of the same name")
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise ShapeError(f"returned column names and {_what(rows)}, which is no list of rows")
    columns: list[list[Any]] = [[] for _ in names]
    most = _most_rows(len(names), limits)
    length = 0
    for row in rows:
        length += 1
        if length > most:
            raise _too_long(limits)
        if isinstance(row, str | bytes | Mapping) or not isinstance(row, Iterable):
            raise ShapeError(f"returned a row that is {_what(row)}: row {length:,}")
        cells = list(islice(row, len(names) + 1))
        if len(cells) != len(names):
            raise ShapeError(f"returned {len(names)} column names, and row {length:,} has other cells")
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return {name: partial(_listed, column) for name, column in zip(names, columns, strict=True)}, length


def _of_dicts(rows: Iterator[Any], limits: Limits) -> tuple[Cells, int]:
    """Column by column as the rows come: a million dicts would take ten times the memory."""
    columns: dict[str, list[Any]] = {}
    length = 0
    for row in rows:
        if not isinstance(row, Mapping):
            raise ShapeError(f"returned {_what(row)} as row {length + 1:,}, which is no dict; return {KINDS}")
        for name in row:
            if name not in columns:
                if len(columns) >= limits.columns:
                    raise ShapeError(f"returned more than {limits.columns:,} columns")
                columns[name] = [None] * length
        length += 1
        if length > _most_rows(len(columns), limits):
            raise _too_long(limits)
        for name, cells in columns.items():
            cells.append(row.get(name))
    return {name: partial(_listed, column) for name, column in columns.items()}, length


def _check(columns: Cells, length: int, limits: Limits) -> None:
    if len(columns) > limits.columns:
        raise ShapeError(f"returned more than {limits.columns:,} columns")
    if length > _most_rows(len(columns), limits):
        raise _too_long(limits)
    for name in columns:
        try:
            if not isinstance(name, str) or not clean_text(name, limit=limits.label_chars):
                raise ShapeError(f"returned a column whose name is {show(name) if name else 'empty'}")
        except TextError as problem:
            raise ShapeError(f"returned the column name {show(name)}, which {problem}") from None


def _most_rows(columns: int, limits: Limits) -> int:
    return limits.values // max(columns, 1)


def _too_long(limits: Limits) -> ShapeError:
    return ShapeError(f"returned more than {limits.values:,} values, which is the most that a source may have")


def _what(value: object) -> str:
    return "nothing" if value is None else f"a value of the type {type(value).__name__[:40]}"
