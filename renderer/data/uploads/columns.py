"""Columns of an upload: what each holds, held against every batch, and its cells as Arrow arrays of that type.

The rules are those of rows that come with a chart (``renderer.data.infer``). What they say of a whole column is said
here of batch after batch, so a guess may turn out wrong: then all is read again with what is known by then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from renderer.data.infer import MISSING_TEXTS, CellError, make_column
from renderer.data.uploads.trouble import Unreadable
from renderer.spec.errors import did_you_mean, show, suggest
from renderer.spec.limits import Limits
from renderer.spec.scalars import ISO_DATE
from renderer.spec.source import ColumnKind
from renderer.spec.text import TextError, clean_text

Cells = Any
"""Cells of one column: an array of texts of a separated file, an array of a typed file, or a list of JSON values."""

ARROW_TYPES: Final[dict[ColumnKind, pa.DataType]] = {
    "number": pa.float64(),
    "time": pa.timestamp("us"),
    "category": pa.dictionary(pa.int32(), pa.string()),
}
MOMENTS: Final = pa.timestamp("us", "UTC")
"""The type of times that name their zone. Those that name none are read on the clock of the chart that shows them."""
_ZONED: Final = re.compile(r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)", re.ASCII)
_LEADING_ZERO: Final = r"^[+-]?0[0-9]"
_DATE_CHARS: Final = 10


class Columns:
    """The columns of one file, and what is known of them after the batches so far."""

    def __init__(self, types: Mapping[str, ColumnKind], limits: Limits, where: Callable[[str, int], str]) -> None:
        """`where(column, row)` says in words where a cell is in the file."""
        self.names: list[str] = []
        self.kinds: dict[str, ColumnKind] = {}
        self.zoned: dict[str, bool] = {}
        self.unsure = False
        """Whether a batch said something else than those before it: what was written is not good."""
        self.cut: dict[str, int] = {}
        """How many texts were longer than a label may be."""
        self._forced = dict(types)
        self._said: set[str] = set()
        self._limits = limits
        self._where = where

    def begin(self) -> None:
        """Start again at the first batch, with what is known by now."""
        self.unsure = False
        self.cut = {}
        self._said = set()

    def meet(self, names: Sequence[str]) -> None:
        """There are these columns. Raises Unreadable where they are too many, or no names."""
        new = [name for name in names if name not in self.kinds and name not in self.names]
        if not new:
            return
        if len(self.names) + len(new) > self._limits.columns:
            raise Unreadable(f"there are more than {self._limits.columns:,} columns")
        for name in new:
            if not isinstance(name, str):
                raise Unreadable("a column's name is no text")
            try:
                if not clean_text(name, limit=self._limits.label_chars):
                    raise Unreadable(f"column {len(self.names) + 1} has no name")
            except TextError as problem:
                raise Unreadable(f"the column name {show(name)} {problem}") from None
            self.names.append(name)
        self.unsure = self.unsure or bool(self._said)

    def check_types(self) -> None:
        """All columns are known. Raises Unreadable if `types` names another."""
        for name in self._forced:
            if name not in self.names:
                near = suggest(name, self.names)
                raise Unreadable(f"types: no column {show(name)}{did_you_mean(near)}")

    @property
    def on_clock(self) -> frozenset[str]:
        """The times that name no zone."""
        return frozenset(name for name, kind in self.kinds.items() if kind == "time" and not self.zoned.get(name))

    @property
    def schema(self) -> pa.Schema:
        """Of the file that is written."""
        return pa.schema([(name, self._type(name)) for name in self.names])

    def batch(self, cells: Mapping[str, Cells], length: int, first_row: int) -> pa.RecordBatch:
        """The batch as it is written. Raises Unreadable at a cell that cannot be what its column is."""
        made: dict[str, pa.Array] = {}
        for name in self.names:
            if name not in cells:
                made[name] = pa.nulls(length, self._type(name))
                continue
            try:
                made[name] = self._made(name, cells[name])
            except CellError as error:
                at = self._where(name, first_row + error.row)
                raise Unreadable(f"{at}: {error.message}") from None
        self._said.update(cells)
        if self.unsure:  # nothing of it is kept
            return pa.record_batch([pa.nulls(length, self._type(name)) for name in self.names], schema=self.schema)
        return pa.record_batch([made[name] for name in self.names], schema=self.schema)

    def _type(self, name: str) -> pa.DataType:
        kind = self.kinds.get(name, "number")
        return MOMENTS if kind == "time" and self.zoned.get(name) else ARROW_TYPES[kind]

    def _made(self, name: str, cells: Cells) -> pa.Array:
        """The cells as the column's type, or as what they are instead, which is then said."""
        forced = self._forced.get(name)
        if forced is not None:
            self.kinds[name] = forced
        kind = forced or self.kinds.get(name)
        if isinstance(cells, list):
            return self._of_values(name, cells, kind, is_text=False)
        if pa.types.is_string(cells.type):
            return self._of_texts(name, cells, kind)
        return self._of_typed(name, cells, kind)

    def _is(self, name: str, kind: ColumnKind, *, zoned: bool = False) -> bool:
        """Note what the cells are. Whether that is what the column is."""
        if name not in self.kinds:
            self.kinds[name] = kind
            self.zoned[name] = zoned
            # Batches before this one had no value in it, and are written as numbers that are missing.
            self.unsure = self.unsure or (name in self._said and self._type(name) != pa.float64())
            return True
        if self.kinds[name] != kind:
            if name not in self._forced:
                self.unsure = True
                self.kinds[name] = "category"
            return False
        if kind == "time" and self.zoned.setdefault(name, zoned) != zoned and not self.zoned[name]:
            self.zoned[name] = self.unsure = True  # some name their zone: those that do not are in UTC
        return True

    # --- Texts of separated files: numbers are texts, too ---

    def _of_texts(self, name: str, cells: pa.Array, kind: ColumnKind | None) -> pa.Array:
        if cells.null_count == len(cells):
            return pa.nulls(len(cells), self._type(name))
        if kind in (None, "number"):
            numbers = _numbers(cells, self._limits)
            if numbers is None:  # once more, without what stands around them
                cells = _trimmed(cells)
                numbers = _numbers(cells, self._limits)
            if numbers is not None and (kind is not None or not _has_codes(cells)):
                self._is(name, "number")
                return numbers
            if name in self._forced:
                return self._of_values(name, cells.to_pylist(), kind, is_text=True)
        if self.kinds.get(name) != "category" and _looks_like_time(cells):
            moments = _moments(cells, self._limits)
            if moments is not None:
                if self._is(name, "time", zoned=moments.type.tz is not None):
                    return moments.cast(self._type(name)) if moments.type != self._type(name) else moments
            else:
                return self._of_values(name, cells.to_pylist(), "time" if kind == "time" else None, is_text=True)
        if name in self._forced and kind == "time":
            return self._of_values(name, cells.to_pylist(), kind, is_text=True)
        self._is(name, "category")
        if self.unsure:
            return pa.nulls(len(cells), self._type(name))
        return self._categories(name, cells.dictionary_encode(), is_text=True)

    def _categories(self, name: str, cells: pa.DictionaryArray, *, is_text: bool) -> pa.Array:
        """Texts, each of them looked at once."""
        missing = MISSING_TEXTS if is_text else frozenset({""})
        texts = cells.dictionary.to_pylist()
        clean: list[str | None] = []
        changed = False
        for place, text in enumerate(texts):
            new = self._text(name, text, partial(_first, cells.indices, place))
            new = None if new in missing else new
            changed = changed or new != text
            clean.append(new)
        if not changed:
            return cells.cast(ARROW_TYPES["category"])
        return pa.array(clean, pa.string()).take(cells.indices).dictionary_encode().cast(ARROW_TYPES["category"])

    def _text(self, name: str, text: str | None, row: Callable[[], int]) -> str | None:
        if text is None:
            return None
        most = self._limits.label_chars
        if len(text) > most:
            if len(text) > self._limits.cell_bytes:
                raise CellError(row(), f"is longer than {self._limits.cell_bytes:,} characters")
            self.cut[name] = self.cut.get(name, 0) + 1
            text = text.strip()[: most - 1] + "…"
        try:
            return clean_text(text, limit=most, line_breaks="space")
        except TextError as problem:
            raise CellError(row(), str(problem)) from None

    # --- Values of JSON documents ---

    def _of_values(self, name: str, cells: list[Any], kind: ColumnKind | None, *, is_text: bool) -> pa.Array:
        """By the same code as rows that come with a chart."""
        most = self._limits.label_chars
        cells = [
            self._text(name, cell, partial(int, row)) if type(cell) is str and len(cell) > most else cell
            for row, cell in enumerate(cells)
        ]
        if is_text:
            cells = ["" if cell is None else cell for cell in cells]
        if name not in self._forced:
            kind = "category" if kind == "category" else None
            if all(cell is None or cell == "" for cell in cells):
                return pa.nulls(len(cells), self._type(name))
        column = make_column(name, cells, kind=kind, is_text=is_text, zone="UTC", limits=self._limits)
        zoned = column.type == "time" and any(
            isinstance(cell, str) and _ZONED.search(cell.strip(), _DATE_CHARS) for cell in dict.fromkeys(cells)
        )
        if not self._is(name, column.type, zoned=zoned):
            column = make_column(name, cells, kind="category", is_text=is_text, zone="UTC", limits=self._limits)
        missing = column.missing
        values = pa.array(column.values, mask=missing)
        if column.type == "category":
            values = pa.array(column.values, pa.string(), mask=missing).dictionary_encode()
        if self.unsure:
            return pa.nulls(len(cells), self._type(name))
        return values.cast(self._type(name))

    # --- Arrays of typed files ---

    def _of_typed(self, name: str, cells: pa.Array, kind: ColumnKind | None) -> pa.Array:
        found = _plain(name, cells)
        natural: ColumnKind = (
            "number" if found.type == pa.float64() else "time" if pa.types.is_timestamp(found.type) else "category"
        )
        if name in self._forced and kind != natural:
            values = found.cast(pa.string()) if natural == "time" else found
            return self._of_values(name, values.to_pylist(), kind, is_text=False)
        self._is(name, natural, zoned=natural == "time" and found.type.tz is not None)
        if natural == "number":
            return _finite(found, self._limits)
        if natural == "time":
            return _in_years(found, self._limits)
        encoded = found if pa.types.is_dictionary(found.type) else found.dictionary_encode()
        return self._categories(name, encoded, is_text=False)


