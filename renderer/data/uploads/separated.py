"""Comma-separated files and their kin, by Arrow's reader; where that gives up, the slow one says in which line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import csv as arrow_csv

from renderer.data.infer import MISSING_TEXTS
from renderer.data.uploads.columns import Cells
from renderer.data.uploads.trouble import Unreadable
from renderer.spec.errors import counted, show
from renderer.spec.limits import Limits

SEPARATORS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 30
_BLOCK: Final = 4 << 20
_HEADER_CHARS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Separated:
    """A file whose first line names the columns. In UTF-8."""

    path: Path
    separator: str
    header: tuple[str, ...]
    header_lines: int
    quoted: bool
    """Whether there is a quotation mark anywhere: without one, a line is a row."""
    limits: Limits

    @classmethod
    def open(cls, path: Path, limits: Limits, *, separator: str = "") -> Separated:
        """Look at the beginning of a file. Raises Unreadable."""
        separator = separator or _separator(path)
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(_short(file), delimiter=separator)
            try:
                header = next((cells for cells in lines if any(cell.strip() for cell in cells)), [])
            except csv.Error as error:
                raise Unreadable(f"line {lines.line_num}: {error}") from None
        if not header:
            raise Unreadable("the file is empty: its first line names the columns")
        if len(header) > limits.columns:
            raise Unreadable(f"has {len(header):,} columns; at most {limits.columns:,} are allowed")
        names = tuple(name.strip() for name in header)
        if len(set(names)) < len(names):
            twice = next(name for place, name in enumerate(names) if name in names[:place])
            raise Unreadable(f"the header names {show(twice)} twice")
        return cls(path, separator, names, lines.line_num, _has(path, b'"'), limits)

    def batches(self) -> Iterator[tuple[dict[str, Cells], int]]:
        """The rows as texts, batch after batch. Raises Unreadable at the line that is wrong."""
        try:
            reader = arrow_csv.open_csv(
                self.path,
                read_options=arrow_csv.ReadOptions(
                    column_names=list(self.header), skip_rows=self.header_lines, block_size=_BLOCK
                ),
                parse_options=arrow_csv.ParseOptions(delimiter=self.separator, newlines_in_values=self.quoted),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in self.header},
                    null_values=sorted(MISSING_TEXTS),
                    strings_can_be_null=True,
                ),
            )
            for batch in reader:
                yield dict(zip(self.header, batch.columns, strict=True)), len(batch)
        except pa.ArrowInvalid as error:
            if str(error).startswith("Empty CSV file"):
                return
            self.explain()
            raise Unreadable("its lines cannot be told apart") from error
        if self.quoted:
            self._refuse_open_quote()

    def explain(self) -> None:
        """Raise Unreadable at the first line that is wrong, if there is one."""
        with self.path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, delimiter=self.separator, strict=True)
            begun = 0
            try:
                for cells in reader:
                    if cells and reader.line_num > self.header_lines and len(cells) != len(self.header):
                        has = f"has {counted(len(cells), 'cell')} where the header has {len(self.header)}"
                        raise Unreadable(f"line {begun + 1} {has}")
                    begun = reader.line_num
            except csv.Error as error:
                said = str(error)
                if "unexpected end" in said or "field larger" in said:
                    raise Unreadable(f"line {begun + 1}: a quotation mark is opened here and never closed") from None
                raise Unreadable(f"line {reader.line_num}: {said}") from None

    def line_of(self, row: int) -> int:
        """The line in which a row begins, from 1."""
        with self.path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, delimiter=self.separator)
            begun = seen = 0
            with suppress(csv.Error):
                for cells in reader:
                    if cells and reader.line_num > self.header_lines:
                        if seen == row:
                            return begun + 1
                        seen += 1
                    begun = reader.line_num
        return self.header_lines + row + 1

    def _refuse_open_quote(self) -> None:
        """Arrow takes the end of the file for the end of a quotation. An odd number of marks may be one too few."""
        with self.path.open("rb") as file:
            marks = sum(block.count(b'"') for block in iter(lambda: file.read(_BLOCK), b""))
        if marks % 2:
            self.explain()


def _separator(path: Path) -> str:
    """The one that makes the same number of cells, and more than one, of the first lines."""
    with path.open(encoding="utf-8", newline="") as file:
        sample = list(islice(_short(file), _SAMPLE))

    def fits(separator: str) -> tuple[bool, int]:
        with suppress(csv.Error):
            counts = [len(cells) for cells in csv.reader(sample, delimiter=separator) if cells]
            if len(counts) > 2:
                counts.pop()  # the sample may end within a quotation
            return bool(counts) and min(counts) == max(counts) > 1, counts[0] if counts else 0
        return False, 0

    return max(SEPARATORS, key=fits)


def _short(file: Iterator[str]) -> Iterator[str]:
    """The lines of a file, as long as they are no whole file by themselves."""
    read = 0
    while read < _HEADER_CHARS and (line := file.readline(_HEADER_CHARS)):  # type: ignore[attr-defined]  # a text file
        read += len(line)
        yield line


def _has(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return any(mark in block for block in iter(lambda: file.read(_BLOCK), b""))
