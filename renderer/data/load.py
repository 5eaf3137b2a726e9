"""Sources to tables: the rows that came with a chart, in whichever of the four shapes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from renderer.data.infer import CellError, make_column, read_as
from renderer.data.supply import Supply
from renderer.data.table import Column
from renderer.data.zones import to_utc
from renderer.spec.errors import SpecError, any_of, counted, pointer, show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.source import ColumnKind, Source
from renderer.spec.text import TextError, clean_text

_DELIMITERS: Final = (",", ";", "\t")


class SourceTable:
    """The rows of one source. A column is made, and checked, when it is first asked for: unused ones cost nothing."""

    def __init__(
        self,
        columns: dict[str, Callable[[], Sequence[Any]]],
        length: int,
        *,
        types: dict[str, ColumnKind],
        locate: Callable[[str, int], tuple[str, str]],
        is_text: bool,
        zone: str,
        limits: Limits,
    ) -> None:
        """`locate(name, row)` gives the pointer of a cell, and words before the message where that says too little."""
        self._cells = columns
        self._length = length
        self._types = types
        self._locate = locate
        self._is_text = is_text
        self._zone = zone
        self._limits = limits
        self._made: dict[tuple[str, ColumnKind | None], Column] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._cells)

    def __len__(self) -> int:
        return self._length

    def __contains__(self, name: object) -> bool:
        return name in self._cells

    def cells(self, name: str) -> Sequence[Any]:
        """What the source holds of a column, before it is read as anything."""
        return self._cells[name]()

    def scan(self, used: Iterable[str]) -> Supply | None:
        """The supply whose file has these columns as they are here; None if they are to be read by `column`."""
        return None

    def column(self, name: str, kind: ColumnKind | None = None) -> Column:
        """The column, read as `kind`, or as its source says, or as it looks. Raises SpecError at a cell."""
        kind = kind or self._types.get(name)
        key = (name, kind)
        if key not in self._made:
            try:
                self._made[key] = make_column(
                    name,
                    self._cells[name](),
                    kind=kind,
                    is_text=self._is_text,
                    zone=self._zone,
                    limits=self._limits,
                )
            except CellError as error:
                where, what = self._locate(name, error.row)
                raise SpecError.at(where, what + error.message) from None
        return self._made[key]


class Supplied(SourceTable):
    """The rows of a named source. They are typed already; `types` of the document read them as something else."""

    def __init__(self, supply: Supply, at: str, *, types: dict[str, ColumnKind], zone: str, limits: Limits) -> None:
        self.supply = supply
        self._at = at
        self._types = types
        self._zone = zone
        self._limits = limits
        self._made: dict[tuple[str, ColumnKind | None], Column] = {}
        self._read: set[str] = set()
        for name in types:
            if name not in self:
                raise SpecError.at(at + pointer("types", name), f"no column {show(name)}")
        if not supply.length:
            raise SpecError.at(at, "there are no rows", empty=True)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.supply.columns)

    def __len__(self) -> int:
        return self.supply.length

    def __contains__(self, name: object) -> bool:
        return name in self.supply.columns

    def scan(self, used: Iterable[str]) -> Supply | None:
        """The file, unless the document reads one of its columns as something else."""
        same = all(self._types.get(name) in (None, self.supply.types.get(name)) for name in used)
        return self.supply if same and self.supply.parquet is not None else None

    def column(self, name: str, kind: ColumnKind | None = None) -> Column:
        """The column as it was supplied, or read as another type. Raises SpecError at the source."""
        kind = kind or self._types.get(name)
        key = (name, kind)
        if key not in self._made:
            self._read.add(name)
            if len(self) * len(self._read) > self._limits.loaded_values:
                most = self._limits.loaded_values
                raise SpecError.at(
                    self._at,
                    f"has {len(self):,} rows, and {len(self._read)} columns of them are more than the {most:,} values"
                    " that are drawn as they are; let a transform filter or aggregate them",
                )
            try:
                column = self.supply.columns[name]()
                if column.clock:
                    column = replace(column, values=to_utc(column.values, self._zone), clock=False)
                self._made[key] = read_as(column, kind, zone=self._zone, limits=self._limits) if kind else column
            except CellError as error:
                raise SpecError.at(self._at, f"column {show(name)}: {error}") from error
        return self._made[key]


def load_source(source: Source, at: str, *, zone: str = "UTC", limits: Limits = LIMITS) -> SourceTable:
    """The table of a source that stands at the pointer `at`, such as "/data"; raises SpecError."""
    if source.values is not None:
        table = _Reader(source, at, zone, limits).from_values(source.values)
    elif source.columns is not None:
        table = _Reader(source, at, zone, limits).from_columns(source.columns)
    elif source.rows is not None:
        table = _Reader(source, at, zone, limits).from_rows(source.rows, source.header or ())
    else:
        table = _Reader(source, at, zone, limits).from_csv(source.csv or "")
    for name in source.types:
        if name not in table:
            raise SpecError.at(at + pointer("types", name), f"no column {show(name)}")
    if not len(table):
        raise SpecError.at(at, "there are no rows", empty=True)
    return table


def load_text(text: str, at: str, *, delimiter: str = "", limits: Limits = LIMITS) -> SourceTable:
    """The table of comma-separated text, or of text with another separator; raises SpecError inside ``at``."""
    return _Reader(Source(csv=text), at, "UTC", limits).from_csv(text, delimiter)


class _Reader:
    """What the four shapes share: limits, names, and where a cell is in the document."""

    def __init__(self, source: Source, at: str, zone: str, limits: Limits) -> None:
        self.at = at
        self.zone = zone
        self.limits = limits
        self.types = dict(source.types)

    def from_values(self, values: list[Any]) -> SourceTable:
        for row, record in enumerate(values):
            if type(record) is not dict:
                raise SpecError.at(self.at + pointer("values", row), f"must be an object, not {show(record)}")
        names = list(dict.fromkeys(chain.from_iterable(values)))
        self._check(names, len(values), "values")

        def read(name: str) -> Callable[[], list[Any]]:
            return lambda: [record.get(name) for record in values]

        def locate(name: str, row: int) -> tuple[str, str]:
            return self.at + pointer("values", row, name), ""

        return self._table({name: read(name) for name in names}, len(values), locate)

    def from_columns(self, columns: dict[str, Any]) -> SourceTable:
        lengths: dict[str, int] = {}
        for name, cells in columns.items():
            if not isinstance(cells, list | tuple):
                raise SpecError.at(self.at + pointer("columns", name), f"must be a list, not {show(cells)}")
            lengths[name] = len(cells)
        if len(set(lengths.values())) > 1:
            first = next(iter(lengths))
            other = next(name for name in lengths if lengths[name] != lengths[first])
            raise SpecError.at(
                self.at + "/columns",
                f"all columns must have the same length, but {show(first)} has {lengths[first]} rows"
                f" and {show(other)} has {lengths[other]}",
            )
        length = next(iter(lengths.values()), 0)
        self._check(list(columns), length, "columns")

        def read(cells: Sequence[Any]) -> Callable[[], Sequence[Any]]:
            return lambda: cells

        def locate(name: str, row: int) -> tuple[str, str]:
            return self.at + pointer("columns", name, row), ""

        return self._table({name: read(cells) for name, cells in columns.items()}, length, locate)

    def from_rows(self, rows: list[Any], header: Sequence[str]) -> SourceTable:
        for row, cells in enumerate(rows):
            if not isinstance(cells, list | tuple):
                raise SpecError.at(self.at + pointer("rows", row), f"must be a list, not {show(cells)}")
            if len(cells) != len(header):
                message = f"has {counted(len(cells), 'cell')} where the header has {len(header)}"
                raise SpecError.at(self.at + pointer("rows", row), message)
        self._check(header, len(rows), "rows")

        def read(place: int) -> Callable[[], list[Any]]:
            return lambda: [cells[place] for cells in rows]

        places = {name: place for place, name in enumerate(header)}

        def locate(name: str, row: int) -> tuple[str, str]:
            return self.at + pointer("rows", row, places[name]), ""

        return self._table({name: read(place) for name, place in places.items()}, len(rows), locate)

    def from_csv(self, text: str, delimiter: str = "") -> SourceTable:
        at = self.at + "/csv"
        text = text.removeprefix("\ufeff")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text), strict=True)
        lines: list[int] = []
        rows: list[list[str]] = []
        header: list[str] = []
        try:
            for cells in reader:
                if not cells:
                    continue
                if not header:
                    header = [name.strip() for name in cells]
                    continue
                if len(cells) != len(header):
                    message = (
                        f"line {reader.line_num} has {counted(len(cells), 'cell')} where the header has {len(header)}"
                    )
                    raise SpecError.at(at, message)
                rows.append(cells)
                lines.append(reader.line_num)
                if len(rows) * len(header) > self.limits.values:
                    break  # the check below says so
        except csv.Error as error:
            raise SpecError.at(at, f"line {reader.line_num}: {error}") from None
        if not header:
            raise SpecError.at(at, "is empty: the first line names the columns")
        twice = [name for name in header if header.count(name) > 1] if len(set(header)) < len(header) else []
        if twice:
            raise SpecError.at(at, f"the header names {show(twice[0])} twice")
        self._check(header, len(rows), "csv")

        def read(place: int) -> Callable[[], list[str]]:
            return lambda: [cells[place] for cells in rows]

        def locate(name: str, row: int) -> tuple[str, str]:
            return at, f"line {lines[row]}, column {show(name)}: "

        return self._table({name: read(place) for place, name in enumerate(header)}, len(rows), locate, is_text=True)

    def _table(
        self,
        columns: dict[str, Callable[[], Sequence[Any]]],
        length: int,
        locate: Callable[[str, int], tuple[str, str]],
        *,
        is_text: bool = False,
    ) -> SourceTable:
        return SourceTable(
            columns,
            length,
            types=self.types,
            locate=locate,
            is_text=is_text,
            zone=self.zone,
            limits=self.limits,
        )

    def _check(self, names: Sequence[str], rows: int, shape: str) -> None:
        at = f"{self.at}/{shape}"
        if len(names) > self.limits.columns:
            raise SpecError.at(at, f"has {len(names):,} columns; at most {self.limits.columns:,} are allowed")
        if len(names) * rows > self.limits.values:
            message = f"has {len(names):,} x {rows:,} values; at most {self.limits.values:,} are allowed"
            raise SpecError.at(at, message)
        for name in names:
            try:
                if not clean_text(name, limit=self.limits.label_chars):
                    raise SpecError.at(at, "a column has no name")
            except TextError as problem:
                raise SpecError.at(at, f"the column name {show(name)} {problem}") from None


def _delimiter(text: str) -> str:
    """The separator of the header line: a comma, or what spreadsheets write where the comma is in the numbers."""
    header = text[: text.find("\n")] if "\n" in text else text
    return max(_DELIMITERS, key=header.count) if "," not in header else ","


def no_column(name: str, names: Sequence[str], near: Sequence[str]) -> str:
    """The sentence for a column that does not exist."""
    if near:
        return f"no column {show(name)}; did you mean {any_of(near)}?"
    listed = ", ".join(show(known) for known in names[:12]) + (" ..." if len(names) > 12 else "")
    return f"no column {show(name)}; the columns are {listed}"