def _first(indices: pa.Array, place: int) -> int:
    return int(pc.index(indices, place).as_py())


def _trimmed(cells: pa.Array) -> pa.Array:
    cells = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(cells, pa.array(sorted(MISSING_TEXTS))), pa.scalar(None, pa.string()), cells)


def _numbers(cells: pa.Array, limits: Limits) -> pa.Array | None:
    try:
        numbers = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    ends = pc.min_max(numbers)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None:
        return numbers
    # Arrow reads "nan" and "inf", which are no numbers here; what is none is neither above nor below.
    if not (-limits.magnitude <= low and high <= limits.magnitude) or pc.any(pc.is_nan(numbers)).as_py():
        return None
    return numbers


def _has_codes(cells: pa.Array) -> bool:
    """Leading zeros: postal codes and the like, which are names and no amounts."""
    zero = pc.match_substring(cells, "0") if len(cells) < 64 else None
    if zero is not None and not pc.any(zero).as_py():
        return False
    return bool(pc.any(pc.match_substring_regex(cells, _LEADING_ZERO)).as_py())


def _looks_like_time(cells: pa.Array) -> bool:
    first = cells.drop_null()[0].as_py()
    return bool(ISO_DATE.fullmatch(first.strip()))


def _moments(cells: pa.Array, limits: Limits) -> pa.Array | None:
    """Times that Arrow reads by itself; None where others are among them."""
    lengths = pc.min_max(pc.binary_length(cells))
    if lengths["min"].as_py() < _DATE_CHARS or lengths["min"].as_py() == _DATE_CHARS + 3:  # an hour alone
        return None
    for kind in (ARROW_TYPES["time"], MOMENTS):
        try:
            moments = cells.cast(kind)
        except pa.ArrowInvalid:
            continue
        try:
            return _in_years(moments, limits)
        except CellError:
            return None
    return None


