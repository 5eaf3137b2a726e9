"""This period and the one before: rows of each, and the earlier ones moved onto the dates of the present."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from renderer.data.load import SourceTable
from renderer.data.moments import moment_ago
from renderer.data.resolved import Resolved
from renderer.data.table import Column, Table
from renderer.data.zones import Times, to_local, to_utc
from renderer.spec.channel import Channel
from renderer.spec.errors import SpecError
from renderer.spec.mark import Mark
from renderer.spec.periods import Period
from renderer.spec.source import ColumnKind
from renderer.spec.spans import Span

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_EXACT: Final = {
    "second": np.timedelta64(1, "s"), "minute": np.timedelta64(1, "m"), "hour": np.timedelta64(1, "h"),
    "day": np.timedelta64(1, "D"), "week": np.timedelta64(7, "D"),
}  # fmt: skip
Mask = npt.NDArray[np.bool_]


class Selected(SourceTable):
    """Some rows of a table."""

    def __init__(self, table: SourceTable, rows: Mask) -> None:
        self._table = table
        self._rows = rows

    @property
    def names(self) -> tuple[str, ...]:
        return self._table.names

    def __len__(self) -> int:
        return int(self._rows.sum())

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def column(self, name: str, kind: ColumnKind | None = None) -> Column:
        """The column of these rows."""
        column = self._table.column(name, kind)
        return Column(column.name, column.type, column.values[self._rows])


def in_periods(
    mark: Mark, period: Period, table: SourceTable, at: str, zone: str
) -> tuple[SourceTable, SourceTable | None]:
    """The rows of the period, and those of the one before it: None where there are none.

    ``at`` is the pointer of the mark. Raises SpecError where x holds no times.
    """
    channel: Channel = mark.x  # type: ignore[attr-defined]  # marks with a period have an x
    name = channel.shorthand if channel.shorthand is not None and channel.shorthand in table else channel.field
    if name is None or name not in table:
        return table, None  # the channel says what is wrong
    column = table.column(name, channel.type)
    if column.type != "time":
        raise SpecError.at(f"{at}/previous", f"a period needs times, and x holds {_HOLDS[column.type]}")
    known = column.values[~np.isnat(column.values)]
    if not len(known):
        return table, None
    start, end, before = _limits(known.max(), period, zone)
    earlier = (column.values >= before) & (column.values < start)
    return (
        Selected(table, (column.values >= start) & (column.values < end)),
        Selected(table, earlier) if earlier.any() else None,
    )


_HOLDS: Final = {"number": "numbers", "category": "categories"}


def _limits(latest: np.datetime64, period: Period, zone: str) -> tuple[np.datetime64, np.datetime64, np.datetime64]:
    """Where the period begins and ends, and where the one before it begins."""
    tick = np.timedelta64(1, "us")
    if not period.whole:
        span = Span(period.amount, period.unit)
        start = moment_ago(_aware(latest), span, zone)
        before = moment_ago(_aware(start), span, zone)
        return start + tick, latest + tick, before + tick  # a week that ends on a Sunday has no other Sunday
    clock = to_local(np.array([latest]), zone)
    if period.unit == "week":
        day = clock.astype("datetime64[D]")
        first = day - ((day.astype(np.int64) + 3) % 7)  # 1970-01-01 was a Thursday
    elif period.unit == "day":
        first = clock.astype("datetime64[D]")
    else:
        months = clock.astype("datetime64[M]").astype(np.int64)
        first = (months - months % _MONTHS[period.unit]).astype("datetime64[M]")
    start_clock = first.astype("datetime64[us]")
    ends = np.concatenate([start_clock, _moved(start_clock, period, 1), _moved(start_clock, period, -1)])
    start, end, before = to_utc(ends, zone)
    return start, end, before


def _aware(moment: np.datetime64) -> datetime:
    found: Any = moment.astype("datetime64[us]").item()
    aware: datetime = found.replace(tzinfo=UTC)
    return aware


def moved_on(layer: Resolved, period: Period, zone: str) -> Resolved:
    """The layer of the earlier period on the dates of the present one. A day that the present one does not have, such
    as 29 February, is left out."""
    column = layer.table["x"]
    times: Times
    if column.type != "time":  # months of the year and weekdays are the same in both
        return layer
    if period.unit in ("second", "minute", "hour"):
        times = np.asarray(column.values + period.amount * _EXACT[period.unit])
    else:
        times = to_utc(_moved(to_local(column.values, zone), period, 1), zone)
    kept = ~np.isnat(times)
    columns: dict[str, Column] = {}
    for name, old in layer.table.columns.items():
        values: npt.NDArray[Any] = times if name == "x" else old.values
        columns[name] = Column(old.name, old.type, values[kept])
    return replace(layer, table=Table(columns))


def _moved(clock: Times, period: Period, sign: int) -> Times:
    """Times on a clock, one period later or earlier; NaT where the month is too short."""
    amount = period.amount * sign
    moved: Times
    if period.unit not in _MONTHS:
        moved = np.asarray(clock + amount * _EXACT[period.unit].astype("timedelta64[us]"))
        return moved
    month = clock.astype("datetime64[M]")
    target = month + amount * _MONTHS[period.unit]
    moved = np.asarray(target.astype("datetime64[us]") + (clock - month.astype("datetime64[us]")))
    moved[moved >= (target + 1).astype("datetime64[us]")] = np.datetime64("NaT")
    return moved
