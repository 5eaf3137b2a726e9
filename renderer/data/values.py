"""Python's values to columns: what functions return and databases answer, which may be anything."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import hashlib
import ipaddress
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from renderer.data.infer import CellError, make_column, names_no_zone
from renderer.data.table import Column
from renderer.data.zones import Times
from renderer.spec.limits import LIMITS, Limits

_PLAIN: Final = frozenset({int, float, str, bool, type(None)})
_NAMELESS_MISSING: Final = frozenset({"NAType", "NaTType"})
"""What data frames write where there is nothing; their libraries need not be there."""
_TEXTS: Final = (
    uuid.UUID,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)


def column_of(name: str, cells: Sequence[Any], *, limits: Limits = LIMITS) -> Column:
    """The column of any values: numbers, texts, truths, dates, times, None and what amounts to them.

    A time without a zone makes a column that is read on the chart's clock. Raises CellError for values that no chart
    can show: bytes, lists, objects.
    """
    if isinstance(cells, np.ndarray):
        if cells.dtype.kind == "M":
            return Column(name, "time", _in_years(cells.astype("datetime64[us]"), limits), clock=True)
        cells = cells.tolist()
    types = set(map(type, cells))
    if not types <= _PLAIN:
        known: dict[type, Callable[[Any], Any]] = {}
        for row, cell in enumerate(cells):
            if (kind := type(cell)) not in known:
                known[kind] = _reader(cell, row)
        cells = [known[type(cell)](cell) for cell in cells]
        types = set(map(type, cells))
    if dt.datetime in types:
        return _moments(name, cells, types, limits)
    column = make_column(name, cells, kind=None, is_text=False, zone="UTC", limits=limits)
    if column.type == "time" and names_no_zone(cells):
        return Column(name, "time", column.values, clock=True)
    return column


def digest(names: Iterable[str], columns: Iterable[Sequence[Any]]) -> str:
    """A version of rows: equal for equal columns."""
    total = hashlib.sha256()
    for name, cells in zip(names, columns, strict=True):
        total.update(repr(name).encode(errors="backslashreplace"))
        total.update(repr(cells if isinstance(cells, list) else list(cells)).encode(errors="backslashreplace"))
    return total.hexdigest()


def _reader(cell: Any, row: int) -> Callable[[Any], Any]:
    """How values of this one's type become plain ones. Raises CellError."""
    kind = type(cell)
    if kind in _PLAIN:
        return _plain_number if kind is float else _as_it_is
    if kind.__name__ in _NAMELESS_MISSING:
        return _missing
    if isinstance(cell, enum.Enum) and not isinstance(cell, int | float | str):
        return lambda member: _reader(member.value, row)(member.value)
    for base, read in _READERS:
        if isinstance(cell, base):
            return read
    if isinstance(cell, np.generic):
        return lambda value: _reader(value.item(), row)(value.item())
    if isinstance(cell, bytes | bytearray | memoryview):
        raise CellError(row, "holds bytes, and no chart can show them; leave it out, or make a text of it")
    if isinstance(cell, list | tuple | set | frozenset | dict):
        raise CellError(row, "holds lists or objects; a cell is one number, text, time, truth or nothing")
    raise CellError(row, f"holds values of the type {kind.__name__[:40]}; make numbers, texts or times of them")


def _as_it_is(value: Any) -> Any:
    return value


def _missing(value: Any) -> None:
    return None


def _plain_number(value: float) -> float | None:
    return None if value != value else float(value)


def _decimal(value: decimal.Decimal) -> float | None:
    return None if value.is_nan() else float(value)


def _clock_time(value: dt.time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")


def _midnight(value: dt.date) -> dt.datetime:
    return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the chart's zone comes later


def _moment(value: np.datetime64) -> dt.datetime | None:
    found: Any = value.astype("datetime64[us]").item()
    return found if isinstance(found, dt.datetime) else None


_READERS: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (dt.datetime, _as_it_is),
    (dt.date, _midnight),
    (dt.time, _clock_time),
    (dt.timedelta, dt.timedelta.total_seconds),
    (np.datetime64, _moment),
    (np.timedelta64, lambda value: _plain_number(float(value / np.timedelta64(1, "s")))),
    (decimal.Decimal, _decimal),
    (str, str.__str__),
    (bool, bool),
    (int, int),
    (float, _plain_number),
    *((kind, str) for kind in _TEXTS),
)
"""In this order: a datetime is a date, too."""


def _moments(name: str, cells: Sequence[Any], types: set[type], limits: Limits) -> Column:
    if unlike := next((row for row, cell in enumerate(cells) if not isinstance(cell, dt.datetime | None)), None):
        raise CellError(unlike, "holds times and other values")
    zones = {cell.tzinfo is not None for cell in cells if isinstance(cell, dt.datetime)}
    if len(zones) > 1:
        raise CellError(0, "holds times with a zone and times without one")
    on_clock = zones == {False}
    plain = [cell if cell is None or on_clock else cell.astimezone(dt.UTC).replace(tzinfo=None) for cell in cells]
    return Column(name, "time", _in_years(np.array(plain, dtype="datetime64[us]"), limits), clock=on_clock)


def _in_years(values: Times, limits: Limits) -> Times:
    years = values.astype("datetime64[Y]").astype(np.int64) + 1970
    wrong = ~np.isnat(values) & ((years < limits.first_year) | (years > limits.last_year))
    if wrong.any():
        message = f"holds a time outside of the years {limits.first_year} to {limits.last_year}"
        raise CellError(int(wrong.argmax()), message)
    return values