def _in_years(moments: pa.Array, limits: Limits) -> pa.Array:
    low, high = (np.datetime64(f"{year:04}-01-01", "us") for year in (limits.first_year, limits.last_year + 1))
    micros = moments.cast(pa.int64())
    ends = pc.min_max(micros)
    if ends["min"].as_py() is None:
        return moments
    low_us, high_us = low.astype(np.int64), high.astype(np.int64)
    if ends["min"].as_py() < low_us or ends["max"].as_py() >= high_us:
        outside = pc.or_(pc.less(micros, int(low_us)), pc.greater_equal(micros, int(high_us)))
        row = int(pc.index(outside, True).as_py())
        raise CellError(row, f"a date must be in the years {limits.first_year} to {limits.last_year}")
    return moments


def _finite(numbers: pa.Array, limits: Limits) -> pa.Array:
    """Without infinities, which are missing."""
    values = numbers.to_numpy(zero_copy_only=False)
    wild = np.isfinite(values) & (np.abs(values) > limits.magnitude)
    if wild.any():
        raise CellError(int(wild.argmax()), f"must be between -{limits.magnitude:g} and {limits.magnitude:g}")
    return pa.array(values, mask=~np.isfinite(values))


_ALLOWED: Final = "numbers, true and false, dates, times with a date, and texts"


