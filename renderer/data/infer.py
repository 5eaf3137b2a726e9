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
    kind = kind or _infer(cells, types, is_text=is_text)
    if kind == "number":
        return Column(name, "number", _numbers(cells, types, limits))
    if kind == "time":
        return Column(name, "time", _times(cells, types, zone, limits))
    return Column(name, "category", _categories(cells, types, limits))


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
    if ISO_DATE.fullmatch(first) and (_is_plain_dates(cells) or _all(ISO_DATE, cells)):
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


def _is_plain_dates(cells: Cells) -> bool:
    return _plain_dates(cells) is not None


_LAYOUTS: Final = {10: "dddd-dd-dd", 16: "dddd-dd-ddTdd:dd", 19: "dddd-dd-ddTdd:dd:dd"}


def _plain_dates(cells: Cells) -> npt.NDArray[np.str_] | None:
    """The texts as an array if all have one of the common layouts and no zone: a million of them in a moment."""
    first = cells[0]
    layout = _LAYOUTS.get(len(first)) if isinstance(first, str) else None
    if layout is None or set(map(type, cells)) != {str} or set(map(len, cells)) != {len(layout)}:
        return None
    texts = np.array(cells)
    letters = texts.view(np.uint32).reshape(len(cells), len(layout))
    for place, sign in enumerate(layout):
        column = letters[:, place]
        if sign == "d":
            fits = (column >= ord("0")) & (column <= ord("9"))
        elif sign == "T":
            fits = (column == ord("T")) | (column == ord(" "))
        else:
            fits = column == ord(sign)
        if not fits.all():
            return None
    return texts


def _times(cells: Cells, types: set[type], zone: str, limits: Limits) -> Times:
    plain = _plain_dates(cells) if len(cells) else None
    if plain is not None:
        try:
            clock = plain.astype("datetime64[us]")
        except ValueError:
            pass  # one of the dates does not exist; the slow road below finds out which
        else:
            years = clock.astype("datetime64[Y]").astype(np.int64) + 1970
            if years.min() >= limits.first_year and years.max() <= limits.last_year:
                return to_utc(clock, zone)
    moments: dict[Any, datetime] = {}
    for cell in dict.fromkeys(cells):
        if cell is None:
            continue
        moment = _moment(cell, limits)
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


def _moment(cell: Any, limits: Limits) -> datetime | None:
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
