"""Cells to columns: what type they are, and the typed array of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from renderer.data.table import Column
from renderer.data.zones import Times, to_utc
from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.scalars import ISO_DATE, parse_date
from renderer.spec.source import ColumnKind
from renderer.spec.text import TextError, clean_text

MISSING_TEXTS: Final = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL"})
"""What a cell of comma-separated text may say to be missing. In JSON, null is; and a text without characters."""

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_NUMBER_LETTERS: Final = re.compile(r"[^0-9eE+\-.\n]", re.ASCII)
_CODE: Final = re.compile(r"(?:^|\n)[+-]?0[0-9]", re.ASCII)
"""Leading zeros: postal codes and the like, which are names and no amounts."""
_ZONE: Final = re.compile(r":.*(?:[zZ]|[+-][0-9:]+)\s*$", re.ASCII)
_PARTIAL_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?", re.ASCII)

Cells = Sequence[Any]


class CellError(ValueError):
    """A cell that cannot be what its column is; `row` counts from 0."""

    def __init__(self, row: int, message: str) -> None:
        self.row, self.message = row, message
        super().__init__(message)


def make_column(
    name: str, cells: Cells, *, kind: ColumnKind | None, is_text: bool, zone: str, limits: Limits
) -> Column:
    """The column of `cells`: of the type `kind`, or of the one that they look like; raises CellError.

    `is_text` says that the cells come from comma-separated text, where numbers are texts, too. Dates that name no
    zone are read on the clock of `zone`.
    """
    if is_text:
        missing = MISSING_TEXTS
        cells = [None if cell in missing else cell for cell in map(str.strip, cells)]
    types = set(map(type, cells)) - {type(None)}
    if not types <= {int, float, str, bool}:
        row = next(place for place, cell in enumerate(cells) if type(cell) not in (int, float, str, bool, type(None)))
        raise CellError(row, f"must be a number, a text, true, false or null, not {show(cells[row])}")
    if str in types and not is_text and "" in cells:
        cells = [None if cell == "" else cell for cell in cells]
        types = set(map(type, cells)) - {type(None)}
    if kind in (None, "time") and (moments := _plain_times(cells, zone, limits)) is not None:
        return Column(name, "time", moments)
    kind = kind or _infer(cells, types, is_text=is_text)
    if kind == "number":
        return Column(name, "number", _numbers(cells, types, limits))
    if kind == "time":
        return Column(name, "time", _times(cells, types, zone, limits))
    return Column(name, "category", _categories(cells, types, limits))


def read_as(column: Column, kind: ColumnKind, *, zone: str, limits: Limits) -> Column:
    """A column that has a type already, read as another one; raises CellError."""
    if kind == column.type:
        return column
    values = column.values
    if column.type == "time":
        found = [f"{moment}Z" for moment in values.astype("datetime64[ms]").astype(str).tolist()]
    else:
        found = values.tolist()
    cells = [None if missing else cell for missing, cell in zip(column.missing, found, strict=True)]
    return make_column(column.name, cells, kind=kind, is_text=False, zone=zone, limits=limits)


def names_no_zone(cells: Cells) -> bool:
    """Whether texts that are times are what some clock shows: the first of them says nothing of a zone."""
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    return not _ZONE.search(first)


def _infer(cells: Cells, types: set[type], *, is_text: bool) -> ColumnKind:
    if types <= {int, float}:
        return "number"
    if types != {str}:
        return "category"
    first = next(cell for cell in cells if cell is not None)
    if is_text and _NUMBER.fullmatch(first.strip()):
        together = "\n".join(cell for cell in cells if cell is not None)
        if not _NUMBER_LETTERS.search(together) and not _CODE.search(together) and _all(_NUMBER, cells):
            return "number"
    if ISO_DATE.fullmatch(first) and _all(ISO_DATE, cells):
        return "time"
    return "category"


def _all(pattern: re.Pattern[str], cells: Cells) -> bool:
    matches = pattern.fullmatch
    return all(matches(cell) for cell in dict.fromkeys(cells) if cell is not None)


def _numbers(cells: Cells, types: set[type], limits: Limits) -> npt.NDArray[np.float64]:
    if str in types:
        cells = [_number(cell, row) if isinstance(cell, str) else cell for row, cell in enumerate(cells)]
    try:
        values = np.array(cells, dtype=np.float64)
    except OverflowError:
        row = next(place for place, cell in enumerate(cells) if cell is not None and abs(cell) > limits.magnitude)
        raise CellError(row, f"must be between -{limits.magnitude:g} and {limits.magnitude:g}") from None
    wild = np.abs(values) > limits.magnitude
    if wild.any():
        raise CellError(int(wild.argmax()), f"must be between -{limits.magnitude:g} and {limits.magnitude:g}")
    return values


def _number(text: str, row: int) -> float:
    if len(text) > 64 or not _NUMBER.fullmatch(text.strip()):
        raise CellError(row, f"{show(text)} is not a number")
    return float(text)


def _categories(cells: Cells, types: set[type], limits: Limits) -> npt.NDArray[np.object_]:
    if types - {str}:
        cells = [cell if cell is None else _as_text(cell) for cell in cells]
    clean: dict[str, str | None] = {}
    for text in dict.fromkeys(cells):
        if text is None:
            continue
        try:
            # The limit is one of drawing: no label is longer, so no cell that becomes a label is.
            clean[text] = clean_text(text, limit=limits.label_chars, line_breaks="space") or None
        except TextError as problem:
            raise CellError(list(cells).index(text), str(problem)) from None
    values = np.empty(len(cells), dtype=object)
    values[:] = cells if all(new == old for old, new in clean.items()) else [clean.get(cell) for cell in cells]
    return values


def _as_text(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


_LAYOUTS: Final = (
    "dddd-dd-dd",
    "dddd-dd-ddTdd:dd",
    "dddd-dd-ddTdd:ddZ",
    "dddd-dd-ddTdd:dd:dd",
    "dddd-dd-ddTdd:dd:ddZ",
    "dddd-dd-ddTdd:dd:dd.ddd",
    "dddd-dd-ddTdd:dd:dd.dddZ",
)
_LAYOUT_OF_LENGTH: Final = {len(layout): layout for layout in _LAYOUTS}
_SIGNS: Final = {"-": "-", ":": ":", ".": ".", "T": "T ", "Z": "Z"}


def _plain_times(cells: Cells, zone: str, limits: Limits) -> Times | None:
    """The moments of texts that all have one of the common layouts, and exist; else None. A million in a moment."""
    layout = _LAYOUT_OF_LENGTH.get(len(cells[0])) if len(cells) and isinstance(cells[0], str) else None
    if layout is None or set(map(type, cells)) != {str} or set(map(len, cells)) != {len(layout)}:
        return None
    # One row of code points for each text: arithmetic on its columns is ten times as fast as numpy's own parser.
    letters = np.array(cells).view(np.uint32).reshape(len(cells), len(layout)).astype(np.int32)
    digits = letters - ord("0")
    for place, sign in enumerate(layout):
        if sign == "d":
            fits = (digits[:, place] >= 0) & (digits[:, place] <= 9)
        else:
            fits = np.isin(letters[:, place], [ord(other) for other in _SIGNS[sign]])
        if not fits.all():
            return None

    def number(start: int, stop: int) -> npt.NDArray[np.int64]:
        total = np.zeros(len(cells), dtype=np.int64)
        if layout[start:stop].count("d") == stop - start:
            for place in range(start, stop):
                total = total * 10 + digits[:, place]
        return total

    year, month, day = number(0, 4), number(5, 7), number(8, 10)
    hour, minute, second, milli = number(11, 13), number(14, 16), number(17, 19), number(20, 23)
    months = (year - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - first
    exists = (month >= 1) & (month <= 12) & (day >= 1) & (day <= length) & (hour < 24) & (minute < 60) & (second < 60)
    if not (exists & (year >= limits.first_year) & (year <= limits.last_year)).all():
        return None
    seconds = (((first + day - 1) * 24 + hour) * 60 + minute) * 60 + second
    clock = (seconds * 1_000_000 + milli * 1000).astype("datetime64[us]")
    return clock if layout.endswith("Z") else to_utc(clock, zone)


def _times(cells: Cells, types: set[type], zone: str, limits: Limits) -> Times:
    moments: dict[Any, datetime] = {}
    for cell in dict.fromkeys(cells):
        if cell is None:
            continue
        moment = read_moment(cell, limits)
        if moment is None:
            raise CellError(list(cells).index(cell), _no_date(cell, limits))
        moments[cell] = moment
    in_utc = {cell: m.astimezone(UTC).replace(tzinfo=None) for cell, m in moments.items() if m.tzinfo}
    on_clock = {cell: m for cell, m in moments.items() if not m.tzinfo}
    if on_clock:
        shifted = to_utc(np.array(list(on_clock.values()), dtype="datetime64[us]"), zone)
        in_utc.update(zip(on_clock, shifted.tolist(), strict=True))
    find: Callable[[Any], datetime | None] = in_utc.get
    return np.array([find(cell) for cell in cells], dtype="datetime64[us]")


def read_moment(cell: Any, limits: Limits) -> datetime | None:
    """The moment that a cell means, naive where it names no zone; None where it is no date."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):  # a year, where a column of numbers is said to be times
        is_year = float(cell).is_integer() and limits.first_year <= cell <= limits.last_year
        return datetime(int(cell), 1, 1) if is_year else None  # noqa: DTZ001 -- the chart's zone comes later
    if partial := _PARTIAL_DATE.fullmatch(cell):
        return parse_date(f"{partial[1]}-{partial[2] or '01'}-01", limits)
    return parse_date(cell, limits)


def _no_date(cell: object, limits: Limits) -> str:
    if isinstance(cell, str) and ISO_DATE.fullmatch(cell):
        return f"{show(cell)} is not a date that exists, in the years {limits.first_year} to {limits.last_year}"
    return f"{show(cell)} is not a date such as '2026-01-31' or '2026-01-31T12:00:00Z'"