def _plain(name: str, cells: pa.Array) -> pa.Array:
    """Any array as numbers, times or texts. Raises Unreadable for what is no cell of a table."""
    kind = cells.type
    types = pa.types
    try:
        if types.is_dictionary(kind) and (types.is_string(kind.value_type) or types.is_large_string(kind.value_type)):
            return cells.cast(pa.dictionary(pa.int64(), pa.string()))
        if types.is_dictionary(kind):
            return _plain(name, cells.dictionary_decode())
        if types.is_null(kind) or types.is_integer(kind) or types.is_floating(kind):
            return cells.cast(pa.float64(), safe=False)
        if types.is_decimal(kind):
            return cells.cast(pa.float64())
        if types.is_boolean(kind):
            return cells.cast(pa.string())
        if types.is_date(kind):
            return cells.cast(pa.timestamp("ms" if types.is_date64(kind) else "s")).cast(pa.timestamp("us"))
        if types.is_timestamp(kind):
            return cells.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
            return cells.cast(pa.string())
    except pa.ArrowInvalid as error:
        raise Unreadable(f"column {show(name)}: its values are too large") from error
    raise Unreadable(f"column {show(name)} holds {show(str(kind))}; a table holds {_ALLOWED}")


def refuse_types(schema: pa.Schema) -> None:
    """Raise Unreadable for a column that is no column of a table, before any of its values is read."""
    for field in schema:
        kind = field.type
        if isinstance(kind, pa.BaseExtensionType):
            raise Unreadable(f"column {show(field.name)} holds {show(str(kind))}; a table holds {_ALLOWED}")
        _plain(field.name, pa.array([], kind) if not pa.types.is_dictionary(kind) else _no_words(kind))


def _no_words(kind: pa.DictionaryType) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([], kind.index_type), pa.array([], kind.value_type))
